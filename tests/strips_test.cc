// Pictures by rows, and files of strips: the same bytes and pixels as in one go, whatever the way.
#include "support/strips.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <residua/research.hpp>
#include <stdexcept>

#include "codec/enc_rows.h"
#include "stages/methods.h"
#include "support/context.h"

namespace residua::testing {
namespace {

constexpr uint32_t kWidth = 40, kHeight = 75, kStrip = 32, kStrips = 3;

class Strips : public ::testing::TestWithParam<const char*> {
  protected:
    Strips() : context_(context_of_every_codec()) {}

    residua_encode_options options(uint64_t strip_height = kStrip) const {
        return strip_options(GetParam(), strip_height);
    }

    // All ways to code the picture, and all ways back.
    void expect_all_ways(TestPicture picture, uint64_t strip_height) {
        const FileBytes whole = bytes_of(context_.encode(picture.image(), options(strip_height)));
        EXPECT_EQ(encode_rows(context_, picture, options(strip_height)), whole);
        const residua::image decoded = context_.decode(whole.data(), whole.size());
        ASSERT_EQ(decoded->width, picture.width);
        ASSERT_EQ(decoded->height, picture.height);
        ASSERT_EQ(channels(decoded.get()), picture.channels);
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
        context_.verify(whole.data(), whole.size());
        for (const bool size_known : {false, true}) {
            for (const size_t step : {size_t{1}, size_t{1000}, SIZE_MAX}) {
                RowsDecoded rows;
                decode_rows(context_, whole, rows, size_known, step);
                EXPECT_EQ(rows.width, picture.width);
                EXPECT_EQ(rows.height, picture.height);
                EXPECT_EQ(rows.channels, picture.channels);
                EXPECT_EQ(rows.rows, picture.height);
                EXPECT_EQ(rows.pixels, picture.pixels);
            }
        }
    }

