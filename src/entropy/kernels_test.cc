// The kernels of every instruction set, and those over four lanes as other processors have them, step by step
// against the scalar ones: sixteen pixels with any parameters under any tables.
#include <gtest/gtest.h>

#include <cstring>

#include "entropy/adaptation.h"
#include "entropy/mixture.h"
#include "entropy/test_mixture_four.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

struct Set {
    const char* name;
    Isa isa;
    const MixtureKernels* mixture;
    const AdaptationKernels* adaptation;
};
void PrintTo(const Set& set, std::ostream* to) { *to << set.name; }

class EntropyKernels : public ::testing::TestWithParam<Set> {};

constexpr int kChannels = 3;

// One group, as the kernels of one set leave it.
struct Work {
    MixtureGroup group{};
    AdaptationStep step{};
    AdaptationModel model{};
    alignas(64) uint32_t start[kGroupPixels]{}, frequency[kGroupPixels]{};
    alignas(64) uint32_t found_start[kGroupPixels]{}, found_frequency[kGroupPixels]{};
    int32_t found[kGroupPixels]{};
};

// What the three arrays of numbers around a sample hold: errors, magnitudes, spreads.
struct Around {
    int32_t error[kMaxFeatures][kGroupPixels];
    int32_t magnitude[kMaxNeighbours][kGroupPixels];
    int32_t spread[kMaxNeighbours][kGroupPixels];

    explicit Around(std::mt19937& random) {
        for (auto& row : error)
            for (int32_t& value : row)
                value = static_cast<int32_t>(random() % (2 * kMaxError + 1)) - kMaxError;
        for (auto& row : magnitude)
            for (int32_t& value : row) value = static_cast<int32_t>(random() % (random() % 8192 + 1));
        for (auto& row : spread)
            for (int32_t& value : row) value = static_cast<int32_t>(random() % (random() % 65536 + 1));
    }
    AdaptationInputs inputs() const {
        AdaptationInputs in{};
        in.features = kMaxFeatures;
        in.neighbours = kMaxNeighbours;
        for (int i = 0; i < kMaxFeatures; ++i) in.error[i] = error[i];
        for (int i = 0; i < kMaxNeighbours; ++i) {
            in.magnitude[i] = magnitude[i];
            in.spread[i] = spread[i];
            in.weight[i] = 1 + i % 4;
        }
        return in;
    }
};

void expect_same(const MixtureTables& tables, const Work& result, const Work& expected, int c) {
    for (int k = 0; k < tables.components; ++k) {
        const MixtureComponent& one = result.group.component[c * tables.components + k];
        const MixtureComponent& other = expected.group.component[c * tables.components + k];
        ASSERT_EQ(std::memcmp(&one, &other, sizeof one), 0) << "component " << k << " of channel " << c;
    }
    ASSERT_EQ(std::memcmp(&result.step, &expected.step, sizeof result.step), 0);
    ASSERT_EQ(std::memcmp(&result.model, &expected.model, sizeof result.model), 0);
    ASSERT_EQ(std::memcmp(result.start, expected.start, sizeof result.start), 0);
    ASSERT_EQ(std::memcmp(result.frequency, expected.frequency, sizeof result.frequency), 0);
    ASSERT_EQ(std::memcmp(result.found, expected.found, sizeof result.found), 0);
    ASSERT_EQ(std::memcmp(result.found_start, expected.start, sizeof result.start), 0);
    ASSERT_EQ(std::memcmp(result.found_frequency, expected.frequency, sizeof result.frequency), 0);
}

