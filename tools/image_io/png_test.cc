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

struct Animation {
    uint32_t number = 0;
    Bytes control(uint32_t x, uint32_t y, uint32_t width, uint32_t height, int dispose = 0, int blend = 0) {
        return png_chunk("fcTL", joined({big_endian(number++, 4), big_endian(width, 4), big_endian(height, 4),
                                         big_endian(x, 4), big_endian(y, 4), Bytes{0, 1, 0, 10},
                                         Bytes{static_cast<uint8_t>(dispose), static_cast<uint8_t>(blend)}}));
    }
    // The pixels of a PNG of those rows.
    Bytes pixels(const PngKind& kind, const Bytes& rows) {
        const Bytes png = make_png(kind, rows);
        const size_t begin = 8 + 25 + 8, end = png.size() - 12 - 4;
        return png_chunk("fdAT",
                         joined({big_endian(number++, 4), std::span(png).subspan(begin, end - begin)}));
    }
    static Bytes head(uint32_t frames) {
        return png_chunk("acTL", joined({big_endian(frames, 4), big_endian(0, 4)}));
    }
};

Image page_of(const Bytes& file, uint32_t page) {
    ReadOptions options;
    options.page = page;
    return read_all(file, options);
}

TEST(Png, OneOfOneFrameIsAPictureAndOthersAreRefused) {
    const Bytes rows(48, 1);
    Animation one;
    const Bytes start = joined({Animation::head(1), one.control(0, 0, 4, 4)});
    const Image image = read_all(make_png({}, rows, start));
    EXPECT_TRUE(image.has("png:acTL"));
    EXPECT_TRUE(image.has("png:fcTL"));
    const Bytes second = joined({one.control(0, 0, 4, 4), one.pixels({}, Bytes(48, 2)), png_end()});
    const Bytes file = make_png({}, rows, start, second);
    const Refusal refusal = refusal_of(file);
    EXPECT_EQ(refusal.failure, Failure::kUnsupported);
    EXPECT_NE(refusal.message.find("animated PNG of 2 pictures; choose one with --page 1 to --page 2"),
              std::string::npos)
        << refusal.message;
    for (const uint32_t page : {1u, 2u}) {
        const Image chosen = page_of(file, page);
        EXPECT_EQ(chosen.pixels, Bytes(48, static_cast<uint8_t>(page)));
        EXPECT_TRUE(chosen.metadata.empty());
        EXPECT_EQ(chosen.lost, (std::vector<std::string>{"the other 1 picture of the animation"}));
    }
    ReadOptions options;
    options.page = 3;
    EXPECT_EQ(refusal_of(file, options).failure, Failure::kUnsupported);
}

