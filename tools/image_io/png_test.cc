#include <cstring>

#include "image_io/bits.h"
#include "image_io/test_files.h"

namespace image_io {
namespace {

constexpr uint8_t kGrey = 0, kRgb = 2, kIndexed = 3, kGreyAlpha = 4, kRgbAlpha = 6;

// Samples as the file has them: packed, or of 16 bits the higher byte first.
Bytes stored(const Bytes& samples, uint32_t bits, uint32_t row_samples) {
    if (bits == 16) {
        Bytes file = samples;
        from_big_endian(file.data(), file.size() / 2);  // its own inverse
        return file;
    }
    Bytes file;
    for (size_t i = 0, used = 0; i < samples.size(); ++i) {
        if (i % row_samples == 0) used = 0;
        if (used % 8 == 0) file.push_back(0);
        file.back() |= static_cast<uint8_t>(samples[i] << (8 - bits - used % 8));
        used += bits;
    }
    return file;
}

TEST(Png, EveryKindAsTheFileHasIt) {
    const struct {
        uint8_t type, bits;
        Colour colour;
        bool alpha;
    } kinds[] = {{kGrey, 1, Colour::kGrey, false},      {kGrey, 2, Colour::kGrey, false},
                 {kGrey, 4, Colour::kGrey, false},      {kGrey, 8, Colour::kGrey, false},
                 {kGrey, 16, Colour::kGrey, false},     {kRgb, 8, Colour::kRgb, false},
                 {kRgb, 16, Colour::kRgb, false},       {kGreyAlpha, 8, Colour::kGrey, true},
                 {kGreyAlpha, 16, Colour::kGrey, true}, {kRgbAlpha, 8, Colour::kRgb, true},
                 {kRgbAlpha, 16, Colour::kRgb, true}};
    for (const auto& kind : kinds)
        for (const uint32_t side : {1U, 2U, 5U, 21U})
            for (const bool interlaced : {false, true}) {
                SCOPED_TRACE(std::to_string(kind.type) + " " + std::to_string(kind.bits) + " " +
                             std::to_string(side) + (interlaced ? " interlaced" : ""));
                const uint32_t channels = (kind.colour == Colour::kGrey ? 1 : 3) + (kind.alpha ? 1 : 0);
                const Bytes samples = noise(size_t{side} * (side + 2) * channels, kind.bits);
                const Bytes rows = stored(samples, kind.bits, side * channels);
                const Image image =
                    read_all(make_png({side, side + 2, kind.bits, kind.type, interlaced}, rows));
                EXPECT_EQ(image.colour, kind.colour);
                EXPECT_EQ(image.alpha, kind.alpha);
                EXPECT_EQ(image.bits, kind.bits);
                EXPECT_EQ(image.pixels, samples);
                EXPECT_EQ(image.has("png:IHDR"), interlaced);
                EXPECT_TRUE(image.lost.empty());
                EXPECT_TRUE(image.notes.empty());
            }
}

TEST(Png, PalettesComeWithAllThatRestoresThem) {
    const Bytes colours = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const Bytes numbers = {0, 1, 2, 3, 1};  // number 3 is in no palette
    const auto rows = stored(numbers, 2, 5);
    const auto palette = png_chunk("PLTE", colours);
    const Image opaque = read_all(make_png({5, 1, 2, kIndexed}, rows, palette));
    EXPECT_EQ(opaque.bits, 8u);
    EXPECT_FALSE(opaque.alpha);
    EXPECT_EQ(opaque.pixels, Bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 4, 5, 6}));
    EXPECT_EQ(opaque.find("png:IHDR")[8], 2);
    EXPECT_EQ(text_of(opaque.find("png:PLTE")), text_of(colours));

    const Bytes opacity = {255, 7};
    const Image clear =
        read_all(make_png({5, 1, 2, kIndexed, true}, rows, joined({palette, png_chunk("tRNS", opacity)})));
    EXPECT_TRUE(clear.alpha);
    EXPECT_EQ(clear.pixels, Bytes({1, 2, 3, 255, 4, 5, 6, 7, 7, 8, 9, 255, 0, 0, 0, 255, 4, 5, 6, 7}));
    EXPECT_EQ(text_of(clear.find("png:tRNS")), text_of(opacity));

