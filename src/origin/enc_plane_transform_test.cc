#include "origin/enc_plane_transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

#include "base/test_session.h"
#include "planes/enc_plane_cost.h"

namespace residua::codec {
namespace {

struct TestPicture {
    int width, height, channels;
    std::vector<uint8_t> samples;

    PictureView view() const {
        return {samples.data(), width, height, channels, static_cast<ptrdiff_t>(width) * channels};
    }
    uint8_t* pixel(size_t i) { return samples.data() + i * static_cast<size_t>(channels); }
};

TestPicture noise(int width, int height, int channels, unsigned seed) {
    return {width, height, channels, random_bytes(width * height * channels, seed)};
}

// Slopes with a little noise, 0 … 255, clipped in places; as triples of a lattice, if that is given.
TestPicture slopes(int width, int height, PlaneColours colours, unsigned seed) {
    std::mt19937 random(seed);
    TestPicture picture = {width, height, 3, std::vector<uint8_t>(static_cast<size_t>(width * height * 3))};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto value = [&](int around) {
                return static_cast<uint8_t>(std::clamp(around + static_cast<int>(random() % 5), 0, 255));
            };
            uint8_t* pixel = picture.pixel(static_cast<size_t>(y * width + x));
            pixel[0] = value((x * 2 + y) % 300 - 20);
            pixel[1] = value(100 + y / 4);
            pixel[2] = value(128 + x / 8);
            if (colours != PlaneColours::kSamples) lattice_tables(colours).to_rgb(pixel, pixel);
        }
    }
    return picture;
}

// Slopes whose chroma an upsampler made of fewer samples, with a little noise; clamped in few places.
TestPicture upsampled(int width, int height, PlaneColours colours, const ChromaGrid& grid, unsigned seed) {
    std::mt19937 random(seed);
    TestPicture chroma = {grid.width(width), grid.height(height), 2, {}};
    for (int y = 0; y < chroma.height; ++y)
        for (int x = 0; x < chroma.width; ++x)
            for (const int around : {110 + y / 2, 128 + x / 4})
                chroma.samples.push_back(static_cast<uint8_t>(around + static_cast<int>(random() % 3)));
    TestPicture picture = {width, height, 3, std::vector<uint8_t>(static_cast<size_t>(width * height * 3))};
    std::vector<uint8_t> pairs(static_cast<size_t>(2 * width));
    for (int y = 0; y < height; ++y) {
        upsample_row(grid, chroma.view(), width, height, y, pairs.data());
        for (int x = 0; x < width; ++x) {
            uint8_t* pixel = picture.pixel(static_cast<size_t>(y * width + x));
            pixel[0] = static_cast<uint8_t>(30 + (x + y) % 110 + static_cast<int>(random() % 5));
            pixel[1] = pairs[static_cast<size_t>(2 * x)];
            pixel[2] = pairs[static_cast<size_t>(2 * x + 1)];
            lattice_tables(colours).to_rgb(pixel, pixel);
        }
    }
    return picture;
}

// There, to bytes, and back. Checks that the picture is the same, and returns what was chosen.
PlaneTransform round_trip(const TestPicture& picture, const PlaneOptions& options, size_t* bytes = nullptr) {
    static Allocator allocator;  // outlives what is returned
    std::vector<uint8_t> first, first_bytes;
    PlaneTransform result;
    for (const int threads : {1, 2, 5}) {
        TestSession work(threads);
        ForwardPlanes forward = make_planes(picture.view(), options, work.session);
        ByteWriter out;
        write_plane_transform(forward.transform, work.allocator, out);
        ByteReader in(out.bytes, "plane transform");
        result = PlaneTransform::parse(in, picture.width, picture.height, picture.channels, allocator);
        EXPECT_TRUE(in.at_end());
        const auto span = forward.planes.samples.span();
        if (threads == 1) {
            first.assign(span.begin(), span.end());
            first_bytes = out.bytes;
        }
        EXPECT_TRUE(std::ranges::equal(span, first));
        EXPECT_EQ(out.bytes, first_bytes);
        std::vector<uint8_t> back(picture.samples.size());
        result.inverse(forward.view(),
                       {back.data(), picture.width, picture.height, picture.channels, picture.view().stride},
                       work.threads);
        EXPECT_TRUE(std::ranges::equal(back, picture.samples));
        if (forward.chroma) continue;  // in the same memory, where all planes have one size
        result.inverse(forward.view(), forward.planes.mutable_view(), work.threads);
        EXPECT_TRUE(std::ranges::equal(span, picture.samples));
        if (bytes) *bytes = out.bytes.size();
    }
    return result;
}

