#include "entropy/mixture.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "entropy/make_tables.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

using testing::draw_values;
using testing::Parameters;
using testing::random_parameters;
using testing::same_alphabet;
using testing::smooth_parameters;
using testing::tile_intervals;

// Intervals of every symbol of every pixel of one row, in channel `c` with the other channels fixed: they
// must lie end to end from 0 to 2^20.
void expect_partition(const DistributionTables& tables, const Alphabet& alphabet,
                      const Parameters& parameters, std::vector<int16_t> values, int c, Isa isa) {
    MixtureCoder coder(tables, alphabet, {}, tables.channels, isa);
    const int width = parameters.width;
    std::vector<uint32_t> end(static_cast<size_t>(width), 0);
    std::vector<Interval> intervals(values.size());
    for (int x = alphabet.low[c]; x <= alphabet.high[c]; ++x) {
        for (int p = 0; p < width; ++p)
            values[static_cast<size_t>(p * tables.channels + c)] = static_cast<int16_t>(x);
        coder.intervals(parameters.row(0), width, values.data(), intervals.data());
        for (int p = 0; p < width; ++p) {
            const int group = p / 16 * 16;
            const int count = std::min(16, width - group);
            const Interval interval =
                intervals[static_cast<size_t>(group * tables.channels + c * count + p % 16)];
            ASSERT_EQ(interval.start, end[static_cast<size_t>(p)]) << "symbol " << x << " pixel " << p;
            ASSERT_GE(interval.frequency, 1u);
            end[static_cast<size_t>(p)] += interval.frequency;
        }
    }
    for (uint32_t total : end) ASSERT_EQ(total, kProbabilityOne);
}

void expect_equal(const std::vector<Interval>& intervals, const std::vector<Interval>& expected) {
    ASSERT_EQ(intervals.size(), expected.size());
    for (size_t i = 0; i < intervals.size(); ++i) {
        ASSERT_EQ(intervals[i].start, expected[i].start) << "interval " << i;
        ASSERT_EQ(intervals[i].frequency, expected[i].frequency) << "interval " << i;
    }
}

TEST(Mixture, SharesPartitionTheWholeForAnyParameters) {
    std::mt19937 random(1);
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        for (int round = 0; round < 40; ++round) {
            const DistributionTables tables =
                make_tables(round % 2 ? LambdaActivation::kTanh : LambdaActivation::kSigmoid, 1 + round % 15);
            const int width = 1 + static_cast<int>(random() % 40);
            const Parameters parameters = random_parameters(random, width, 1, tables);
            const int symbols[] = {1, 2, 3, 60, 511, 1024};
            const int count = symbols[round % 6];
            const int low = -512 + static_cast<int>(random() % static_cast<unsigned>(1025 - count));
            const Alphabet alphabet = same_alphabet(low, low + count - 1);
            std::vector<int16_t> values(static_cast<size_t>(width) * 3);
            for (int16_t& value : values)
                value = static_cast<int16_t>(low + static_cast<int>(random() % static_cast<unsigned>(count)));
            expect_partition(tables, alphabet, parameters, values, round % 3, isa);
        }
    }
}

TEST(Mixture, SharesPartitionTheWholeForAnyAcceptedTables) {
    std::mt19937 random(6);
    for (int round = 0; round < 60; ++round) {
        const DistributionTables tables = testing::random_tables(random, 1 + round % 15, 3, round % 3 != 0);
        const Parameters parameters = random_parameters(random, 9, 1, tables);
        const std::vector<int16_t> values(27, static_cast<int16_t>(random() % 100));
        expect_partition(tables, same_alphabet(-400, 300), parameters, values, round % 3, Isa::kScalar);
    }
}

