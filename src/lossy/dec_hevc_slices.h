// What may reach the HEVC library. A BPG still picture is one IDR picture of intra slices; refusing
// everything else here keeps the library's inter prediction, reference handling and SEI parsers out of reach
// of damaged files.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lossy/hevc_sps.h"

namespace residua::lossy {

// The NAL units of a BPG picture's hevc_data: one PPS, then the slice segments of one IDR picture, all of
// type I, parameter set ids 0, addresses inside the picture and rising. SEI and delimiters are left out.
// Throws kCorrupt or kTruncated for anything else. Views into `data`.
std::vector<std::span<const uint8_t>> intra_picture_nals(const HevcSps& sps, std::span<const uint8_t> data);

}  // namespace residua::lossy
