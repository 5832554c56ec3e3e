// BPG 0.9.5 still pictures (F. Bellard's specification): the file's header, and the HEVC stream inside.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lossy/hevc_sps.h"

namespace residua::lossy {

// The lossy layer's BPG pictures have no side below this; a smaller picture is their top-left part.
constexpr int kSmallestBpgSide = 16;
// Nor above this, which keeps every product of sides and the HEVC libraries' own limits safe.
constexpr int kLargestBpgSide = 65535;

// Q, the QP of the HEVC slices.
constexpr int kMaxQ = 51;

enum class BpgColorSpace : int { kYCbCr = 0, kRgb = 1, kYCgCo = 2, kBt709 = 3, kBt2020 = 4 };

struct BpgInfo {
    int pixel_format =
        3;  // 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4, 4 and 5 as 1 and 2 with MPEG-2's chroma position
    bool alpha1 = false;  // alpha1, alpha2 and animation: as in the file
    int bit_depth = 8;    // 8 … 14
    BpgColorSpace color_space = BpgColorSpace::kYCbCr;
    bool alpha2 = false;
    bool limited_range = false;
    bool animation = false;
    int width = 0;  // 1 … 2^28
    int height = 0;
    HevcTools tools;
    std::span<const uint8_t> extensions;  // the records of extension data, unparsed; empty without
    std::span<const uint8_t> hevc_data;   // NAL units, the first without start code
};

// All facts of the header; spans point into `file`. Throws kTruncated, kCorrupt, or kUnsupported for a bit
// depth or an HEVC extension that cannot be read. Whether the picture can be decoded is not checked here.
BpgInfo parse_bpg(std::span<const uint8_t> file);

// The file of that description.
std::vector<uint8_t> write_bpg(const BpgInfo& info);

// The SPS fields that a reader derives: coded size and so on.
HevcFormat coded_format(const BpgInfo& info);

// ue7 numbers. The reader throws kCorrupt for more than 32 bits and for anything but the shortest form.
void write_ue7(uint32_t value, std::vector<uint8_t>& bytes);

}  // namespace residua::lossy