    residua::context context_;
};
INSTANTIATE_TEST_SUITE_P(Models, Strips, ::testing::Values("test", "scales", "experts"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Strips, AreTheSameByRowsAndAsAWhole) {
    for (const uint32_t channels : {1u, 3u})
        for (const uint64_t strip_height : {16u, 32u, 64u, 80u, 0u})
            expect_all_ways(make_picture(kWidth, kHeight, channels), strip_height);
}

// From the first strip, over a border, over two, and all of it.
TEST_P(Strips, GiveARegionOfThePicture) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    for (const uint64_t height : {uint64_t{kStrip}, uint64_t{0}}) {
        const FileBytes file = bytes_of(context_.encode(picture.image(), options(height)));
        for (const auto& [x, y, w, h] : std::vector<std::array<uint32_t, 4>>{{3, 5, 7, 9},
                                                                             {0, 30, kWidth, 4},
                                                                             {39, 31, 1, 34},
                                                                             {12, 64, 20, 11},
                                                                             {0, 0, kWidth, kHeight}}) {
            const residua::image region = context_.decode_region(file.data(), file.size(), x, y, w, h);
            ASSERT_EQ(region->width, w);
            ASSERT_EQ(region->height, h);
            EXPECT_EQ(region->metadata_count, 0u);
            for (uint32_t row = 0; row < h; ++row)
                EXPECT_TRUE(std::equal(region.pixels() + size_t{row} * w * 3,
                                       region.pixels() + size_t{row + 1} * w * 3,
                                       picture.pixels.data() + (size_t{y + row} * kWidth + x) * 3))
                    << x << ' ' << y << ' ' << row;
        }
        for (const auto& [x, y, w, h] :
             std::vector<std::array<uint32_t, 4>>{{0, 0, 0, 1},
                                                  {0, 0, 1, 0},
                                                  {0, 0, kWidth + 1, 1},
                                                  {kWidth, 0, 1, 1},
                                                  {0, 70, 1, 6},
                                                  {1, 1, UINT32_MAX, UINT32_MAX},
                                                  {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}})
            EXPECT_EQ(residua_decode_region(context_.get(), file.data(), file.size(), x, y, w, h,
                                            residua::image().out()),
                      RESIDUA_INVALID_ARGUMENT);
    }
}

// By rows, however many strips a part has, no more than one is in memory; and its rows are those of the
// picture.
TEST_P(Strips, GiveARegionByRowsInTheMemoryOfOneStrip) {
    const auto peak_of = [&](uint32_t height) {
        TestPicture picture = make_picture(kWidth, height, 3);
        residua_encode_options chosen = options();
        const FileBytes file = bytes_of(context_.encode(picture.image(), chosen));
        residua::context context = context_of_every_codec();
        size_t given = 0;
        uint32_t next = 0;
        context.decode_region_rows(
            [&](void* data, size_t size) {
                const size_t count = std::min(size, file.size() - given);
                std::copy_n(file.data() + given, count, static_cast<uint8_t*>(data));
                given += count;
                return count;
            },
            0, 3, 5, kWidth - 4, height - 9,
            [&](const residua_image& image) {
                EXPECT_EQ(image.width, kWidth);
                EXPECT_EQ(image.height, height);
            },
            [&](uint32_t y, uint32_t rows, const void* pixels) {
                EXPECT_EQ(y, next);
                const auto* row = static_cast<const uint8_t*>(pixels);
                for (; rows > 0; --rows, ++next, row += (kWidth - 4) * 3)
                    EXPECT_TRUE(std::equal(row, row + (kWidth - 4) * 3,
                                           picture.pixels.data() + (size_t{next + 5} * kWidth + 3) * 3))
                        << next;
            });
        EXPECT_EQ(next, height - 9);
        return context.peak_memory();
    };
    const uint64_t two = peak_of(2 * kStrip), twelve = peak_of(12 * kStrip);
    EXPECT_LE(twelve, two + 2000) << "which is less than a strip's pixels";
}

TEST_P(Strips, OutsideTheRegionAreNotDecoded) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    StripFile strips = StripFile::parse(bytes_of(context_.encode(picture.image(), options())));
    FileBytes& middle = strips.parts[1];
    middle[middle.size() / 2] ^= 1;
    const FileBytes file = strips.bytes();
    const auto region = [&](uint32_t y, uint32_t height) {
        return status_of([&] { context_.decode_region(file.data(), file.size(), 0, y, kWidth, height); });
    };
    EXPECT_EQ(region(0, kStrip), RESIDUA_OK);
    EXPECT_EQ(region(0, kStrip + 1), RESIDUA_CORRUPT);
    EXPECT_EQ(region(kStrip, 1), RESIDUA_CORRUPT);
}

TEST_P(Strips, MayBeStoredAsGreyByThemselves) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    for (size_t i = size_t{kStrip} * kWidth * 3; i < size_t{2 * kStrip} * kWidth * 3; ++i)
        picture.pixels[i] = picture.pixels[i / 3 * 3];
    expect_all_ways(picture, kStrip);
    const FileBytes file = bytes_of(context_.encode(picture.image(), options()));
    const StripFile strips = StripFile::parse(file);
    ASSERT_EQ(strips.parts.size(), kStrips);
    EXPECT_EQ(codec::parse_file(strips.parts[0]).header.kind, container::Kind::kRgb);
    EXPECT_EQ(codec::parse_file(strips.parts[1]).header.kind, container::Kind::kRgbStoredAsGrey);
    EXPECT_EQ(residua::research::inspect(context_, file.data(), file.size()).coded_channels, 3u);
}

TEST_P(Strips, AreFilesByThemselves) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    const StripFile strips = StripFile::parse(bytes_of(context_.encode(picture.image(), options())));
    for (size_t i = 0; i < strips.parts.size(); ++i) {
        TestPicture strip{kWidth, std::min(kStrip, kHeight - static_cast<uint32_t>(i) * kStrip), 3, {}};
        const auto from = picture.pixels.begin() + static_cast<ptrdiff_t>(i * size_t{kStrip} * kWidth * 3);
        strip.pixels.assign(from, from + static_cast<ptrdiff_t>(size_t{strip.height} * kWidth * 3));
        EXPECT_EQ(bytes_of(context_.encode(strip.image(), options(0))), strips.parts[i]);
    }
}