TEST(EncPlaneTransform, EveryPictureComesBackHoweverItIsMade) {
    int turn = 0;
    for (const int width : {1, 2, 33, 130}) {
        for (const int height : {1, 31, 70}) {
            const TestPicture pictures[] = {noise(width, height, 3, 1),
                                            slopes(width, height, PlaneColours::kSamples, 2),
                                            slopes(width, height, PlaneColours::kJpeg, 3)};
            for (const TestPicture& picture : pictures) {
                round_trip(picture, {});
                for (int colours = 0; colours < kPlaneColours; ++colours)
                    for (const bool ranks : {false, true}) {
                        // Of the orders one each time, in turn.
                        const int order = std::array{0, 3, 5}[static_cast<size_t>(turn++) % 3];
                        round_trip(picture, {static_cast<PlaneColours>(colours), ranks, order});
                    }
            }
            for (const bool ranks : {false, true}) round_trip(noise(width, height, 1, 4), {{}, ranks, 0});
            round_trip(noise(width, height, 1, 4), {});
        }
    }
}

TEST(EncPlaneTransform, StridesAreKept) {
    TestSession work(2);
    const TestPicture wide = noise(40, 20, 3, 5);
    PictureView view = wide.view();
    view.width = 17;
    const ForwardPlanes forward = make_planes(view, {PlaneColours::kJpeg, true, 2}, work.session);
    std::vector<uint8_t> out(40 * 20 * 3);
    forward.transform.inverse(forward.view(), {out.data(), 17, 20, 3, 120}, work.threads);
    for (int y = 0; y < 20; ++y)
        ASSERT_TRUE(std::equal(view.row(y), view.row(y) + 51, out.data() + y * 120)) << y;
}

TEST(EncPlaneTransform, FindsTheLattice) {
    size_t bytes = 0;
    const PlaneTransform chosen = round_trip(slopes(300, 200, PlaneColours::kJpeg, 6), {}, &bytes);
    EXPECT_EQ(chosen.colours, PlaneColours::kJpeg);
    EXPECT_EQ(chosen.exceptions.size(), 0u);
    EXPECT_EQ(bytes, 3u);
    EXPECT_EQ(round_trip(slopes(300, 200, PlaneColours::kSamples, 7), {}).colours, PlaneColours::kSamples);
    EXPECT_EQ(round_trip(noise(300, 200, 3, 8), {}).colours, PlaneColours::kSamples);
}

TEST(EncPlaneTransform, FindsPhotoCd) {
    const PlaneTransform chosen = round_trip(slopes(300, 200, PlaneColours::kPhotoCd, 6), {});
    EXPECT_EQ(chosen.colours, PlaneColours::kPhotoCd);
    EXPECT_EQ(chosen.exceptions.size(), 0u);
    EXPECT_FALSE(chosen.smaller_chroma());
}

TEST(EncPlaneTransform, FindsSmallerChroma) {
    struct Case {
        PlaneColours colours;
        ChromaGrid grid;
    };
    for (const Case& test : {Case{PlaneColours::kJpeg, {Upsampling::kTriangle22, 0, 0}},
                             Case{PlaneColours::kJpeg, {Upsampling::kTriangle22, 1, 1}},
                             Case{PlaneColours::kJpeg, {Upsampling::kTriangle21, 0, 0}},
                             Case{PlaneColours::kPhotoCd, {Upsampling::kPhotoCd, 0, 0}}}) {
        SCOPED_TRACE(static_cast<int>(test.grid.upsampling));
        const TestPicture picture = upsampled(301, 203, test.colours, test.grid, 21);
        const PlaneTransform chosen = round_trip(picture, {});
        EXPECT_EQ(chosen.colours, test.colours);
        EXPECT_EQ(chosen.chroma, test.grid);
        EXPECT_LT(chosen.exceptions.size(), 600u);  // 1 %
        PlaneOptions options;
        options.smaller_chroma = false;
        EXPECT_FALSE(round_trip(picture, options).smaller_chroma());
    }
}

