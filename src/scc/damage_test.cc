// Whatever bytes are given as a tile's, they end in samples or in an error, within the tile's memory.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "scc/dec_tile.h"
#include "scc/enc_tile.h"
#include "scc/test_pictures.h"

namespace residua::scc {
namespace {

constexpr Effort kAllEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense, Effort::kLevels,
                                  Effort::kDenseLevels};

void ignore(int) {}

// What the error was, kOk without one. The tile lies in a buffer of its own size, so that AddressSanitizer sees
// what is written beside it.
ErrorCode decoded(std::span<const uint8_t> stream, TestTile& tile) {
    const std::vector<uint8_t> own(stream.begin(), stream.end());
    Allocator allocator;
    ErrorCode code = ErrorCode::kOk;
    try {
        decode_tile(own, tile.view(), allocator, ignore);
    } catch (const Error& error) {
        code = error.code();
    }
    EXPECT_EQ(allocator.used(), 0u);
    const std::vector<int> samples = tile.samples();
    EXPECT_LE(*std::max_element(samples.begin(), samples.end()), tile.most());
    return code;
}

ErrorCode decoded_like(std::span<const uint8_t> stream, const TestTile& like) {
    TestTile tile = like.empty_one();
    return decoded(stream, tile);
}

bool is_damage(ErrorCode code) { return code == ErrorCode::kTruncated || code == ErrorCode::kCorrupt; }

std::vector<uint8_t> encoded(TestTile& tile) {
    Allocator allocator;
    return encode_tile(tile.view(), allocator, ignore);
}

std::vector<uint8_t> random_stream(Sequence& sequence, size_t bytes) {
    std::vector<uint8_t> stream = {static_cast<uint8_t>(Form::kCoded)};
    while (stream.size() <= bytes) stream.push_back(static_cast<uint8_t>(sequence.below(256)));
    return stream;
}

TEST(SccDamage, CutAnywhere) {
    for (const Effort effort : kAllEfforts) {
        TestTile tile(31, 14, 3, 8, effort);
        draw(tile, Content::kMixed, 5);
        const std::vector<uint8_t> stream = encoded(tile);
        ASSERT_EQ(stream[0], static_cast<uint8_t>(Form::kCoded));
        ASSERT_EQ(decoded_like(stream, tile), ErrorCode::kOk);
        size_t truncated = 0;
        for (size_t bytes = 0; bytes < stream.size(); ++bytes) {
            TestTile again = tile.empty_one();
            const ErrorCode code = decoded({stream.data(), bytes}, again);
            // Up to eight bytes are taken for zeros that were left out, which now and then suffice for other samples.
            EXPECT_TRUE(is_damage(code) || (code == ErrorCode::kOk && again.samples() != tile.samples()))
                << bytes;
            truncated += code == ErrorCode::kTruncated;
        }
        EXPECT_GT(truncated, stream.size() * 9 / 10);
    }
}

TEST(SccDamage, SomethingBehindTheEnd) {
    for (const Content content : {Content::kMixed, Content::kNoise}) {
        TestTile tile(61, 24, 3, 8, Effort::kDefault);
        draw(tile, content, 5);
        std::vector<uint8_t> stream = encoded(tile);
        for (int i = 0; i < 16; ++i) stream.push_back(static_cast<uint8_t>(i + 1));
        EXPECT_EQ(decoded_like(stream, tile), ErrorCode::kCorrupt);
    }
}

TEST(SccDamage, ChangedBytes) {
    for (const Effort effort : kAllEfforts) {
        TestTile tile(32, 20, 4, 16, effort);
        draw(tile, Content::kMixed, 6);
        const std::vector<uint8_t> stream = encoded(tile);
        Sequence sequence(9);
        for (size_t at = 1; at < stream.size(); at += 13) {
            std::vector<uint8_t> damaged = stream;
            damaged[at] = static_cast<uint8_t>(damaged[at] ^ (1 + sequence.below(255)));
            TestTile again = tile.empty_one();
            const ErrorCode code = decoded(damaged, again);
            EXPECT_TRUE(is_damage(code) || again.samples() != tile.samples()) << at;
        }
    }
}

TEST(SccDamage, RandomBytes) {
    Sequence sequence(1);
    const int sizes[][2] = {{1, 1}, {1, 90}, {2, 2}, {3, 70}, {22, 5}, {23, 40}, {64, 21}};
    for (const Effort effort : kAllEfforts)
        for (const auto& [width, height] : sizes)
            for (const int bits : {1, 7, 16})
                for (const size_t bytes : {0, 9, 300, 40000}) {
                    const int channels = 1 + sequence.below(kMostChannels);
                    const ErrorCode code = decoded_like(random_stream(sequence, bytes),
                                                        TestTile(width, height, channels, bits, effort));
                    EXPECT_TRUE(code == ErrorCode::kOk || is_damage(code));
                }
}

// All ones and all zeros lead decisions to the same answer again and again.
TEST(SccDamage, EqualBytes) {
    for (const Effort effort : kAllEfforts)
        for (const uint8_t byte : {0x00, 0xff, 0x55}) {
            std::vector<uint8_t> stream(20000, byte);
            stream[0] = static_cast<uint8_t>(Form::kCoded);
            for (const int bits : {1, 16}) {
                const ErrorCode code = decoded_like(stream, TestTile(100, 60, 3, bits, effort));
                EXPECT_TRUE(code == ErrorCode::kOk || is_damage(code));
            }
        }
}

TEST(SccDamage, Forms) {
    TestTile tile(9, 7, 3, 5, Effort::kDefault);
    draw(tile, Content::kNoise, 4);
    std::vector<uint8_t> stream = encoded(tile);
    ASSERT_EQ(stream[0], static_cast<uint8_t>(Form::kPacked));
    ASSERT_EQ(stream.size(), 1 + packed_bytes(tile.view()));
    TestTile again = tile.empty_one();
    ASSERT_EQ(decoded(stream, again), ErrorCode::kOk);
    EXPECT_EQ(again.samples(), tile.samples());

    EXPECT_EQ(decoded_like({}, tile), ErrorCode::kTruncated);
    for (size_t bytes = 1; bytes < stream.size(); ++bytes)
        EXPECT_EQ(decoded_like({stream.data(), bytes}, tile), ErrorCode::kCorrupt);
    for (int form = 2; form < 256; ++form) {
        stream[0] = static_cast<uint8_t>(form);
        EXPECT_EQ(decoded_like(stream, tile), ErrorCode::kUnsupported);
    }
}

// A decoder needs no more than what the tile's shape says, and asks for it before it takes it.
TEST(SccDamage, Memory) {
    for (const Effort effort : kAllEfforts) {
        TestTile tile(64, 48, 3, 8, effort);
        draw(tile, Content::kText, 3);
        Allocator of_encoder;
        const std::vector<uint8_t> stream = encode_tile(tile.view(), of_encoder, ignore);
        Sequence sequence(2);
        const std::vector<uint8_t> random = random_stream(sequence, 60000);
        for (const std::vector<uint8_t>* bytes : {&stream, &random}) {
            TestTile again = tile.empty_one();
            Allocator enough(of_encoder.peak());
            if (bytes == &stream)
                EXPECT_NO_THROW(decode_tile(*bytes, again.view(), enough, ignore));
            else
                EXPECT_THROW(decode_tile(*bytes, again.view(), enough, ignore), Error);
            Allocator less(of_encoder.peak() - 1);
            try {
                decode_tile(*bytes, again.view(), less, ignore);
                ADD_FAILURE() << "no limit";
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit);
            }
            EXPECT_EQ(less.used(), 0u);
        }
    }
}

}  // namespace
}  // namespace residua::scc
