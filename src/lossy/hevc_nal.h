// NAL units: start codes and emulation prevention (H.265, 7.4.2 and annex B).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lossy/bits.h"

namespace residua::lossy {

// The two header bytes: type, layer 0, temporal id 0.
constexpr uint32_t kVpsNalHeader = 32 << 9 | 1;
constexpr uint32_t kSpsNalHeader = 33 << 9 | 1;

enum HevcNalType : int { kNalIdrWithRadl = 19, kNalIdr = 20, kNalVps = 32, kNalSps = 33, kNalPps = 34 };

// NAL units are kept without start codes. Emulation
// prevention: a 3 between two zeros and a byte of at most 3.
std::vector<uint8_t> remove_emulation_prevention(std::span<const uint8_t> nal);
std::vector<uint8_t> add_emulation_prevention(std::span<const uint8_t> bytes);

// The NAL units of a byte stream, without start codes and trailing zeros. The first one may lack its start
// code, as in BPG. Views into `stream`.
std::vector<std::span<const uint8_t>> split_nals(std::span<const uint8_t> stream);

inline int nal_type(std::span<const uint8_t> nal) { return nal.empty() ? -1 : nal[0] >> 1 & 63; }

// general_* of profile_tier_level() for the format range
// extensions profile, level unspecified (8.5): 96 bits.
void write_profile_tier_level(BitWriter& writer);

// A video parameter set with nothing but what H.265 demands.
std::vector<uint8_t> rebuild_vps();

}  // namespace residua::lossy
