#include "lossy/hevc_sps.h"

#include <algorithm>
#include <string>

#include "lossy/hevc_nal.h"

namespace residua::lossy {
namespace {

// Bits of HevcTools::range_extension.
constexpr uint32_t kExtendedPrecision = 1u << 4;
constexpr uint32_t kCabacBypassAlignment = 1u << 0;

// Order and limits of the block sizes are those of H.265, 7.4.3.2.1.
void read_block_sizes(BitReader& reader, HevcTools& tools) {
    tools.log2_min_luma_coding_block_size_minus3 = reader.ue_at_most(3, "coding block size");
    tools.log2_diff_max_min_luma_coding_block_size = reader.ue_at_most(3, "coding tree block size");
    tools.log2_min_transform_block_size_minus2 = reader.ue_at_most(3, "transform block size");
    tools.log2_diff_max_min_transform_block_size = reader.ue_at_most(3, "transform block size");
    const uint32_t coding_block = tools.log2_min_luma_coding_block_size_minus3 + 3;
    const uint32_t tree_block = coding_block + tools.log2_diff_max_min_luma_coding_block_size;
    const uint32_t transform_block = tools.log2_min_transform_block_size_minus2 + 2;
    const uint32_t largest_transform = transform_block + tools.log2_diff_max_min_transform_block_size;
    if (tree_block < 4 || tree_block > 6 || transform_block >= coding_block ||
        largest_transform > std::min(tree_block, 5u))
        throw Error(ErrorCode::kCorrupt, "the BPG stream has impossible block sizes");
}

uint32_t largest_hierarchy_depth(const HevcTools& tools) {
    return tools.log2_min_luma_coding_block_size_minus3 + 3 + tools.log2_diff_max_min_luma_coding_block_size -
           (tools.log2_min_transform_block_size_minus2 + 2);
}

void read_pcm(BitReader& reader, HevcTools& tools) {
    tools.pcm_enabled = reader.flag();
    if (!tools.pcm_enabled) return;
    tools.pcm_bit_depth_luma_minus1 = reader.u(4);
    tools.pcm_bit_depth_chroma_minus1 = reader.u(4);
    tools.log2_min_pcm_size_minus3 = reader.ue_at_most(2, "PCM block size");
    tools.log2_diff_max_min_pcm_size = reader.ue_at_most(2, "PCM block size");
    tools.pcm_loop_filter_disabled = reader.flag();
    const uint32_t tree_block =
        tools.log2_min_luma_coding_block_size_minus3 + 3 + tools.log2_diff_max_min_luma_coding_block_size;
    if (tools.log2_min_pcm_size_minus3 < tools.log2_min_luma_coding_block_size_minus3 ||
        tools.log2_min_pcm_size_minus3 + tools.log2_diff_max_min_pcm_size + 3 > std::min(tree_block, 5u))
        throw Error(ErrorCode::kCorrupt, "the BPG stream has an impossible PCM block size");
}

void read_extension(BitReader& reader, HevcTools& tools) {
    if (!reader.flag()) return;
    tools.range_extension_present = reader.flag();
    if (reader.u(7) != 0)
        throw Error(ErrorCode::kUnsupported,
                    "the BPG stream uses an HEVC extension that Residua cannot read");
    if (!tools.range_extension_present) return;
    tools.range_extension = reader.u(9);
    if (tools.range_extension & (kExtendedPrecision | kCabacBypassAlignment))
        throw Error(ErrorCode::kCorrupt, "the BPG stream uses an HEVC tool that BPG forbids");
}

void write_block_sizes(const HevcTools& tools, BitWriter& writer) {
    writer.ue(tools.log2_min_luma_coding_block_size_minus3);
    writer.ue(tools.log2_diff_max_min_luma_coding_block_size);
    writer.ue(tools.log2_min_transform_block_size_minus2);
    writer.ue(tools.log2_diff_max_min_transform_block_size);
}

void write_pcm(const HevcTools& tools, BitWriter& writer) {
    writer.flag(tools.pcm_enabled);
    if (!tools.pcm_enabled) return;
    writer.u(4, tools.pcm_bit_depth_luma_minus1);
    writer.u(4, tools.pcm_bit_depth_chroma_minus1);
    writer.ue(tools.log2_min_pcm_size_minus3);
    writer.ue(tools.log2_diff_max_min_pcm_size);
    writer.flag(tools.pcm_loop_filter_disabled);
}

void write_extension(const HevcTools& tools, BitWriter& writer) {
    writer.flag(tools.range_extension_present);
    if (!tools.range_extension_present) return;
    writer.flag(true);
    writer.u(7, 0);
    writer.u(9, tools.range_extension);
}

// H.265, E.2.1, without HRD parameters. Nothing of it changes how the samples are decoded.
void skip_vui(BitReader& reader) {
    if (reader.flag() && reader.u(8) == 255) reader.u(32);  // aspect ratio
    if (reader.flag()) reader.flag();                       // overscan
    if (reader.flag()) {                                    // video signal type
        reader.u(4);
        if (reader.flag()) reader.u(24);
    }
    if (reader.flag()) {  // chroma sample location
        reader.ue();
        reader.ue();
    }
    reader.u(3);        // neutral chroma, field sequence, frame and field information
    if (reader.flag())  // default display window
        for (int i = 0; i < 4; ++i) reader.ue();
    if (reader.flag()) {  // timing
        reader.u(32);
        reader.u(32);
        if (reader.flag()) reader.ue();
        if (reader.flag()) throw Error(ErrorCode::kInternal, "the HEVC encoder wrote HRD parameters");
    }
    if (reader.flag()) {  // bitstream restriction
        reader.u(3);
        for (int i = 0; i < 5; ++i) reader.ue();
    }
}

void require(bool condition, const char* fact) {
    if (!condition)
        throw Error(ErrorCode::kInternal, std::string("BPG cannot express the HEVC encoder's ") + fact);
}

}  // namespace

void write_tools(const HevcTools& tools, BitWriter& writer) {
    write_block_sizes(tools, writer);
    writer.ue(tools.max_transform_hierarchy_depth_intra);
    writer.flag(tools.sample_adaptive_offset_enabled);
    write_pcm(tools, writer);
    writer.flag(tools.strong_intra_smoothing_enabled);
    write_extension(tools, writer);
}

HevcTools read_tools(BitReader& reader) {
    HevcTools tools;
    read_block_sizes(reader, tools);
    tools.max_transform_hierarchy_depth_intra =
        reader.ue_at_most(largest_hierarchy_depth(tools), "transform hierarchy depth");
    tools.sample_adaptive_offset_enabled = reader.flag();
    read_pcm(reader, tools);
    tools.strong_intra_smoothing_enabled = reader.flag();
    read_extension(reader, tools);
    return tools;
}

// H.265, 7.3.2.2. The comments name what BPG fixes (bpg specification, decoding process).
HevcSps read_encoder_sps(std::span<const uint8_t> nal) {
    const std::vector<uint8_t> payload = remove_emulation_prevention(nal);
    BitReader reader(payload);
    HevcSps sps;
    require(reader.u(16) == kSpsNalHeader, "SPS NAL unit header");
    reader.u(4);  // VPS id: the VPS is rebuilt
    require(reader.u(3) == 0, "temporal sub-layers");
    reader.u(1);
    for (int i = 0; i < 3; ++i) reader.u(32);  // profile, tier, level: 96 bits
    require(reader.ue() == 0, "SPS id");
    sps.format.chroma_format = static_cast<int>(reader.ue());
    if (sps.format.chroma_format == 3) require(!reader.flag(), "separate colour planes");
    sps.format.width = static_cast<int>(reader.ue());
    sps.format.height = static_cast<int>(reader.ue());
    require(!reader.flag(), "conformance window");
    sps.format.bit_depth = static_cast<int>(reader.ue()) + 8;
    require(static_cast<int>(reader.ue()) + 8 == sps.format.bit_depth, "chroma bit depth");
    reader.ue();    // picture order count: an IDR picture has none
    reader.flag();  // one sub-layer: one triple either way
    for (int i = 0; i < 3; ++i) reader.ue();
    read_block_sizes(reader, sps.tools);
    reader.ue();  // inter hierarchy depth
    sps.tools.max_transform_hierarchy_depth_intra = reader.ue();
    require(!reader.flag(), "scaling lists");
    reader.flag();  // asymmetric motion partitions
    sps.tools.sample_adaptive_offset_enabled = reader.flag();
    read_pcm(reader, sps.tools);
    require(reader.ue() == 0, "reference picture sets");
    require(!reader.flag(), "long-term reference pictures");
    reader.flag();  // temporal motion vectors
    sps.tools.strong_intra_smoothing_enabled = reader.flag();
    if (reader.flag()) skip_vui(reader);
    read_extension(reader, sps.tools);
    return sps;
}

std::vector<uint8_t> rebuild_sps(const HevcSps& sps) {
    const HevcTools& tools = sps.tools;
    BitWriter writer;
    writer.u(16, kSpsNalHeader);
    writer.u(4, 0);  // VPS id
    writer.u(3, 0);  // one sub-layer
    writer.flag(true);
    write_profile_tier_level(writer);
    writer.ue(0);  // SPS id
    writer.ue(static_cast<uint32_t>(sps.format.chroma_format));
    if (sps.format.chroma_format == 3) writer.flag(false);  // separate colour planes
    writer.ue(static_cast<uint32_t>(sps.format.width));
    writer.ue(static_cast<uint32_t>(sps.format.height));
    writer.flag(false);  // conformance window: the caller crops
    writer.ue(static_cast<uint32_t>(sps.format.bit_depth - 8));
    writer.ue(static_cast<uint32_t>(sps.format.bit_depth - 8));
    writer.ue(4);        // log2_max_pic_order_cnt_lsb_minus4
    writer.flag(false);  // sub-layer ordering for each sub-layer
    for (int i = 0; i < 3; ++i) writer.ue(0);
    write_block_sizes(tools, writer);
    writer.ue(tools.max_transform_hierarchy_depth_intra);  // inter
    writer.ue(tools.max_transform_hierarchy_depth_intra);
    writer.flag(false);  // scaling lists
    writer.flag(true);   // asymmetric motion partitions
    writer.flag(tools.sample_adaptive_offset_enabled);
    write_pcm(tools, writer);
    writer.ue(0);        // short-term reference picture sets
    writer.flag(false);  // long-term reference pictures
    writer.flag(true);   // temporal motion vectors
    writer.flag(tools.strong_intra_smoothing_enabled);
    writer.flag(false);  // VUI
    write_extension(tools, writer);
    writer.flag(true);  // RBSP stop bit
    return add_emulation_prevention(writer.bytes());
}

}  // namespace residua::lossy
