#include "stages/rc/enc_tau.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/test_session.h"
#include "entropy/make_tables.h"
#include "entropy/test_support.h"
#include "stages/methods.h"

namespace residua::codec {
namespace {

// Planes of 128 + noise, and the parameters that a network could give for them.
class TauWriting : public ::testing::Test {
  protected:
    static constexpr int kComponents = 5;

    // shift: how far the parameters' sigmas are off, in 1/32 octave.
    void make(int width, int height, int channels, int shift) {
        std::mt19937 random(7);
        width_ = width, height_ = height, channels_ = channels;
        tables_ = entropy::make_tables(entropy::LambdaActivation::kTanh, kComponents);
        parameters_ = entropy::testing::smooth_parameters(random, width, height, tables_, 2, 6);
        const auto alphabet = entropy::testing::same_alphabet(-100, 100);
        const std::vector<int16_t> values =
            entropy::testing::draw_values(random, parameters_, height, alphabet, channels);
        pixels_.clear();
        for (int16_t value : values) pixels_.push_back(static_cast<uint8_t>(128 + value));
        for (int16_t& v : parameters_.log_sigma) v = static_cast<int16_t>(v + shift);
        draft_ = {};
        draft_.header.kind = channels == 3 ? container::Kind::kRgb : container::Kind::kGrey;
        draft_.header.method = &method_named("rc");
        draft_.header.width = width;
        draft_.header.height = height;
        draft_.header.alphabets.fill({-100, 100});
        choose_tiles(draft_.header, {.height = 512});
        draft_.streams.resize(1);
        planes_ = {.tiling = Tiling::of(draft_.header), .channels = channels, .alphabet = alphabet};
        planes_.tables = &tables_;
    }

    PictureView view() const {
        return {pixels_.data(), width_, height_, channels_, ptrdiff_t{width_} * channels_};
    }

    void write(TileCoder& coder) const {
        const Tiling& tiling = planes_.tiling;
        for (int row = 0; row < tiling.rows(); ++row) {
            for (int column = 0; column < tiling.columns(); ++column) {
                coder.begin_tile(row, column);
                for (int y = tiling.row_start(row); y < tiling.row_start(row) + tiling.row_height(row); ++y) {
                    entropy::RowParameters from = parameters_.row(y);
                    const int x = tiling.column_start(column), pitch = 3 * kComponents;
                    coder.code_row(y, column,
                                   {from.mu + x * pitch, from.log_sigma + x * pitch, from.weight + x * pitch,
                                    from.lambda + x * pitch},
                                   0);
                }
                coder.end_tile(row, column);
            }
        }
    }

    // The whole file of a draft, in bytes.
    size_t file_size(const Draft& draft) {
        const uint8_t bpg[] = {1};
        container::File file;
        file.header = draft.header;
        file.payload = bpg;
        for (const CountedBytes& tile : draft.streams[0]) {
            if (file.streams.empty()) file.streams.emplace_back();
            file.streams[0].push_back(tile.bytes);
        }
        return container::write(file, session_.allocator).size();
    }

    struct Outcome {
        bool chosen;
        size_t size, plain, with_tau;
    };
    // What TauWriter makes, and what the two files are that it has to choose from.
    Outcome outcome(const std::vector<int8_t>& tau) {
        const auto alone = [&](std::span<const int8_t> own) {
            Draft draft;
            draft.header = draft_.header;
            draft.header.tau.assign(own.begin(), own.end());
            draft.streams.resize(1);
            CodedPlanes planes = planes_;
            planes.tau = own;
            SymbolWriter writer(planes, view(), draft, session_.session);
            write(writer);
            return file_size(draft);
        };
        Draft draft;
        draft.header = draft_.header;
        draft.streams.resize(1);
        TauWriter writer(planes_, tau, view(), draft, session_.session);
        write(writer);
        const bool chosen = writer.choose();
        EXPECT_EQ(draft.header.tau, chosen ? tau : std::vector<int8_t>());
        return {chosen, file_size(draft), alone({}), alone(tau)};
    }

    TestSession session_{1};
    int width_ = 0, height_ = 0, channels_ = 0;
    entropy::DistributionTables tables_;
    entropy::testing::Parameters parameters_;
    std::vector<uint8_t> pixels_;
    CodedPlanes planes_{};
    Draft draft_;
};

TEST_F(TauWriting, KeepsATauThatHelps) {
    for (int channels : {1, 3}) {
        make(100, 60, channels, 24);
        const Outcome outcome = this->outcome(std::vector<int8_t>(size_t(channels * kComponents), -24));
        EXPECT_TRUE(outcome.chosen);
        EXPECT_EQ(outcome.size, outcome.with_tau);
        EXPECT_LT(static_cast<double>(outcome.size), 0.99 * static_cast<double>(outcome.plain));
    }
}

TEST_F(TauWriting, DropsATauThatHurts) {
    for (int channels : {1, 3}) {
        make(100, 60, channels, 0);
        const Outcome outcome = this->outcome(std::vector<int8_t>(size_t(channels * kComponents), 24));
        EXPECT_FALSE(outcome.chosen);
        EXPECT_EQ(outcome.size, outcome.plain);
        EXPECT_LT(outcome.plain, outcome.with_tau);
    }
}

TEST_F(TauWriting, DropsATauThatDoesNotPayForItself) {
    make(1, 1, 3, 60);
    const Outcome outcome = this->outcome(std::vector<int8_t>(15, -60));
    EXPECT_FALSE(outcome.chosen);
    EXPECT_EQ(outcome.size, outcome.plain);
}

// Taus around the worth of their bytes, over several tiles and lengths of the head.
TEST_F(TauWriting, WritesTheSmallerOfTheTwoFiles) {
    int chosen = 0, count = 0;
    for (int width : {40, 90, 530}) {
        for (int shift = -20; shift <= 20; shift += 2) {
            make(width, 20, 3, shift);
            const Outcome outcome = this->outcome(std::vector<int8_t>(15, static_cast<int8_t>(-shift)));
            EXPECT_EQ(outcome.size, std::min(outcome.plain, outcome.with_tau)) << width << ", " << shift;
            chosen += outcome.chosen;
            ++count;
        }
    }
    EXPECT_GT(chosen, 5);
    EXPECT_LT(chosen, count - 5);
}

}  // namespace
}  // namespace residua::codec
