#include "codec/enc_sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/test_session.h"
#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "entropy/make_tables.h"
#include "entropy/mixture.h"
#include "entropy/uniform.h"
#include "stages/methods.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

constexpr int kDraws = 160000;
constexpr int kRow = 400;

double chi_square(const std::vector<double>& seen, const std::vector<double>& expected) {
    double sum = 0;
    for (size_t i = 0; i < seen.size(); ++i)
        sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
    return sum;
}

// decode_row(decoder, values): of kRow symbols.
template <typename DecodeRow>
std::vector<int16_t> draw(uint64_t seed, const DecodeRow& decode_row) {
    Allocator allocator;
    TileStream stream = RandomStreams(seed, allocator).open(0, 0, kDraws);
    std::vector<int16_t> values(kDraws);
    for (int i = 0; i < kDraws; i += kRow) decode_row(stream.decoder, values.data() + i);
    return values;
}

TEST(RandomStreams, DrawFlatDistributionsFlat) {
    constexpr int kLevels = 5;
    const entropy::UniformCoder coder(-2, kLevels, 1);
    const auto values =
        draw(1, [&](entropy::RansDecoder& decoder, int16_t* row) { coder.decode_row(decoder, kRow, row); });
    std::vector<double> seen(kLevels), pairs(kLevels * kLevels);
    for (size_t i = 0; i < values.size(); ++i) {
        ++seen[static_cast<size_t>(values[i] + 2)];
        // A pixel and the next one of the same lane: draws must not depend on each other.
        if (i >= 16) ++pairs[static_cast<size_t>((values[i - 16] + 2) * kLevels + values[i] + 2)];
    }
    // For 4 and 24 degrees of freedom larger ones come once in 10^6 seeds.
    EXPECT_LT(chi_square(seen, std::vector<double>(kLevels, kDraws / 5.0)), 33);
    EXPECT_LT(chi_square(pairs, std::vector<double>(kLevels * kLevels, (kDraws - 16) / 25.0)), 73);
}

TEST(RandomStreams, DrawFromTheModelsMixture) {
    const entropy::DistributionTables tables = entropy::make_tables(entropy::LambdaActivation::kNone, 2, 1);
    constexpr int kLow = -3, kHigh = 4;
    entropy::Alphabet alphabet{};
    alphabet.low[0] = kLow;
    alphabet.high[0] = kHigh;
    entropy::MixtureCoder coder(tables, alphabet, {}, 1);
    // A narrow and a wide component, the wide one with 2^−1.5 of the other's weight.
    std::vector<int16_t> mu, log_sigma, weight;
    for (int i = 0; i < kRow; ++i) {
        mu.insert(mu.end(), {-70, 150});
        log_sigma.insert(log_sigma.end(), {-20, 40});
        weight.insert(weight.end(), {0, -48});
    }
    const entropy::RowParameters row = {mu.data(), log_sigma.data(), weight.data(), nullptr};
    const auto values =
        draw(2, [&](entropy::RansDecoder& random, int16_t* out) { coder.draw_row(random, row, kRow, out); });
    std::vector<double> seen(kHigh - kLow + 1), expected;
    for (int16_t value : values) ++seen[static_cast<size_t>(value - kLow)];
    for (int v = kLow; v <= kHigh; ++v) {
        const auto value = static_cast<int16_t>(v);
        entropy::Interval interval;
        coder.intervals(row, 1, &value, &interval);
        expected.push_back(kDraws * static_cast<double>(interval.frequency - 1) /
                           (entropy::kProbabilityOne - (kHigh - kLow + 1)));
    }
    EXPECT_GT(*std::max_element(expected.begin(), expected.end()),
              10 * *std::min_element(expected.begin(), expected.end()))
        << "a distribution worth testing is not flat";
    // 7 degrees of freedom.
    EXPECT_LT(chi_square(seen, expected), 40);
}

TEST(RandomStreams, DependOnSeedStageAndTileAlone) {
    Allocator allocator;
    const auto bytes = [&](uint64_t seed, int stage, int tile) {
        const TileStream stream = RandomStreams(seed, allocator).open(stage, tile, 1000);
        return std::vector<uint8_t>(stream.bytes.data(), stream.bytes.data() + stream.bytes.size());
    };
    EXPECT_EQ(bytes(7, 1, 2), bytes(7, 1, 2));
    for (const auto& other :
         {bytes(8, 1, 2), bytes(7 + (uint64_t{1} << 32), 1, 2), bytes(7, 0, 2), bytes(7, 1, 3)})
        EXPECT_NE(bytes(7, 1, 2), other);
}

