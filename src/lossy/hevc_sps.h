// The fields of an HEVC sequence parameter set that a BPG header carries, and the SPS around them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lossy/bits.h"

namespace residua::lossy {

// In the order of the BPG header; names as in H.265, 7.3.2.2. Ranges are those for which H.265 has a meaning.
struct HevcTools {
    uint32_t log2_min_luma_coding_block_size_minus3 = 0;
    uint32_t log2_diff_max_min_luma_coding_block_size = 0;
    uint32_t log2_min_transform_block_size_minus2 = 0;
    uint32_t log2_diff_max_min_transform_block_size = 0;
    uint32_t max_transform_hierarchy_depth_intra = 0;
    bool sample_adaptive_offset_enabled = false;
    bool pcm_enabled = false;  // the next five only if so
    uint32_t pcm_bit_depth_luma_minus1 = 0;
    uint32_t pcm_bit_depth_chroma_minus1 = 0;
    uint32_t log2_min_pcm_size_minus3 = 0;
    uint32_t log2_diff_max_min_pcm_size = 0;
    bool pcm_loop_filter_disabled = false;
    bool strong_intra_smoothing_enabled = false;
    bool range_extension_present = false;
    uint32_t range_extension = 0;  // the nine flags of sps_range_extension, the first in bit 8

    int min_coding_block() const { return 8 << log2_min_luma_coding_block_size_minus3; }
    bool operator==(const HevcTools&) const = default;
};

// What the SPS says beside the tools.
struct HevcFormat {
    int chroma_format = 3;  // chroma_format_idc: 0 grey, 3 = 4:4:4
    int bit_depth = 8;      // of luma and chroma
    int width = 0;          // coded size: multiples of the smallest coding block
    int height = 0;
    bool operator==(const HevcFormat&) const = default;
};

// The fields in BPG's form. read_tools throws kCorrupt for what H.265 or BPG forbids (a smallest coding block
// that is larger than 64, for example) and kUnsupported for extensions other than the range extension.
void write_tools(const HevcTools& tools, BitWriter& writer);
HevcTools read_tools(BitReader& reader);

struct HevcSps {
    HevcFormat format;
    HevcTools tools;
};

// Parses an SPS NAL unit of an encoder whose stream is to become a BPG file. Throws kInternal when the SPS
// says something that a BPG reader would not rebuild.
HevcSps read_encoder_sps(std::span<const uint8_t> nal);

// The SPS NAL unit that a BPG reader rebuilds.
std::vector<uint8_t> rebuild_sps(const HevcSps& sps);

}  // namespace residua::lossy
