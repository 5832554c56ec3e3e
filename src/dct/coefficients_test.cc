// The coder of DCT coefficients: what is written comes back,
// damage never leads astray, the stream is the same everywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/checksum.h"
#include "base/error.h"
#include "dct/dec_coefficients.h"
#include "dct/enc_coefficients.h"
#include "dct/logistic.h"
#include "entropy/code_length.h"
#include "entropy/enc_rans.h"

namespace residua::dct {
namespace {

constexpr size_t kGoldenSize = 22249;
constexpr uint64_t kGoldenChecksum = 17081862075246462085u;

// Numbers of a fixed sequence, the same everywhere.
class Sequence {
  public:
    explicit Sequence(uint32_t seed) : state_(seed) {}
    uint32_t next() {
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 8;
    }
    int between(int low, int high) {
        return low + static_cast<int>(next() % static_cast<uint32_t>(high - low + 1));
    }

  private:
    uint32_t state_;
};

struct Plane {
    int columns, rows;
    std::vector<uint16_t> steps;
    std::vector<int16_t> coefficients;

    Plane(int columns_in, int rows_in)
        : columns(columns_in), rows(rows_in), steps(64), coefficients(64 * size_t(columns) * size_t(rows)) {
        for (size_t i = 0; i < 64; ++i) steps[i] = static_cast<uint16_t>(3 + i / 8 + i % 8);
    }
};
using Planes = std::vector<Plane>;

int ratio(int luma, int own) { return luma > own ? 2 : 1; }

std::vector<ConstComponent> const_views(const Planes& planes) {
    std::vector<ConstComponent> views;
    for (const Plane& p : planes)
        views.push_back({p.columns, p.rows, p.steps.data(), p.coefficients.data(),
                         ratio(planes[0].columns, p.columns), ratio(planes[0].rows, p.rows)});
    return views;
}

std::vector<Component> views(Planes& planes) {
    std::vector<Component> views;
    for (Plane& p : planes)
        views.push_back({p.columns, p.rows, p.steps.data(), p.coefficients.data(),
                         ratio(planes[0].columns, p.columns), ratio(planes[0].rows, p.rows)});
    return views;
}

// Something like photographs: DC that wander, AC that
// shrink with the frequency and are busier in some places.
Planes made_picture(int columns, int rows, int chroma_columns, int chroma_rows, uint32_t seed,
                    int noise = 12) {
    Sequence sequence(seed);
    Planes planes = {Plane(columns, rows)};
    if (chroma_columns > 0) planes.insert(planes.end(), 2, Plane(chroma_columns, chroma_rows));
    for (Plane& p : planes)
        for (int row = 0; row < p.rows; ++row)
            for (int column = 0; column < p.columns; ++column) {
                int16_t* c = &p.coefficients[64 * (size_t(row) * size_t(p.columns) + size_t(column))];
                c[0] = static_cast<int16_t>(20 * row - 13 * column + sequence.between(-noise, noise));
                const int busy = 1 + (row / 4 + column / 4) % 3 * noise;
                for (int i = 1; i < 64; ++i)
                    c[i] = static_cast<int16_t>(sequence.between(-busy, busy) / (1 + i / 8 + i % 8));
            }
    return planes;
}

std::vector<uint8_t> encoded(const Planes& planes) {
    std::vector<entropy::Interval> intervals;
    encode(const_views(planes), intervals);
    return entropy::encode_symbols(intervals, std::vector<uint8_t>(intervals.size(), 0), 1);
}

// Fills all coefficients with rubbish first: the decoder must not depend on them, nor leave any.
void decode_into(Planes& planes, std::span<const uint8_t> stream) {
    entropy::RansDecoder decoder(stream);
    for (Plane& p : planes) std::fill(p.coefficients.begin(), p.coefficients.end(), int16_t{-32768});
    decode(decoder, views(planes));
    decoder.finish();
}

void expect_round_trip(const Planes& planes) {
    const auto stream = encoded(planes);
    Planes back = planes;
    decode_into(back, stream);
    for (size_t k = 0; k < planes.size(); ++k) EXPECT_EQ(back[k].coefficients, planes[k].coefficients) << k;
}

TEST(Coefficients, ComeBackInAllShapes) {
    expect_round_trip(made_picture(20, 15, 0, 0, 1));  // grey
    expect_round_trip(made_picture(20, 15, 20, 15, 2));
    expect_round_trip(made_picture(21, 15, 11, 8, 3));  // half, odd
    expect_round_trip(made_picture(21, 16, 11, 16, 4));
    expect_round_trip(made_picture(21, 16, 21, 8, 5));
    expect_round_trip(made_picture(1, 40, 1, 20, 6));
    expect_round_trip(made_picture(40, 1, 20, 1, 7));
    expect_round_trip(made_picture(20, 16, 11, 9, 8));  // one more: chroma began inside a block
    expect_round_trip(made_picture(20, 17, 10, 6, 8));  // fewer: luma began inside a block
    expect_round_trip(made_picture(20, 1, 10, 3, 8));
    expect_round_trip(made_picture(1, 1, 0, 0, 9));
    expect_round_trip(made_picture(1, 1, 1, 1, 10));
    for (const Planes& planes :
         {Planes{{0, 3}, {0, 2}, {0, 2}}, Planes{{4, 0}, {2, 1}, {2, 1}}, Planes{{4, 1}, {2, 0}, {2, 0}}})
        expect_round_trip(planes);  // no blocks at all, of some components
}

TEST(Coefficients, TheirLengthsAreNotedByBlocks) {
    Planes planes = made_picture(12, 9, 6, 5, 12, 1);
    Sequence sequence(5);
    constexpr size_t kBusy = 3 * 6 + 4;  // of the second component
    for (size_t i = 0; i < 64; ++i)
        planes[1].coefficients[64 * kBusy + i] = static_cast<int16_t>(sequence.between(-300, 300));
    std::vector<entropy::Interval> intervals;
    encode(const_views(planes), intervals);
    uint64_t expected = 0, sum = 0;
    for (const entropy::Interval interval : intervals)
        expected += entropy::code_length_units(interval.frequency);
    const auto stream = encoded(planes);
    std::vector<std::vector<uint32_t>> lengths;
    std::vector<uint32_t*> places;
    places.reserve(planes.size());
    for (const Plane& p : planes) lengths.emplace_back(size_t(p.columns) * size_t(p.rows));
    for (auto& of_component : lengths) places.push_back(of_component.data());
    Planes back = planes;
    entropy::RansDecoder decoder(stream);
    decode(decoder, views(back), places);
    decoder.finish();
    for (size_t k = 0; k < planes.size(); ++k) {
        EXPECT_EQ(back[k].coefficients, planes[k].coefficients);
        for (const uint32_t length : lengths[k]) sum += length;
    }
    EXPECT_EQ(sum, expected);
    EXPECT_GT(lengths[1][kBusy], 400u << entropy::kBitUnitsLog2);
    EXPECT_EQ(std::ranges::max_element(lengths[1]) - lengths[1].begin(), ptrdiff_t{kBusy});
}

TEST(Coefficients, ExtremesComeBack) {
    for (const int step : {0, 1, 255, 65535}) {
        Planes planes = made_picture(6, 6, 6, 6, 11);
        Sequence sequence(static_cast<uint32_t>(step));
        for (Plane& p : planes) {
            std::fill(p.steps.begin(), p.steps.end(), static_cast<uint16_t>(step));
            for (auto& c : p.coefficients) c = static_cast<int16_t>(sequence.next() % 2 ? 2047 : -2047);
        }
        expect_round_trip(planes);
        for (Plane& p : planes)
            for (auto& c : p.coefficients) c = static_cast<int16_t>(sequence.between(-2047, 2047));
        expect_round_trip(planes);
    }
}

TEST(Coefficients, NothingCostsNextToNothing) {
    Planes planes = {Plane(64, 64), Plane(32, 32), Plane(32, 32)};
    expect_round_trip(planes);
    EXPECT_LT(encoded(planes).size(), 100u);  // 6144 blocks
}

TEST(Coefficients, TheModelAdapts) {
    Sequence sequence(12);
    Planes noise = {Plane(30, 30)}, regular = {Plane(30, 30)};
    for (auto& c : noise[0].coefficients) c = static_cast<int16_t>(sequence.between(-7, 7));
    for (size_t i = 0; i < regular[0].coefficients.size(); ++i)
        regular[0].coefficients[i] = noise[0].coefficients[i % 64];
    const double noise_bits = 8.0 * double(encoded(noise).size());
    const double entropy = std::log2(15.0) * double(noise[0].coefficients.size());
    EXPECT_GT(noise_bits, entropy);
    EXPECT_LT(noise_bits, 1.04 * entropy);
    EXPECT_LT(encoded(regular).size(), encoded(noise).size() / 15);
}

TEST(Coefficients, ChromaLearnsFromTheOthers) {
    Planes planes = made_picture(30, 30, 30, 30, 13);
    const size_t alone = encoded(planes).size();
    planes[2].coefficients = planes[1].coefficients;
    EXPECT_LT(encoded(planes).size(), alone * 9 / 10);
}

// The format: this must never change. (docs/format-dct.md)
TEST(Coefficients, TheStreamIsTheSameEverywhere) {
    const auto stream = encoded(made_picture(40, 30, 20, 15, 14));
    EXPECT_EQ(stream.size(), kGoldenSize);
    EXPECT_EQ(checksum64(stream), kGoldenChecksum);
}

TEST(Coefficients, DamageEndsInErrorOrSomeResult) {
    const Planes planes = made_picture(9, 9, 5, 5, 15, 40);
    const auto stream = encoded(planes);
    Sequence sequence(16);
    int refused = 0;
    const auto try_it = [&](std::span<const uint8_t> bytes) {
        Planes back = planes;
        try {
            decode_into(back, bytes);
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated);
            ++refused;
        }
        for (const Plane& p : back)
            for (const int16_t c : p.coefficients) ASSERT_LE(std::abs(c), kMaxCoefficient);
    };
    constexpr int kTrials = 150;
    for (int trial = 0; trial < kTrials; ++trial) {
        auto damaged = stream;
        for (int i = 0; i <= trial % 4; ++i)
            damaged[sequence.next() % damaged.size()] ^= static_cast<uint8_t>(1 + sequence.next() % 255);
        try_it(damaged);
    }
    for (size_t size = 0; size < stream.size(); size += 1 + stream.size() / kTrials)
        try_it(std::span(stream).first(size));
    for (int trial = 0; trial < kTrials; ++trial) {
        std::vector<uint8_t> rubbish(1 + 8 + 4 * size_t(trial));
        for (auto& byte : rubbish) byte = static_cast<uint8_t>(sequence.next());
        rubbish[0] = 8 << 3;
        rubbish[8] = 1;
        try_it(rubbish);
    }
    EXPECT_GT(refused, 2 * kTrials);
}

TEST(Coefficients, RefusesWhatDoesNotFit) {
    std::vector<entropy::Interval> intervals;
    const auto refused = [&](const Planes& planes) {
        try {
            encode(const_views(planes), intervals);
        } catch (const Error& error) {
            return error.code() == ErrorCode::kInvalidArgument;
        }
        return false;
    };
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused({Plane(2, 2), Plane(2, 2)}));
    EXPECT_TRUE(refused({Plane(8, 8), Plane(4, 4), Plane(4, 8)}));
    Planes large = {Plane(2, 2)};
    large[0].coefficients[70] = 2048;
    EXPECT_TRUE(refused(large));
    large[0].coefficients[70] = -32768;
    EXPECT_TRUE(refused(large));
    large[0].coefficients[70] = 2047;
    EXPECT_FALSE(refused(large));
    const auto two_lanes = entropy::encode_symbols(intervals, std::vector<uint8_t>(intervals.size(), 0), 2);
    EXPECT_THROW(decode_into(large, two_lanes), Error);
}

TEST(Logistic, TablesInvertEachOther) {
    EXPECT_EQ(squash(0), 32768u);
    for (int logit = -kMaxLogit; logit < kMaxLogit; ++logit) {
        EXPECT_LE(squash(logit), squash(logit + 1));
        EXPECT_NEAR(squash(logit) / 65536.0, 1 / (1 + std::exp(-logit / 256.0)), 2.0 / 65536) << logit;
    }
    for (uint32_t p = 1; p < 4095; ++p)
        EXPECT_NEAR(stretch(p), 256 * std::log((p + 0.5) / (4095.5 - p)), 2 + 1024.0 / std::min(p, 4095 - p))
            << p;
}

}  // namespace
}  // namespace residua::dct