TEST_P(Strips, WithAHeightNotBelowThePicturesItIsNotCut) {
    TestPicture picture = make_picture(kWidth, 64, 3);
    const FileBytes whole = bytes_of(context_.encode(picture.image(), options(0)));
    EXPECT_EQ(whole[4], 1);
    for (const uint64_t height : {uint64_t{64}, uint64_t{80}, uint64_t{1} << 40})
        EXPECT_EQ(bytes_of(context_.encode(picture.image(), options(height))), whole) << height;
    EXPECT_EQ(bytes_of(context_.encode(picture.image(), options(48)))[4], 2);
}

TEST_P(Strips, HeightsAreMultiplesOf16) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    for (const uint64_t height : {1u, 15u, 17u, 100u}) {
        try {
            context_.encode(picture.image(), options(height));
            ADD_FAILURE() << height;
        } catch (const residua::error& error) {
            EXPECT_EQ(error.status(), RESIDUA_INVALID_ARGUMENT);
        }
    }
}

TEST_P(Strips, AreHandedOverOneByOne) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    std::vector<size_t> pieces;
    const FileBytes file = encode_rows(context_, picture, options(), &pieces);
    const StripFile strips = StripFile::parse(file);
    for (const FileBytes& part : strips.parts)
        EXPECT_EQ(std::count(pieces.begin(), pieces.end(), part.size()), 1) << part.size();
}

TEST_P(Strips, KeepMetadataOnceInTheirHead) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    const FileBytes icc(300, 7), exif = {'I', 'I', '*', 0}, xmp = {'<', '>'};
    residua_row_source metadata = RESIDUA_INIT(residua_row_source);
    const residua_metadata entries[] = {
        {"icc", icc.data(), icc.size()}, {"exif", exif.data(), exif.size()}, {"xmp", xmp.data(), xmp.size()}};
    metadata.metadata = entries;
    metadata.metadata_count = 3;
    for (const uint64_t height : {uint64_t{kStrip}, uint64_t{0}}) {
        const FileBytes file = encode_rows(context_, picture, options(height), nullptr, metadata);
        RowsDecoded rows;
        decode_rows(context_, file, rows, false);
        EXPECT_EQ(rows.icc, icc);
        EXPECT_EQ(rows.exif, exif);
        EXPECT_EQ(rows.xmp, xmp);
        const residua::image decoded = context_.decode(file.data(), file.size());
        EXPECT_EQ(metadata_of(decoded.get(), "icc"), icc);
        EXPECT_EQ(metadata_of(decoded.get(), "exif"), exif);
        EXPECT_EQ(metadata_of(decoded.get(), "xmp"), xmp);
    }
}

TEST_P(Strips, AreDescribedTogether) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    const FileBytes icc(300, 7);
    residua_row_source metadata = RESIDUA_INIT(residua_row_source);
    const residua_metadata entry = {"icc", icc.data(), icc.size()};
    metadata.metadata = &entry;
    metadata.metadata_count = 1;
    const FileBytes file = encode_rows(context_, picture, options(), nullptr, metadata);
    const residua_info info = context_.inspect(file.data(), file.size());
    EXPECT_EQ(info.format_version, 2u);
    EXPECT_EQ(info.width, kWidth);
    EXPECT_EQ(info.height, kHeight);
    EXPECT_EQ(info.colour, static_cast<uint32_t>(RESIDUA_COLOUR_RGB));
    EXPECT_EQ(info.strip_count, kStrips);
    EXPECT_EQ(info.strip_height, kStrip);
    EXPECT_EQ(info.file_size, file.size());
    EXPECT_EQ(info.metadata_size, icc.size());
    EXPECT_STREQ(info.model_name, GetParam());
    const residua_research_info sizes = residua::research::inspect(context_, file.data(), file.size());
    uint64_t residual = 0, all = sizes.lossy_size + sizes.residual_size + sizes.metadata_size +
                                 sizes.tau_size + sizes.overhead_size;
    for (uint64_t size : sizes.latent_size) all += size;
    EXPECT_EQ(all, file.size());
    uint32_t tiles = 0;
    for (const FileBytes& part : StripFile::parse(file).parts) {
        const residua_research_info of_part = residua::research::inspect(context_, part.data(), part.size());
        const residua_info part_info = context_.inspect(part.data(), part.size());
        EXPECT_EQ(part_info.strip_count, 1u);
        EXPECT_EQ(part_info.strip_height, part_info.height);
        EXPECT_EQ(part_info.format_version, 1u);
        residual += of_part.residual_size;
        tiles += of_part.tile_count;
    }
    EXPECT_EQ(sizes.residual_size, residual);
    EXPECT_EQ(sizes.tile_count, tiles);
    EXPECT_DOUBLE_EQ(sizes.bpsp, 8.0 * static_cast<double>(file.size()) / (kWidth * kHeight * 3));
}

