// OLM's files: pictures of all kinds come back, and damage is found.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/test_session.h"
#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "planes/plane_transform.h"
#include "stages/enc_method.h"
#include "stages/methods.h"
#include "stages/test_models.h"
#include "stages/tile_streams.h"

namespace residua::codec {
namespace {

class Olm : public testing::Test {
  protected:
    Olm() { models_.add(models::make_olm_model("olm-test")); }

    Buffer<uint8_t> encoded(const std::vector<uint8_t>& pixels, int width, int height, int channels,
                            int threads = 2) {
        TestSession work(threads);
        const Buffer<uint8_t> file =
            encode_whole({{pixels.data(), width, height, channels, ptrdiff_t{width} * channels},
                          {},
                          "olm-test",
                          nullptr,
                          0,
                          0,
                          5,
                          Proof::kFull},
                         models_, work.session, 1);
        return copy(file.span(), allocator_);
    }
    void expect_back(const std::vector<uint8_t>& pixels, int width, int height, int channels) {
        SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height) + "x" + std::to_string(channels));
        const Buffer<uint8_t> bytes = encoded(pixels, width, height, channels);
        const container::File file = parse_file(bytes.span());
        EXPECT_EQ(file.header.method, &method_named("olm"));
        TestSession alone(1);
        const Picture expanded =
            expand(file.header.kind, decode(file, models_, alone.session), alone.allocator);
        EXPECT_TRUE(std::ranges::equal(expanded.samples.span(), pixels));
    }

    Allocator allocator_;
    models::Registry models_{model_methods()};
};

TEST_F(Olm, PicturesOfAllKindsComeBack) {
    expect_back(random_bytes(3, 1), 1, 1, 3);
    expect_back(random_bytes(1, 1), 1, 1, 1);
    expect_back(random_bytes(61 * 40 * 3, 2), 61, 40, 3);
    expect_back(random_bytes(40 * 33, 3), 40, 33, 1);
    expect_back(random_bytes(300 * 20 * 3, 4), 300, 20, 3);
    std::vector<uint8_t> grey;  // three equal channels
    for (const uint8_t sample : random_bytes(50 * 20, 5)) grey.insert(grey.end(), 3, sample);
    expect_back(grey, 50, 20, 3);
    expect_back(std::vector<uint8_t>(70 * 30 * 3, 255), 70, 30, 3);
}

// Large enough that planes have streams of their own, and of several tiles: the same whatever the threads.
TEST_F(Olm, PlanesWithStreamsOfTheirOwnComeBackWithAnyThreads) {
    constexpr int kWidth = 4160, kHeight = 40;  // two tiles
    std::vector<uint8_t> pixels = random_bytes(kWidth * kHeight * 3, 6);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i / 97 + pixels[i] % 4);
    const Buffer<uint8_t> bytes = encoded(pixels, kWidth, kHeight, 3, 1);
    const container::File file = parse_file(bytes.span());
    ASSERT_EQ(file.streams[0].size(), 2u);
    for (const auto& stream : file.streams[0]) EXPECT_EQ(stream[0], kPlaneStreams);
    for (const int threads : {2, 3, 7}) {
        SCOPED_TRACE(threads);
        EXPECT_TRUE(std::ranges::equal(encoded(pixels, kWidth, kHeight, 3, threads).span(), bytes.span()));
        TestSession work(threads);
        EXPECT_TRUE(std::ranges::equal(decode(file, models_, work.session).samples.span(), pixels));
    }
}

TEST_F(Olm, DamagedStreamsOfPlanesAreFoundByAnyThreads) {
    constexpr int kWidth = 300, kHeight = 80;
    const std::vector<uint8_t> pixels = random_bytes(kWidth * kHeight * 3, 7);
    const Buffer<uint8_t> bytes = encoded(pixels, kWidth, kHeight, 3);
    const container::File whole = parse_file(bytes.span());
    const auto stream = whole.streams[0][0];
    ASSERT_EQ(stream[0], kPlaneStreams);
    const auto fails = [&](const std::vector<uint8_t>& damaged) {
        container::File file = whole;
        file.streams[0][0] = damaged;
        for (const int threads : {1, 3}) {
            TestSession work(threads);
            EXPECT_THROW(decode(file, models_, work.session), Error) << damaged.size();
        }
    };
    for (size_t size = 0; size < stream.size(); size += 1 + size / 3)
        fails({stream.begin(), stream.begin() + static_cast<ptrdiff_t>(size)});
    for (size_t at : {size_t{0}, size_t{1}, size_t{3}, stream.size() / 2, stream.size() - 1}) {
        std::vector<uint8_t> damaged(stream.begin(), stream.end());
        damaged[at] ^= 0x55;
        fails(damaged);
    }
}

