#include <gtest/gtest.h>

#include "base/error.h"
#include "entropy/enc_rans.h"
#include "entropy/make_tables.h"
#include "entropy/test_support.h"

namespace residua::entropy {
namespace {

using testing::Parameters;

std::vector<int16_t> decode(const DistributionTables& tables, const Alphabet& alphabet,
                            const Parameters& parameters, int height, int channels,
                            const std::vector<uint8_t>& stream, Isa isa) {
    MixtureCoder coder(tables, alphabet, {}, channels, isa);
    RansDecoder decoder(stream);
    const size_t row = static_cast<size_t>(parameters.width * channels);
    std::vector<int16_t> values(row * static_cast<size_t>(height));
    for (int y = 0; y < height; ++y)
        coder.decode_row(decoder, parameters.row(y), parameters.width,
                         values.data() + row * static_cast<size_t>(y));
    decoder.finish();
    return values;
}

Isa other_isa(int round) {
    std::vector<Isa> isas;
    for (const Isa isa : kAllIsas)
        if (isa_available(isa)) isas.push_back(isa);
    return isas[static_cast<size_t>(round) % isas.size()];
}

TEST(RoundTrip, TilesComeBackAcrossInstructionSets) {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        const DistributionTables tables = make_tables(LambdaActivation::kTanh, 1 + round % 11);
        const int width = round == 0 ? 1 : 1 + static_cast<int>(random() % 70);
        const int height = round == 0 ? 1 : 1 + static_cast<int>(random() % 33);
        const int channels = round % 4 == 3 ? 1 : 3;
        Parameters parameters = testing::smooth_parameters(random, width, height, tables, 0.2, 20);
        if (round % 3) testing::add_origins(random, height, channels, parameters);
        const Alphabet alphabet = testing::same_alphabet(-static_cast<int>(random() % 256), 30);
        const auto values = testing::draw_values(random, parameters, height, alphabet, channels);
        MixtureCoder coder(tables, alphabet, {}, channels, other_isa(round));
        const auto intervals = testing::tile_intervals(coder, parameters, height, channels, values);
        for (int lanes : {0, 1, 2, 4, 8, 16}) {
            const auto stream = encode_tile(intervals, {width, height, channels}, lanes);
            ASSERT_EQ(decode(tables, alphabet, parameters, height, channels, stream, other_isa(round + 1)),
                      values);
        }
    }
}

TEST(RoundTrip, SizeIsTheCodeLength) {
    std::mt19937 random(2);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const Alphabet alphabet = testing::same_alphabet(-100, 100);
    const Parameters parameters = testing::smooth_parameters(random, 512, 512, tables, 0.5, 4);
    const auto values = testing::draw_values(random, parameters, 512, alphabet, 3);
    MixtureCoder coder(tables, alphabet, {}, 3);
    const auto intervals = testing::tile_intervals(coder, parameters, 512, 3, values);
    const double bits = code_length(intervals);
    EXPECT_LE(8.0 * static_cast<double>(encode_tile(intervals, {512, 512, 3}).size()), 1.001 * bits);
    const Parameters tiny = testing::smooth_parameters(random, 3, 2, tables, 0.5, 4);
    const auto tiny_values = testing::draw_values(random, tiny, 2, alphabet, 3);
    const auto tiny_intervals = testing::tile_intervals(coder, tiny, 2, 3, tiny_values);
    EXPECT_LE(static_cast<double>(encode_tile(tiny_intervals, {3, 2, 3}).size()),
              code_length(tiny_intervals) / 8 + 4.7);
}

// The loss of the integer model on values drawn from the exact one.
TEST(RoundTrip, MixtureCostsNearlyWhatTheExactMixtureCosts) {
    std::mt19937 random(4);
    for (int components : {5, 10}) {
        const DistributionTables tables = make_tables(LambdaActivation::kTanh, components);
        for (auto [sigma_low, sigma_high] : {std::pair{0.3, 0.6}, {0.5, 8.0}, {8.0, 20.0}, {0.3, 20.0}}) {
            Parameters parameters = testing::smooth_parameters(random, 96, 96, tables, sigma_low, sigma_high);
            if (sigma_high < 9) testing::add_origins(random, 96, 3, parameters);
            const Alphabet alphabet = testing::same_alphabet(-255, 255);
            const std::vector<int16_t> values = testing::draw_values(random, parameters, 96, alphabet, 3);
            MixtureCoder coder(tables, alphabet, {}, 3);
            const double bits = code_length(testing::tile_intervals(coder, parameters, 96, 3, values));
            const double exact = testing::float_code_length(parameters, 96, alphabet, 3, values);
            EXPECT_LT(bits, 1.001 * exact) << components << " " << sigma_low;
            EXPECT_GT(bits, 0.999 * exact) << components << " " << sigma_low;
        }
    }
}

// Under AddressSanitizer this also shows that no damaged stream leads outside a buffer.
TEST(RoundTrip, DamagedStreamsEndInErrorsOrSymbolsOfTheAlphabet) {
    std::mt19937 random(3);
    const DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
    const Alphabet alphabet = testing::same_alphabet(-20, 25);
    const int width = 37;
    const int height = 5;
    const Parameters parameters = testing::smooth_parameters(random, width, height, tables, 0.5, 4);
    const auto values = testing::draw_values(random, parameters, height, alphabet, 3);
    MixtureCoder coder(tables, alphabet, {}, 3);
    const auto intervals = testing::tile_intervals(coder, parameters, height, 3, values);
    int wrong = 0;
    int refused = 0;
    for (int lanes : {1, 2, 4, 8, 16}) {
        const auto stream = encode_tile(intervals, {width, height, 3}, lanes);
        for (size_t i = 0; i < 2 * stream.size(); ++i) {
            std::vector<uint8_t> damaged = stream;
            if (i < stream.size())
                damaged[i] ^= static_cast<uint8_t>(1 + random() % 255);
            else
                damaged.resize(i - stream.size());
            damaged.shrink_to_fit();
            try {
                const auto decoded =
                    decode(tables, alphabet, parameters, height, 3, damaged, other_isa(int(i)));
                for (int16_t value : decoded) ASSERT_TRUE(value >= -20 && value <= 25);
                ++wrong;
                ASSERT_NE(decoded, values);
            } catch (const Error& error) {
                ASSERT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated);
                ++refused;
            }
        }
    }
    EXPECT_GT(refused, 50 * wrong);  // the final check sees nearly everything
}

}  // namespace
}  // namespace residua::entropy