TEST(Mixture, SharesPartitionTheWholeAtExtremes) {
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        for (int16_t mu : {INT16_MIN, -1, 0, INT16_MAX}) {
            for (int16_t log_sigma : {INT16_MIN, 0, INT16_MAX}) {
                Parameters parameters{20, 5, 3, {}, {}, {}, {}};
                parameters.mu.assign(20 * 15, mu);
                parameters.log_sigma.assign(20 * 15, log_sigma);
                parameters.weight.assign(20 * 15, INT16_MIN);
                for (size_t i = 0; i < parameters.weight.size(); i += 5) parameters.weight[i] = INT16_MAX;
                parameters.lambda.assign(20 * 15, log_sigma);
                for (const Alphabet& alphabet :
                     {same_alphabet(-255, 255), same_alphabet(-512, 511), same_alphabet(7, 7)})
                    for (int c = 0; c < 3; ++c)
                        expect_partition(tables, alphabet, parameters,
                                         std::vector<int16_t>(60, static_cast<int16_t>(alphabet.low[0])), c,
                                         isa);
            }
        }
    }
}

// Numbers computed from docs/format-entropy.md by a program that shares no code with this one.
TEST(Mixture, FollowsTheFormatDocument) {
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 3);
    const Parameters parameters{1,
                                3,
                                3,
                                {-130, 40, 900, 10, -64, 300, 5, 70, -200},
                                {20, 64, 110, -40, 50, 200, 0, 33, 90},
                                {3, 50, -20, 0, -10, -300, 120, 119, 100},
                                {100, -300, 50, 900, -1200, 10, 128, 64, -32}};
    const std::vector<int8_t> tau = {0, 3, -5, 1, 2, 3, -128, 127, 0};
    const int16_t values[3] = {-7, 12, 3};
    const Interval expected[3] = {{106998, 26325}, {1000885, 12185}, {854376, 12115}};
    Interval intervals[3];
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        MixtureCoder({tables}, {{-60, -50, -40}, {70, 41, 33}}, tau, 3, isa)
            .intervals(parameters.row(0), 1, values, intervals);
        for (int i = 0; i < 3; ++i) {
            EXPECT_EQ(intervals[i].start, expected[i].start) << isa_name(isa) << " channel " << i;
            EXPECT_EQ(intervals[i].frequency, expected[i].frequency);
        }
    }
}

// The means of docs/format-entropy.md section 3, worked out by hand.
TEST(Mixture, OriginMovesMeansAndCoupling) {
    DistributionTables tables = make_tables(LambdaActivation::kNone, 1);
    const DistributionTables independent = tables;
    tables.lambda = {-300, 0, 500};  // for pre-activations −1, 0, 1
    Parameters parameters{1, 1, 3, {5, -40, 100}, {40, 45, 50}, {0, 0, 0}, {1, -1, 1}, {-20, 30, 7}, 3};
    const Alphabet alphabet = same_alphabet(-30, 30);
    const std::vector<int16_t> values = {3, -2, 1};
    // Deviations: 64·3 + 20 = 212; 64·(−2) − 30 = −158.
    // 5 − 20; −40 + 30 + floor((500·212 + 512) / 1024); 100 + 7 + floor((−300·212 − 500·158 + 512) / 1024).
    const Parameters moved{1, 1, 3, {-15, 94, -32}, {40, 45, 50}, {0, 0, 0}, {}};
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        MixtureCoder coder(tables, alphabet, {}, 3, isa);
        MixtureCoder reference(independent, alphabet, {}, 3, isa);
        expect_equal(tile_intervals(coder, parameters, 1, 3, values),
                     tile_intervals(reference, moved, 1, 3, values));
        // No lambda: the origin moves the mean alone. Beyond ±kMaxOrigin it counts as that.
        const Parameters origin{
            1, 1, 3, {16369, 30, -16416}, {40, 45, 50}, {0, 0, 0}, {}, {-32768, 64, 32767}, 3};
        expect_equal(tile_intervals(reference, origin, 1, 3, values),
                     tile_intervals(reference, moved, 1, 3, values));
    }
}