TEST(Png, PagesOfAnAnimationAreAsShown) {
    // Grey and alpha, 4 x 1; the first picture is not part of the animation.
    const PngKind kind{4, 1, 8, 4};
    const Bytes first = {9, 9, 9, 9, 9, 9, 9, 9}, whole = {10, 255, 20, 255, 30, 255, 40, 0};
    Animation it;
    const Bytes after = joined({it.control(0, 0, 4, 1), it.pixels(kind, whole), it.control(1, 0, 2, 1, 2, 1),
                                it.pixels({2, 1, 8, 4}, {100, 255, 7, 0}),  // taken back afterwards
                                it.control(2, 0, 2, 1, 1, 1),
                                it.pixels({2, 1, 8, 4}, {90, 51, 60, 100}),  // cleared afterwards
                                it.control(0, 0, 1, 1), it.pixels({1, 1, 8, 4}, {5, 6}), png_end()});
    const Bytes file = make_png(kind, first, Animation::head(4), after);
    EXPECT_EQ(page_of(file, 1).pixels, first);
    EXPECT_EQ(page_of(file, 2).pixels, whole);
    EXPECT_EQ(page_of(file, 3).pixels, (Bytes{10, 255, 100, 255, 30, 255, 40, 0}));
    // A fifth of 90 over 30.
    EXPECT_EQ(page_of(file, 4).pixels, (Bytes{10, 255, 20, 255, 42, 255, 60, 100}));
    EXPECT_EQ(page_of(file, 5).pixels, (Bytes{5, 6, 20, 255, 0, 0, 0, 0}));
    EXPECT_EQ(page_of(file, 3).colour, Colour::kGrey);
    for (const uint8_t bits : {uint8_t{1}, uint8_t{16}}) {
        const Bytes rows = bits == 1 ? Bytes{0xa0} : Bytes{1, 2, 3, 4, 5, 6, 7, 8};
        Animation grey;
        const Bytes start = joined({Animation::head(2), grey.control(0, 0, 4, 1)});
        const Bytes again =
            joined({grey.control(1, 0, 1, 1), grey.pixels({1, 1, bits, 0}, {0x7f, 0xff}), png_end()});
        const Image page = page_of(make_png({4, 1, bits, 0}, rows, start, again), 2);
        EXPECT_FALSE(page.alpha);
        EXPECT_EQ(page.bits, bits == 1 ? 8u : 16u);
        Bytes expected = {255, 0, 255, 0};
        if (bits == 16) expected = {2, 1, 0xff, 0x7f, 6, 5, 8, 7};
        EXPECT_EQ(page.pixels, expected);
    }
}

TEST(Png, DamagedAnimations) {
    const Bytes rows(48, 1);
    const auto refused = [&](const std::function<Bytes(Animation&)>& after) {
        Animation it;
        const Bytes start = joined({Animation::head(2), it.control(0, 0, 4, 4)});
        ReadOptions options;
        options.page = 2;
        return refusal_of(make_png({}, rows, start, joined({after(it), png_end()})), options).failure;
    };
    EXPECT_EQ(refused([](Animation& it) { return it.control(0, 0, 4, 4); }), Failure::kDamaged);
    EXPECT_EQ(refused([](Animation& it) { return it.pixels({}, Bytes(48, 2)); }), Failure::kDamaged);
    const auto frame = [](uint32_t x, uint32_t width, uint32_t real) {
        return [=](Animation& it) {
            return joined({it.control(x, 0, width, 4), it.pixels({real, 4}, Bytes(48, 2))});
        };
    };
    EXPECT_EQ(refused(frame(1, 4, 4)), Failure::kDamaged);
    EXPECT_EQ(refused(frame(0, 0, 4)), Failure::kDamaged);
    EXPECT_EQ(refused(frame(0, 4, 2)), Failure::kDamaged);
    EXPECT_EQ(refused([](Animation&) { return png_chunk("fcTL", Bytes(25, 0)); }), Failure::kDamaged);
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

// What Deflate's own checksum proves needs no other.
TEST(Png, AWrongChecksumOfAChunkOfPixelsIsReadWhereTheyAreRight) {
    const Bytes rows = noise(size_t{40} * 30 * 3, 8);
    for (const bool interlaced : {false, true}) {
        const Bytes file = make_png({40, 30, 8, kRgb, interlaced}, rows);
        Bytes odd = file;
        odd[file.size() - 13] ^= 1;  // before IEND
        const Image image = read_all(odd);
        EXPECT_EQ(image.pixels, rows);
        ASSERT_EQ(image.notes.size(), 1u);
        EXPECT_NE(image.notes[0].find("checksum of a chunk of pixels"), std::string::npos);
        // One more wrong bit, in the pixels or in their checksum.
        for (const size_t at : {file.size() / 2, file.size() - 17}) {
            Bytes damaged = odd;
            damaged[at] ^= 1;
            const Refusal refusal = refusal_of(damaged);
            EXPECT_EQ(refusal.failure, Failure::kDamaged);
            EXPECT_NE(refusal.message.find("checksum of its pixels"), std::string::npos);
        }
    }
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