    // One that shows nothing makes no channel, but is kept.
    const Bytes all = {255, 255};
    const Image plain =
        read_all(make_png({5, 1, 2, kIndexed}, rows, joined({palette, png_chunk("tRNS", all)})));
    EXPECT_FALSE(plain.alpha);
    EXPECT_TRUE(plain.has("png:tRNS"));
    EXPECT_EQ(refusal_of(make_png({5, 1, 2, kIndexed}, rows)).failure, Failure::kDamaged);
    Bytes broken = palette;
    broken.back() ^= 1;
    EXPECT_EQ(refusal_of(make_png({5, 1, 2, kIndexed}, rows, broken)).failure, Failure::kDamaged);
}

TEST(Png, AColourKeyIsMetadata) {
    const Bytes rows(4 * 4 * 3, 9);
    const Image image = read_all(make_png({}, rows, png_chunk("tRNS", Bytes(6, 0))));
    EXPECT_FALSE(image.alpha);
    EXPECT_EQ(metadata_of(image), (std::vector<Entry>{{"png:tRNS", std::string(6, '\0')}}));
}

TEST(Png, OneOfOneFrameIsAPictureAndOthersAreRefused) {
    const Bytes rows(48, 1);
    const auto control = [](uint32_t frames) {
        return png_chunk("acTL", joined({big_endian(frames, 4), big_endian(0, 4)}));
    };
    EXPECT_TRUE(read_all(make_png({}, rows, control(1))).has("png:acTL"));
    const Refusal refusal = refusal_of(make_png({}, rows, control(3)));
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("animated PNG of 3 pictures"), std::string::npos) << refusal.message;
}

// A few bytes that claim a huge picture, interlaced or not.
TEST(Png, ClaimsWithoutPixelsAreRefusedBeforeAnythingIsHeld) {
    for (const bool interlaced : {false, true}) {
        Bytes file = make_png({4, 4, 8, kRgb, interlaced}, Bytes(48, 0));
        const Bytes header =
            joined({big_endian(65535, 4), big_endian(65535, 4), Bytes{8, kRgb, 0, 0, interlaced}});
        const Bytes chunk = png_chunk("IHDR", header);
        std::copy(chunk.begin(), chunk.end(), file.begin() + 8);
        EXPECT_NE(refusal_of(file).message.find("claims too many"), std::string::npos);
    }
    // With pixels that deflate makes of few bytes, the limit is what keeps memory.
    const Bytes zeros(size_t{1000} * 1000 * 3, 0);
    const Bytes file = make_png({1000, 1000, 8, kRgb, true}, zeros);
    EXPECT_LT(file.size(), 10000u);
    ReadOptions options;
    options.max_bytes = 2'000'000;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kMemory);
    int asked = 0;
    options = {UINT64_MAX, 0, [&asked] { return ++asked > 10; }};
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kInterrupted);
}

TEST(Png, DamageOfPixelsIsAnErrorAndTheLimitIsKept) {
    const Bytes rows = noise(size_t{40} * 30 * 3, 8);
    const Bytes file = make_png({40, 30}, rows);
    for (size_t size : {size_t{8}, size_t{20}, file.size() / 2, file.size() - 13})
        EXPECT_EQ(refusal_of(std::span(file).first(size)).failure, Failure::kDamaged) << size;
    Bytes damaged = file;
    damaged[file.size() / 2] ^= 0x40;
    EXPECT_EQ(refusal_of(damaged).failure, Failure::kDamaged);
    ReadOptions options;
    options.max_bytes = rows.size() - 1;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kMemory);
    const Refusal unknown = refusal_of(make_png({}, Bytes(48, 0), png_chunk("QQQQ", "x")));
    EXPECT_EQ(unknown.failure, Failure::kUnsupported);
}

}  // namespace
}  // namespace image_io
