// Every kernel of every instruction set that this processor has equals the scalar one, on random and extreme
// input; likewise the algorithms of pointwise_vector.h over four lanes, as other processors have them.
#include "nn/kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <climits>
#include <random>

#include "nn/graph.h"
#include "nn/network.h"
#include "nn/test_kernels_four.h"

namespace residua::nn {
namespace {

using Random = std::mt19937;

const int kChannelCounts[] = {1, 3, 5, 15, 16, 17, 31, 48, 60, 64, 128};
constexpr uint8_t kGuard = 0x5a;

int32_t random_int32(Random& random) {
    switch (random() % 8) {
        case 0:
            return INT_MAX;
        case 1:
            return -INT_MAX;
        case 2:
            return static_cast<int32_t>(random() % 3) - 1;
        default:
            return static_cast<int32_t>(random()) >> random() % 31;
    }
}
uint8_t random_byte(Random& random, bool extreme) {
    return static_cast<uint8_t>(extreme ? random() % 2 * 255 : random());
}

struct FastSet {
    const char* name;
    Isa isa;
    bool four_lanes = false;
};
void PrintTo(const FastSet& set, std::ostream* to) { *to << set.name; }

class FastKernels : public testing::TestWithParam<FastSet> {
  protected:
    void SetUp() override {
        if (!isa_available(GetParam().isa)) GTEST_SKIP() << GetParam().name << " is not available";
    }
    const Kernels& scalar = kernels(Isa::kScalar);
    const Kernels& fast() const { return GetParam().four_lanes ? four_ : kernels(GetParam().isa); }

