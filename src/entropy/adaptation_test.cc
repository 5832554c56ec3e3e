#include <gtest/gtest.h>

#include <cmath>

#include "entropy/adaptive_coder.h"
#include "entropy/code_length.h"
#include "entropy/enc_rans.h"
#include "entropy/make_tables.h"
#include "entropy/test_adaptation_stranger.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

using testing::Parameters;

struct Coded {
    std::vector<Interval> intervals;
    std::vector<uint8_t> positions;
};

struct Tile {
    const DistributionTables& tables;
    Alphabet alphabet;
    std::vector<int8_t> tau;
    int channels;
    const Parameters& parameters;
    int height;

    size_t row_symbols() const { return static_cast<size_t>(parameters.width * channels); }
    AdaptiveCoder coder(Allocator& allocator, Isa isa, bool ahead = false) const {
        return {tables, alphabet, tau, channels, parameters.width, ahead, allocator, isa};
    }

    // work(first row, rows) whenever rows are to be coded; `ahead`: when as many of those after them as there
    // is space for have been added.
    template <typename Work>
    void for_each_band(AdaptiveCoder& coder, const std::vector<int16_t>* values, const Work& work,
                       bool ahead = false) const {
        coder.begin_tile();
        int coded = 0;
        const auto code = [&] {
            const int rows = coder.rows();
            if (values)
                for (int row = 0; row < rows; ++row)
                    std::copy_n(values->data() + static_cast<size_t>(coded + row) * row_symbols(),
                                row_symbols(), coder.symbols(row));
            if (rows > 0) work(coded, rows);
            coded += rows;
        };
        for (int y = 0; y < height; ++y) {
            coder.add_row(parameters.row(y));
            if (!coder.full() && y + 1 < height) continue;
            if (ahead) code();
            coder.take_rows();
            if (!ahead) code();
        }
        if (ahead) code();
    }

    Coded encode(AdaptiveCoder& coder, const std::vector<int16_t>& values, bool ahead = false) const {
        Coded coded{std::vector<Interval>(values.size()), std::vector<uint8_t>(values.size())};
        for_each_band(
            coder, &values,
            [&](int first, int) {
                const size_t at = static_cast<size_t>(first) * row_symbols();
                coder.encode(coded.intervals.data() + at, coded.positions.data() + at);
            },
            ahead);
        return coded;
    }

    std::vector<int16_t> decode(AdaptiveCoder& coder, RansDecoder& decoder, bool ahead = false) const {
        std::vector<int16_t> values;
        for_each_band(
            coder, nullptr,
            [&](int, int rows) {
                coder.decode(decoder);
                for (int row = 0; row < rows; ++row)
                    values.insert(values.end(), coder.symbols(row), coder.symbols(row) + row_symbols());
            },
            ahead);
        return values;
    }
};

std::vector<int16_t> random_values(std::mt19937& random, const Tile& tile) {
    std::vector<int16_t> values;
    for (size_t i = 0; i < static_cast<size_t>(tile.height) * tile.row_symbols(); ++i) {
        const size_t c = i % static_cast<size_t>(tile.channels);
        const auto count = static_cast<unsigned>(tile.alphabet.high[c] - tile.alphabet.low[c] + 1);
        values.push_back(static_cast<int16_t>(tile.alphabet.low[c] + static_cast<int>(random() % count)));
    }
    return values;
}

void expect_equal(const std::vector<Interval>& intervals, const std::vector<Interval>& expected) {
    ASSERT_EQ(intervals.size(), expected.size());
    for (size_t i = 0; i < intervals.size(); ++i) {
        ASSERT_EQ(intervals[i].start, expected[i].start) << "interval " << i;
        ASSERT_EQ(intervals[i].frequency, expected[i].frequency) << "interval " << i;
    }
}

// On each instruction set: the intervals of the stranger, and the values back from a stream.
void expect_codes(const Tile& tile, const std::vector<int16_t>& values, int lanes) {
    Allocator allocator;
    const std::vector<Interval> expected =
        testing::AdaptationStranger(tile.tables, tile.alphabet, tile.tau, tile.channels)
            .intervals(tile.parameters, tile.height, values);
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        AdaptiveCoder coder = tile.coder(allocator, isa);
        const Coded coded = tile.encode(coder, values);
        expect_equal(coded.intervals, expected);
        if (::testing::Test::HasFatalFailure()) return;
        const std::vector<uint8_t> stream = encode_symbols(coded.intervals, coded.positions, lanes);
        RansDecoder decoder(stream);
        EXPECT_EQ(tile.decode(coder, decoder), values);  // the same coder: it forgets the tile before
        decoder.finish();

        AdaptiveCoder ahead = tile.coder(allocator, isa, true);
        expect_equal(tile.encode(ahead, values, true).intervals, expected);
        RansDecoder again(stream);
        EXPECT_EQ(tile.decode(ahead, again, true), values);
    }
}