TEST_P(Strips, HaveAPreviewWhereTheirCodecHasOne) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    const FileBytes file = bytes_of(context_.encode(picture.image(), options()));
    residua_buffer bpg;
    EXPECT_EQ(residua_preview_bpg(context_.get(), file.data(), file.size(), &bpg), RESIDUA_UNSUPPORTED);
    if (GetParam() == std::string("experts")) {
        EXPECT_THROW(context_.preview(file.data(), file.size()), residua::error);
        return;
    }
    const residua::image preview = context_.preview(file.data(), file.size());
    ASSERT_EQ(preview->height, kHeight);
    size_t row = 0;
    for (const FileBytes& part : StripFile::parse(file).parts) {
        const residua::image of_part = context_.preview(part.data(), part.size());
        const size_t bytes = size_t{of_part->height} * kWidth * 3;
        EXPECT_TRUE(std::equal(of_part.pixels(), of_part.pixels() + bytes, preview.pixels() + row));
        row += bytes;
    }
}

// Parts of any codec and model can stand together.
TEST(StripsOfSeveralModels, AreDecoded) {
    residua::context context = context_of_every_codec();
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    StripFile mixed = StripFile::parse(bytes_of(context.encode(picture.image(), strip_options("test", 32))));
    mixed.parts[1] =
        StripFile::parse(bytes_of(context.encode(picture.image(), strip_options("scales", 32)))).parts[1];
    mixed.parts[2] =
        StripFile::parse(bytes_of(context.encode(picture.image(), strip_options("experts", 32)))).parts[2];
    RowsDecoded rows;
    decode_rows(context, mixed.bytes(), rows, false);
    EXPECT_EQ(rows.pixels, picture.pixels);
    const FileBytes bytes = mixed.bytes();
    EXPECT_EQ(context.inspect(bytes.data(), bytes.size()).strip_count, kStrips);
}

void expect_one_progression(const std::vector<double>& fractions) {
    EXPECT_TRUE(std::is_sorted(fractions.begin(), fractions.end()));
    EXPECT_EQ(fractions.back(), 1);
    EXPECT_TRUE(std::any_of(fractions.begin(), fractions.end(), [](double f) { return f > 0.3 && f < 0.7; }));
}

TEST_P(Strips, ReportOneProgressAndAreCancelled) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    Progress encoding;
    residua::context encoder = context_of_every_codec(encoding.settings());
    const FileBytes file = encode_rows(encoder, picture, options());
    expect_one_progression(encoding.seen);
    Progress decoding;
    residua::context decoder = context_of_every_codec(decoding.settings());
    RowsDecoded rows;
    decode_rows(decoder, file, rows, true);
    expect_one_progression(decoding.seen);

    for (const double at : {0.0, 0.4, 0.9, 1.0}) {
        Progress progress;
        progress.cancel_at = at;
        residua::context context = context_of_every_codec(progress.settings());
        EXPECT_EQ(status_of([&] { encode_rows(context, picture, options()); }), RESIDUA_CANCELLED) << at;
        RowsDecoded part;
        EXPECT_EQ(status_of([&] { decode_rows(context, file, part, true); }), RESIDUA_CANCELLED) << at;
    }
}

// What choosing Q for the second strip reports must not fall behind the first one's end.
TEST(StripsProgress, NeverFallsWithAQClassifier) {
    Progress progress;
    residua::context context =
        context_with({models::with_q_classifier(make_test_model(1, "choosing"),
                                                models::make_random_q_classifier(10, 7, 3))},
                     progress.settings());
    encode_rows(context, make_picture(kWidth, kHeight, 3), strip_options("choosing", kStrip));
    expect_one_progression(progress.seen);
}

