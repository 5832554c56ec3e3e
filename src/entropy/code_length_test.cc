#include "entropy/code_length.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "entropy/enc_rans.h"
#include "entropy/make_tables.h"
#include "entropy/test_support.h"
#include "entropy/uniform.h"

namespace residua::entropy {
namespace {

TEST(CodeLength, IsTheLogarithmInUnits) {
    for (uint32_t f = 1; f <= kProbabilityOne; f += f < 70000 ? 1 : 97) {
        const double bits = kProbabilityBits - std::log2(f);
        ASSERT_NEAR(code_length_units(f), bits * (1 << kBitUnitsLog2), 1.0) << f;
    }
    EXPECT_EQ(code_length_units(1), uint32_t{kProbabilityBits} << kBitUnitsLog2);
    EXPECT_EQ(code_length_units(kProbabilityOne), 0u);
    EXPECT_EQ(code_length_units(kProbabilityOne / 2), 1u << kBitUnitsLog2);
}

TEST(CodeLength, GoesToTheSymbolsChannel) {
    // 20 pixels of 3 channels: a group of 16 and one of 4, channel by channel in each.
    std::vector<Interval> row;
    for (int count : {16, 4})
        for (uint32_t c = 0; c < 3; ++c)
            for (int j = 0; j < count; ++j) row.push_back({0, kProbabilityOne >> (1 + c)});
    uint64_t units[3] = {7, 0, 0};
    add_code_lengths(row, 20, 3, units);
    EXPECT_EQ(units[0], 7u + (20u << kBitUnitsLog2));
    EXPECT_EQ(units[1], 40u << kBitUnitsLog2);
    EXPECT_EQ(units[2], 60u << kBitUnitsLog2);
}

// What a search for tau compares: one coder whose tau changes, on every instruction set.
TEST(CodeLength, FollowsTau) {
    std::mt19937 random(3);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const int width = 61, height = 4;
    const auto parameters = testing::smooth_parameters(random, width, height, tables, 1, 4);
    const Alphabet alphabet = testing::same_alphabet(-255, 255);
    const auto values = testing::draw_values(random, parameters, height, alphabet, 3);
    uint64_t own[3] = {};
    for (int tau : {0, -40, 40}) {
        const std::vector<int8_t> taus(15, static_cast<int8_t>(tau));
        uint64_t scalar[3] = {};
        for (Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            MixtureCoder fresh(tables, alphabet, taus, 3, isa), changed(tables, alphabet, {}, 3, isa);
            changed.set_tau(taus);
            const auto expected = testing::tile_intervals(fresh, parameters, height, 3, values);
            const auto intervals = testing::tile_intervals(changed, parameters, height, 3, values);
            uint64_t units[3] = {};
            for (int y = 0; y < height; ++y)
                add_code_lengths(std::span(intervals).subspan(static_cast<size_t>(y) * 3 * width, 3 * width),
                                 width, 3, units);
            EXPECT_NEAR(static_cast<double>(units[0] + units[1] + units[2]) / (1 << kBitUnitsLog2),
                        code_length(expected), 0.05);
            if (isa == Isa::kScalar) std::copy_n(units, 3, scalar);
            EXPECT_TRUE(std::equal(units, units + 3, scalar)) << isa_name(isa);
        }
        if (tau == 0) std::copy_n(scalar, 3, own);
        for (int c = 0; c < 3 && tau != 0; ++c) EXPECT_GT(scalar[c], own[c]) << tau;
    }
}

// The lengths of a tile's intervals as decoders note them, [y][x][c].
std::vector<uint32_t> lengths_of(const std::vector<Interval>& intervals, int width, int height,
                                 int channels) {
    std::vector<uint32_t> lengths(intervals.size());
    const Interval* interval = intervals.data();
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; x += kGroupPixels)
            for (int c = 0; c < channels; ++c)
                for (int p = x; p < std::min(x + kGroupPixels, width); ++p)
                    lengths[static_cast<size_t>((y * width + p) * channels + c)] =
                        code_length_units(interval++->frequency);
    return lengths;
}

// With fewer lanes than pixels in a group, too: then a group is searched in parts.
TEST(CodeLength, IsNotedByDecodersForEachSymbol) {
    std::mt19937 random(4);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const int width = 45, height = 7;
    const auto parameters = testing::smooth_parameters(random, width, height, tables, 0.5, 9);
    const Alphabet alphabet = testing::same_alphabet(-200, 200);
    for (const int channels : {1, 3}) {
        const auto values = testing::draw_values(random, parameters, height, alphabet, channels);
        const auto row = static_cast<size_t>(width * channels);
        for (Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            MixtureCoder coder(tables, alphabet, {}, channels, isa);
            const auto intervals = testing::tile_intervals(coder, parameters, height, channels, values);
            const auto expected = lengths_of(intervals, width, height, channels);
            for (const int lanes : {1, 2, 4, 8, 16}) {
                const auto stream = encode_tile(intervals, {width, height, channels}, lanes);
                RansDecoder decoder(stream);
                std::vector<int16_t> decoded(values.size());
                std::vector<uint32_t> lengths(values.size());
                for (int y = 0; y < height; ++y) {
                    const size_t at = static_cast<size_t>(y) * row;
                    coder.decode_row(decoder, parameters.row(y), width, decoded.data() + at,
                                     lengths.data() + at);
                }
                ASSERT_EQ(decoded, values);
                ASSERT_EQ(lengths, expected) << lanes << " lanes";
            }
        }
    }
}

TEST(CodeLength, IsNotedByDecodersOfEquallyLikelySymbols) {
    const int width = 21, channels = 2;
    const UniformCoder coder(-3, 7, channels);
    std::vector<int16_t> values;
    values.reserve(width * channels);
    for (int i = 0; i < width * channels; ++i) values.push_back(static_cast<int16_t>(i * i % 7 - 3));
    std::vector<Interval> intervals(values.size());
    coder.intervals(width, values.data(), intervals.data());
    const auto stream = encode_tile(intervals, {width, 1, channels}, 4);
    RansDecoder decoder(stream);
    std::vector<int16_t> decoded(values.size());
    std::vector<uint32_t> lengths(values.size());
    coder.decode_row(decoder, width, decoded.data(), lengths.data());
    EXPECT_EQ(decoded, values);
    EXPECT_EQ(lengths, lengths_of(intervals, width, 1, channels));
}

}  // namespace
}  // namespace residua::entropy
