#include "container/container.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/layout.h"

namespace residua::container {
namespace {

struct Sample {
    std::vector<uint8_t> bpg = std::vector<uint8_t>(300), first = std::vector<uint8_t>(1000, 7),
                         second = std::vector<uint8_t>(900, 9), icc = {1, 2, 3}, exif = {4}, xmp = {5, 6};
    File file;

    Sample() {
        std::iota(bpg.begin(), bpg.end(), uint8_t{0});
        file.header.width = 768;
        file.header.height = 512;
        file.header.model_hash = 0x0123456789abcdef;
        file.header.pixel_checksum = 0xfedcba9876543210;
        file.header.q = 14;
        file.header.bit_depth = 10;
        file.header.alphabets = {Alphabet{-90, 80}, Alphabet{-100, 255}, Alphabet{-255, 0}};
        file.header.tile_width = 384;
        file.header.tile_height = 512;
        file.bpg = bpg;
        file.tiles = {first, second};
    }
    std::vector<uint8_t> written() const {
        Allocator allocator;
        const Buffer<uint8_t> bytes = write(file, allocator);
        return {bytes.data(), bytes.data() + bytes.size()};
    }
};

// The file with `extra` appended to the body of its head.
std::vector<uint8_t> with_box(const Sample& sample, std::span<const uint8_t> extra) {
    const std::vector<uint8_t> bytes = sample.written();
    ByteReader reader(bytes, "test");
    reader.take(kMagic.size() + 1);
    const auto body = reader.take(reader.varint());
    reader.u32();
    ByteWriter writer;
    writer.put(kMagic);
    writer.u8(kVersion);
    writer.varint(body.size() + extra.size());
    writer.put(body);
    writer.put(extra);
    writer.u32(checksum32(writer.bytes));
    writer.put(reader.take(reader.remaining()));
    return writer.bytes;
}

ErrorCode parse_result(const std::vector<uint8_t>& bytes) {
    try {
        parse(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Container, ReadsBackWhatWasWritten) {
    Sample sample;
    sample.file.metadata = {sample.icc, sample.exif, sample.xmp};
    sample.file.header.tau = std::vector<int8_t>(15, -3);
    const auto bytes = sample.written();
    const File file = parse(bytes);
    EXPECT_EQ(file.header.kind, Kind::kRgb);
    EXPECT_EQ(file.header.width, 768);
    EXPECT_EQ(file.header.height, 512);
    EXPECT_EQ(file.header.model_hash, sample.file.header.model_hash);
    EXPECT_EQ(file.header.pixel_checksum, sample.file.header.pixel_checksum);
    EXPECT_EQ(file.header.q, 14);
    EXPECT_EQ(file.header.bit_depth, 10);
    EXPECT_EQ(file.header.alphabets, sample.file.header.alphabets);
    EXPECT_EQ(file.header.tile_width, 384);
    EXPECT_EQ(file.header.tile_height, 512);
    EXPECT_EQ(file.header.tau, sample.file.header.tau);
    EXPECT_TRUE(std::ranges::equal(file.metadata.icc, sample.icc));
    EXPECT_TRUE(std::ranges::equal(file.metadata.exif, sample.exif));
    EXPECT_TRUE(std::ranges::equal(file.metadata.xmp, sample.xmp));
    EXPECT_TRUE(std::ranges::equal(file.bpg, sample.bpg));
    ASSERT_EQ(file.tiles.size(), 2u);
    EXPECT_TRUE(std::ranges::equal(file.tiles[0], sample.first));
    EXPECT_TRUE(std::ranges::equal(file.tiles[1], sample.second));
}

TEST(Container, OverheadOfASmallPhotographIsAtMost64Bytes) {
    const Sample sample;
    EXPECT_LE(sample.written().size(), 64 + sample.bpg.size() + sample.first.size() + sample.second.size());
}

TEST(Container, EveryFlippedBitIsFound) {
    Sample sample;
    sample.file.metadata.icc = sample.icc;
    const auto bytes = sample.written();
    for (size_t i = 0; i < bytes.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto damaged = bytes;
            damaged[i] ^= static_cast<uint8_t>(1 << bit);
            ASSERT_NE(parse_result(damaged), ErrorCode::kOk) << "byte " << i << " bit " << bit;
        }
    }
}

TEST(Container, EveryTruncationAndExtensionIsFound) {
    auto bytes = Sample().written();
    for (size_t size = 0; size < bytes.size(); ++size)
        ASSERT_NE(parse_result({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}), ErrorCode::kOk)
            << size;
    bytes.push_back(0);
    EXPECT_EQ(parse_result(bytes), ErrorCode::kCorrupt);
}

TEST(Container, UnknownOptionalBoxesAreSkippedAndRequiredOnesRefused) {
    const uint8_t optional[] = {0xf0, 2, 1, 2};
    const uint8_t required[] = {0x70, 2, 1, 2};
    const uint8_t twice[] = {kBoxIcc, 1, 1, kBoxIcc, 1, 1};
    const uint8_t too_long[] = {0xf0, 200, 1, 2};
    EXPECT_EQ(parse_result(with_box(Sample(), optional)), ErrorCode::kOk);
    EXPECT_EQ(parse_result(with_box(Sample(), required)), ErrorCode::kUnsupported);
    EXPECT_EQ(parse_result(with_box(Sample(), twice)), ErrorCode::kCorrupt);
    EXPECT_EQ(parse_result(with_box(Sample(), too_long)), ErrorCode::kTruncated);
}

TEST(Container, AnotherVersionIsNamed) {
    auto bytes = Sample().written();
    bytes[kMagic.size()] = 2;
    EXPECT_EQ(parse_result(bytes), ErrorCode::kUnsupported);
}

TEST(Container, AHugeTileCountIsRefusedBeforeItIsReserved) {
    Sample sample;
    sample.file.header.width = sample.file.header.height = kMaxSide;
    sample.file.header.tile_width = sample.file.header.tile_height = kTileUnit;
    EXPECT_EQ(parse_result(sample.written()), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace residua::container