Alphabet random_alphabet(std::mt19937& random) {
    Alphabet alphabet{};
    for (int c = 0; c < kMaxChannels; ++c) {
        alphabet.low[c] = -static_cast<int>(random() % 300);
        alphabet.high[c] = static_cast<int>(random() % 300);
    }
    return alphabet;
}

// Rows of wide sigmas take more bits than those of narrow ones: each length is noted at its symbol.
TEST(Adaptation, NotesTheLengthOfEachSymbol) {
    std::mt19937 random(9);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const int width = 50, height = 16, channels = 3;
    Parameters parameters = testing::smooth_parameters(random, width, height, tables, 1, 1.1);
    // The right half is noise, the left one all zeros.
    std::vector<int16_t> values(size_t{width} * height * channels);
    for (size_t i = 0; i < values.size(); ++i)
        if (i / channels % width >= width / 2) values[i] = static_cast<int16_t>(random() % 401) - 200;
    const Tile tile{tables, testing::same_alphabet(-200, 200), {}, channels, parameters, height};
    Allocator allocator;
    for (const int lanes : {1, 4, 16}) {
        AdaptiveCoder coder = tile.coder(allocator, active_isa());
        const Coded coded = tile.encode(coder, values);
        uint64_t expected = 0;
        for (const Interval interval : coded.intervals) expected += code_length_units(interval.frequency);
        const std::vector<uint8_t> stream = encode_symbols(coded.intervals, coded.positions, lanes);
        RansDecoder decoder(stream);
        std::vector<uint32_t> lengths(values.size());
        tile.for_each_band(coder, nullptr, [&](int, int) { coder.decode(decoder, lengths.data()); });
        uint64_t left = 0, right = 0;
        for (size_t i = 0; i < lengths.size(); ++i)
            (i / channels % width >= width / 2 ? right : left) += lengths[i];
        EXPECT_EQ(left + right, expected);
        EXPECT_GT(right, 3 * left);
    }
}

TEST(Adaptation, IsThatOfTheStrangerForAnyAcceptedTables) {
    std::mt19937 random(1);
    const int sizes[][2] = {{1, 1}, {2, 40}, {3, 17}, {5, 16}, {16, 33}, {17, 15}, {47, 18}, {61, 35}};
    for (int round = 0; round < 48; ++round) {
        const int channels = 1 + round % 8;
        const DistributionTables tables =
            testing::random_tables(random, 1 + round % 15, channels, channels == 3 && round % 2);
        const auto& size = sizes[round % 8 ^ (round / 8 & 1)];
        Parameters parameters = testing::random_parameters(random, size[0], size[1], tables);
        Tile tile = {tables, random_alphabet(random), {}, round % 5 ? channels : 1, parameters, size[1]};
        if (round % 3 == 0) testing::add_origins(random, size[1], tile.channels, parameters);
        if (round % 4 == 0)
            for (int i = 0; i < channels * tables.components; ++i)
                tile.tau.push_back(static_cast<int8_t>(random()));
        expect_codes(tile, random_values(random, tile), 1 << round % 5);
        if (HasFatalFailure()) FAIL() << "round " << round;
    }
}

// Values that depend on their neighbours beyond what the mixture says, and are narrower than it says.
std::vector<int16_t> correlated_values(std::mt19937& random, int width, int height, int channels) {
    std::vector<int16_t> values;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c) {
                const auto before = [&](int dx, int dy) {
                    if (x + dx < 0 || y + dy < 0) return 0;
                    return int{values[static_cast<size_t>(((y + dy) * width + x + dx) * channels + c)]};
                };
                values.push_back(static_cast<int16_t>((2 * before(-1, 0) + before(0, -1)) / 3 +
                                                      static_cast<int>(random() % 9) - 4));
            }
    return values;
}

TEST(Adaptation, IsThatOfTheStrangerWhereItLearns) {
    std::mt19937 random(2);
    for (const auto activation : {LambdaActivation::kTanh, LambdaActivation::kNone}) {
        const DistributionTables tables = make_tables(activation, 5);
        const Parameters parameters = testing::smooth_parameters(random, 90, 50, tables, 2, 12);
        const Tile tile = {tables, testing::same_alphabet(-60, 60), {}, 3, parameters, 50};
        std::vector<int16_t> values = correlated_values(random, 90, 50, 3);
        for (int16_t& value : values) value = std::clamp<int16_t>(value, -60, 60);
        expect_codes(tile, values, 16);
    }
}

