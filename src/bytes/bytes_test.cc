#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"
#include "bytes/dec_bytes.h"
#include "bytes/enc_bytes.h"
#include "bytes/layout.h"

namespace residua::bytes {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes random_bytes(size_t count, uint32_t seed) {
    std::mt19937 random(seed);
    Bytes bytes(count);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() >> 11);
    return bytes;
}

Bytes text(size_t count) {
    static constexpr std::string_view kWords[] = {
        "exif ", "<rdf:Description ", "xmlns:tiff=", "\n", "Photoshop ", "0.0.1 ", "camera "};
    std::mt19937 random(3);
    std::string all;
    while (all.size() < count) all += kWords[random() % std::size(kWords)];
    return {all.begin(), all.begin() + static_cast<ptrdiff_t>(count)};
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

// The stream, after what decode() makes of it was compared.
Bytes coded(const Bytes& bytes, const Bytes& beginning) {
    Allocator allocator;
    const Bytes stream = encode(bytes, beginning);
    EXPECT_LE(stream.size(), bytes.size() + 1);
    const Buffer<uint8_t> again = decode(stream, bytes.size(), beginning, allocator);
    EXPECT_TRUE(std::ranges::equal(again.span(), bytes)) << bytes.size() << " bytes";
    return stream;
}

TEST(Bytes, ComeBack) {
    for (const Bytes& beginning : {Bytes(), Bytes{7}, text(1900), Bytes(5000, 0)})
        for (const size_t count : {0, 1, 2, 5, 6, 7, 8, 9, 100, 1000}) {
            SCOPED_TRACE(testing::Message() << count << " bytes behind " << beginning.size());
            coded(text(count), beginning);
            coded(random_bytes(count, 9), beginning);
            coded(Bytes(count, 0), beginning);
            coded(Bytes(count, 0xFF), beginning);
        }
}

TEST(Bytes, OneByteOfEachValueComesBack) {
    for (unsigned value = 0; value < 256; ++value) coded({static_cast<uint8_t>(value)}, {});
}

TEST(Bytes, ChunksOfAllFormsComeBackTogether) {
    // The third chunk can only be stored, and what is behind it repeats what is before it.
    const Bytes words = text(2 * kChunk), noise = random_bytes(kChunk, 1);
    const Bytes bytes = joined({words, noise, words, noise});
    for (const Bytes& beginning : {Bytes(), text(1900)}) {
        const Bytes stream = coded(bytes, beginning);
        EXPECT_LT(stream.size(), 2 * kChunk + 16000);
        // As it is, the random chunk.
        EXPECT_NE(std::search(stream.begin(), stream.end(), noise.begin(), noise.end()), stream.end());
    }
    // Chunks that end one byte before and behind their border.
    for (const size_t count : {kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 2 * kChunk + 1})
        coded(text(count), {});
}

TEST(Bytes, WhatRepeatsOrIsKnownCostsLittle) {
    const Bytes once = random_bytes(1300, 5);
    EXPECT_LT(coded(joined({once, once, once}), {}).size(), once.size() + 400);
    EXPECT_LT(coded(once, once).size(), 400u);
    EXPECT_LT(coded(Bytes(100000, 0), {}).size(), 100u);
    EXPECT_LT(coded(text(20000), {}).size(), 20000u / 6);
    // Nothing is gained, and one byte is lost.
    EXPECT_EQ(coded(once, {}).size(), once.size() + 1);
}

TEST(Bytes, StreamsAreTheFormats) {
    const Bytes bytes =
        joined({text(30000), random_bytes(3000, 2), Bytes(40000, 0), random_bytes(kChunk, 4), text(9000)});
    EXPECT_EQ(checksum64(encode(bytes, text(1900))), 1660063431319995947u);
    EXPECT_EQ(encode({}, {}), Bytes{static_cast<uint8_t>(Form::kStored)});
}

// Whatever it is, decoding ends with so many bytes or one of the errors of a file that is damaged.
bool decodes(const Bytes& stream, uint64_t size, const Bytes& beginning) {
    Allocator allocator;
    try {
        EXPECT_EQ(decode(stream, size, beginning, allocator).size(), size);
        return true;
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated)
            << error.what();
        return false;
    }
}

TEST(Bytes, StreamsThatAreCutAreRefused) {
    const Bytes bytes = joined({text(600), random_bytes(100, 2)}), beginning = text(300);
    for (const Bytes& whole : {bytes, random_bytes(200, 3)}) {
        Bytes stream = encode(whole, beginning);
        for (size_t count = 0; count < stream.size(); ++count)
            EXPECT_FALSE(decodes({stream.begin(), stream.begin() + static_cast<ptrdiff_t>(count)},
                                 whole.size(), beginning))
                << count;
        // Nothing may follow.
        stream.push_back(0);
        EXPECT_FALSE(decodes(stream, whole.size(), beginning));
    }
}

TEST(Bytes, DamagedStreamsEndInBytesOrAnError) {
    const Bytes bytes = joined({text(kChunk), random_bytes(kChunk, 1), text(9000)}), beginning = text(300);
    const Bytes small(bytes.begin(), bytes.begin() + 500);
    std::mt19937 random(1);
    for (const Bytes& whole : {bytes, small}) {
        const Bytes stream = encode(whole, beginning);
        for (int trial = 0; trial < (whole.size() > 1000 ? 10 : 500); ++trial) {
            Bytes damaged = stream;
            // The first bytes say the most.
            for (unsigned i = 0; i <= random() % 3; ++i)
                damaged[random() % (random() % 2 ? 8 : damaged.size())] = static_cast<uint8_t>(random());
            decodes(damaged, whole.size(), beginning);
        }
        EXPECT_FALSE(decodes(stream, whole.size() - 1, beginning));
        // A byte more may cost nothing.
        decodes(stream, whole.size() + 1, beginning);
        EXPECT_FALSE(decodes(stream, whole.size() + kChunk, beginning));
    }
    // Forms that there are not.
    EXPECT_FALSE(decodes({2, 1}, 1, {}));
    EXPECT_FALSE(decodes({1, 2, 1}, 1, {}));
}

}  // namespace
}  // namespace residua::bytes
