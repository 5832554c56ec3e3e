// Tiles come back.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "base/error.h"
#include "scc/dec_tile.h"
#include "scc/enc_tile.h"

namespace residua::scc {
namespace {

struct Tile {
    int width, height, channels, bits;
    Effort effort = Effort::kDefault;
    std::vector<uint8_t> samples = {};

    int sample_bytes() const { return bits > 8 ? 2 : 1; }
    TileView view(std::vector<uint8_t>& of) const {
        return {of.data(),      ptrdiff_t{width} * channels * sample_bytes(),
                width,          height,
                channels,       bits,
                sample_bytes(), effort};
    }
    Tile& fill(const std::function<uint32_t(int x, int y, int c)>& at) {
        samples.clear();
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x)
                for (int c = 0; c < channels; ++c) {
                    const uint32_t value = at(x, y, c) & ((1u << bits) - 1);
                    samples.push_back(static_cast<uint8_t>(value));
                    if (bits > 8) samples.push_back(static_cast<uint8_t>(value >> 8));
                }
        return *this;
    }
};

std::vector<uint8_t> coded(Tile& tile) {
    Allocator allocator;
    return encode_tile(tile.view(tile.samples), allocator, [](int) {});
}

std::vector<uint8_t> decoded(const std::vector<uint8_t>& stream, const Tile& tile) {
    Allocator allocator;
    std::vector<uint8_t> samples(tile.samples.size(), 0xA5);
    decode_tile(stream, tile.view(samples), allocator, [](int) {});
    return samples;
}

// Letters, flat parts and slopes.
uint32_t drawn(int x, int y, int c) {
    if (y % 40 > 30) return static_cast<uint32_t>(x / 3 + 2 * y + c);
    return x % 9 < 5 && y % 13 < 8 && (x * 7 + y * 3) % 5 < 2 ? static_cast<uint32_t>(40 * c + x / 30) : 250;
}

constexpr Effort kAllEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense, Effort::kLevels,
                                  Effort::kDenseLevels};

TEST(Scc, AllShapesAndKindsComeBack) {
    for (const Effort effort : kAllEfforts)
        for (const int bits : {1, 2, 3, 4, 5, 8, 9, 12, 16})
            for (const int channels : {1, 2, 3, 4, 5})
                for (const auto& [width, height] : {std::pair{1, 1}, {1, 70}, {70, 1}, {23, 9}, {64, 41}}) {
                    Tile tile{width, height, channels, bits, effort};
                    tile.fill(drawn);
                    EXPECT_EQ(decoded(coded(tile), tile), tile.samples)
                        << bits << " bits, " << channels << " channels, " << width << "x" << height;
                }
}

TEST(Scc, FlatPartsCostNextToNothing) {
    Tile tile{1000, 1000, 4, 8};
    tile.fill([](int x, int, int) { return x < 500 ? 7 : 9; });
    EXPECT_LT(coded(tile).size(), 120u);
    EXPECT_EQ(decoded(coded(tile), tile), tile.samples);
}

TEST(Scc, NoiseIsPacked) {
    for (const int bits : {1, 3, 8, 11, 16})
        for (const int channels : {1, 3}) {
            Tile tile{37, 29, channels, bits};
            std::mt19937 random(5);
            tile.fill([&](int, int, int) { return static_cast<uint32_t>(random() >> 8); });
            const std::vector<uint8_t> stream = coded(tile);
            EXPECT_EQ(stream[0], static_cast<uint8_t>(Form::kPacked));
            EXPECT_EQ(stream.size(), size_t(37 * 29 * channels * bits + 7) / 8 + 1);
            EXPECT_EQ(decoded(stream, tile), tile.samples);
        }
}

TEST(Scc, LengthsAddUp) {
    Tile tile{203, 177, 3, 8};
    tile.fill(drawn);
    const std::vector<uint8_t> stream = coded(tile);
    Allocator allocator;
    std::vector<uint8_t> samples(tile.samples.size());
    std::vector<uint32_t> lengths(size_t{203} * 177);
    decode_tile(
        stream, tile.view(samples), allocator, [](int) {}, lengths.data());
    double bits = 0;
    for (const uint32_t length : lengths) bits += length / 65536.0;
    EXPECT_NEAR(bits / 8, static_cast<double>(stream.size()), 12);
}

TEST(Scc, RowsAreReportedAndCanEndTheWork) {
    Tile tile{20, 100, 1, 8};
    tile.fill(drawn);
    Allocator allocator;
    std::vector<int> rows;
    const std::vector<uint8_t> stream =
        encode_tile(tile.view(tile.samples), allocator, [&](int done) { rows.push_back(done); });
    EXPECT_EQ(rows.back(), 100);
    EXPECT_EQ(rows.size(), 7u);
    const auto stop = [](int done) {
        if (done > 30) throw Error(ErrorCode::kCancelled, "enough");
    };
    EXPECT_THROW(encode_tile(tile.view(tile.samples), allocator, stop), Error);
    EXPECT_THROW(decode_tile(stream, tile.view(tile.samples), allocator, stop), Error);
    EXPECT_EQ(allocator.used(), 0u);
}

TEST(Scc, MemoryIsCounted) {
    Tile tile{300, 300, 3, 8};
    tile.fill(drawn);
    Allocator small(1 << 20);
    try {
        encode_tile(tile.view(tile.samples), small, [](int) {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit);
    }
}

}  // namespace
}  // namespace residua::scc