// A mixture whose means are wrong by what changes slowly, and whose sigmas are four times too wide.
TEST(Adaptation, MendsWhatNeighboursTell) {
    constexpr int kWidth = 256, kHeight = 200;
    std::mt19937 random(3);
    const DistributionTables tables = make_tables(LambdaActivation::kNone, 5);
    const Parameters right = testing::smooth_parameters(random, kWidth, kHeight, tables, 2, 4);
    Parameters wrong = right;
    for (size_t i = 0; i < wrong.mu.size(); ++i) {
        const size_t pixel = i / 15;
        const size_t row = pixel / kWidth;
        const double x = static_cast<double>(pixel % kWidth), y = static_cast<double>(row);
        wrong.mu[i] =
            static_cast<int16_t>(wrong.mu[i] + std::lround(64 * 10 * std::sin(x / 20) * std::cos(y / 15)));
        wrong.log_sigma[i] = static_cast<int16_t>(wrong.log_sigma[i] + 64);
    }
    const Tile tile = {tables, testing::same_alphabet(-255, 255), {}, 3, wrong, kHeight};
    const std::vector<int16_t> values = testing::draw_values(random, right, kHeight, tile.alphabet, 3);
    Allocator allocator;
    AdaptiveCoder adaptive = tile.coder(allocator, active_isa());
    MixtureCoder plain(tables, tile.alphabet, {}, 3);
    const double best = code_length(testing::tile_intervals(plain, right, kHeight, 3, values));
    const double without = code_length(testing::tile_intervals(plain, wrong, kHeight, 3, values));
    const double with = code_length(tile.encode(adaptive, values).intervals);
    EXPECT_GT(without, 1.2 * best);
    EXPECT_LT(with, 1.06 * best);
}

TEST(Adaptation, CostsNextToNothingWhereTheMixtureIsRight) {
    std::mt19937 random(4);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    for (const double sigma : {0.4, 3.0, 15.0}) {
        const Parameters parameters = testing::smooth_parameters(random, 256, 200, tables, sigma, 2 * sigma);
        const Tile tile = {tables, testing::same_alphabet(-255, 255), {}, 3, parameters, 200};
        const std::vector<int16_t> values = testing::draw_values(random, parameters, 200, tile.alphabet, 3);
        Allocator allocator;
        AdaptiveCoder adaptive = tile.coder(allocator, active_isa());
        MixtureCoder plain(tables, tile.alphabet, {}, 3);
        const double with = code_length(tile.encode(adaptive, values).intervals);
        EXPECT_LT(with, 1.006 * code_length(testing::tile_intervals(plain, parameters, 200, 3, values)))
            << sigma;
    }
}

TEST(Adaptation, RefusesSymbolsOutsideTheAlphabet) {
    std::mt19937 random(5);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 3);
    const Parameters parameters = testing::smooth_parameters(random, 20, 3, tables, 1, 2);
    const Tile tile = {tables, testing::same_alphabet(-3, 3), {}, 3, parameters, 3};
    std::vector<int16_t> values(180, 0);
    values[100] = 4;
    Allocator allocator;
    AdaptiveCoder coder = tile.coder(allocator, active_isa());
    EXPECT_THROW(tile.encode(coder, values), Error);
}

TEST(Adaptation, ItsMemoryCounts) {
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    Allocator small(uint64_t{64} << 10);  // enough for the rows of a narrow column, not for what it learns
    const auto make = [&](Allocator& allocator) {
        const AdaptiveCoder coder(tables, testing::same_alphabet(-3, 3), {}, 3, 16, false, allocator);
        return allocator.used();
    };
    Allocator unlimited;
    EXPECT_GT(make(unlimited), uint64_t{128} << 10);
    EXPECT_EQ(unlimited.used(), 0u);
    EXPECT_THROW(make(small), Error);
}

TEST(Score, IsThatOfALogistic) {
    EXPECT_EQ(kScore[0], 0);
    for (int i = 1; i <= 128; ++i) {
        const double u = i / 256.0;
        EXPECT_EQ(kScore[i], std::lround(std::ldexp(u * (1 - u) * std::log((1 - u) / u), 18))) << i;
    }
}

}  // namespace
}  // namespace residua::entropy