TEST(StripsMemory, IsThatOfOneStrip) {
    const TestPicture low = make_picture(200, 64, 3), high = make_picture(200, 1024, 3);
    const auto peaks = [](const TestPicture& picture) {
        residua::context encoder = context_of_every_codec(), decoder = context_of_every_codec();
        const FileBytes file = encode_rows(encoder, picture, strip_options("experts", 32));
        RowsDecoded rows;
        decode_rows(decoder, file, rows, false);
        return std::pair(encoder.peak_memory(), decoder.peak_memory());
    };
    const auto [encode_low, decode_low] = peaks(low);
    const auto [encode_high, decode_high] = peaks(high);
    EXPECT_LT(static_cast<double>(encode_high), 1.1 * static_cast<double>(encode_low));
    EXPECT_LT(static_cast<double>(decode_high), 1.1 * static_cast<double>(decode_low) + (1 << 20));
}

TEST(StripsAutomatic, OnlyForLargePicturesOfOlm) {
    const auto height = [](int width, int rows, uint64_t asked = 0, const char* codec = "olm") {
        return codec::choose_strip_height(asked, codec::method_named(codec), width, rows);
    };
    EXPECT_EQ(height(4096, 3072), 0) << "12 * 2^20 pixels";
    EXPECT_EQ(height(4096, 3073), 1552) << "two of equal height";
    EXPECT_EQ(height(4096, 3073, 0, "rc"), 0);
    EXPECT_EQ(height(4096, 3073, 0, "l3c"), 0);
    EXPECT_EQ(height(4096, 3073, 64, "rc"), 64);
    EXPECT_EQ(height(4096, 3073, 3072), 3072);
    EXPECT_EQ(height(4096, 3073, 3088), 0);
    for (const int width : {200, 1000, 11500, 65535})
        for (const int rows : {4000, 9000, 65535}) {
            const int64_t pixels = int64_t{width} * rows, most = int64_t{8} << 20;
            const int strip = height(width, rows);
            if (pixels <= int64_t{12} << 20) {
                EXPECT_EQ(strip, 0);
                continue;
            }
            EXPECT_EQ(strip % 16, 0);
            EXPECT_LT(strip, rows);
            EXPECT_LE(int64_t{width} * strip, most);
            EXPECT_GT(int64_t{width} * strip, most / 3) << width << "x" << rows;
        }
}

TEST_P(Strips, TheFunctionsErrorsEndTheCall) {
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    residua_row_source source = RESIDUA_INIT(residua_row_source);
    source.width = kWidth, source.height = kHeight, source.colour = RESIDUA_COLOUR_RGB;
    const auto fails_at = [](int& calls, int last) {
        if (++calls > last) throw std::out_of_range("mine");
    };
    for (int last = 0; last < 2; ++last) {
        int calls = 0;
        EXPECT_THROW(context_.encode_rows(
                         source, [&](uint32_t, uint32_t, void*) { fails_at(calls, last); },
                         [](const void*, size_t) {}, options()),
                     std::out_of_range);
        calls = 0;
        EXPECT_THROW(context_.encode_rows(
                         source,
                         [&](uint32_t, uint32_t rows, void* pixels) {
                             std::fill_n(static_cast<uint8_t*>(pixels), rows * kWidth * 3, uint8_t{9});
                         },
                         [&](const void*, size_t) { fails_at(calls, last); }, options()),
                     std::out_of_range);
        const FileBytes file = bytes_of(context_.encode(picture.image(), options()));
        calls = 0;
        EXPECT_THROW(context_.verify_rows(
                         [&](void* data, size_t) {
                             fails_at(calls, last);
                             *static_cast<uint8_t*>(data) = file[static_cast<size_t>(calls - 1)];
                             return 1;
                         },
                         0),
                     std::out_of_range);
    }
    residua_byte_source failing = RESIDUA_INIT(residua_byte_source);
    failing.read = [](void*, void*, size_t) -> int64_t { return -1; };
    EXPECT_EQ(residua_decode_rows(context_.get(), &failing, nullptr), RESIDUA_IO);
    failing.read = [](void*, void*, size_t size) { return static_cast<int64_t>(size) + 1; };
    EXPECT_EQ(residua_decode_rows(context_.get(), &failing, nullptr), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(residua_decode_rows(context_.get(), nullptr, nullptr), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(residua_encode_rows(context_.get(), nullptr, nullptr, nullptr), RESIDUA_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace residua::testing
