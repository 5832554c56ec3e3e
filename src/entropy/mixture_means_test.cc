#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "entropy/make_tables.h"
#include "entropy/mixture.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

// The mean of channel c's mixture at a pixel, in double precision, given the values of the channels before
// (RC paper Eq. 4, with L3C's sigmoid).
double mean(const testing::Parameters& parameters, int x, int c, const int16_t* values) {
    const int K = parameters.components;
    const auto at = [&](const std::vector<int16_t>& from, int row, int k) {
        return from[static_cast<size_t>((x * 3 + row) * K + k)];
    };
    const auto coefficient = [&](int j, int k) {
        return 1 / (1 + std::exp(-at(parameters.lambda, j, k) / 256.0));
    };
    double sum = 0, weights = 0;
    for (int k = 0; k < K; ++k) {
        double mu = at(parameters.mu, c, k) / 64.0;
        if (c == 1) mu += coefficient(0, k) * values[0];
        if (c == 2) mu += coefficient(1, k) * values[0] + coefficient(2, k) * values[1];
        const double weight = std::exp2(at(parameters.weight, c, k) / 32.0);
        sum += weight * mu;
        weights += weight;
    }
    return sum / weights;
}

TEST(MixtureMeans, AreTheRoundedMeansAndFollowTheChannelsBefore) {
    std::mt19937 random(11);
    const DistributionTables tables = make_tables(LambdaActivation::kSigmoid, 10);
    constexpr int kWidth = 203;
    const testing::Parameters parameters = testing::smooth_parameters(random, kWidth, 1, tables, 5.0, 60.0);
    const Alphabet alphabet = testing::same_alphabet(-9, 6);
    for (const int channels : {1, 3}) {
        for (Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            MixtureCoder coder(tables, alphabet, {}, channels, isa);
            std::vector<int16_t> values(static_cast<size_t>(kWidth * channels));
            coder.means(parameters.row(0), kWidth, values.data());
            int limited = 0;
            for (int x = 0; x < kWidth; ++x) {
                for (int c = 0; c < channels; ++c) {
                    const int value = values[static_cast<size_t>(x * channels + c)];
                    const double exact = mean(parameters, x, c, values.data() + x * channels);
                    const double expected = std::clamp(exact, -9.0, 6.0);
                    limited += exact != expected;
                    // Weights have 14 bits.
                    ASSERT_NEAR(value, expected, 0.5 + 0.05) << "pixel " << x << " channel " << c;
                }
            }
            if (channels == 3) {
                EXPECT_GT(limited, 0);
            }
        }
    }
}

TEST(MixtureMeans, AreTheSameForEveryInstructionSet) {
    std::mt19937 random(12);
    for (int round = 0; round < 30; ++round) {
        const DistributionTables tables = testing::random_tables(random, 1 + round % 15, 3, round % 2 == 0);
        const testing::Parameters parameters = testing::random_parameters(random, 37, 1, tables);
        std::vector<int16_t> expected(37 * 3), values(37 * 3);
        MixtureCoder(tables, testing::same_alphabet(-128, 127), {}, 3, Isa::kScalar)
            .means(parameters.row(0), 37, expected.data());
        for (Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            MixtureCoder(tables, testing::same_alphabet(-128, 127), {}, 3, isa)
                .means(parameters.row(0), 37, values.data());
            ASSERT_EQ(values, expected) << isa_name(isa);
        }
    }
}

}  // namespace
}  // namespace residua::entropy
