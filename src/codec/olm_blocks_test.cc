// Pictures that a JPEG decoder made are coded as its blocks.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/test_session.h"
#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "codec/test_blocks.h"
#include "origin/enc_plane_transform.h"
#include "stages/methods.h"
#include "stages/olm/dct_tiles.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

class OlmBlocks : public testing::Test {
  protected:
    OlmBlocks() { models_.add(models::make_olm_model("olm-test")); }

    std::vector<uint8_t> encoded(const std::vector<uint8_t>& pixels, int width, int height, Proof proof,
                                 int threads, int channels = 3, const char* model = "olm-test") {
        TestSession work(threads);
        const PictureView x = {pixels.data(), width, height, channels, ptrdiff_t{width} * channels};
        const Buffer<uint8_t> file =
            encode_whole({x, {}, model, nullptr, 0, 0, 5, proof}, models_, work.session, 1);
        return {file.span().begin(), file.span().end()};
    }
    void expect_back(const std::vector<uint8_t>& pixels, const std::vector<uint8_t>& bytes) {
        const container::File file = parse_file(bytes);
        TestSession alone(1);
        const Picture picture = decode(file, models_, alone.session);
        EXPECT_TRUE(std::ranges::equal(picture.samples.span(), pixels));
    }
    static bool has_blocks(const std::vector<uint8_t>& bytes) {
        return parse_file(bytes).payload[0] & kHasBlocks;
    }

    Allocator allocator_;
    models::Registry models_{model_methods()};
};

TEST_F(OlmBlocks, AreFoundAndComeBack) {
    constexpr int kWidth = 250, kHeight = 190;
    for (const Upsampling upsampling :
         {Upsampling::kNone, Upsampling::kTriangle22, Upsampling::kTriangle21, Upsampling::kTriangle12}) {
        for (const int crop : {0, 11}) {
            SCOPED_TRACE(std::to_string(static_cast<int>(upsampling)) + " from " + std::to_string(crop));
            const auto pixels = blocks_picture(kWidth, kHeight, crop, crop / 2, upsampling, allocator_);
            const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2);
            EXPECT_TRUE(has_blocks(bytes));
            expect_back(pixels, bytes);
            EXPECT_EQ(bytes, encoded(pixels, kWidth, kHeight, Proof::kFast, 1));
        }
    }
}

// Where much else was drawn over a JPEG's picture, listing it apart may take more than the blocks save: such a draft
// says so, and the encoder tries it without.
TEST_F(OlmBlocks, OfAPartOfThePictureAreDoubted) {
    constexpr int kWidth = 250, kHeight = 190;
    const auto draft_of = [&](int columns, bool origin) {
        auto pixels = blocks_picture(kWidth, kHeight, 0, 0, Upsampling::kNone, allocator_);
        for (int y = 0; y < kHeight; ++y)
            for (int x = 100; x < 100 + columns; ++x)
                for (int c = 0; c < 3; ++c)
                    pixels[static_cast<size_t>(3 * (y * kWidth + x) + c)] =
                        static_cast<uint8_t>(x + y / 2 + (x * 7919 + y * 104729 + c * 317) % 1009 % 7);
        const Method& method = method_named("olm");
        const models::Registry::Entry& entry = models_.choose("olm-test", &method, {});
        const models::Model& model = models_.parsed(entry, method);
        TestSession work(2);
        const PictureView x = {pixels.data(), kWidth, kHeight, 3, ptrdiff_t{3} * kWidth};
        EncoderOptions options;
        options.proof = Proof::kFast;
        options.origin = origin;
        Draft draft = begin_draft(method, model, container::Kind::kRgb, {Colour::kRgb, false, 8}, x, options);
        Known known;
        for (const auto& stage : method.encoder()->stages(options, model))
            stage->encode(x, known, draft, work.session);
        EXPECT_TRUE(std::ranges::equal(known.picture->samples.span(), pixels));
        EXPECT_EQ((draft.payload.bytes[0] & kHasBlocks) != 0, origin);
        return draft;
    };
    EXPECT_FALSE(draft_of(0, true).origin_is_doubtful);
    EXPECT_TRUE(draft_of(40, true).origin_is_doubtful);
    EXPECT_FALSE(draft_of(40, false).origin_is_doubtful);
}

// Grey pictures too, whatever the steps are, and where some pixels were changed.
TEST_F(OlmBlocks, OfGreyPicturesComeBack) {
    constexpr int kWidth = 250, kHeight = 190;
    for (const int step : {3, 8, 30})
        for (const int crop : {0, 5}) {
            SCOPED_TRACE(std::to_string(step) + " from " + std::to_string(crop));
            auto pixels = grey_blocks_picture(kWidth, kHeight, crop, 3 * crop, step, allocator_);
            for (size_t x = 60; x < 90; ++x) pixels[50 * kWidth + x] ^= 9;
            const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2, 1);
            EXPECT_TRUE(has_blocks(bytes));
            expect_back(pixels, bytes);
            EXPECT_EQ(bytes, encoded(pixels, kWidth, kHeight, Proof::kFast, 1, 1));
        }
}

TEST_F(OlmBlocks, OfGreyPicturesComeBackFromSeveralTiles) {
    constexpr int kWidth = 4125, kHeight = 300;
    const auto pixels = grey_blocks_picture(kWidth, kHeight, 3, 7, 5, allocator_);
    const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2, 1);
    EXPECT_TRUE(has_blocks(bytes));
    EXPECT_GT(parse_file(bytes).streams[0].size(), 1u);
    expect_back(pixels, bytes);
}