TEST_F(Olm, CancellingStopsAllThreads) {
    const std::vector<uint8_t> pixels = random_bytes(300 * 80 * 3, 8);
    const Buffer<uint8_t> bytes = encoded(pixels, 300, 80, 3);
    const container::File file = parse_file(bytes.span());
    for (const int threads : {1, 3}) {
        TestSession work(threads, [](double share) { return share < 0.5; });
        EXPECT_THROW(decode(file, models_, work.session), Error);
    }
}

// Its colours are those of a decoded JPEG.
std::vector<uint8_t> jpeg_colours(int width, int height) {
    std::vector<uint8_t> pixels;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const int Y = 60 + (x * 2 + y) % 120, cb = 10 - (x / 16) % 20, cr = (y / 16) % 20 - 5;
            for (const double v : {Y + 1.402 * cr, Y - 0.344136 * cb - 0.714136 * cr, Y + 1.772 * cb})
                pixels.push_back(static_cast<uint8_t>(std::clamp(std::floor(v + 0.5), 0.0, 255.0)));
        }
    return pixels;
}

TEST_F(Olm, JpegsColoursComeBackAndCostLess) {
    const auto pixels = jpeg_colours(160, 96);
    expect_back(pixels, 160, 96, 3);
    const Buffer<uint8_t> bytes = encoded(pixels, 160, 96, 3);
    const container::File file = parse_file(bytes.span());
    ASSERT_FALSE(file.payload.empty());
    EXPECT_NE(file.payload[0], 0);  // not plain samples
}

// Chroma of a quarter of the samples, in two columns of tiles, the second one a few pixels wide.
TEST_F(Olm, SmallerChromaComesBackAndCostsLess) {
    for (const ChromaGrid& grid :
         {ChromaGrid{Upsampling::kTriangle22, 0, 0}, ChromaGrid{Upsampling::kTriangle22, 1, 1},
          ChromaGrid{Upsampling::kPhotoCd, 0, 1}}) {
        SCOPED_TRACE(std::to_string(static_cast<int>(grid.upsampling)) + std::to_string(grid.offset_x));
        const PlaneColours colours =
            grid.upsampling == Upsampling::kPhotoCd ? PlaneColours::kPhotoCd : PlaneColours::kJpeg;
        constexpr int kWidth = 4099, kHeight = 21;
        const int columns = grid.width(kWidth), rows = grid.height(kHeight);
        std::vector<uint8_t> chroma, pixels, pairs(2 * kWidth);
        for (int y = 0; y < rows; ++y)
            for (int x = 0; x < columns; ++x)
                for (const int value : {110 + x / 60 + y % 3, 170 - x / 70 + x % 2})
                    chroma.push_back(static_cast<uint8_t>(value));
        const PictureView view = {chroma.data(), columns, rows, 2, ptrdiff_t{columns} * 2};
        const std::vector<uint8_t> noise = random_bytes(kWidth * kHeight, 9);
        for (int y = 0; y < kHeight; ++y) {
            upsample_row(grid, view, kWidth, kHeight, y, pairs.data());
            for (int x = 0; x < kWidth; ++x) {
                const auto i = static_cast<size_t>(2 * x);
                uint8_t triple[] = {
                    static_cast<uint8_t>(70 + x / 90 + noise[static_cast<size_t>(y * kWidth + x)] % 8),
                    pairs[i], pairs[i + 1]};
                lattice_tables(colours).to_rgb(triple, triple);
                pixels.insert(pixels.end(), triple, triple + 3);
            }
        }
        expect_back(pixels, kWidth, kHeight, 3);
        const Buffer<uint8_t> bytes = encoded(pixels, kWidth, kHeight, 3);
        const container::File file = parse_file(bytes.span());
        EXPECT_EQ(file.streams[0].size(), 2u);
        ASSERT_FALSE(file.payload.empty());
        EXPECT_TRUE(file.payload[0] & kSmallerChroma);
    }
}

// What the fast proof rests on: the same bytes, and an
// encoder that notices when a search finds something else.
TEST_F(Olm, ProofsDoNotChangeTheFile) {
    const auto pixels = jpeg_colours(90, 50);
    const PictureView x = {pixels.data(), 90, 50, 3, 270};
    std::vector<std::vector<uint8_t>> files;
    for (const Proof proof : {Proof::kFast, Proof::kFull, Proof::kDefault}) {
        TestSession work(2);
        const Buffer<uint8_t> file =
            encode_whole({x, {}, "olm-test", nullptr, 0, 0, 1, proof}, models_, work.session, 1);
        files.emplace_back(file.span().begin(), file.span().end());
    }
    EXPECT_EQ(files[0], files[1]);
    EXPECT_EQ(files[0], files[2]);
}