  private:
    const Kernels four_ = four_kernels();
};

TEST_P(FastKernels, Convolve) {
    Random random(1);
    for (int round = 0; round < 400; ++round) {
        const int run_count = 1 + static_cast<int>(random() % 7),
                  run_groups = 1 + static_cast<int>(random() % 40);
        const int columns = 1 + static_cast<int>(random() % 40),
                  channels = 16 * (1 + static_cast<int>(random() % 9));
        const ptrdiff_t step = 1 + random() % 100;
        const int inputs = run_count * run_groups * kByteGroup;
        const bool extreme = round % 2 == 0;
        const auto length = static_cast<size_t>((columns - 1) * step + run_groups * kByteGroup);
        // One exact allocation per run: AddressSanitizer sees a byte read too far.
        std::vector<std::vector<uint8_t>> rows(static_cast<size_t>(run_count), std::vector<uint8_t>(length));
        std::vector<const uint8_t*> runs;
        for (auto& row : rows) {
            for (uint8_t& byte : row) byte = round % 8 == 0 ? 255 : random_byte(random, extreme);
            runs.push_back(row.data());
        }
        std::vector<int8_t> weights(static_cast<size_t>(channels * inputs));
        for (int8_t& weight : weights)
            weight = static_cast<int8_t>(round % 8 == 0 ? 127
                                         : extreme      ? static_cast<int>(random() % 2) * 254 - 127
                                                        : static_cast<int>(random() % 255) - 127);
        std::vector<int32_t> bias(static_cast<size_t>(channels));
        for (int32_t& value : bias) value = random_int32(random);

        std::vector<int32_t> results[2];
        for (const Kernels* table : {&scalar, &fast()}) {
            AlignedArray<uint8_t> packed(table->packed_bytes(channels, inputs));
            table->pack_weights(weights.data(), channels, inputs, packed.data());
            AlignedArray<uint8_t> scratch(table->scratch_bytes(run_count, run_groups, step, columns));
            std::vector<int32_t>& result = results[table == &scalar ? 0 : 1];
            result.assign(static_cast<size_t>(columns * channels), 0);
            table->convolve({runs.data(), run_count, run_groups, step, columns, channels, packed.data(),
                             bias.data(), result.data(), scratch.data()});
        }
        ASSERT_EQ(results[0], results[1]) << "runs " << run_count << " groups " << run_groups << " columns "
                                          << columns << " channels " << channels << " step " << step;
    }
}

// What a ReLU leaves, with any weights and with those of which four fit into a sum of 16 bits, and of which just not.
TEST_P(FastKernels, ConvolveOfPositiveBytes) {
    if (!fast().convolve_positive) GTEST_SKIP() << "these kernels have none";
    Random random(9);
    for (int round = 0; round < 60; ++round) {
        const int groups = 1 + static_cast<int>(random() % 40), columns = 1 + static_cast<int>(random() % 20),
                  channels = 16 * (1 + static_cast<int>(random() % 5)), inputs = groups * kByteGroup;
        const ptrdiff_t step = round % 3 == 0 ? inputs : 1 + static_cast<ptrdiff_t>(random() % 100);
        std::vector<uint8_t> pixels(static_cast<size_t>((columns - 1) * step + inputs));
        for (uint8_t& byte : pixels) byte = round % 2 == 0 ? 255 : static_cast<uint8_t>(128 + random() % 128);
        std::vector<int8_t> weights(static_cast<size_t>(channels * inputs));
        const int most = std::array{64, 65, 127, 40}[static_cast<size_t>(round) % 4];
        for (int8_t& weight : weights)
            weight = static_cast<int8_t>(round % 8 < 4 ? (round % 16 < 8 ? most : -most)
                                                       : static_cast<int>(random() % 255) - 127);
        if (round % 5 == 0) weights[random() % weights.size()] = -128;
        std::vector<int32_t> bias(static_cast<size_t>(channels));
        for (int32_t& value : bias) value = random_int32(random);
        std::vector<int32_t> results[2];
        for (auto& result : results) result.assign(static_cast<size_t>(columns * channels), 0);

        AlignedArray<uint8_t> packed(scalar.packed_bytes(channels, inputs));
        scalar.pack_weights(weights.data(), channels, inputs, packed.data());
        AlignedArray<uint8_t> scratch(scalar.scratch_bytes(1, groups, step, columns));
        const uint8_t* const run = pixels.data();
        scalar.convolve({&run, 1, groups, step, columns, channels, packed.data(), bias.data(),
                         results[0].data(), scratch.data()});
        AlignedArray<uint8_t> positive(fast().positive_bytes(channels, inputs));
        fast().pack_positive(weights.data(), channels, inputs, positive.data());
        std::vector<uint8_t> work(fast().positive_scratch_bytes(groups, step, columns));
        fast().convolve_positive({run, groups, step, columns, channels, positive.data(), bias.data(),
                                  results[1].data(), work.data()});
        ASSERT_EQ(results[0], results[1]) << "groups " << groups << " columns " << columns << " channels "
                                          << channels << " step " << step << " most " << most;
    }
}

// All that is computed on the way is largest where every byte and weight is.
TEST_P(FastKernels, ConvolveWinograd) {
    if (!fast().convolve_winograd) GTEST_SKIP() << GetParam().name << " has none";
    Random random(7);
    for (int round = 0; round < 120; ++round) {
        const int tile_rows = 1 << round % 3, dilation = 1 << random() % 3;
        const int in_channels = kWinogradChannels * (1 + static_cast<int>(random() % 3));
        const int out_channels = kChannelBlock * (1 + static_cast<int>(random() % 6));
        const int rows =
            tile_rows == 1 ? 1 + static_cast<int>(random() % 5) : tile_rows * dilation << random() % 2;
        const int columns = kWinogradColumns * dilation * (1 + static_cast<int>(random() % 9));
        const bool extreme = round % 4 != 0;
        const auto length = static_cast<size_t>((columns + 2 * dilation) * in_channels);
        std::vector<std::vector<uint8_t>> pixels(static_cast<size_t>(rows + 2 * dilation),
                                                 std::vector<uint8_t>(length));
        std::vector<const uint8_t*> inputs;
        for (auto& row : pixels) {
            for (uint8_t& byte : row) byte = round % 16 == 1 ? 255 : random_byte(random, extreme);
            inputs.push_back(row.data());
        }
        std::vector<int8_t> weights(static_cast<size_t>(out_channels * 9 * in_channels));
        for (int8_t& weight : weights)
            weight = static_cast<int8_t>(round % 16 == 1 ? 127
                                         : extreme       ? static_cast<int>(random() % 2) * 254 - 127
                                                         : static_cast<int>(random() % 255) - 127);
        std::vector<int32_t> bias(static_cast<size_t>(out_channels));
        for (int32_t& value : bias) value = random_int32(random);

        std::vector<int32_t> expected(static_cast<size_t>(rows * columns * out_channels));
        std::vector<uint8_t> plain(scalar.packed_bytes(out_channels, 9 * in_channels));
        scalar.pack_weights(weights.data(), out_channels, 9 * in_channels, plain.data());
        for (int y = 0; y < rows; ++y) {
            const uint8_t* runs[9];
            for (int i = 0; i < 9; ++i)
                runs[i] = inputs[static_cast<size_t>(y + i / 3 * dilation)] + i % 3 * dilation * in_channels;
            scalar.convolve({runs, 9, in_channels / kByteGroup, in_channels, columns, out_channels,
                             plain.data(), bias.data(), expected.data() + y * columns * out_channels,
                             nullptr});
        }
        AlignedArray<uint8_t> packed(fast().winograd_bytes(out_channels, in_channels, tile_rows));
        fast().pack_winograd(weights.data(), out_channels, in_channels, tile_rows, packed.data());
        AlignedArray<uint8_t> scratch(fast().winograd_scratch_bytes(in_channels));
        std::vector<int32_t> result(expected.size());
        fast().convolve_winograd({inputs.data(), tile_rows, dilation, rows, columns, in_channels,
                                  out_channels, packed.data(), bias.data(), result.data(), scratch.data()});
        ASSERT_EQ(expected, result) << "tile rows " << tile_rows << " dilation " << dilation << " rows "
                                    << rows << " columns " << columns << " channels " << in_channels << " to "
                                    << out_channels;
    }
}

// Multipliers and shifts at their limits included; without shifts of 32 in half of the cases.
PackedRequantisation random_constants(Random& random, int channels, ElementKind kind, Activation activation) {
    const auto multiplier = [&] {
        switch (random() % 8) {
            case 0:
                return INT_MAX;
            case 1:
                return 0;
            case 2:
            case 3:
                return 1 << random() % 31;  // makes ties of the rounding
            default:
                return static_cast<int32_t>(random() >> 1 >> random() % 12);
        }
    };
    Requantisation out{kind, activation, {}, {}, {}};
    const unsigned lowest = 32 + random() % 2;
    for (int c = 0; c < channels; ++c) {
        out.multiplier.push_back(multiplier());
        if (activation == Activation::kLeakyRelu) out.negative_multiplier.push_back(multiplier());
        out.shift.push_back(static_cast<uint8_t>(random() % 4   ? lowest + random() % (63 - lowest)
                                                 : random() % 2 ? lowest
                                                                : 62));
    }
    return PackedRequantisation(out);
}

// Random elements of any source, and a destination that shows writes beyond the channels.
struct Pixels {
    std::vector<int32_t> words;
    ptrdiff_t step;