// Every symbol can be coded, but one without a share of the distribution is not drawn.
TEST(RandomStreams, DrawNothingThatTheModelExcludes) {
    const entropy::DistributionTables tables = entropy::make_tables(entropy::LambdaActivation::kNone, 1, 1);
    entropy::Alphabet alphabet{};
    alphabet.low[0] = -255;
    alphabet.high[0] = 255;
    entropy::MixtureCoder coder(tables, alphabet, {}, 1);
    const std::vector<int16_t> mu(kRow, 64), log_sigma(kRow, -32), weight(kRow, 0);
    const entropy::RowParameters row = {mu.data(), log_sigma.data(), weight.data(), nullptr};
    const auto excluded = [&](int16_t value) {
        entropy::Interval interval;
        coder.intervals(row, 1, &value, &interval);
        return interval.frequency == 1;
    };
    ASSERT_FALSE(excluded(1));
    ASSERT_TRUE(excluded(100));
    const auto drawn =
        draw(4, [&](entropy::RansDecoder& random, int16_t* out) { coder.draw_row(random, row, kRow, out); });
    const auto decoded = draw(
        4, [&](entropy::RansDecoder& random, int16_t* out) { coder.decode_row(random, row, kRow, out); });
    EXPECT_EQ(std::ranges::count_if(drawn, excluded), 0);
    EXPECT_GT(std::ranges::count_if(decoded, excluded), 0) << "the test would not see it";
}

TEST(RandomStreams, SufficeForTheLeastLikelySymbols) {
    Allocator allocator;
    // Every symbol takes all of kProbabilityBits.
    TileStream stream = RandomStreams(3, allocator).open(0, 0, 10000);
    for (int i = 0; i < 10000; ++i) {
        const int lane = i % stream.decoder.lanes();
        ASSERT_NO_THROW(stream.decoder.advance(lane, {stream.decoder.slot(lane), 1})) << i;
    }
}

// Some stages from a file, the others drawn.
class MixedStreams : public StreamSource {
  public:
    MixedStreams(const StreamSource& first, int kept, const StreamSource& then)
        : first_(first), kept_(kept), then_(then) {}
    TileStream open(int stage, int tile, uint64_t symbols) const override {
        return (stage < kept_ ? first_ : then_).open(stage, tile, symbols);
    }
    void close(const TileStream&) const override {}
    void out_of_range() const override {}

  private:
    const StreamSource& first_;
    const int kept_;
    const StreamSource& then_;
};

TEST(Sample, KeepsTheFirstStagesOfTheFileAndDrawsTheOthers) {
    TestSession work(2);
    models::Registry models{model_methods()};
    models.add(models::make_l3c_model({.name = "sampled"}));
    constexpr int kWidth = 50, kHeight = 37;
    const auto pixels = random_bytes(kWidth * kHeight * 3, 5);
    const PictureView x = {pixels.data(), kWidth, kHeight, 3, kWidth * 3};
    const Buffer<uint8_t> bytes =
        encode_whole({x, {}, "sampled", nullptr, 0, 0, 5, Proof::kFast, Tau::kDefault, Adaptation::kOff},
                     models, work.session, 1);
    container::File file = parse_file(bytes.span());
    for (int kept = 1; kept <= 3; ++kept) {
        const Picture drawn = sample({x, "sampled", nullptr, 0, 0, 5, kept, 99}, models, work.session);
        const FileStreams coded(file);
        const RandomStreams random(99, work.allocator);
        const MixedStreams mixed(coded, kept, random);
        Known known;
        for (const auto& stage : decoder_stages(file, mixed, models)) stage->decode(known, work.session);
        EXPECT_TRUE(std::ranges::equal(drawn.samples.span(), known.picture->samples.span())) << kept;
        EXPECT_FALSE(std::ranges::equal(drawn.samples.span(), pixels)) << kept;
    }
}

}  // namespace
}  // namespace residua::codec