TEST_F(Olm, ThreadsDoNotMatter) {
    constexpr int kWidth = 4112, kHeight = 17;  // two columns of tiles
    const auto pixels = random_bytes(kWidth * kHeight * 3, 6);
    const Buffer<uint8_t> one = encoded(pixels, kWidth, kHeight, 3, 1);
    const Buffer<uint8_t> three = encoded(pixels, kWidth, kHeight, 3, 3);
    EXPECT_TRUE(std::ranges::equal(one.span(), three.span()));
    const container::File file = parse_file(one.span());
    EXPECT_EQ(file.streams[0].size(), 2u);
}

TEST_F(Olm, DamagedStreamsEndInOneError) {
    const auto pixels = random_bytes(64 * 48 * 3, 7);
    const Buffer<uint8_t> bytes = encoded(pixels, 64, 48, 3);
    const container::File good = parse_file(bytes.span());
    const std::vector<uint8_t> stream(good.streams[0][0].begin(), good.streams[0][0].end());
    for (size_t at = 0; at < stream.size(); at += stream.size() / 40 + 1) {
        std::vector<uint8_t> damaged = stream;
        damaged[at] ^= 0x55;
        container::File file = good;
        file.streams[0][0] = damaged;
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error) << at;
    }
    for (const size_t size : {size_t{0}, size_t{1}, stream.size() / 2, stream.size() - 1}) {
        container::File file = good;
        file.streams[0][0] = std::span(stream).first(size);
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error) << size;
    }
    const std::vector<uint8_t> nonsense(40, 0xEE), none;
    for (const auto& planes : {nonsense, none}) {
        container::File file = good;
        file.payload = planes;
        TestSession work(1);
        EXPECT_THROW(decode(file, models_, work.session), Error);
    }
}

// With one lane the words may end long before the symbols do, and only their end would tell.
TEST_F(Olm, BytesThatRunOutEndTheWork) {
    const auto pixels = random_bytes(64 * 48, 9);
    const Buffer<uint8_t> bytes = encoded(pixels, 64, 48, 1);
    const std::vector<uint8_t> one_lane = {0};
    const auto error_of = [&](int width, int height) -> std::string {
        container::File file = parse_file(bytes.span());
        file.header.width = width;
        file.header.height = height;
        file.header.tile_width = file.header.tile_height = 1024;
        file.streams[0] = {one_lane};
        TestSession work(1);
        try {
            decode(file, models_, work.session);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_NE(error_of(64, 48).find("pixels fail their checksum"), std::string::npos)
        << "as long as that is short";
    EXPECT_NE(error_of(1024, 1024).find("entropy-coded tile"), std::string::npos);
}

TEST_F(Olm, HasNoPreviewAndNoLossyLayer) {
    const auto pixels = random_bytes(20 * 20 * 3, 8);
    const Buffer<uint8_t> bytes = encoded(pixels, 20, 20, 3);
    const container::File file = parse_file(bytes.span());
    TestSession work(1);
    EXPECT_THROW(preview(file, models_, work.session), Error);
    const PictureView x = {pixels.data(), 20, 20, 3, 60};
    EXPECT_THROW(encode_whole({x, {}, "olm-test", nullptr, 9, 0, 5, Proof::kFast}, models_, work.session, 1),
                 Error);
    EXPECT_THROW(encode_whole({x, {}, "olm-test", nullptr, 0, 10, 5, Proof::kFast}, models_, work.session, 1),
                 Error);
}

TEST(OlmTileSizes, AreWideAndFewButShared) {
    const EncoderMethod& encoder = *method_named("olm").encoder();
    container::Header header;
    const auto tiles = [&](int width, int height) {
        header.width = width;
        header.height = height;
        encoder.begin(header, {}, models::Model());
        EXPECT_LE(int64_t{header.tile_width} * header.tile_height,
                  (1 << 20) + 64 * (header.tile_width + header.tile_height));
        return std::pair(header.tile_columns(), header.tile_rows());
    };
    EXPECT_EQ(tiles(1, 1), std::pair(1, 1));
    EXPECT_EQ(tiles(300, 300), std::pair(1, 1));
    EXPECT_EQ(tiles(1000, 1000), std::pair(1, 1));
    EXPECT_EQ(tiles(1024, 1024), std::pair(1, 2));
    EXPECT_EQ(tiles(2048, 1536), std::pair(1, 4));
    EXPECT_EQ(tiles(4000, 3000), std::pair(1, 12));
    EXPECT_EQ(tiles(65535, 40).first, 16);
    EXPECT_EQ(tiles(40, 65535).first, 1);
}

}  // namespace
}  // namespace residua::codec
