#include "stages/rc/enc_q_choice.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/test_session.h"
#include "image/padding.h"
#include "nn/executor.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

class QChoice : public ::testing::Test {
  protected:
    static constexpr int kDefaultQ = 20;

    // section: of a model's Q-classifier; empty: none.
    const models::QClassifier& classifier(std::vector<uint8_t> section) {
        section_ = std::move(section);
        file_.keys = {{"name", "a"}, {"codec", "rc"}};
        file_.q_classifier = section_;
        return classifier_.emplace(file_);
    }
    int chosen(int asked, const PictureView& x, int bit_depth = 0, int threads = 1) {
        TestSession session(threads);
        return choose_q(asked, bit_depth, {kDefaultQ, 10}, classifier_ ? &*classifier_ : nullptr, x,
                        session.session);
    }

    std::vector<uint8_t> section_;
    models::ModelFile file_;
    std::optional<models::QClassifier> classifier_;
};

PictureView view(const std::vector<uint8_t>& pixels, int width, int height, int channels) {
    return {pixels.data(), width, height, channels, ptrdiff_t{width} * channels};
}

TEST_F(QChoice, FollowsThePicture) {
    classifier(models::make_brightness_q_classifier(5));
    for (const int channels : {1, 3})
        for (const auto& size : {std::pair{1, 1}, {7, 5}, {130, 40}, {400, 300}}) {
            const int width = size.first, height = size.second;
            const auto of = [&](uint8_t brightness) {
                const std::vector<uint8_t> pixels(static_cast<size_t>(width * height * channels), brightness);
                return chosen(0, view(pixels, width, height, channels));
            };
            EXPECT_EQ(of(255), 5) << width;
            EXPECT_EQ(of(130), 6) << width;
            EXPECT_EQ(of(0), 7) << width;
        }
}

TEST_F(QChoice, IsTheCallersOrTheModelsWhereOneIsAskedFor) {
    const std::vector<uint8_t> pixels(300, 255);
    const PictureView x = view(pixels, 10, 10, 3);
    classifier(models::make_brightness_q_classifier(5));
    EXPECT_EQ(chosen(33, x), 33);
    EXPECT_EQ(chosen(kFixedQ, x), kDefaultQ);
    EXPECT_EQ(chosen(0, x, 10), 5);
    EXPECT_EQ(chosen(0, x, 8), kDefaultQ) << "not the depth that the labels were made with";
    classifier_.reset();
    EXPECT_EQ(chosen(0, x), kDefaultQ) << "no classifier";
}

TEST_F(QChoice, WhoLooksAtALargePictureSeesAllOfItsParts) {
    classifier(models::make_brightness_q_classifier(5));
    constexpr int kSide = 1200;
    std::vector<uint8_t> pixels(kSide * kSide * 3, 0);
    const PictureView x = view(pixels, kSide, kSide, 3);
    EXPECT_EQ(chosen(0, x), 7);
    // A bright half makes it middling, whichever half it is.
    for (int half = 0; half < 4; ++half) {
        for (int y = 0; y < kSide; ++y)
            for (int i = 0; i < kSide; ++i) {
                const bool bright =
                    half < 2 ? (y < kSide / 2) == (half == 0) : (i < kSide / 2) == (half == 2);
                for (int c = 0; c < 3; ++c)
                    pixels[static_cast<size_t>((y * kSide + i) * 3 + c)] = bright ? 255 : 0;
            }
        EXPECT_EQ(chosen(0, x), 6) << half;
    }
}

// As long as a picture is one window, the choice is that of a plain run over the padded picture.
TEST_F(QChoice, IsTheScoreOfTheSummedFeatures) {
    constexpr int kWidth = 61, kHeight = 50, kPaddedWidth = 64, kPaddedHeight = 56;
    int different = 0;
    for (unsigned seed = 1; seed <= 12; ++seed) {
        const models::QClassifier& made = classifier(models::make_random_q_classifier(6, 7, seed));
        const std::vector<uint8_t> pixels = random_bytes(kWidth * kHeight * 3, seed);
        const PictureView x = view(pixels, kWidth, kHeight, 3);
        for (const Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            const nn::Network network(made.network.graph(), isa);
            TestSession session(2);
            nn::Executor executor(network, kPaddedWidth, kPaddedHeight, session.allocator, session.threads);
            std::vector<int64_t> sums(6);
            executor.run([&](int y, uint8_t* row) { fill_padded_rgb_row(x, kPaddedWidth, y, row); },
                         [&](const nn::Executor::OutputRows& rows) {
                             for (int y = rows.first_row; y < rows.first_row + rows.row_count; ++y)
                                 for (int i = 0; i < kPaddedWidth / 8 * 6; ++i)
                                     sums[static_cast<size_t>(i % 6)] += rows.row(0, y)[i];
                         });
            const int expected = made.scores.best_q(sums, kPaddedWidth / 8 * (kPaddedHeight / 8));
            for (const int threads : {1, 3}) EXPECT_EQ(chosen(0, x, 0, threads), expected) << seed;
            different += expected != 6;
        }
    }
    EXPECT_GT(different, 0) << "random classifiers do not all choose the same";
}

}  // namespace
}  // namespace residua::codec