// Both products at their largest: the mean ends far below the alphabet, so its lowest symbol is the
// likeliest.
TEST(Mixture, LargestCouplingDoesNotOverflow) {
    DistributionTables tables = make_tables(LambdaActivation::kNone, 5);
    tables.lambda = {-kMaxLambda, 0, kMaxLambda};
    Parameters parameters{20, 5, 3, {}, {}, {}, {}, {}, 3};
    parameters.mu.assign(300, INT16_MIN);
    parameters.log_sigma.assign(300, INT16_MAX);
    parameters.weight.assign(300, 0);
    parameters.lambda.assign(300, 1);
    parameters.origin.assign(60, INT16_MAX);
    const std::vector<int16_t> values(60, -512);
    for (Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        MixtureCoder coder(tables, same_alphabet(-512, 511), {}, 3, isa);
        for (const Interval& interval : tile_intervals(coder, parameters, 1, 3, values))
            EXPECT_GT(interval.frequency, kProbabilityOne / 1024) << isa_name(isa);
    }
}

TEST(Mixture, NoOriginIsOriginZero) {
    std::mt19937 random(7);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    for (int coded : {1, 3}) {
        Parameters parameters = smooth_parameters(random, 37, 1, tables, 0.3, 9);
        const auto values = draw_values(random, parameters, 1, same_alphabet(-90, 90), coded);
        MixtureCoder coder(tables, same_alphabet(-90, 90), {}, coded);
        testing::add_origins(random, 1, coded, parameters);
        tile_intervals(coder, parameters, 1, coded, values);  // leaves its origins behind
        parameters.origin.clear();
        const auto without = tile_intervals(coder, parameters, 1, coded, values);
        parameters.origin.assign(static_cast<size_t>(37 * coded), 0);
        expect_equal(tile_intervals(coder, parameters, 1, coded, values), without);
    }
}

// Mass far outside the alphabet: every symbol costs the same rather than one taking all.
TEST(Mixture, IsUniformWhereTheAlphabetHasNoMass) {
    const DistributionTables tables = make_tables(LambdaActivation::kNone, 1, 1);
    Parameters parameters{1, 1, 1, {30000}, {-160}, {0}, {}};
    const int16_t value = 3;
    Interval interval{};
    MixtureCoder(tables, same_alphabet(0, 7), {}, 1, Isa::kScalar)
        .intervals(parameters.row(0), 1, &value, &interval);
    EXPECT_EQ(interval.start, 3 * kProbabilityOne / 8);
    EXPECT_EQ(interval.frequency, kProbabilityOne / 8);
}