TEST(EncPlaneTransform, ListsThePixelsOutsideTheLattice) {
    TestPicture picture = slopes(300, 200, PlaneColours::kJpeg, 9);
    const std::vector<size_t> places = {0, 1, 2, 300, 1000, 1009, 30000, 59998, 59999};
    for (const size_t i : places) {
        picture.pixel(i)[0] = 90;
        picture.pixel(i)[1] = 89;  // no Cb, Cr is that near to grey
        picture.pixel(i)[2] = 90;
    }
    size_t bytes = 0;
    const PlaneTransform chosen = round_trip(picture, {}, &bytes);
    EXPECT_EQ(chosen.colours, PlaneColours::kJpeg);
    ASSERT_EQ(chosen.exceptions.size(), places.size());
    for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(chosen.exceptions[i].position, places[i]);
    EXPECT_LE(bytes, 3 + places.size() * 2 + 8);
}

TEST(EncPlaneTransform, TooManyExceptionsAreDearerThanTheLatticeSaves) {
    std::mt19937 random(10);
    // So many that a few samples show it; too many; few enough.
    for (const int changed : {40, 15, 3}) {
        TestPicture picture = slopes(300, 200, PlaneColours::kJpeg, 11);
        for (size_t i = 0; i < 60000; ++i)
            if (static_cast<int>(random() % 100) < changed) picture.pixel(i)[1] ^= 1;
        const PlaneTransform chosen = round_trip(picture, {});
        EXPECT_EQ(chosen.colours, changed > 3 ? PlaneColours::kSamples : PlaneColours::kJpeg);
    }
}

TEST(EncPlaneTransform, ALatticeThatSavesNothingIsLeftAlone) {
    std::mt19937 random(14);
    // Red and blue are 255 throughout, green is noise: one plane to code, but three on the lattice.
    TestPicture picture = {200, 100, 3, std::vector<uint8_t>(60000)};
    for (size_t i = 0; i < 20000; ++i) {
        const uint8_t triple[] = {255, static_cast<uint8_t>(128 + random() % 128),
                                  static_cast<uint8_t>(128 + random() % 128)};
        lattice_tables(PlaneColours::kJpeg).to_rgb(triple, picture.pixel(i));
    }
    EXPECT_EQ(round_trip(picture, {}).colours, PlaneColours::kSamples);
}

TEST(EncPlaneTransform, StretchedContrastIsUndone) {
    TestPicture picture = slopes(300, 200, PlaneColours::kSamples, 12);
    EXPECT_TRUE(round_trip(picture, {}).maps[0].is_identity());
    for (uint8_t& value : picture.samples) value = static_cast<uint8_t>(value * 2 / 3 * 3 / 2);
    const PlaneTransform chosen = round_trip(picture, {});
    for (const ValueMap& map : chosen.maps) EXPECT_FALSE(map.is_identity());
    for (size_t v = 2; v < 256; v += 3) EXPECT_FALSE(chosen.maps[0].occurs()[v]) << v;
}

TEST(EncPlaneTransform, AnySetOfValuesIsWritten) {
    std::mt19937 random(13);
    for (const int share : {1, 10, 50, 90, 99}) {
        for (int k = 0; k < 20; ++k) {
            TestPicture picture = {16, 16, 1, std::vector<uint8_t>(256)};
            std::bitset<256> occurs;
            for (size_t i = 0; i < 256; ++i) {
                picture.samples[i] = static_cast<uint8_t>(i);
                if (static_cast<int>(random() % 100) >= share)
                    picture.samples[i] = static_cast<uint8_t>(k * 13);
                occurs.set(picture.samples[i]);
            }
            const PlaneTransform chosen = round_trip(picture, {{}, true, 0});
            EXPECT_EQ(chosen.maps[0].occurs(), occurs);
        }
    }
}

