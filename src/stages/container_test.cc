#include "container/container.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/layout.h"
#include "models/model_file.h"
#include "stages/methods.h"

namespace residua::container {
namespace {

struct Sample {
    std::vector<uint8_t> bpg = std::vector<uint8_t>(300), first = std::vector<uint8_t>(1000, 7),
                         second = std::vector<uint8_t>(900, 9), icc = {1, 2, 3}, exif = {4}, xmp = {5, 6};
    File file;

    Sample() {
        std::iota(bpg.begin(), bpg.end(), uint8_t{0});
        file.header.method = &codec::method_named("rc");
        file.header.width = 768;
        file.header.height = 512;
        file.header.model_hash = 0x0123456789abcdef;
        file.header.pixel_checksum = 0xfedcba9876543210;
        file.header.q = 14;
        file.header.bit_depth = 10;
        file.header.alphabets = {Alphabet{-90, 80}, Alphabet{-100, 255}, Alphabet{-255, 0}};
        file.header.tile_width = 384;
        file.header.tile_height = 512;
        file.payload = bpg;
        file.streams = {{first, second}};
    }
    // The same picture by L3C, with two scales.
    static Sample l3c() {
        Sample sample;
        Header& header = sample.file.header;
        header.method = &codec::method_named("l3c");
        header.q = header.bit_depth = 0;
        header.scales = 2;
        header.alphabets = {Alphabet{-128, 127}, Alphabet{-100, 0}, Alphabet{0, 5}};
        sample.file.payload = {};
        sample.file.streams = {
            {sample.exif, sample.icc}, {sample.xmp, sample.bpg}, {sample.first, sample.second}};
        return sample;
    }
    // By OLM.
    static Sample olm() {
        Sample sample = l3c();
        sample.file.header.method = &codec::method_named("olm");
        sample.file.header.scales = 0;
        sample.file.payload = sample.exif;
        sample.file.streams = {{sample.first, sample.second}};
        return sample;
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
        codec::parse_file(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Container, ReadsBackWhatWasWritten) {
    Sample sample;
    sample.file.metadata = {{"icc", sample.icc}, {"exif", sample.exif}, {"xmp", sample.xmp}};
    sample.file.header.tau = std::vector<int8_t>(15, -3);
    const auto bytes = sample.written();
    const File file = codec::parse_file(bytes);
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
    EXPECT_TRUE(same_metadata(file.metadata, sample.file.metadata));
    EXPECT_TRUE(std::ranges::equal(file.payload, sample.bpg));
    ASSERT_EQ(file.streams.size(), 1u);
    ASSERT_EQ(file.streams[0].size(), 2u);
    EXPECT_TRUE(std::ranges::equal(file.streams[0][0], sample.first));
    EXPECT_TRUE(std::ranges::equal(file.streams[0][1], sample.second));
}

TEST(Container, ReadsBackTheScalesOfL3c) {
    Sample sample = Sample::l3c();
    sample.file.metadata = {{"icc", sample.icc}, {"exif", sample.exif}, {"xmp", sample.xmp}};
    const auto bytes = sample.written();
    const File file = codec::parse_file(bytes);
    EXPECT_EQ(file.header.method, &codec::method_named("l3c"));
    EXPECT_EQ(file.header.scales, 2);
    EXPECT_EQ(file.header.coded_stages(), 3);
    EXPECT_EQ(file.header.q, 0);
    EXPECT_EQ(file.header.bit_depth, 0);
    EXPECT_EQ(file.header.alphabets, sample.file.header.alphabets);
    EXPECT_EQ(file.header.tile_width, 384);
    EXPECT_EQ(file.header.pixel_checksum, sample.file.header.pixel_checksum);
    EXPECT_TRUE(same_metadata(file.metadata, sample.file.metadata));
    EXPECT_TRUE(file.payload.empty());
    ASSERT_EQ(file.streams.size(), 3u);
    for (size_t stage = 0; stage < 3; ++stage) {
        ASSERT_EQ(file.streams[stage].size(), 2u);
        for (size_t tile = 0; tile < 2; ++tile)
            EXPECT_TRUE(std::ranges::equal(file.streams[stage][tile], sample.file.streams[stage][tile]));
    }
}

// The bytes of docs/format.md.
TEST(Container, TheHeadOfL3cIsAsDocumented) {
    Sample sample = Sample::l3c();
    const auto bytes = sample.written();
    ByteReader reader(bytes, "test");
    reader.take(kMagic.size() + 1);
    ByteReader body(reader.take(reader.varint()), "test");
    body.take(1 + 2 + 2);  // kind, width, height
    EXPECT_EQ(body.u8(), 2);
    body.take(16);
    EXPECT_EQ(body.u8(), 2);
    const uint8_t rest[] = {128, 127, 100, 0, 0, 5, 24, 32};
    EXPECT_TRUE(std::ranges::equal(body.take(8), rest));
    for (const auto& stage : sample.file.streams) {
        for (auto tile : stage) {
            EXPECT_EQ(body.varint(), tile.size());
            EXPECT_EQ(body.u32(), checksum32(tile));
        }
    }
    EXPECT_TRUE(body.at_end());
    reader.u32();
    EXPECT_TRUE(std::ranges::equal(reader.take(1), sample.exif));
    EXPECT_TRUE(std::ranges::equal(reader.take(3), sample.icc));
}

TEST(Container, TheHeadOfOlmIsAsDocumented) {
    const Sample sample = Sample::olm();
    const auto bytes = sample.written();
    const File file = codec::parse_file(bytes);
    EXPECT_EQ(file.header.method, &codec::method_named("olm"));
    EXPECT_EQ(file.header.coded_stages(), 1);
    EXPECT_TRUE(std::ranges::equal(file.payload, sample.exif));
    EXPECT_TRUE(std::ranges::equal(file.streams[0][1], sample.second));
    ByteReader reader(bytes, "test");
    reader.take(kMagic.size() + 1);
    ByteReader body(reader.take(reader.varint()), "test");
    body.take(1 + 2 + 2);  // kind, width, height
    EXPECT_EQ(body.u8(), 3);
    body.take(16);
    EXPECT_EQ(body.varint(), sample.exif.size());
    EXPECT_EQ(body.u32(), checksum32(sample.exif));
    const uint8_t rest[] = {128, 127, 100, 0, 0, 5, 24, 32};
    EXPECT_TRUE(std::ranges::equal(body.take(8), rest));
}

TEST(Container, OverheadOfASmallPhotographIsAtMost64Bytes) {
    const Sample sample;
    EXPECT_LE(sample.written().size(), 64 + sample.bpg.size() + sample.first.size() + sample.second.size());
}

// docs/format.md: 41 bytes, and 6 or 7 for a tile of such a size.
TEST(Container, OverheadOfL3cIsWhatTheFormatDocumentSays) {
    Sample sample = Sample::l3c();
    sample.file.header.width = sample.file.header.tile_width = sample.file.header.height = 512;
    sample.file.header.scales = 3;
    for (const auto& [bytes, overhead] : {std::pair{1000, 65}, {20000, 69}}) {
        const std::vector<uint8_t> stream(static_cast<size_t>(bytes));
        sample.file.streams.assign(4, {stream});
        EXPECT_EQ(sample.written().size(), static_cast<size_t>(4 * bytes + overhead));
    }
}

TEST(Container, EveryFlippedBitIsFound) {
    for (Sample sample : {Sample(), Sample::l3c(), Sample::olm()}) {
        sample.file.metadata = {{"icc", sample.icc}};
        const auto bytes = sample.written();
        ASSERT_EQ(parse_result(bytes), ErrorCode::kOk);
        for (size_t i = 0; i < bytes.size(); ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                auto damaged = bytes;
                damaged[i] ^= static_cast<uint8_t>(1 << bit);
                ASSERT_NE(parse_result(damaged), ErrorCode::kOk) << "byte " << i << " bit " << bit;
            }
        }
    }
}

TEST(Container, EveryTruncationAndExtensionIsFound) {
    for (const Sample& sample : {Sample(), Sample::l3c(), Sample::olm()}) {
        auto bytes = sample.written();
        for (size_t size = 0; size < bytes.size(); ++size)
            ASSERT_NE(parse_result({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}),
                      ErrorCode::kOk)
                << size;
        bytes.push_back(0);
        EXPECT_EQ(parse_result(bytes), ErrorCode::kCorrupt);
    }
}

TEST(Container, HeadersOfL3cThatCannotBeAreRefused) {
    const auto result = [](const std::function<void(Header&)>& change) {
        Sample sample = Sample::l3c();
        change(sample.file.header);
        return parse_result(sample.written());
    };
    EXPECT_EQ(result([](Header&) {}), ErrorCode::kOk);
    EXPECT_EQ(result([](Header& header) { header.scales = 0; }), ErrorCode::kCorrupt);
    EXPECT_NE(result([](Header& header) { header.scales = 1; }), ErrorCode::kOk);
    EXPECT_NE(result([](Header& header) { header.scales = 3; }), ErrorCode::kOk);
    EXPECT_EQ(result([](Header& header) { header.alphabets[0].lowest = -129; }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Header& header) { header.alphabets[1].highest = 128; }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Header& header) { header.tau.assign(15, 1); }), ErrorCode::kUnsupported);
}

TEST(Container, AFileOfAnUnknownMethodNamesItsNumber) {
    const auto bytes = Sample::olm().written();
    const std::span<const container::Method* const> older = codec::file_methods().first(2);
    try {
        parse(bytes, older);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
        EXPECT_STREQ(error.what(),
                     "this file uses codec 3, which this version of Residua does not know; a later one is "
                     "needed");
    }
}

TEST(Container, AdaptationIsKeptForTheCodecsThatHaveIt) {
    const auto adaptive = [](Sample sample) {
        sample.file.header.adaptive = true;
        return sample.written();
    };
    EXPECT_TRUE(codec::parse_file(adaptive(Sample())).header.adaptive);
    EXPECT_TRUE(codec::parse_file(adaptive(Sample::l3c())).header.adaptive);
    EXPECT_FALSE(codec::parse_file(Sample::l3c().written()).header.adaptive);
    EXPECT_EQ(parse_result(adaptive(Sample::olm())), ErrorCode::kUnsupported);
    const uint8_t other_kind[] = {kBoxAdaptation, 1, 2};
    const uint8_t too_long[] = {kBoxAdaptation, 2, 1, 1};
    const uint8_t twice[] = {kBoxAdaptation, 1, 1, kBoxAdaptation, 1, 1};
    EXPECT_EQ(parse_result(with_box(Sample(), other_kind)), ErrorCode::kUnsupported);
    EXPECT_EQ(parse_result(with_box(Sample(), too_long)), ErrorCode::kUnsupported);
    EXPECT_EQ(parse_result(with_box(Sample(), twice)), ErrorCode::kCorrupt);
}

TEST(Container, TheNumberOfScalesIsLimited) {
    Sample sample = Sample::l3c();
    for (int scales = 1; scales <= models::kMaxScales + 1; ++scales) {
        sample.file.header.scales = scales;
        sample.file.streams.assign(static_cast<size_t>(scales + 1), {sample.exif, sample.icc});
        EXPECT_EQ(parse_result(sample.written()),
                  scales > models::kMaxScales ? ErrorCode::kCorrupt : ErrorCode::kOk);
    }
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

// 256 · 256 tiles are as many as there may be; L3C has three stages of them.
TEST(Container, TheLimitOfTilesIsOneOfAllStages) {
    const std::vector<std::span<const uint8_t>> tiles(kMaxTiles);
    Sample rc;
    Sample l3c = Sample::l3c();
    for (Sample* sample : {&rc, &l3c}) {
        sample->file.header.width = sample->file.header.height = 256 * kTileUnit;
        sample->file.header.tile_width = sample->file.header.tile_height = kTileUnit;
        sample->file.streams.assign(sample->file.streams.size(), tiles);
    }
    EXPECT_EQ(parse_result(rc.written()), ErrorCode::kOk);
    EXPECT_EQ(parse_result(l3c.written()), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace residua::container
