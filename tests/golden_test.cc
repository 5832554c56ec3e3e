// Golden files: what was once encoded is decoded for ever. tests/golden holds, for RC, for L3C and for each
// set of experts that OLM's efforts use, a frozen model with random weights and files made with it; they have
// nothing to do with the released models, and stay when those are trained again. Those of JPEG files need no
// model. CTest runs this once for each instruction set (RESIDUA_CPU).
//
// A new format gets new files beside the old ones. To make all of them again:
//
//     RESIDUA_WRITE_GOLDEN=tests/golden build/release/tests/golden_test
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <ostream>
#include <residua/research.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "codec/test_blocks.h"
#include "planes/chroma_upsampling.h"
#include "planes/colour_lattice.h"
#include "support/explanation.h"
#ifdef RESIDUA_ENCODER
#include "olm/parameters.h"
#include "stages/test_models.h"
#include "support/test_model.h"
#ifdef RESIDUA_TEST_LIBJPEG
#include "support/kept_files.h"
#endif
#endif

namespace residua::testing {
namespace {

constexpr uint32_t kWidth = 61, kHeight = 47;

using Pixels = std::vector<uint8_t>;

// Slopes, an edge and noise. No function of a mathematical library: the same everywhere.
Pixels plain_picture() {
    Pixels pixels;
    uint32_t noise = 1;
    for (uint32_t y = 0; y < kHeight; ++y)
        for (uint32_t x = 0; x < kWidth; ++x)
            for (uint32_t c = 0; c < 3; ++c) {
                noise = noise * 1664525 + 1013904223;
                const uint32_t edge = x + 2 * y > 80 ? 70 : 0;
                pixels.push_back(static_cast<uint8_t>(20 + 2 * x + y + edge + 15 * c + (noise >> 24) % 6));
            }
    return pixels;
}

// Its colours are those of a decoded JPEG.
Pixels jpeg_picture() {
    Pixels pixels;
    uint32_t noise = 1;
    for (int y = 0; y < static_cast<int>(kHeight); ++y)
        for (int x = 0; x < static_cast<int>(kWidth); ++x) {
            noise = noise * 1664525 + 1013904223;
            const int luma = 60 + (x * 2 + y) % 120 + static_cast<int>((noise >> 24) % 6);
            const int cb = 10 - (x / 4) % 20, cr = (y / 3) % 20 - 5;
            for (const double v :
                 {luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb})
                pixels.push_back(static_cast<uint8_t>(std::clamp(std::floor(v + 0.5), 0.0, 255.0)));
        }
    return pixels;
}

// Chroma of a quarter of the samples, as a decoder of `colours` would have made it larger.
Pixels upsampled_picture(codec::PlaneColours colours, codec::Upsampling upsampling) {
    constexpr int kW = static_cast<int>(kWidth), kH = static_cast<int>(kHeight);
    const codec::ChromaGrid grid = {upsampling, 0, 0};
    const int columns = grid.width(kW), rows = grid.height(kH);
    Pixels chroma, pixels, pairs(2 * kWidth);
    for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x)
            for (const int value : {130 + x / 2 + y % 3, 140 - y / 2 + x % 2})
                chroma.push_back(static_cast<uint8_t>(value));
    const PictureView view = {chroma.data(), columns, rows, 2, ptrdiff_t{columns} * 2};
    uint32_t noise = 1;
    for (int y = 0; y < kH; ++y) {
        codec::upsample_row(grid, view, kW, kH, y, pairs.data());
        for (int x = 0; x < kW; ++x) {
            noise = noise * 1664525 + 1013904223;
            const int luma = 60 + (x + y) % 80 + static_cast<int>((noise >> 24) % 6);
            uint8_t triple[] = {static_cast<uint8_t>(luma), pairs[static_cast<size_t>(2 * x)],
                                pairs[static_cast<size_t>(2 * x + 1)]};
            codec::lattice_tables(colours).to_rgb(triple, triple);
            pixels.insert(pixels.end(), triple, triple + 3);
        }
    }
    return pixels;
}
Pixels jpeg_420_picture() {
    return upsampled_picture(codec::PlaneColours::kJpeg, codec::Upsampling::kTriangle22);
}
Pixels photo_cd_picture() {
    return upsampled_picture(codec::PlaneColours::kPhotoCd, codec::Upsampling::kPhotoCd);
}

// From blocks of coefficients, cropped. Larger, so that they are found.
constexpr uint32_t kBlocksWidth = 125, kBlocksHeight = 95;
Pixels blocks_picture() {
    Allocator allocator;
    return codec::blocks_picture(kBlocksWidth, kBlocksHeight, 5, 3, codec::Upsampling::kTriangle22,
                                 allocator);
}

// A part of such a picture, with chroma beyond its border, and some pixels that were changed.
Pixels cropped_blocks_picture() {
    Allocator allocator;
    Pixels pixels = codec::cropped_blocks_picture(kBlocksWidth + 1, kBlocksHeight + 1, 20, 32,
                                                  codec::Upsampling::kTriangle22, allocator);
    for (size_t i = 3 * 5000; i < 3 * 5040; ++i) pixels[i] = static_cast<uint8_t>(pixels[i] / 2 + i % 3);
    return pixels;
}
Pixels grey_blocks_picture() {
    Allocator allocator;
    Pixels pixels = codec::grey_blocks_picture(kBlocksWidth, kBlocksHeight, 5, 3, 6, allocator);
    for (size_t i = 5000; i < 5020; ++i) pixels[i] = static_cast<uint8_t>(200 + i % 2);
    return pixels;
}

// Pictures of other kinds. Samples of two bytes are little-endian.
Pixels any_picture(uint32_t channels, uint32_t bits,
                   const std::function<uint32_t(uint32_t, uint32_t, uint32_t)>& at) {
    Pixels pixels;
    for (uint32_t y = 0; y < kHeight; ++y)
        for (uint32_t x = 0; x < kWidth; ++x)
            for (uint32_t c = 0; c < channels; ++c) {
                const uint32_t value = at(x, y, c) & ((1U << bits) - 1);
                pixels.push_back(static_cast<uint8_t>(value));
                if (bits > 8) pixels.push_back(static_cast<uint8_t>(value >> 8));
            }
    return pixels;
}
uint32_t noise_at(uint32_t x, uint32_t y, uint32_t c) {
    const uint32_t n = (x * 7919 + y * 104729 + c * 1299709) * 2654435761U;
    return n >> 20;
}
// Wide planes that see each other, and values far from what is expected.
Pixels rgb16_picture() {
    return any_picture(3, 16, [](uint32_t x, uint32_t y, uint32_t c) {
        return x * y == 900 ? 65535 - c : 9000 + 300 * x + 170 * y + 2000 * c + noise_at(x, y, c) % 400;
    });
}
// Parts where channels are alike, and flat ones: guesses come true.
Pixels guesses_picture() {
    return any_picture(3, 16, [](uint32_t x, uint32_t y, uint32_t c) {
        if (y > 24) return 65535 - (noise_at(x, y, c) % 16 == 0 ? 5U : 0U);
        const bool grey = (x / 8 + y / 8) % 2 == 0;
        return 9000 + 300 * x + 170 * y + noise_at(x, y, grey ? 0 : c) % 400 + (c == 2 ? 3 : 0);
    });
}
// A plane of few values between wide ones, which count in other units than it.
Pixels mixed_depths_picture() {
    return any_picture(3, 16, [](uint32_t x, uint32_t y, uint32_t c) {
        const uint32_t value = 9000 + 300 * x + 170 * y;
        return c == 0 ? value / 4000 * 7000 : value + 2000 * c + noise_at(x, y, c) % 400;
    });
}
// 12 bits in 16, as every sixteenth value: ranks.
Pixels grey12_in_16_picture() {
    return any_picture(1, 16, [](uint32_t x, uint32_t y, uint32_t) {
        const uint32_t value = 500 + 20 * x + 9 * y + noise_at(x, y, 0) % 32;
        return value << 4 | value >> 8;
    });
}
Pixels bilevel_picture() {
    return any_picture(1, 1, [](uint32_t x, uint32_t y, uint32_t) { return (x / 5 + y / 7) % 3 == 0; });
}
// Alpha that varies, beside colours of 8 bits; hidden colours under alpha 0.
Pixels rgba_picture() {
    return any_picture(4, 8, [](uint32_t x, uint32_t y, uint32_t c) {
        const uint32_t alpha = x < 10 ? 0 : std::min(255U, 6 * x);
        return c == 3 ? alpha : 30 + 2 * x + y + 20 * c + noise_at(x, y, c) % 5;
    });
}
// Opaque: the colours alone are coded, by a plane transform.
Pixels opaque_picture() {
    return any_picture(4, 8, [](uint32_t x, uint32_t y, uint32_t c) {
        return c == 3 ? 255 : 30 + 2 * x + y + 20 * c + noise_at(x, y, c) % 5;
    });
}
// C, M, Y, K and alpha; M as C, and K the same everywhere.
Pixels cmyka_picture() {
    return any_picture(5, 10, [](uint32_t x, uint32_t y, uint32_t c) {
        return c == 3   ? 77
               : c == 4 ? 1023 - 5 * y
                        : 200 + 7 * x + 3 * y + (c == 2 ? 90 : 0) + noise_at(x, y, c / 2) % 9;
    });
}
// Fewer bits than a byte.
Pixels grey2_picture() {
    return any_picture(1, 2, [](uint32_t x, uint32_t y, uint32_t) {
        return (x + 2 * y) / 40 % 4 + (noise_at(x, y, 0) % 9 == 0 ? 1U : 0U);
    });
}
Pixels grey_alpha4_picture() {
    return any_picture(2, 4, [](uint32_t x, uint32_t y, uint32_t c) {
        return c == 1 ? std::min(15U, x / 2) : (x + y) / 7 + noise_at(x, y, c) % 2;
    });
}
Pixels rgb12_picture() {
    return any_picture(3, 12, [](uint32_t x, uint32_t y, uint32_t c) {
        return 300 + 25 * x + 17 * y + 130 * c + noise_at(x, y, c) % 24;
    });
}
Pixels cmyk_picture() {
    return any_picture(4, 8, [](uint32_t x, uint32_t y, uint32_t c) {
        return c == 3 ? (x * y > 900 ? 2 * y : 0) : 30 + 2 * x + y + 20 * c + noise_at(x, y, c) % 5;
    });
}
// Colours of kPalette.
Pixels palette_picture() {
    return any_picture(3, 8, [](uint32_t x, uint32_t y, uint32_t c) {
        return (x / 9 * 5 + y / 6 * 3 + (noise_at(x / 3, y / 3, 0) % 11 == 0 ? 7 : 0)) % 64 * (c + 1);
    });
}
Pixels one_colour_picture() {
    return any_picture(3, 8, [](uint32_t, uint32_t, uint32_t c) { return 12 + 90 * c; });
}

// Letters on a page, a shadow, a part with noise; flat enough for leaps.
Pixels screen_picture() {
    return any_picture(3, 8, [](uint32_t x, uint32_t y, uint32_t c) {
        if (y > 38 && x > 30) return 90 + 2 * x + noise_at(x, y, c) % 12;
        if (y > 24 && y < 36) return y < 29 ? 250 - 20 * (y - 24) + c : 170 + c;
        const uint32_t glyph = (x / 6 * 5 + y / 10 * 3) % 7, part = x % 6 + 6 * (y % 10);
        const bool ink = y < 20 && x < 40 && x % 6 < 5 && y % 10 < 8 &&
                         (0x2F6B4D91A5C3u >> ((part * 7 + glyph * 11) % 47) & 1);
        return ink ? 20 + 40 * (part % 3) : 240 + 5 * (c == 2);
    });
}
// The same in grey, with alpha.
Pixels levels_picture() {
    const Pixels screen = screen_picture();
    return any_picture(2, 8, [&screen](uint32_t x, uint32_t y, uint32_t c) {
        return c == 1 ? (x + y > 20 ? 255 : 12 * (x + y)) : screen[3 * (y * kWidth + x)];
    });
}
Pixels random_picture() {
    return any_picture(1, 5, [](uint32_t x, uint32_t y, uint32_t) {
        uint32_t n = (x + 1) * 2654435761U ^ (y + 1) * 2246822519U;
        n = (n ^ n >> 15) * 3266489917U;
        return n >> 20;
    });
}

struct Golden {
    const char* file;
    const char* model;
    Pixels (*picture)();
    uint64_t checksum;  // of the pixels: the formulas have not changed either
    bool same_bytes;  // encoding gives the file again; where the encoder has choices it may learn better ones
    uint32_t width = kWidth, height = kHeight;
    residua_adaptation adaptation = RESIDUA_ADAPTATION_DEFAULT;
    uint64_t strip_height = 0;
    uint32_t colour = RESIDUA_COLOUR_RGB, alpha = 0, bits = 8;
    int effort = 5;
    std::span<const residua_metadata> metadata = {};
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.file; }

constexpr Golden any_kind(const char* file, Pixels (*picture)(), uint64_t checksum, uint32_t colour,
                          uint32_t alpha, uint32_t bits, uint64_t strip_height = 0, uint32_t width = kWidth,
                          uint32_t height = kHeight) {
    Golden golden{file, "olm", picture, checksum, false, width, height};
    golden.strip_height = strip_height;
    golden.colour = colour, golden.alpha = alpha, golden.bits = bits;
    return golden;
}

constexpr Golden scc(const char* file, Pixels (*picture)(), int effort, uint64_t checksum, uint32_t colour,
                     uint32_t alpha, uint32_t bits, uint64_t strip_height = 0) {
    Golden golden = any_kind(file, picture, checksum, colour, alpha, bits, strip_height);
    golden.model = "scc", golden.same_bytes = true, golden.effort = effort;
    return golden;
}

// Of an encoder that took another effort of the coder then.
constexpr Golden scc_before(Golden golden) {
    golden.same_bytes = false;
    return golden;
}

constexpr Golden with_metadata(Golden golden, std::span<const residua_metadata> metadata) {
    golden.metadata = metadata;
    return golden;
}

constexpr char kXmp[] =
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
    "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>"
    "</x:xmpmeta>";
constexpr std::array<uint8_t, 192> kPalette = [] {
    std::array<uint8_t, 192> palette{};
    for (size_t i = 0; i < palette.size(); ++i) palette[i] = static_cast<uint8_t>(i / 3 * (i % 3 + 1));
    return palette;
}();
constexpr residua_metadata kMetadata[] = {
    {"png:gAMA", "\0\0\xB1\x8F", 4}, {"xmp", kXmp, sizeof kXmp - 1}, {"png-end:tEXt", "Software\0None", 13}};
constexpr residua_metadata kPaletteOnly[] = {{"png:PLTE", kPalette.data(), kPalette.size()}};

constexpr uint64_t kPlainChecksum = 0xc6eee82a7733654d, kJpegChecksum = 0x796e374e5ac7c1cb;
constexpr std::array kGolden = {
    Golden{"olm-light", "olm-light", plain_picture, kPlainChecksum, true},
    Golden{"olm-mid", "olm-mid", plain_picture, kPlainChecksum, true},
    Golden{"olm-fast", "olm-fast", plain_picture, kPlainChecksum, true},
    Golden{"olm", "olm", plain_picture, kPlainChecksum, true},
    Golden{"olm-best", "olm-best", plain_picture, kPlainChecksum, true},
    Golden{"olm-jpeg-colours", "olm", jpeg_picture, kJpegChecksum, false},
    Golden{"olm-jpeg-420", "olm", jpeg_420_picture, 0x4c2153aa4e45bba8, false},
    Golden{"olm-jpeg-blocks", "olm", blocks_picture, 0x5e5f564c87eaa46a, false, kBlocksWidth, kBlocksHeight},
    Golden{"olm-photo-cd", "olm", photo_cd_picture, 0x425e6c438d178c13, false},
    Golden{"rc", "rc", plain_picture, kPlainChecksum, false, kWidth, kHeight, RESIDUA_ADAPTATION_OFF},
    Golden{"rc-adaptive", "rc", plain_picture, kPlainChecksum, false, kWidth, kHeight, RESIDUA_ADAPTATION_ON},
    Golden{"l3c", "l3c", plain_picture, kPlainChecksum, true, kWidth, kHeight, RESIDUA_ADAPTATION_OFF},
    Golden{"l3c-adaptive", "l3c", plain_picture, kPlainChecksum, true, kWidth, kHeight,
           RESIDUA_ADAPTATION_ON},
    Golden{"olm-jpeg-cropped", "olm", cropped_blocks_picture, 0x5da45a6e36945f24, false, kBlocksWidth + 1,
           kBlocksHeight + 1},
    any_kind("olm-grey-blocks", grey_blocks_picture, 0x9b5354b34d12d838, RESIDUA_COLOUR_GREY, 0, 8, 0,
             kBlocksWidth, kBlocksHeight),
    // Format version 2.
    Golden{"olm-strips", "olm", plain_picture, 0x79b96cd57f1a16e2, true, kWidth, kHeight,
           RESIDUA_ADAPTATION_DEFAULT, 32},
    // Pictures of any kind.
    any_kind("olm-rgb16", rgb16_picture, 0x281808e8867a3c12, RESIDUA_COLOUR_RGB, 0, 16),
    any_kind("olm-mixed-depths", mixed_depths_picture, 0x007cef5b3bcd14b8, RESIDUA_COLOUR_RGB, 0, 16),
    any_kind("olm-guesses", guesses_picture, 0x200c4f0d26c75f16, RESIDUA_COLOUR_RGB, 0, 16),
    any_kind("olm-grey12-in-16", grey12_in_16_picture, 0x3d6230d6652f7824, RESIDUA_COLOUR_GREY, 0, 16),
    any_kind("olm-bilevel", bilevel_picture, 0x097eb202b4cc7b9a, RESIDUA_COLOUR_GREY, 0, 1),
    any_kind("olm-rgba", rgba_picture, 0xc6b7ca6f1332f207, RESIDUA_COLOUR_RGB, 1, 8),
    any_kind("olm-opaque", opaque_picture, 0xce673f4627adfbe4, RESIDUA_COLOUR_RGB, 1, 8),
    any_kind("olm-cmyka", cmyka_picture, 0x3b17457192b11f13, RESIDUA_COLOUR_CMYK, 1, 10),
    any_kind("olm-cmyka-strips", cmyka_picture, 0x2a689add0fe88d9c, RESIDUA_COLOUR_CMYK, 1, 10, 16),
    any_kind("olm-one-colour", one_colour_picture, 0x17507249d6bee681, RESIDUA_COLOUR_RGB, 0, 8),
    any_kind("olm-grey2", grey2_picture, 0xa5f2ed7b74ec35d5, RESIDUA_COLOUR_GREY, 0, 2),
    any_kind("olm-grey-alpha4", grey_alpha4_picture, 0x8dc9c42fe633d194, RESIDUA_COLOUR_GREY, 1, 4),
    any_kind("olm-rgb12", rgb12_picture, 0x0876d671fecd6fa4, RESIDUA_COLOUR_RGB, 0, 12),
    any_kind("olm-cmyk", cmyk_picture, 0x1cbab099d8e23ba2, RESIDUA_COLOUR_CMYK, 0, 8),
    // Screen content.
    scc("scc-screen-fast", screen_picture, 1, 0xfa7f24fb92930279, RESIDUA_COLOUR_RGB, 0, 8),
    scc("scc-screen", screen_picture, 5, 0xfa7f24fb92930279, RESIDUA_COLOUR_RGB, 0, 8),
    scc_before(scc("scc-screen-dense", screen_picture, 8, 0xfa7f24fb92930279, RESIDUA_COLOUR_RGB, 0, 8)),
    scc("scc-strips", screen_picture, 5, 0xd413d289b15fa78c, RESIDUA_COLOUR_RGB, 0, 8, 32),
    scc_before(scc("scc-bilevel", bilevel_picture, 5, 0x097eb202b4cc7b9a, RESIDUA_COLOUR_GREY, 0, 1)),
    scc("scc-bilevel-levels", bilevel_picture, 5, 0x097eb202b4cc7b9a, RESIDUA_COLOUR_GREY, 0, 1),
    scc("scc-bilevel-dense-levels", bilevel_picture, 8, 0x097eb202b4cc7b9a, RESIDUA_COLOUR_GREY, 0, 1),
    scc("scc-rgba", rgba_picture, 5, 0xc6b7ca6f1332f207, RESIDUA_COLOUR_RGB, 1, 8),
    scc_before(scc("scc-cmyka-dense", cmyka_picture, 8, 0x3b17457192b11f13, RESIDUA_COLOUR_CMYK, 1, 10)),
    scc("scc-rgb16-fast", rgb16_picture, 1, 0x281808e8867a3c12, RESIDUA_COLOUR_RGB, 0, 16),
    scc_before(scc("scc-packed", random_picture, 5, 0x664d5ac81b5932ae, RESIDUA_COLOUR_GREY, 0, 5)),
    scc("scc-levels", levels_picture, 5, 0xca0ff837e30d84df, RESIDUA_COLOUR_GREY, 1, 8),
    scc("scc-dense-levels", screen_picture, 8, 0xfa7f24fb92930279, RESIDUA_COLOUR_RGB, 0, 8),
    scc("scc-rgb16-dense-levels", rgb16_picture, 8, 0x281808e8867a3c12, RESIDUA_COLOUR_RGB, 0, 16),
    scc("scc-grey2", grey2_picture, 5, 0xa5f2ed7b74ec35d5, RESIDUA_COLOUR_GREY, 0, 2),
    scc("scc-cmyk", cmyk_picture, 5, 0x1cbab099d8e23ba2, RESIDUA_COLOUR_CMYK, 0, 8),
    with_metadata(scc("scc-palette", palette_picture, 5, 0x06ff6d1e0e3912e9, RESIDUA_COLOUR_RGB, 0, 8),
                  kPaletteOnly),
    // Metadata that are packed, with and without what is common.
    with_metadata(Golden{"olm-metadata", "olm", plain_picture, kPlainChecksum, true}, kMetadata),
    with_metadata(
        scc("scc-metadata-strips", screen_picture, 5, 0xd413d289b15fa78c, RESIDUA_COLOUR_RGB, 0, 8, 32),
        kPaletteOnly),
};

std::string path_of(const std::string& folder, const std::string& name, const char* extension) {
    return folder + "/" + name + extension;
}

std::vector<uint8_t> read_golden(const std::string& name, const char* extension) {
    std::ifstream file(path_of(RESIDUA_GOLDEN_FOLDER, name, extension), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

residua_image view_of(const Golden& golden, Pixels& pixels) {
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = pixels.data();
    image.width = golden.width;
    image.height = golden.height;
    image.colour = golden.colour;
    image.alpha = golden.alpha;
    image.bits = golden.bits;
    image.metadata = golden.metadata.data();
    image.metadata_count = golden.metadata.size();
    return image;
}

// A context with one frozen model, or none where the processor lacks what RESIDUA_CPU asks for.
class GoldenFile : public ::testing::TestWithParam<Golden> {
  protected:
    void SetUp() override {
        try {
            residua_settings settings = RESIDUA_INIT(residua_settings);
            settings.threads = 1;
            context_.emplace(settings);
        } catch (const residua::error& failure) {
            if (failure.status() != RESIDUA_UNSUPPORTED) throw;
            GTEST_SKIP() << failure.what();
        }
        const auto model = read_golden(GetParam().model, ".rsm");
        info_ = context_->add_model(model.data(), model.size());
        if (!residua_codec_can_decode(info_.codec))
            GTEST_SKIP() << "this build cannot decode files of codec " << info_.codec;
    }

    residua::research::encode_options options() {
        residua::research::encode_options options;
        options.model = info_.name;
        options.adaptation = GetParam().adaptation;
        options.strip_height = GetParam().strip_height;
        options.effort = GetParam().effort;
        return options;
    }

    std::optional<residua::context> context_;
    residua_model_info info_ = RESIDUA_INIT(residua_model_info);
};
INSTANTIATE_TEST_SUITE_P(Files, GoldenFile, ::testing::ValuesIn(kGolden), [](const auto& info) {
    std::string name = info.param.file;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST_P(GoldenFile, Decodes) {
    const auto file = read_golden(GetParam().file, ".rsd");
    const residua_info info = context_->inspect(file.data(), file.size());
    EXPECT_EQ(info.model_hash, info_.hash);
    EXPECT_EQ(info.pixel_checksum, GetParam().checksum);
    EXPECT_EQ(info.format_version, GetParam().strip_height > 0 ? 2u : 1u);
    const residua::image decoded = context_->decode(file.data(), file.size());
    ASSERT_EQ(decoded->width, GetParam().width);
    ASSERT_EQ(decoded->height, GetParam().height);
    EXPECT_EQ(decoded->colour, GetParam().colour);
    EXPECT_EQ(decoded->alpha, GetParam().alpha);
    EXPECT_EQ(decoded->bits, GetParam().bits);
    const Pixels expected = GetParam().picture();
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), decoded.pixels()));
    const std::span metadata(decoded->metadata, decoded->metadata_count);
    EXPECT_TRUE(std::ranges::equal(metadata, GetParam().metadata,
                                   [](const residua_metadata& a, const residua_metadata& b) {
                                       return std::string(a.name) == b.name && a.size == b.size &&
                                              std::memcmp(a.data, b.data, a.size) == 0;
                                   }));
}

TEST_P(GoldenFile, IsExplained) {
    const auto file = read_golden(GetParam().file, ".rsd");
    const auto stages = explain(*context_, file);
    expect_adds_up(*context_, file, stages);
    for (const StageCopy& copy : stages) EXPECT_EQ(copy.stage.width, GetParam().width);
}

TEST_P(GoldenFile, IsEncodedToTheSameBytes) {
    if (!GetParam().same_bytes) GTEST_SKIP();
    if (!residua_codec_can_encode(info_.codec))
        GTEST_SKIP() << "this build cannot encode with codec " << info_.codec;
    Pixels pixels = GetParam().picture();
    const residua::buffer file = context_->encode(view_of(GetParam(), pixels), options());
    EXPECT_TRUE(
        std::ranges::equal(std::span(file.data(), file.size()), read_golden(GetParam().file, ".rsd")));
}

// Builds may lack a codec's libraries (libx265, libde265). They say which, encode by another one where nobody asks,
// and show what such a file says of itself.
TEST(GoldenRc, IsRefusedByNameWhereTheBuildLacksItsLibraries) {
    residua::context context;
    const auto model = read_golden("rc", ".rsm"), file = read_golden("rc", ".rsd");
    const residua_model_info added = context.add_model(model.data(), model.size());
    EXPECT_STREQ(context.inspect(file.data(), file.size()).codec, "rc");
    const bool decodes = residua_codec_can_decode("rc") != 0;
    residua::image decoded, preview;
    EXPECT_EQ(residua_decode(context.get(), file.data(), file.size(), decoded.out()),
              decodes ? RESIDUA_OK : RESIDUA_UNSUPPORTED);
    EXPECT_EQ(std::string(residua_last_error(context.get())).find("libde265") == std::string::npos, decodes);
    EXPECT_EQ(residua_preview(context.get(), file.data(), file.size(), preview.out()),
              decodes ? RESIDUA_OK : RESIDUA_UNSUPPORTED);
    if (!residua_can_encode()) return;
    const bool encodes = residua_codec_can_encode("rc") != 0;
    Pixels pixels = plain_picture();
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = pixels.data();
    image.width = kWidth;
    image.height = kHeight;
    image.colour = RESIDUA_COLOUR_RGB;
    for (const bool by_model : {false, true}) {
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        (by_model ? options.model : options.codec) = by_model ? added.name : "rc";
        options.effort = 1;
        residua::buffer out;
        EXPECT_EQ(residua_encode(context.get(), &image, &options, out.out()),
                  encodes ? RESIDUA_OK : RESIDUA_UNSUPPORTED);
        EXPECT_EQ(std::string(residua_last_error(context.get())).find("libx265") == std::string::npos,
                  encodes);
    }
}

// Files that keep another one byte for byte. They need no model.
struct KeptGolden {
    const char* file;
    int effort;               // 0: that no encoder has any more
    uint64_t checksum;        // of the bytes that are kept
    uint64_t pixel_checksum;  // 0: they have no pixels
};

void PrintTo(const KeptGolden& golden, std::ostream* out) { *out << golden.file; }

constexpr std::array kKeptGolden = {
    KeptGolden{"jpeg-phone-fast", 0, 0x390f9cfe69d8461f, 0x09e6a698443a9fa6},
    KeptGolden{"jpeg-phone", 5, 0x390f9cfe69d8461f, 0x09e6a698443a9fa6},
    KeptGolden{"jpeg-phone-dense", 9, 0x390f9cfe69d8461f, 0x09e6a698443a9fa6},
    KeptGolden{"jpeg-progressive", 5, 0x84138fe25eae5c80, 0xbc5d6a1757d01236},
    KeptGolden{"jpeg-progressive-dense", 9, 0x84138fe25eae5c80, 0xbc5d6a1757d01236},
    KeptGolden{"jpeg-grey-fast", 0, 0xd224db17876b7008, 0x6a9cb92431ef62a6},
    KeptGolden{"jpeg-cmyk", 5, 0x2dd8aa7e16b0b786, 0xc3c727551da8ff06},
    KeptGolden{"jpeg-arithmetic", 5, 0xa05fe8c2bd177165, 0xcb4f5d51b4c68609},
    KeptGolden{"jpeg-arithmetic-odd", 9, 0xd75522174c8ee814, 0x70ebb0004e2358ac},
    KeptGolden{"jpeg-odd", 5, 0x820731b0815d42f2, 0x7a2c863448a89824},
    KeptGolden{"jpeg-phone-light", 1, 0x390f9cfe69d8461f, 0x09e6a698443a9fa6},
    KeptGolden{"jpeg-progressive-light", 1, 0x84138fe25eae5c80, 0xbc5d6a1757d01236},
    // The bytes around the scan begin with what metadata often hold.
    KeptGolden{"jpeg-xmp", 5, 0x9bc94ebcbb6fc72a, 0xd770c8805b8fa3e1},
    KeptGolden{"jpeg-grey-light", 1, 0xd224db17876b7008, 0x6a9cb92431ef62a6},
    KeptGolden{"jpeg-cmyk-light", 1, 0x2dd8aa7e16b0b786, 0xc3c727551da8ff06},
    KeptGolden{"jpeg-none", 5, 0xc6eee82a7733654d, 0},
};

class KeptGoldenFile : public ::testing::TestWithParam<KeptGolden> {
  protected:
    void SetUp() override {
        try {
            residua_settings settings = RESIDUA_INIT(residua_settings);
            settings.threads = 1;
            context_.emplace(settings);
        } catch (const residua::error& failure) {
            if (failure.status() != RESIDUA_UNSUPPORTED) throw;
            GTEST_SKIP() << failure.what();
        }
    }

    std::optional<residua::context> context_;
    const std::vector<uint8_t> file_ = read_golden(GetParam().file, ".rsd");
};
INSTANTIATE_TEST_SUITE_P(Files, KeptGoldenFile, ::testing::ValuesIn(kKeptGolden), [](const auto& info) {
    std::string name = info.param.file;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST_P(KeptGoldenFile, GivesTheBytesAndThePixels) {
    EXPECT_EQ(residua_jpeg_is_kept(file_.data(), file_.size()), 1);
    const residua::buffer bytes = context_->jpeg_decode(file_.data(), file_.size());
    EXPECT_EQ(checksum64({bytes.data(), bytes.size()}), GetParam().checksum);
    const residua_info info = context_->inspect(file_.data(), file_.size());
    EXPECT_STREQ(info.codec, "jpeg");
    EXPECT_EQ(info.pixel_checksum, GetParam().pixel_checksum);
    if (GetParam().pixel_checksum == 0) return;
    const residua::image decoded = context_->decode(file_.data(), file_.size());  // compares the checksum
    EXPECT_EQ(decoded->width, info.width);
}

TEST_P(KeptGoldenFile, IsEncodedToTheSameBytes) {
    if (GetParam().effort == 0) GTEST_SKIP();
    const residua::buffer bytes = context_->jpeg_decode(file_.data(), file_.size());
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.effort = GetParam().effort;
    if (!residua_can_encode()) {
        residua_buffer none = {};
        EXPECT_EQ(residua_jpeg_encode(context_->get(), bytes.data(), bytes.size(), &options, &none),
                  RESIDUA_UNSUPPORTED);
        return;
    }
    const residua::buffer again = context_->jpeg_encode(bytes.data(), bytes.size(), options);
    EXPECT_TRUE(std::ranges::equal(std::span(again.data(), again.size()), file_));
}

#ifdef RESIDUA_ENCODER
#ifdef RESIDUA_TEST_LIBJPEG
// With an XMP packet as programs write it.
std::vector<uint8_t> with_xmp(std::vector<uint8_t> jpeg) {
    std::string segment = "http://ns.adobe.com/xap/1.0/";
    segment += '\0';
    segment +=
        "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"Adobe XMP Core 5.6.0\">\n"
        " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "  <rdf:Description rdf:about=\"\"\n"
        "    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n"
        "    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n"
        "    xmlns:photoshop=\"http://ns.adobe.com/photoshop/1.0/\"\n"
        "   xmp:CreateDate=\"2021-07-31T18:02:00+02:00\"\n"
        "   xmp:CreatorTool=\"Adobe Photoshop Lightroom\"\n"
        "   dc:format=\"image/jpeg\"\n"
        "   photoshop:ICCProfile=\"sRGB IEC61966-2.1\">\n"
        "   <dc:subject>\n    <rdf:Bag>\n     <rdf:li>golden</rdf:li>\n    </rdf:Bag>\n   </dc:subject>\n"
        "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n";
    segment += std::string(200, ' ') + "<?xpacket end=\"w\"?>";
    const size_t size = segment.size() + 2;
    const std::string marker = {'\xFF', '\xE1', static_cast<char>(size >> 8), static_cast<char>(size)};
    segment.insert(0, marker);
    jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
    return jpeg;
}

std::vector<uint8_t> kept_bytes(const std::string& name) {
    const auto is = [&](const char* kind) { return name.starts_with(std::string("jpeg-") + kind); };
    if (is("phone")) return phone_photo(125, 95);
    if (is("progressive"))
        return test::make_jpeg({.width = 125, .height = 95, .sampling = {{2, 1}}, .progressive = true}, 4);
    if (is("grey")) return test::make_jpeg({.width = 125, .height = 95, .space = test::JpegSpace::kGrey}, 5);
    if (is("cmyk")) return test::make_jpeg({.width = 125, .height = 95, .space = test::JpegSpace::kCmyk}, 6);
    if (is("arithmetic-odd")) return odd_arithmetic_jpeg(125, 95);
    if (is("arithmetic"))
        return test::make_jpeg({.width = 125,
                                .height = 95,
                                .sampling = {{2, 2}},
                                .arithmetic = true,
                                .other_conditioning = true},
                               7);
    if (is("odd")) return odd_jpeg(125, 95);
    if (is("xmp")) return with_xmp(test::make_jpeg({.width = 125, .height = 95}, 8));
    return plain_picture();
}

TEST(WriteGolden, KeptFilesOnlyWhenAsked) {
    const char* folder = std::getenv("RESIDUA_WRITE_GOLDEN");
    if (!folder) GTEST_SKIP();
    for (const KeptGolden& golden : kKeptGolden) {
        if (golden.effort == 0) continue;
        residua::context context;
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.effort = golden.effort;
        const std::vector<uint8_t> bytes = kept_bytes(golden.file);
        const residua::buffer coded = context.jpeg_encode(bytes.data(), bytes.size(), options);
        std::ofstream file(path_of(folder, golden.file, ".rsd"), std::ios::binary);
        file.write(reinterpret_cast<const char*>(coded.data()), static_cast<std::streamsize>(coded.size()));
        ASSERT_TRUE(file.good());
        std::printf(
            "%s: %zu bytes of %zu, checksums 0x%016llx, 0x%016llx\n", golden.file, coded.size(), bytes.size(),
            static_cast<unsigned long long>(checksum64(bytes)),
            static_cast<unsigned long long>(context.inspect(coded.data(), coded.size()).pixel_checksum));
    }
}

#endif

std::vector<uint8_t> make_model(const std::string& kind) {
    const std::string name = "golden-" + kind;
    if (kind == "rc") return make_test_model(1, name);
    if (kind == "l3c") return models::make_l3c_model({.name = name});
    if (kind == "scc") return models::write_model_file({.description = "name=" + name + "\ncodec=scc\n"});
    const bool seven_bits = kind == "olm-light" || kind == "olm-mid";
    return models::make_olm_model(name, olm::named_parameters(kind),
                                  seven_bits ? nn::ElementKind::kQ8 : nn::ElementKind::kU8);
}

TEST(WriteGolden, OnlyWhenAsked) {
    const char* folder = std::getenv("RESIDUA_WRITE_GOLDEN");
    if (!folder) GTEST_SKIP();
    const auto write = [&](const std::string& name, const char* extension, const auto& bytes) {
        std::ofstream file(path_of(folder, name, extension), std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        ASSERT_TRUE(file.good());
    };
    for (const Golden& golden : kGolden) {
        residua::context context;
        const std::vector<uint8_t> model = make_model(golden.model);
        context.add_model(model.data(), model.size());
        residua::research::encode_options options;
        const std::string name = std::string("golden-") + golden.model;
        options.model = name.c_str();
        options.adaptation = golden.adaptation;
        options.strip_height = golden.strip_height;
        options.effort = golden.effort;
        Pixels pixels = golden.picture();
        write(golden.model, ".rsm", model);
        const residua::buffer file = context.encode(view_of(golden, pixels), options);
        write(golden.file, ".rsd", std::vector<uint8_t>(file.data(), file.data() + file.size()));
        std::printf(
            "%s: checksum 0x%016llx\n", golden.file,
            static_cast<unsigned long long>(context.inspect(file.data(), file.size()).pixel_checksum));
    }
}
#endif

}  // namespace
}  // namespace residua::testing