TEST(EncPlaneTransform, DamagedBytesEndInPixelsOrInOneError) {
    TestSession work(1);
    TestPicture picture = slopes(40, 30, PlaneColours::kJpeg, 15);
    for (size_t i = 0; i < 1200; i += 7) picture.pixel(i)[1] ^= 3;
    const ForwardPlanes forward = make_planes(picture.view(), {PlaneColours::kJpeg, true, 4}, work.session);
    ByteWriter out;
    write_plane_transform(forward.transform, work.allocator, out);
    std::mt19937 random(16);
    std::vector<uint8_t> pixels(picture.samples.size());
    int refused = 0;
    for (int k = 0; k < 3000; ++k) {
        std::vector<uint8_t> bytes = out.bytes;
        for (unsigned changes = 1 + random() % 3; changes > 0; --changes)
            bytes[random() % (k % 2 ? 60 : bytes.size())] = static_cast<uint8_t>(random());
        if (k % 5 == 0) bytes.resize(random() % bytes.size());
        try {
            ByteReader in(bytes, "plane transform");
            const PlaneTransform damaged = PlaneTransform::parse(in, 40, 30, 3, work.allocator);
            damaged.inverse(forward.view(), {pixels.data(), 40, 30, 3, 120}, work.threads);
        } catch (const Error& error) {
            EXPECT_NE(error.code(), ErrorCode::kInternal);
            ++refused;
        }
    }
    EXPECT_GT(refused, 1000);
    EXPECT_LT(refused, 3000);
}

TEST(PlaneCost, IsWhatAnIdealCoderPays) {
    TestSession work(1);
    const auto cost = [&](const auto& value) {
        const auto rows = [&](int y, uint8_t* row) {
            for (int x = 0; x < 400; ++x)
                for (int p = 0; p < 3; ++p) row[3 * x + p] = static_cast<uint8_t>(value(x, y, p));
        };
        const PlaneCosts costs =
            estimate_plane_costs([&] { return PlaneRows(rows); }, 400, 300, 3, work.session);
        return std::array<double, 3>{costs.bits[0] / 120000, costs.bits[1] / 120000, costs.bits[2] / 120000};
    };
    const auto random = [](int x, int y, int seed) {
        uint32_t hash = static_cast<uint32_t>((seed * 300 + y) * 400 + x) * 2654435761u;
        hash = (hash ^ hash >> 15) * 2246822519u;
        return static_cast<int>((hash ^ hash >> 13) >> 24);
    };
    const auto flat = cost([](int, int, int) { return 77; });
    const auto noisy = cost([&](int x, int y, int p) { return random(x, y, p); });
    const auto alike = cost([&](int x, int y, int p) { return random(x, y, 0) / 2 + 10 * p; });
    for (size_t p = 0; p < 3; ++p) {
        EXPECT_LT(flat[p], 0.01);
        EXPECT_GT(noisy[p], 7.5);
        EXPECT_LT(noisy[p], 8.7);
    }
    EXPECT_GT(alike[0], 6.5);
    EXPECT_LT(alike[1], 0.5);
    EXPECT_LT(alike[2], 0.5);
}

// Bands apart, and such that follow each other: rows of these may know the row above.
TEST(PlaneCost, DoesNotDependOnThreads) {
    for (const int height : {300, 470, 2000}) {
        const auto begin = []() -> PlaneRows {
            const auto before = std::make_shared<int>(-1);
            return [before](int y, uint8_t* row) {
                for (int i = 0; i < 3 * 400; ++i)
                    row[i] = static_cast<uint8_t>(i * (y == *before + 1 ? 3 : 5) + (y * i) % 7);
                *before = y;
            };
        };
        TestSession one(1);
        const PlaneCosts costs = estimate_plane_costs(begin, 400, height, 3, one.session);
        for (const int threads : {2, 5}) {
            TestSession more(threads);
            EXPECT_EQ(estimate_plane_costs(begin, 400, height, 3, more.session).bits, costs.bits) << height;
        }
    }
}

}  // namespace
}  // namespace residua::codec