TEST(Mixture, KernelsAgreeAndInvertOnAnyParameters) {
    std::mt19937 random(2);
    for (int round = 0; round < 300; ++round) {
        const bool coupled = round % 4 != 0;
        const int channels = coupled ? 3 : 1 + static_cast<int>(random() % 8);
        const int components = round < 100 ? 5 : 1 + round % 15;
        const LambdaActivation activation = coupled ? LambdaActivation::kTanh : LambdaActivation::kNone;
        const DistributionTables tables = round % 3
                                              ? make_tables(activation, components, channels)
                                              : testing::random_tables(random, components, channels, coupled);
        const int coded = round % 5 == 0 ? 1 : channels;
        const int width = 1 + static_cast<int>(random() % 50);
        Parameters parameters = round % 2 ? random_parameters(random, width, 1, tables)
                                          : smooth_parameters(random, width, 1, tables, 0.1, 40);
        if (round % 7 < 5) testing::add_origins(random, 1, coded, parameters);
        const int low = -static_cast<int>(random() % 256);
        const Alphabet alphabet = same_alphabet(low, static_cast<int>(random() % 256));
        std::vector<int8_t> tau(static_cast<size_t>(tables.components * channels));
        for (int8_t& step : tau) step = static_cast<int8_t>(random());
        const std::vector<uint8_t> stream = testing::random_stream(random, 1 << (round % 5), 400 * 8);
        std::vector<int16_t> expected(static_cast<size_t>(width * coded));
        std::vector<Interval> expected_intervals(expected.size());
        for (Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            MixtureCoder coder(tables, alphabet, tau, coded, isa);
            RansDecoder decoder(stream);
            std::vector<int16_t> values(expected.size());
            coder.decode_row(decoder, parameters.row(0), width, values.data());
            std::vector<Interval> intervals(values.size());
            coder.intervals(parameters.row(0), width, values.data(), intervals.data());
            std::vector<Interval> proved(values.size());
            ASSERT_NO_THROW(coder.proved_intervals(parameters.row(0), width, values.data(), proved.data()));
            ASSERT_NO_FATAL_FAILURE(expect_equal(proved, intervals)) << isa_name(isa);
            if (isa == Isa::kScalar) {
                expected = values;
                expected_intervals = intervals;
                // The search found what the forward direction gives: follow the stream along the intervals.
                RansDecoder follower(stream);
                size_t i = 0;
                for (int x = 0; x < width; x += 16)
                    for (int c = 0; c < coded; ++c)
                        for (int p = 0; p < std::min(16, width - x); ++p, ++i) {
                            const int lane = p % follower.lanes();
                            ASSERT_LT(follower.slot(lane) - intervals[i].start, intervals[i].frequency);
                            follower.advance(lane, intervals[i]);
                        }
            }
            ASSERT_EQ(values, expected) << isa_name(isa) << " round " << round;
            ASSERT_NO_FATAL_FAILURE(expect_equal(intervals, expected_intervals)) << isa_name(isa);
        }
    }
}

TEST(Mixture, TauMovesLogSigma) {
    std::mt19937 random(3);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    Parameters parameters = smooth_parameters(random, 16, 1, tables, 1, 4);
    const Alphabet alphabet = same_alphabet(-50, 50);
    const std::vector<int16_t> values = draw_values(random, parameters, 1, alphabet, 3);
    std::vector<int8_t> tau(15);
    for (int i = 0; i < 15; ++i) tau[static_cast<size_t>(i)] = static_cast<int8_t>(i - 7);
    MixtureCoder with_tau(tables, alphabet, tau, 3);
    const auto expected = tile_intervals(with_tau, parameters, 1, 3, values);
    for (size_t i = 0; i < parameters.log_sigma.size(); ++i)
        parameters.log_sigma[i] = static_cast<int16_t>(parameters.log_sigma[i] + tau[i % 15]);
    MixtureCoder without(tables, alphabet, {}, 3);
    expect_equal(tile_intervals(without, parameters, 1, 3, values), expected);
}

TEST(Mixture, RefusesWhatItCannotCode) {
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const auto code = [](auto action) {
        try {
            action();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    };
    EXPECT_EQ(code([&] { MixtureCoder(tables, same_alphabet(1, 0), {}, 3); }), ErrorCode::kCorrupt);
    EXPECT_EQ(code([&] { MixtureCoder(tables, same_alphabet(-513, 0), {}, 3); }), ErrorCode::kCorrupt);
    EXPECT_EQ(code([&] { MixtureCoder(tables, same_alphabet(0, 512), {}, 3); }), ErrorCode::kCorrupt);
    EXPECT_EQ(code([&] { MixtureCoder(tables, same_alphabet(0, 5), {}, 2); }), ErrorCode::kInvalidArgument);
    const std::vector<int8_t> tau(14);
    EXPECT_EQ(code([&] { MixtureCoder(tables, same_alphabet(0, 5), tau, 3); }), ErrorCode::kInvalidArgument);
    std::mt19937 random(5);
    const Parameters parameters = random_parameters(random, 1, 1, tables);
    const int16_t outside[3] = {0, 6, 0};
    Interval intervals[3];
    EXPECT_EQ(code([&] {
                  MixtureCoder(tables, same_alphabet(0, 5), {}, 3)
                      .intervals(parameters.row(0), 1, outside, intervals);
              }),
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace residua::entropy