TEST_P(EntropyKernels, EqualTheScalarOnes) {
    if (!isa_available(GetParam().isa)) GTEST_SKIP() << GetParam().name << " is not available";
    std::mt19937 random(1);
    for (int round = 0; round < 400; ++round) {
        const DistributionTables described =
            testing::random_tables(random, 1 + round % kMaxComponents, kChannels, round % 3 != 0);
        MixtureTables tables;
        const Alphabet alphabet = testing::same_alphabet(-200, 300);
        unpack(described, alphabet, kChannels, tables);
        // Twice the pixels: the vector kernels read beyond their own.
        const testing::Parameters parameters =
            round % 2 ? testing::random_parameters(random, 2 * kGroupPixels, 1, described)
                      : testing::smooth_parameters(random, 2 * kGroupPixels, 1, described, 0.5, 8);
        const RowParameters row = parameters.row(0);
        const GroupParameters given = {row.mu,
                                       row.log_sigma,
                                       row.weight,
                                       row.lambda,
                                       kChannels * tables.components,
                                       3 * tables.components};
        const Around around(random);
        const AdaptationInputs inputs = around.inputs();
        Work expected, result;
        for (int32_t& weight : expected.model.weight)
            weight = static_cast<int32_t>(random() % (kWeightLimit / 4)) - kWeightLimit / 8;
        for (int32_t& delta : expected.model.delta)
            delta = static_cast<int32_t>(random() % (2 * kDeltaLimit + 1)) - kDeltaLimit;
        result.model = expected.model;
        int32_t values[kChannels][kGroupPixels];
        for (auto& channel : values)
            for (int32_t& value : channel) value = static_cast<int32_t>(random() % 501) - 200;
        const int first = static_cast<int>(random() % kGroupPixels);
        const int end = first + 1 + static_cast<int>(random() % static_cast<unsigned>(kGroupPixels - first));

        const auto run = [&](const MixtureKernels& mixture, const AdaptationKernels& adaptation, Work& work,
                             int c) {
            MixtureGroup& group = work.group;
            if (c == 0) mixture.prepare(tables, given, kGroupPixels, group);
            mixture.move_means(tables, c, kGroupPixels, group);
            adaptation.adapt(tables, c, inputs, work.model, group, work.step);
            mixture.begin_shares(tables, c, kGroupPixels, group);
            std::memcpy(group.value[c], values[c], sizeof values[c]);
            mixture.intervals(tables, c, kGroupPixels, group, work.start, work.frequency);
            std::memset(group.value[c], 0, sizeof values[c]);
            mixture.search(tables, c, 0, kGroupPixels, work.start, group, work.found_start,
                           work.found_frequency);
            std::memcpy(work.found, group.value[c], sizeof work.found);
            adaptation.learn(group, c, first, end, inputs, work.model, work.step);
        };
        // The same mixtures with an alphabet of each pixel.
        const auto run_each = [&](const MixtureKernels& mixture, Work& work, int c) {
            MixtureGroup& group = work.group;
            for (int p = 0; p < kGroupPixels; ++p) {
                group.low[p] = values[c][p] - (7 * p + round) % 800;
                group.high[p] = values[c][p] + (11 * p + round) % 700;
            }
            mixture.begin_shares_each(tables, c, kGroupPixels, group);
            std::memcpy(group.value[c], values[c], sizeof values[c]);
            mixture.intervals_each(tables, c, kGroupPixels, group, work.start, work.frequency);
            std::memset(group.value[c], 0, sizeof values[c]);
            mixture.search_each(tables, c, 0, kGroupPixels, work.start, group, work.found_start,
                                work.found_frequency);
            std::memcpy(work.found, group.value[c], sizeof work.found);
            std::memcpy(group.value[c], values[c], sizeof values[c]);
        };
        for (int c = 0; c < kChannels; ++c) {
            run(kMixtureScalar, kAdaptationScalar, expected, c);
            run(*GetParam().mixture, *GetParam().adaptation, result, c);
            ASSERT_EQ(std::memcmp(expected.found, values[c], sizeof values[c]), 0);
            ASSERT_NO_FATAL_FAILURE(expect_same(tables, result, expected, c)) << "round " << round;
            run_each(kMixtureScalar, expected, c);
            run_each(*GetParam().mixture, result, c);
            ASSERT_EQ(std::memcmp(expected.found, values[c], sizeof values[c]), 0);
            ASSERT_NO_FATAL_FAILURE(expect_same(tables, result, expected, c)) << "round " << round;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Sets, EntropyKernels,
    ::testing::Values(Set{"four_lanes", Isa::kScalar, &kMixtureFour, &kAdaptationFour}
#ifdef RESIDUA_X86_KERNELS
                      ,
                      Set{"avx2", Isa::kAvx2, &kMixtureAvx2, &kAdaptationAvx2},
                      Set{"avx512", Isa::kAvx512Vnni, &kMixtureAvx512, &kAdaptationAvx512}
#endif
#ifdef RESIDUA_ARM_KERNELS
                      ,
                      Set{"neon", Isa::kNeon, &kMixtureNeon, &kAdaptationNeon}
#endif
#ifdef RESIDUA_WASM_KERNELS
                      ,
                      Set{"simd128", Isa::kSimd128, &kMixtureSimd128, &kAdaptationSimd128}
#endif
                      ),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace residua::entropy