    Pixels(Random& random, Source kind, int columns, int channels)
        : step(kind == Source::kI32 ? round_up(channels, kChannelBlock)
                                    : channels + static_cast<int>(random() % 5)) {
        const size_t bytes = kind == Source::kI32 ? 4 : kind == Source::kI16 ? 2 : 1;
        const auto count = static_cast<size_t>(columns * step);
        words.resize(count);
        for (size_t i = 0; i < count * bytes / 4 + (count * bytes % 4 != 0); ++i)
            words[i] = kind == Source::kI32 ? random_int32(random) : static_cast<int32_t>(random());
        if (kind == Source::kI16)
            for (size_t i = 0; i < count; ++i)
                if (random() % 4 == 0)
                    reinterpret_cast<int16_t*>(words.data())[i] =
                        random() % 2 ? int16_t{32767} : int16_t{-32768};
    }
};

TEST_P(FastKernels, Requantise) {
    Random random(2);
    for (Source source : {Source::kQ8, Source::kU8, Source::kI16, Source::kI32})
        for (ElementKind kind : {ElementKind::kQ8, ElementKind::kU8, ElementKind::kI16})
            for (Activation activation : {Activation::kNone, Activation::kRelu, Activation::kLeakyRelu})
                for (int channels : kChannelCounts) {
                    const int columns = 1 + static_cast<int>(random() % 20);
                    const PackedRequantisation constants =
                        random_constants(random, channels, kind, activation);
                    const Pixels from(random, source, columns, channels);
                    const ptrdiff_t step = channels + static_cast<int>(random() % 3);
                    std::vector<uint8_t> results[2];
                    for (const Kernels* table : {&scalar, &fast()}) {
                        std::vector<uint8_t>& result = results[table == &scalar ? 0 : 1];
                        result.assign(static_cast<size_t>(columns * step * 2), kGuard);
                        table->requantise({&constants.table, source, from.words.data(), from.step,
                                           result.data(), step, columns});
                    }
                    ASSERT_EQ(results[0], results[1])
                        << "from " << int(source) << " to " << int(kind) << " activation " << int(activation)
                        << " channels " << channels;
                }
}

TEST_P(FastKernels, Add) {
    Random random(3);
    const Source kinds[] = {Source::kQ8, Source::kU8, Source::kI16};
    for (Source a : kinds)
        for (Source b : kinds)
            for (Source kind : kinds)
                for (int channels : kChannelCounts)
                    for (bool dense : {false, true}) {
                        const int columns = 1 + static_cast<int>(random() % 20);
                        Pixels from_a(random, a, columns, channels), from_b(random, b, columns, channels);
                        ptrdiff_t step = channels + 1;
                        if (dense) from_a.step = from_b.step = step = channels;
                        const auto factor = [&] {
                            return random() % 4 ? static_cast<int32_t>(random() % 32769) - 16384
                                                : static_cast<int32_t>(random() % 2) * 32768 - 16384;
                        };
                        const int32_t factor_a = factor(), factor_b = factor();
                        const int32_t shift = 1 + static_cast<int32_t>(random() % 30);
                        std::vector<uint8_t> results[2];
                        for (const Kernels* table : {&scalar, &fast()}) {
                            std::vector<uint8_t>& result = results[table == &scalar ? 0 : 1];
                            result.assign(static_cast<size_t>(columns * step * 2), kGuard);
                            table->add({from_a.words.data(), from_b.words.data(), result.data(), a, b, kind,
                                        from_a.step, from_b.step, step, columns, channels, factor_a, factor_b,
                                        shift});
                        }
                        ASSERT_EQ(results[0], results[1]);
                    }
}

TEST_P(FastKernels, Square) {
    for (size_t count = 0; count < 600; ++count) {
        std::vector<uint8_t> x(count), expected(count + 1, kGuard), result(count + 1, kGuard);
        for (size_t i = 0; i < count; ++i) x[i] = static_cast<uint8_t>(i);
        scalar.square(x.data(), expected.data(), count);
        fast().square(x.data(), result.data(), count);
        ASSERT_EQ(expected, result);
    }
}

TEST_P(FastKernels, Normalise) {
    Random random(4);
    RsqrtTable steep = default_rsqrt_table();
    for (size_t i = 16; i < steep.size(); ++i) steep[i] = i < 40 ? 32768 : 16384;
    for (const RsqrtTable& rsqrt : {default_rsqrt_table(), steep})
        for (ElementKind kind : {ElementKind::kQ8, ElementKind::kU8, ElementKind::kI16})
            for (Activation activation : {Activation::kNone, Activation::kRelu})
                for (int channels : kChannelCounts) {
                    const int columns = 70;
                    const PackedRequantisation constants =
                        random_constants(random, channels, kind, activation);
                    const ptrdiff_t accumulator_step = round_up(channels, kChannelBlock);
                    std::vector<int32_t> n(static_cast<size_t>(columns * accumulator_step));
                    for (int32_t& value : n) {
                        // Around each power of two, and anywhere.
                        const int64_t power = int64_t{1} << random() % 32;
                        const int64_t near = power - 1 + static_cast<int64_t>(random() % 3);
                        const int64_t any =
                            random() % 3 ? near : static_cast<int64_t>(random()) >> random() % 31;
                        value = static_cast<int32_t>(std::clamp<int64_t>(any, 1, INT_MAX));
                    }
                    const ptrdiff_t step = channels + static_cast<int>(random() % 4);
                    std::vector<uint8_t> x(static_cast<size_t>(columns * step));
                    for (uint8_t& byte : x) byte = random_byte(random, random() % 4 == 0);
                    std::vector<uint8_t> results[2];
                    for (const Kernels* table : {&scalar, &fast()}) {
                        std::vector<uint8_t>& result = results[table == &scalar ? 0 : 1];
                        result.assign(static_cast<size_t>(columns * step * 2), kGuard);
                        table->normalise({&constants.table, n.data(), accumulator_step, x.data(), step,
                                          result.data(), step, columns, rsqrt.data()});
                    }
                    ASSERT_EQ(results[0], results[1]) << "channels " << channels << " kind " << int(kind);
                }
}

TEST_P(FastKernels, Shuffle) {
    Random random(5);
    for (bool wide : {false, true})
        for (int odd_row : {0, 1})
            for (int channels : kChannelCounts) {
                const int columns = 1 + static_cast<int>(random() % 20);
                const Pixels from(random, wide ? Source::kI16 : Source::kU8, columns, 4 * channels);
                const ptrdiff_t step = channels + static_cast<int>(random() % 3);
                std::vector<uint8_t> results[2];
                for (const Kernels* table : {&scalar, &fast()}) {
                    std::vector<uint8_t>& result = results[table == &scalar ? 0 : 1];
                    result.assign(static_cast<size_t>(4 * columns * step), kGuard);
                    table->shuffle({from.words.data(), from.step, result.data(), step, columns, channels,
                                    odd_row, wide});
                }
                ASSERT_EQ(results[0], results[1]) << "channels " << channels << " wide " << wide;
            }
}

// Of this build's kind of processor; those that the very one lacks are skipped.
std::vector<FastSet> fast_sets() {
    std::vector<FastSet> sets = {{"four_lanes", Isa::kScalar, true}};
#ifdef RESIDUA_X86_KERNELS
    sets.insert(sets.end(),
                {{"avx2", Isa::kAvx2}, {"avxvnni", Isa::kAvxVnni}, {"avx512vnni", Isa::kAvx512Vnni}});
#endif
#ifdef RESIDUA_ARM_KERNELS
    sets.insert(sets.end(), {{"neon", Isa::kNeon}, {"neondot", Isa::kNeonDot}});
#endif
#ifdef RESIDUA_WASM_KERNELS
    sets.push_back({"simd128", Isa::kSimd128});
#endif
    return sets;
}

INSTANTIATE_TEST_SUITE_P(Isa, FastKernels, testing::ValuesIn(fast_sets()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace residua::nn
