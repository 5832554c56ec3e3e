#include "entropy/wide_coder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "base/error.h"
#include "entropy/enc_rans.h"
#include "entropy/make_tables.h"

namespace residua::entropy {
namespace {

constexpr int kComponents = 4;

// Steps of up to 16 samples with random mixtures, narrow and wide, and values near and far.
struct Steps {
    struct Step {
        std::vector<int16_t> mu, log_sigma, weight;
        std::array<int16_t, kGroupPixels> origin;
        WideSamples samples;
        std::array<int32_t, kGroupPixels> values;

        bool guessing = false;
        Guesses guesses;
        const Guesses* given() const { return guessing ? &guesses : nullptr; }

        RowParameters row() const {
            return {mu.data(), log_sigma.data(), weight.data(), nullptr, origin.data()};
        }
    };
    std::vector<Step> steps;

    Steps(int levels, unsigned seed, bool guessing = false) {
        std::mt19937 random(seed);
        const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
        for (int i = 0; i < 300; ++i) {
            Step& step = steps.emplace_back();
            step.guessing = guessing;
            for (auto* numbers : {&step.mu, &step.log_sigma, &step.weight})
                numbers->resize(kGroupPixels * kComponents + 16);
            for (size_t k = 0; k < step.mu.size(); ++k) {
                step.mu[k] = static_cast<int16_t>(below(2000) - 1000);
                step.log_sigma[k] = static_cast<int16_t>(below(500) - 200);
                step.weight[k] = static_cast<int16_t>(below(200));
            }
            step.samples.count = 1 + below(kGroupPixels);
            step.samples.levels = levels;
            for (size_t p = 0; p < kGroupPixels; ++p) {
                step.samples.base[p] = below(4) ? below(levels) : (below(2) ? 0 : levels - 1);
                step.samples.shift[p] = below(8) ? below(4) : below(16);
                step.origin[p] = static_cast<int16_t>(below(65) - 32);
                const int near = step.samples.base[p] + below(61) - 30;
                const int values[] = {near, below(levels), 0, levels - 1};
                step.values[p] = std::clamp(values[below(3) ? 0 : below(4)], 0, levels - 1);
                // Right, near, anywhere, none.
                const int guesses[] = {step.values[p], near, below(levels), -1};
                step.guesses.value[p] = std::clamp(guesses[below(4)], -1, levels - 1);
                step.guesses.context[p] = below(kGuessContexts);
                step.guesses.kind[p] = static_cast<Guesses::Kind>(below(3));
            }
        }
    }
};

class WideCoderTest : public ::testing::TestWithParam<std::tuple<int, bool>> {};

// Every instruction set writes the same intervals, and reads what any of them wrote.
TEST_P(WideCoderTest, ComesBackOnEveryInstructionSet) {
    const Steps given(std::get<0>(GetParam()), 7, std::get<1>(GetParam()));
    const DistributionTables tables = make_tables(LambdaActivation::kNone, kComponents, 1);
    Allocator allocator;
    std::vector<uint8_t> specified;
    for (const Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        SCOPED_TRACE(isa_name(isa));
        WideCoder coder(tables, isa);
        SymbolList list(allocator, 1);
        for (const auto& step : given.steps)
            coder.encode(step.row(), step.samples, step.given(), step.values.data(), true, list);
        for (const int lanes : {1, 4, 16}) {
            const auto stream = encode_symbols(list.intervals(), list.positions(), lanes);
            if (isa == Isa::kScalar && lanes == 4) specified = stream;
            if (lanes == 4) {
                EXPECT_EQ(stream, specified);
            }
            RansDecoder decoder(stream);
            WideCoder reader(tables, isa);  // decisions begin anew
            uint64_t bits = 0;
            for (const auto& step : given.steps) {
                int32_t values[kGroupPixels];
                uint32_t lengths[kGroupPixels];
                reader.decode(decoder, step.row(), step.samples, step.given(), values, lengths);
                for (size_t p = 0; p < static_cast<size_t>(step.samples.count); ++p) {
                    ASSERT_EQ(values[p], step.values[p]);
                    bits += lengths[p];
                }
            }
            decoder.finish();
            // The noted lengths are what the stream has, but for the lanes' states.
            EXPECT_NEAR(static_cast<double>(bits) / 65536, code_length(list.intervals()), 1);
        }
    }
}
INSTANTIATE_TEST_SUITE_P(LevelsAndGuesses, WideCoderTest,
                         ::testing::Combine(::testing::Values(257, 1000, 4096, 65535, 65536),
                                            ::testing::Bool()));

// Every slot belongs to the interval that is found for it, and intervals keep their order.
TEST(Without, IsTheInverseOfItself) {
    for (const Interval gone : {Interval{0, 1}, Interval{1000, 5}, Interval{kProbabilityOne - 9, 9},
                                Interval{700, kProbabilityOne - 2047}, Interval{0, kProbabilityOne / 2}}) {
        const Without without(gone);
        uint32_t end = 0;
        for (uint32_t slot = 0; slot<kProbabilityOne; slot += gone.frequency> 1000 ? 1 : 7) {
            if (slot >= gone.start && slot < gone.start + gone.frequency) continue;
            const Interval interval = without.of({slot, 1});
            ASSERT_GE(interval.start, end);
            ASSERT_GT(interval.frequency, 0U);
            end = interval.start + interval.frequency;
            ASSERT_LE(end, kProbabilityOne);
            ASSERT_EQ(without.slot_of(interval.start), slot);
            ASSERT_EQ(without.slot_of(end - 1), slot);
        }
    }
}

TEST(WideCoder, RefusesValuesThatCannotBe) {
    const Steps given(1000, 3);
    const DistributionTables tables = make_tables(LambdaActivation::kNone, kComponents, 1);
    Allocator allocator;
    WideCoder coder(tables);
    SymbolList list(allocator, 1);
    auto step = given.steps[0];
    for (const int value : {-1, 1000}) {
        step.values[0] = value;
        EXPECT_THROW(coder.encode(step.row(), step.samples, nullptr, step.values.data(), false, list), Error);
    }
    // A stream of ones asks for the highest slots: ranks beyond the last are damage, others are read.
    int refused = 0;
    for (const auto& other : given.steps) {
        std::vector<uint8_t> ones(41, 0xff);
        ones[0] = 8 << 3, ones[8] = 0x7f;
        RansDecoder decoder(ones);
        int32_t values[kGroupPixels];
        try {
            coder.decode(decoder, other.row(), other.samples, nullptr, values, nullptr);
            for (int p = 0; p < other.samples.count; ++p) EXPECT_LT(values[p], 1000);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
            ++refused;
        }
    }
    EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace residua::entropy
