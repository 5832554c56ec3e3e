// Which of its models OLM takes for deep pictures.
#include "codec/enc_trial.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <set>
#include <string>

#include "base/test_session.h"
#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "stages/methods.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

TEST(Trial, BandsAreRowsOfThePictureFromTopToBottom) {
    Allocator allocator;
    const auto rows_of = [&](int height) {
        std::vector<uint16_t> samples(static_cast<size_t>(height) * 3);
        for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<uint16_t>(i / 3);
        const Picture part = bands_of({reinterpret_cast<const uint8_t*>(samples.data()), 3, height, 1, 6, 2},
                                      kModelTrial, allocator);
        std::vector<int> rows;
        for (int y = 0; y < part.height; ++y) {
            uint16_t row[3];
            std::memcpy(row, part.row(y), sizeof row);
            EXPECT_TRUE(row[0] == row[1] && row[1] == row[2]);
            rows.push_back(row[0]);
        }
        return rows;
    };
    for (const int height : {1, 15, 32}) {
        const std::vector<int> rows = rows_of(height);
        ASSERT_EQ(static_cast<int>(rows.size()), height);
        for (int y = 0; y < height; ++y) EXPECT_EQ(rows[static_cast<size_t>(y)], y);
    }
    for (const int height : {33, 200, 384, 1000, 5000}) {
        const std::vector<int> rows = rows_of(height);
        EXPECT_EQ(rows.size(), std::max(32u, static_cast<unsigned>(height) / 16 / 16 * 16)) << height;
        const int last = rows.back();
        EXPECT_LT(last, height);
        // What lies above the first band, between two, and below the last one differs by little.
        for (size_t y = 1; y < rows.size(); ++y)
            EXPECT_TRUE(y % 16 == 0 ? rows[y] > rows[y - 1] || height == 33 : rows[y] == rows[y - 1] + 1);
        EXPECT_NEAR(rows.front(), height - 1 - last, 1);
    }
}

class Rivals : public testing::Test {
  protected:
    static constexpr int kWidth = 90;
    int height_ = 32;

    using Pixel = std::function<double(int x, int y, int c)>;  // 0 … 1

    // The name of the model that was taken, and the file's size.
    std::pair<std::string, size_t> encoded(const char* model, int effort, const PictureKind& kind,
                                           const Pixel& pixel, const char* codec = "olm") {
        std::vector<uint8_t> pixels;
        for (int y = 0; y < height_; ++y)
            for (int x = 0; x < kWidth; ++x)
                for (int c = 0; c < kind.channels(); ++c) {
                    const auto value = static_cast<uint16_t>(pixel(x, y, c) * ((1 << kind.bits) - 1));
                    uint8_t bytes[2] = {static_cast<uint8_t>(value)};
                    if (kind.bits > 8) std::memcpy(bytes, &value, 2);
                    pixels.insert(pixels.end(), bytes, bytes + (kind.bits > 8 ? 2 : 1));
                }
        const int sample_bytes = kind.bits > 8 ? 2 : 1;
        const PictureView view = {pixels.data(),
                                  kWidth,
                                  height_,
                                  kind.channels(),
                                  ptrdiff_t{kWidth} * kind.channels() * sample_bytes,
                                  sample_bytes};
        EncodeRequest request{view, {}, model, codec, 0, 0, effort, Proof::kFast};
        request.kind = kind;
        TestSession work(1);
        const Buffer<uint8_t> file = encode_whole(request, models_, work.session, 1);
        return {models_.find(parse_file(file.span()).header.model_hash)->file.name(), file.size()};
    }

    // Waves with grain, all channels different, as in a photograph; spots on nothing, as of a scanner.
    static double photograph(int x, int y, int c) {
        const double grain = (x * 7919 + y * 104729 + c * 1299709) % 1009 / 1009.0;
        return 0.4 + 0.2 * std::sin(x * 0.07 + c * 0.1) * std::cos(y * 0.09) + 0.002 * grain;
    }
    static double spots(int x, int y, int) {
        return x / 9 % 3 == 1 && y / 5 % 2 == 0 ? (x * 31 + y * 17) % 512 / 65535.0 : 0;
    }

    static constexpr PictureKind kGrey = {Colour::kGrey, false, 16}, kColours = {Colour::kRgb, false, 16};
    models::Registry models_{model_methods()};
};

TEST_F(Rivals, TheSmallerFileWins) {
    std::set<std::string> taken;
    for (const auto& [kind, pixel] :
         {std::pair{kColours, &photograph}, {kGrey, &photograph}, {kGrey, &spots}}) {
        const size_t usual = encoded("olm", 5, kind, pixel).second,
                     rival = encoded("olm-deep", 5, kind, pixel).second;
        for (const int effort : {4, 5, 6, 7, 8}) {
            const auto [name, size] = encoded(nullptr, effort, kind, pixel);
            EXPECT_EQ(size, std::min(usual, rival));
            EXPECT_EQ(name, usual <= rival ? "olm" : "olm-deep");
            taken.insert(name);
        }
    }
    EXPECT_EQ(taken.size(), 2u);
}

