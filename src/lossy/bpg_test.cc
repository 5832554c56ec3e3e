#include "lossy/bpg.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "lossy/bits.h"
#include "lossy/dec_hevc_slices.h"
#include "lossy/hevc_nal.h"

namespace residua::lossy {
namespace {

using Bytes = std::vector<uint8_t>;

ErrorCode failure(const Bytes& bytes) {
    try {
        parse_bpg(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

BpgInfo example() {
    BpgInfo info;
    info.bit_depth = 10;
    info.width = 542;
    info.height = 3;
    info.tools.log2_diff_max_min_luma_coding_block_size = 3;
    info.tools.log2_diff_max_min_transform_block_size = 3;
    info.tools.max_transform_hierarchy_depth_intra = 2;
    info.tools.sample_adaptive_offset_enabled = true;
    return info;
}

// The header of BPG's specification, byte by byte.
TEST(Bpg, HeaderBytes) {
    const Bytes data = {0x44, 0x01, 0xaa};
    BpgInfo info = example();
    info.hevc_data = data;
    const Bytes expected = {
        0x42, 0x50, 0x47, 0xfb,  // magic
        0x62,                    // 4:4:4, no alpha, 8 + 2 bits
        0x00,                    // YCbCr, no extensions, full range
        0x84, 0x1e, 0x03,        // 542 × 3
        0x07,                    // length of all that follows
        0x03,                    // length of the HEVC header
        0x92, 0x47, 0x00,        // 1 00100 1 00100 011 1 0 0 0, zero bits
        0x44, 0x01, 0xaa,
    };
    EXPECT_EQ(write_bpg(info), expected);
}

TEST(Bpg, RoundTrip) {
    for (const bool pcm : {false, true})
        for (const uint32_t range_extension : {0u, 1u << 8, 0x1aeu}) {
            const Bytes data = {1, 2, 3, 4}, extensions = {2, 1, 7};
            BpgInfo info = example();
            info.pixel_format = pcm ? 0 : 3;
            info.tools.pcm_enabled = pcm;
            if (pcm) {
                info.tools.pcm_bit_depth_luma_minus1 = 7;
                info.tools.pcm_bit_depth_chroma_minus1 = 9;
                info.tools.log2_diff_max_min_pcm_size = 2;
                info.tools.pcm_loop_filter_disabled = true;
                info.extensions = extensions;
            }
            info.tools.range_extension_present = range_extension != 0;
            info.tools.range_extension = range_extension;
            info.tools.strong_intra_smoothing_enabled = true;
            info.hevc_data = data;
            const Bytes file = write_bpg(info);
            const BpgInfo back = parse_bpg(file);
            EXPECT_EQ(back.pixel_format, info.pixel_format);
            EXPECT_EQ(back.bit_depth, 10);
            EXPECT_EQ(back.width, 542);
            EXPECT_EQ(back.height, 3);
            EXPECT_EQ(back.tools, info.tools);
            EXPECT_EQ(Bytes(back.hevc_data.begin(), back.hevc_data.end()), data);
            EXPECT_EQ(Bytes(back.extensions.begin(), back.extensions.end()), pcm ? extensions : Bytes());
            for (size_t length = 0; length + 1 < file.size(); ++length)
                EXPECT_NE(failure(Bytes(file.begin(), file.begin() + static_cast<ptrdiff_t>(length))),
                          ErrorCode::kOk);
        }
}

TEST(Bpg, NumbersOfSevenBitGroups) {
    const auto ue7 = [](uint32_t value) {
        Bytes bytes;
        write_ue7(value, bytes);
        return bytes;
    };
    EXPECT_EQ(ue7(0), (Bytes{0}));
    EXPECT_EQ(ue7(127), (Bytes{0x7f}));
    EXPECT_EQ(ue7(128), (Bytes{0x81, 0}));
    EXPECT_EQ(ue7(542), (Bytes{0x84, 0x1e}));
    EXPECT_EQ(ue7(0xffffffff), (Bytes{0x8f, 0xff, 0xff, 0xff, 0x7f}));

    // The field is the width.
    const auto with_width = [](std::initializer_list<uint8_t> width) {
        Bytes file = write_bpg(example());
        file.erase(file.begin() + 6, file.begin() + 8);
        file.insert(file.begin() + 6, width);
        return file;
    };
    EXPECT_EQ(parse_bpg(with_width({0x84, 0x1e})).width, 542);
    EXPECT_EQ(failure(with_width({0x80, 0x84, 0x1e})), ErrorCode::kCorrupt) << "not the shortest form";
    EXPECT_EQ(failure(with_width({0x80, 0x00})), ErrorCode::kCorrupt);
    EXPECT_EQ(failure(with_width({0x90, 0x80, 0x80, 0x80, 0x00})), ErrorCode::kCorrupt) << "33 bits";
    EXPECT_EQ(failure(with_width({0x81, 0x80, 0x80, 0x80, 0x80, 0x00})), ErrorCode::kCorrupt);
    EXPECT_EQ(failure(with_width({0x8f, 0xff, 0xff, 0xff, 0x7f})), ErrorCode::kCorrupt)
        << "beyond any picture";
    EXPECT_EQ(failure(with_width({0x00})), ErrorCode::kCorrupt);
}

TEST(Bpg, WhatTheFormatForbidsIsRefused) {
    const auto changed = [](size_t position, uint8_t value) {
        Bytes file = write_bpg(example());
        file[position] = value;
        return failure(file);
    };
    EXPECT_EQ(changed(0, 0x43), ErrorCode::kCorrupt);
    EXPECT_EQ(changed(4, 0xc2), ErrorCode::kCorrupt) << "pixel format 6";
    EXPECT_EQ(changed(4, 0x67), ErrorCode::kCorrupt) << "15 bits";
    EXPECT_EQ(changed(5, 0x50), ErrorCode::kCorrupt) << "colour space 5";
    EXPECT_EQ(changed(9, 0x08), ErrorCode::kTruncated) << "more data than there is";
    EXPECT_EQ(changed(10, 0x02), ErrorCode::kTruncated) << "a shorter HEVC header";
    BpgInfo info = example();
    info.tools.log2_diff_max_min_luma_coding_block_size = 0;
    EXPECT_EQ(failure(write_bpg(info)), ErrorCode::kCorrupt) << "tree blocks of 8";
    info = example();
    info.tools.log2_min_transform_block_size_minus2 = 1;
    EXPECT_EQ(failure(write_bpg(info)), ErrorCode::kCorrupt) << "transform blocks as large as coding blocks";
    info = example();
    info.tools.range_extension_present = true;
    info.tools.range_extension = 1 << 4;
    EXPECT_EQ(failure(write_bpg(info)), ErrorCode::kCorrupt) << "extended precision";
}

TEST(Bits, ExpGolombRoundTrip) {
    BitWriter writer;
    const uint32_t values[] = {0, 1, 2, 3, 6, 7, 254, 255, 65535, 0xfffffffe};
    for (const uint32_t value : values) writer.ue(value);
    BitReader reader(writer.bytes());
    for (const uint32_t value : values) EXPECT_EQ(reader.ue(), value);
    const Bytes zeros(9);
    BitReader endless(zeros);
    EXPECT_THROW(endless.ue(), Error);
}

TEST(HevcNal, EmulationPreventionRoundTrip) {
    const Bytes bytes = {0x42, 1, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0, 3};
    const Bytes nal = add_emulation_prevention(bytes);
    EXPECT_EQ(remove_emulation_prevention(nal), bytes);
    for (size_t i = 2; i < nal.size(); ++i)
        EXPECT_FALSE(nal[i - 2] == 0 && nal[i - 1] == 0 && nal[i] < 3) << "a start code at " << i;
}

TEST(HevcNal, SplitsAtStartCodes) {
    const Bytes stream = {0x44, 1, 0xc1, 0, 0, 0, 1, 0x28, 1, 0, 0, 2, 9, 0, 0, 0, 0, 1, 0x28, 1, 7, 0, 0};
    const auto nals = split_nals(stream);
    ASSERT_EQ(nals.size(), 3u);
    EXPECT_EQ(Bytes(nals[0].begin(), nals[0].end()), (Bytes{0x44, 1, 0xc1}));
    EXPECT_EQ(Bytes(nals[1].begin(), nals[1].end()), (Bytes{0x28, 1, 0, 0, 2, 9}));
    EXPECT_EQ(Bytes(nals[2].begin(), nals[2].end()), (Bytes{0x28, 1, 7}));
    EXPECT_TRUE(split_nals(Bytes()).empty());
    EXPECT_TRUE(split_nals(Bytes{0, 0, 1}).empty());
}

// First bits of a slice: first_slice_segment_in_pic, no_output_of_prior_pics, PPS id 1, address unless first,
// slice_type 011 (I) or 010 (P).
TEST(HevcSlices, OnlyOneIntraPicturePasses) {
    const HevcSps sps = {{3, 8, 128, 64}, example().tools};
    const Bytes pps = {0x44, 1, 0xc0, 0x80}, start = {0, 0, 1};
    const Bytes first_i = {0x28, 1, 0b10101100, 0x80}, first_p = {0x28, 1, 0b10101000, 0x80};
    const Bytes second_i = {0x28, 1, 0b00110111, 0x80}, second_p = {0x28, 1, 0b00110101, 0x80};
    const Bytes trailing = {0x02, 1, 0b10101100, 0x80}, delimiter = {0x46, 1, 0x10};
    const auto accepted = [&](std::initializer_list<Bytes> nals) {
        Bytes data;
        for (const Bytes& nal : nals) {
            if (!data.empty()) data.insert(data.end(), start.begin(), start.end());
            data.insert(data.end(), nal.begin(), nal.end());
        }
        try {
            return intra_picture_nals(sps, data).size();
        } catch (const Error&) {
            return size_t{0};
        }
    };
    EXPECT_EQ(accepted({pps, first_i}), 2u);
    EXPECT_EQ(accepted({delimiter, pps, first_i, second_i}), 3u);
    EXPECT_EQ(accepted({pps}), 0u);
    EXPECT_EQ(accepted({first_i}), 0u);
    EXPECT_EQ(accepted({pps, pps, first_i}), 0u);
    EXPECT_EQ(accepted({pps, first_i, first_i}), 0u) << "two pictures";
    EXPECT_EQ(accepted({pps, second_i}), 0u) << "no first slice";
    EXPECT_EQ(accepted({pps, first_p}), 0u) << "an inter slice";
    EXPECT_EQ(accepted({pps, first_i, second_p}), 0u);
    EXPECT_EQ(accepted({pps, trailing}), 0u) << "no IDR picture";
}

}  // namespace
}  // namespace residua::lossy
