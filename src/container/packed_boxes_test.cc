// Metadata that are coded together: in the head of a file of strips, which needs no codec.
#include "container/packed_boxes.h"

#include <gtest/gtest.h>

#include "base/byte_input.h"
#include "base/checksum.h"
#include "bytes/common_metadata.h"
#include "bytes/enc_bytes.h"
#include "container/enc_boxes.h"
#include "container/strips.h"

namespace residua::container {
namespace {

using Text = std::vector<uint8_t>;

Text text_of(const std::string& text, size_t times = 1) {
    Text bytes;
    for (size_t i = 0; i < times; ++i) bytes.insert(bytes.end(), text.begin(), text.end());
    return bytes;
}

// Bytes that nothing predicts.
Text noise(size_t count) {
    Text bytes(count);
    uint64_t state = 1;
    for (uint8_t& byte : bytes) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        byte = static_cast<uint8_t>(state >> 56);
    }
    return bytes;
}

StripHead head_with(const Metadata& metadata) {
    StripHead head;
    head.width = 100, head.height = 64, head.strip_height = 16;
    head.metadata = metadata;
    return head;
}

Text written(const Metadata& metadata) {
    Allocator allocator;
    const Buffer<uint8_t> bytes = write_strip_head(head_with(metadata), allocator);
    return {bytes.data(), bytes.data() + bytes.size()};
}

// The head of such a file with `boxes` behind its fields.
Text with_boxes(std::span<const uint8_t> boxes) {
    const Text plain = written({});
    ByteWriter body;
    const size_t before = kVersionBytes + 1;  // the size is one byte
    body.put(std::span(plain).subspan(before, plain.size() - before - kChecksumBytes));
    body.put(boxes);
    return complete_head(kStripVersion, body).bytes;
}

StripHead read(std::span<const uint8_t> bytes) {
    MemoryInput input(bytes);
    input.take(kVersionBytes);
    return StripReader(input, {}).head();
}

ErrorCode result_of(std::span<const uint8_t> boxes) {
    try {
        read(with_boxes(boxes));
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

Text box_of(uint8_t tag, std::span<const uint8_t> bytes) {
    ByteWriter writer;
    put_box(writer, tag, bytes);
    return writer.bytes;
}

Text packed(std::span<const uint8_t> boxes, uint8_t beginning = 0, uint64_t claimed = UINT64_MAX) {
    ByteWriter writer;
    writer.u8(beginning);
    writer.varint(claimed == UINT64_MAX ? boxes.size() : claimed);
    writer.put(bytes::encode(boxes, beginning == 0 ? std::span<const uint8_t>() : bytes::common_metadata()));
    return box_of(kBoxPacked, writer.bytes);
}

TEST(PackedBoxes, MetadataComeBackInTheirOrder) {
    const Text icc = text_of("profile ", 40), twice = text_of("second profile"),
               comment = text_of("words ", 30);
    const Metadata metadata = {
        {"png:tEXt", comment}, {"icc", icc}, {"png:gAMA", {}}, {"icc", twice}, {"png:tEXt", comment}};
    const Text bytes = written(metadata);
    EXPECT_LT(bytes.size(), 120u) << "they are not packed";
    const StripHead head = read(bytes);
    EXPECT_TRUE(same_metadata(head.metadata, metadata));
    EXPECT_LT(head.metadata_size, 90u);
    EXPECT_GT(head.metadata_size, 20u);
}

TEST(PackedBoxes, WhatPackingDoesNotHelpStaysAsItIs) {
    const Text few = text_of("ab"), random = noise(3000);
    for (const Text& bytes : {few, random}) {
        const Metadata metadata = {{"exif", bytes}};
        const Text file = written(metadata);
        EXPECT_EQ(file, with_boxes(box_of(kBoxExif, bytes)));
        const StripHead head = read(file);
        EXPECT_TRUE(same_metadata(head.metadata, metadata));
        EXPECT_EQ(head.metadata_size, bytes.size());
    }
}

TEST(PackedBoxes, MoreThanAFileMayPackStaysAsItIs) {
    const Text large = text_of("large ", 140000), small = text_of("small ", 100);
    const Metadata metadata = {{"png:a", small}, {"png:b", large}, {"png:c", large}, {"png:d", small}};
    const Text file = written(metadata);
    EXPECT_GT(file.size(), large.size());
    EXPECT_LT(file.size(), large.size() + 5000);
    EXPECT_TRUE(same_metadata(read(file).metadata, metadata));
}

TEST(PackedBoxes, CommonMetadataAreCheap) {
    const std::span<const uint8_t> common = bytes::common_metadata();
    // A profile's curve.
    const Text curve(common.end() - 2600, common.end() - 600);
    EXPECT_LT(written({{"icc", curve}}).size(), 100u);
}

// docs/format.md, 2.6.
TEST(PackedBoxes, CommonMetadataAreAsDocumented) {
    EXPECT_EQ(bytes::common_metadata().size(), 6287u);
    EXPECT_EQ(checksum64(bytes::common_metadata()), 0x0537d12827260e7fu);
}

TEST(PackedBoxes, WhatTheFormatDoesNotAllowIsRefused) {
    const Text exif = box_of(kBoxExif, text_of("exif ", 20));
    EXPECT_EQ(result_of(packed(exif)), ErrorCode::kOk);
    EXPECT_EQ(result_of(packed(exif, 1)), ErrorCode::kOk);
    Text unknown = packed(exif);
    unknown[2] = 2;
    EXPECT_EQ(result_of(unknown), ErrorCode::kUnsupported) << "another beginning";
    EXPECT_EQ(result_of(packed(packed(exif))), ErrorCode::kUnsupported) << "packed twice";
    EXPECT_EQ(result_of(packed(box_of(0xF0, exif))), ErrorCode::kUnsupported) << "a box of another kind";
    EXPECT_EQ(result_of(packed({})), ErrorCode::kCorrupt) << "nothing";
    EXPECT_EQ(result_of(packed(exif, 0, kMaxUnpacked + 1)), ErrorCode::kCorrupt) << "too much";
    EXPECT_NE(result_of(packed(exif, 0, exif.size() + 1)), ErrorCode::kOk) << "fewer bytes than said";
    EXPECT_EQ(result_of(packed(std::span(exif).first(exif.size() - 1))), ErrorCode::kTruncated)
        << "half a box";
    Text two = packed(exif);
    two.insert(two.end(), exif.begin(), exif.end());
    EXPECT_EQ(result_of(two), ErrorCode::kCorrupt) << "Exif inside and outside";
}

TEST(PackedBoxes, AllOfAFileTogetherAreLimited) {
    const Text half = box_of(kBoxNamed, text_of("\x05named", 1 << 16));
    ASSERT_LT(half.size(), kMaxUnpacked / 2);
    const Text box = packed(half);
    Text boxes;
    for (int i = 0; i < 2; ++i) boxes.insert(boxes.end(), box.begin(), box.end());
    EXPECT_EQ(result_of(boxes), ErrorCode::kOk);
    boxes.insert(boxes.end(), box.begin(), box.end());
    EXPECT_EQ(result_of(boxes), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace residua::container