TEST_F(Rivals, OnlyWhereTheyCanHelpAndNobodyAsksForOne) {
    ASSERT_EQ(encoded(nullptr, 5, kColours, photograph).first, "olm-deep");
    EXPECT_EQ(encoded("olm", 5, kColours, photograph).first, "olm");
    EXPECT_EQ(encoded("olm-deep", 5, kGrey, spots).first, "olm-deep");
    EXPECT_EQ(encoded(nullptr, 3, kColours, photograph).first, "olm-fast");
    EXPECT_EQ(encoded(nullptr, 9, kColours, photograph).first, "olm-best");
    EXPECT_EQ(encoded(nullptr, 5, {Colour::kRgb, false, 8}, photograph).first, "olm-mid");
    EXPECT_EQ(encoded(nullptr, 7, {Colour::kRgb, false, 8}, photograph).first, "olm");
    // A third of it is grey.
    const Pixel partly = [](int x, int y, int c) { return photograph(x, y, x < kWidth / 3 ? 0 : c); };
    EXPECT_EQ(encoded(nullptr, 5, kColours, partly).first, "olm");
}

// What a part of the picture leaves open is found out by coding all of it both ways.
TEST_F(Rivals, WhatIsCloseIsCodedByBoth) {
    const PictureKind kind = {Colour::kGrey, false, 8};
    height_ = 200;
    std::set<std::string> taken, of_parts;
    // More and more of a page is paper with grain, but not where the part has no rows.
    for (int grain = 12; grain <= 16; ++grain) {
        const Pixel page = [grain](int x, int y, int) {
            uint32_t n = uint32_t(x) * 2654435761u ^ uint32_t(y) * 2246822519u;
            for (int i = 0; i < 3; ++i) n = (n ^ n >> 15) * 3266489917u;
            const bool paper = x < 5 * grain && y > 20 && y < 180,
                       text = !paper && x / 5 % 4 == 1 && y % 11 < 7;
            return (text ? 60 + x % 5 * 20 : paper ? 100 + x / 2 + y / 4 + n % 5 : 255) / 255.0;
        };
        const size_t scc = encoded(nullptr, 5, kind, page, "scc").second,
                     olm = encoded(nullptr, 5, kind, page, "olm").second;
        const auto [name, size] = encoded(nullptr, 5, kind, page, nullptr);
        EXPECT_EQ(size, std::min(scc, olm)) << grain;
        taken.insert(name);
    }
    EXPECT_TRUE(taken.contains("scc"));
}

// Gradients and patterns have no two pixels alike where a photograph has none either, but no noise.
TEST_F(Rivals, WhatAProgramMadeIsFoundWithoutPixelsThatAreAlike) {
    height_ = 200;
    const PictureKind kDeepAlpha = {Colour::kRgb, true, 16}, kBytes = {Colour::kRgb, false, 8};
    const Pixel ramp = [](int x, int y, int c) { return (257 * (x + (4 * c + 1) * y) & 65535) / 65535.0; };
    const Pixel pattern = [](int x, int y, int c) { return (c == 0 ? x : c == 1 ? y : x ^ y) % 256 / 255.0; };
    for (const auto& [kind, pixel] : {std::pair{kDeepAlpha, ramp}, {kBytes, pattern}}) {
        const auto [name, size] = encoded(nullptr, 5, kind, pixel, nullptr);
        EXPECT_EQ(name, "scc");
        EXPECT_LT(8 * size, encoded(nullptr, 5, kind, pixel, "olm").second);
    }
}

// Where nobody asks for a codec, drawn pictures are not coded as photographs, and nothing is larger than its samples.
TEST_F(Rivals, MethodsAreChosenByThePicture) {
    const PictureKind kBytes = {Colour::kRgb, false, 8};
    const Pixel drawn = [](int x, int y, int c) {
        return x / 7 % 3 == 1 && y % 9 < 6 ? (x * 5 + y / 9) % 4 / 4.0 : c == 1 ? 0.9 : 1.0;
    };
    const Pixel noise = [](int x, int y, int c) {
        uint32_t n = uint32_t(x) * 2654435761u ^ uint32_t(y) * 2246822519u ^ uint32_t(c) * 3266489917u;
        for (int i = 0; i < 3; ++i) n = (n ^ n >> 15) * 2246822519u;
        return static_cast<double>(n >> 8 & 0xFFFF) / 65535;
    };
    for (const int effort : {1, 5, 8}) {
        height_ = 300;
        const auto [name, size] = encoded(nullptr, effort, kBytes, drawn, nullptr);
        EXPECT_EQ(name, "scc");
        EXPECT_LT(3 * size, encoded(nullptr, effort, kBytes, drawn, "olm").second);
        height_ = 32;
        EXPECT_EQ(encoded(nullptr, effort, kBytes, photograph, nullptr).first.substr(0, 3), "olm");
        for (const PictureKind& kind : {kBytes, kColours, PictureKind{Colour::kGrey, true, 3}}) {
            const auto packed = static_cast<size_t>(kWidth * height_ * kind.channels() * kind.bits / 8);
            const auto found = encoded(nullptr, effort, kind, noise, nullptr);
            EXPECT_LE(found.second, packed + 64) << found.first;
        }
    }
    // Half of it is a photograph, half has flat areas: both are tried, on a part.
    height_ = 200;
    const Pixel half = [&](int x, int y, int c) { return x < 45 ? drawn(x, y, c) : photograph(x, y, c); };
    const size_t scc = encoded(nullptr, 5, kBytes, half, "scc").second,
                 olm = encoded(nullptr, 5, kBytes, half, "olm").second;
    EXPECT_EQ(encoded(nullptr, 5, kBytes, half, nullptr).second, std::min(scc, olm));
}

}  // namespace
}  // namespace residua::codec