// Parts of a larger picture, as strips are: their outermost pixels saw chroma beyond them. Without
// that chroma most of the border's 832 pixels would be exceptions.
TEST_F(OlmBlocks, ChromaBeyondTheBorderIsKept) {
    constexpr int kWidth = 240, kHeight = 176;
    for (const Upsampling upsampling :
         {Upsampling::kTriangle22, Upsampling::kTriangle21, Upsampling::kTriangle12})
        for (const auto& [left, top] :
             {std::pair(0, 64), std::pair(16, 0), std::pair(20, 38), std::pair(7, 13)}) {
            SCOPED_TRACE(std::to_string(static_cast<int>(upsampling)) + " from " + std::to_string(left) +
                         ", " + std::to_string(top));
            const auto pixels = cropped_blocks_picture(kWidth, kHeight, left, top, upsampling, allocator_);
            const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2);
            EXPECT_TRUE(has_blocks(bytes));
            expect_back(pixels, bytes);
            EXPECT_EQ(bytes, encoded(pixels, kWidth, kHeight, Proof::kFast, 1));
            const container::File file = parse_file(bytes);
            ByteReader in(file.payload, "plane transform");
            const PlaneTransform transform = PlaneTransform::parse(in, kWidth, kHeight, 3, allocator_);
            if (left % 2 > 0) continue;  // all of its pixels' chroma has pixels nearby
            EXPECT_TRUE(transform.chroma.has_border());
            if (left % 16 == 0) {
                EXPECT_LT(transform.exceptions.size(), 300u);
            }
        }
}

TEST_F(OlmBlocks, SomePixelsMayBeOthers) {
    constexpr int kWidth = 250, kHeight = 190;
    auto pixels = blocks_picture(kWidth, kHeight, 0, 0, Upsampling::kTriangle22, allocator_);
    for (size_t y = 60; y < 64; ++y)
        for (size_t x = 100; x < 130; ++x) std::fill_n(pixels.begin() + 3 * (kWidth * y + x), 3, uint8_t{9});
    const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2);
    EXPECT_TRUE(has_blocks(bytes));
    expect_back(pixels, bytes);
}

TEST_F(OlmBlocks, SeveralTilesComeBack) {
    constexpr int kWidth = 4125, kHeight = 300;
    const auto pixels = blocks_picture(kWidth, kHeight, 3, 7, Upsampling::kTriangle22, allocator_);
    const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 2);
    EXPECT_TRUE(has_blocks(bytes));
    EXPECT_GT(parse_file(bytes).streams[0].size(), 1u);
    expect_back(pixels, bytes);
}

// Every block is in one tile, whatever the offset and the size.
TEST_F(OlmBlocks, TilesShareTheBlocks) {
    for (int size = 1; size < 200; ++size)
        for (int offset = 0; offset < 8; ++offset) {
            int next = 0;
            for (int start = 0; start < size; start += 64) {
                const BlockRange range = block_range(start, std::min(start + 64, size), size, offset);
                EXPECT_EQ(range.first, next);
                next += range.count;
            }
            EXPECT_EQ(next, (size + offset + 7) / 8);
        }
}

TEST_F(OlmBlocks, DamageEndsInOneError) {
    constexpr int kWidth = 120, kHeight = 90;
    const auto pixels = blocks_picture(kWidth, kHeight, 0, 0, Upsampling::kTriangle22, allocator_);
    const auto bytes = encoded(pixels, kWidth, kHeight, Proof::kFull, 1);
    const container::File good = parse_file(bytes);
    ASSERT_TRUE(good.payload[0] & kHasBlocks);
    const std::vector<uint8_t> stream(good.streams[0][0].begin(), good.streams[0][0].end());
    for (size_t at = 0; at < stream.size(); at += stream.size() / 60 + 1) {
        std::vector<uint8_t> damaged = stream;
        damaged[at] ^= 0x55;
        container::File file = good;
        file.streams[0][0] = damaged;
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error) << at;
    }
    const std::vector<uint8_t> planes(good.payload.begin(), good.payload.end());
    for (size_t size = 0; size < std::min<size_t>(planes.size(), 140); ++size) {
        container::File file = good;
        file.payload = std::span(planes).first(size);
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error) << size;
    }
    // Other steps and places are no damage that the transform
    // can see: an error in the end, or the same pixels.
    int refused = 0;
    for (size_t at = 2; at < std::min<size_t>(planes.size(), 140); ++at) {
        std::vector<uint8_t> damaged = planes;
        damaged[at] = at % 2 ? 0x3F : 0x7F;
        container::File file = good;
        file.payload = damaged;
        TestSession work(1);
        try {
            const Picture picture = decode(file, models_, work.session);
            EXPECT_TRUE(std::ranges::equal(picture.samples.span(), pixels)) << at;
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 30);
    ASSERT_EQ(planes[0] & 7, kHasForms);
    for (size_t at = 0; at < 7; ++at) {  // how, forms, grid, place, three steps
        std::vector<uint8_t> damaged = planes;
        damaged[at] = at < 4 ? 0xFF : 0;
        container::File file = good;
        file.payload = damaged;
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error) << at;
    }
}

}  // namespace
}  // namespace residua::codec
