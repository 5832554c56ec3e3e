// Pictures through the public API and back.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <residua/research.hpp>

#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

residua::context make_context(size_t threads = 1,
                              const residua_settings& base = RESIDUA_INIT(residua_settings)) {
    residua_settings settings = base;
    settings.threads = threads;
    using models::L3cVariant;
    return context_with(
        {make_test_model(), make_test_model(1, "plain", models::Conditioning::kPaper),
         models::make_l3c_model({.name = "scales"}),
         models::make_l3c_model({.variant = L3cVariant::kRgb, .name = "pyramid"}),
         models::make_l3c_model({.variant = L3cVariant::kRgbShared, .scales = 4, .name = "shared"}),
         models::make_olm_model()},
        settings);
}

residua::research::encode_options fast_options(const char* model = "test") {
    residua::research::encode_options options;
    options.model = model;
    options.effort = 1;
    return options;
}

bool has_experts(const std::string& model) { return model == "experts"; }
bool has_scales(const std::string& model) {
    return model != "test" && model != "plain" && !has_experts(model);
}

// The models of make_context: RC with both kinds of conditioning, L3C and its baselines, OLM.
class EveryModel : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(RoundTrip, EveryModel,
                         ::testing::Values("test", "plain", "scales", "pyramid", "shared", "experts"),
                         [](const auto& info) { return std::string(info.param); });

void expect_round_trip(TestPicture picture, const residua_encode_options& options = fast_options()) {
    residua::context context = make_context(2);
    const residua::buffer file = context.encode(picture.image(), options);
    const residua::image decoded = context.decode(file.data(), file.size());
    ASSERT_EQ(decoded->width, picture.width);
    ASSERT_EQ(decoded->height, picture.height);
    ASSERT_EQ(channels(decoded.get()), picture.channels);
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
}

class Sizes : public ::testing::TestWithParam<std::tuple<uint32_t, uint32_t, uint32_t, const char*>> {};

TEST_P(Sizes, ComeBackExactly) {
    const auto [width, height, channels, model] = GetParam();
    expect_round_trip(make_picture(width, height, channels), fast_options(model));
}

INSTANTIATE_TEST_SUITE_P(RoundTrip, Sizes,
                         ::testing::Combine(::testing::Values(1, 2, 3, 17, 64, 133),
                                            ::testing::Values(1, 2, 5, 16, 47, 90), ::testing::Values(1, 3),
                                            ::testing::Values("test", "scales", "experts")));

TEST_P(EveryModel, CodesSomeSizes) {
    for (uint32_t channels : {1u, 3u})
        for (uint32_t side : {1u, 18u, 45u})
            expect_round_trip(make_picture(side, side + 2, channels), fast_options(GetParam()));
}

TEST_P(EveryModel, CodesSeveralTiles) {
    residua::context context = make_context(2);
    // OLM's tiles are wide, the others' are cut in both directions.
    const bool wide = has_experts(GetParam());
    const uint32_t width = wide ? 4112 : 540, height = wide ? 40 : has_scales(GetParam()) ? 1050 : 530;
    TestPicture picture = make_picture(width, height, 3);
    const residua::buffer file = context.encode(picture.image(), fast_options(GetParam()));
    const residua_research_info info = residua::research::inspect(context, file.data(), file.size());
    EXPECT_LT(info.tile_width, width);
    if (!wide) {
        EXPECT_LT(info.tile_height, height);
    }
    const residua::image decoded = context.decode(file.data(), file.size());
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
}

TEST(RoundTrip, EveryEffortAndDepth) {
    residua::research::encode_options options = fast_options();
    for (int effort : {1, 5, 7, 9}) {
        for (int depth : {8, 10}) {
            options.effort = effort;
            options.bit_depth = depth;
            expect_round_trip(make_picture(50, 33, 3), options);
        }
    }
}

// Efforts stand for models of OLM where no model is named; a named one is taken at every effort. (The
// released models, where they are built in, have the names that are looked for, too.)
TEST(RoundTrip, EveryEffortHasItsModel) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = 1;
    residua::context context(settings);
    const std::map<int, std::string> expected = {{0, "olm-mid"},  {1, "olm-light"}, {2, "olm-light"},
                                                 {3, "olm-fast"}, {4, "olm-mid"},   {6, "olm-mid"},
                                                 {7, "olm"},      {8, "olm"},       {9, "olm-best"}};
    for (const char* name : olm::kParameterNames) {
        const auto model = models::make_olm_model(name, olm::named_parameters(name));
        context.add_model(model.data(), model.size());
    }
    const auto named = models::make_olm_model("experts");
    context.add_model(named.data(), named.size());
    TestPicture picture = make_picture(40, 16, 3);
    const auto model_of = [&](const residua_encode_options& options) {
        const residua::buffer file = context.encode(picture.image(), options);
        const residua::image decoded = context.decode(file.data(), file.size());
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
        return std::string(context.inspect(file.data(), file.size()).model_name);
    };
    for (const auto& [effort, name] : expected) {
        residua::research::encode_options options;
        options.effort = effort;
        EXPECT_EQ(model_of(options), name) << effort;
        options.codec = "olm";
        EXPECT_EQ(model_of(options), name) << effort;
        options.codec = nullptr;
        options.model = "experts";
        EXPECT_EQ(model_of(options), "experts") << effort;
    }
}

TEST_P(EveryModel, CodesExtremePictures) {
    TestPicture picture = make_picture(40, 40, 3);
    residua::research::encode_options options = fast_options(GetParam());
    for (int value : {0, 255}) {
        std::fill(picture.pixels.begin(), picture.pixels.end(), static_cast<uint8_t>(value));
        expect_round_trip(picture, options);
    }
    for (size_t i = 0; i < picture.pixels.size(); ++i)
        picture.pixels[i] = (i * 2654435761u >> 13) & 1 ? 255 : 0;
    expect_round_trip(picture, options);
}

TEST(RoundTrip, NoiseAtExtremeQ) {
    TestPicture picture = make_picture(40, 40, 3);
    for (size_t i = 0; i < picture.pixels.size(); ++i)
        picture.pixels[i] = (i * 2654435761u >> 13) & 1 ? 255 : 0;
    residua::research::encode_options options = fast_options();
    for (int q : {1, 51}) {
        options.q = q;
        expect_round_trip(picture, options);
    }
}

TEST_P(EveryModel, GreyStoredForRgbCostsNoMoreThanGrey) {
    TestPicture grey = make_picture(80, 60, 1);
    TestPicture rgb = make_picture(80, 60, 3);
    for (size_t i = 0; i < grey.pixels.size(); ++i)
        for (size_t c = 0; c < 3; ++c) rgb.pixels[3 * i + c] = grey.pixels[i];
    residua::context context = make_context();
    const residua::buffer grey_file = context.encode(grey.image(), fast_options(GetParam()));
    const residua::buffer rgb_file = context.encode(rgb.image(), fast_options(GetParam()));
    EXPECT_EQ(grey_file.size(), rgb_file.size());
    EXPECT_EQ(residua::research::inspect(context, rgb_file.data(), rgb_file.size()).coded_channels, 1u);
    expect_round_trip(rgb, fast_options(GetParam()));
}

TEST_P(EveryModel, RowsMayHaveGaps) {
    TestPicture picture = make_picture(30, 20, 3);
    std::vector<uint8_t> spread(20 * 100, 0xee);
    for (size_t y = 0; y < 20; ++y)
        std::copy_n(picture.pixels.begin() + y * 90, 90, spread.begin() + y * 100);
    residua::context context = make_context();
    residua_image image = picture.image();
    const residua::buffer dense = context.encode(image, fast_options(GetParam()));
    image.pixels = spread.data();
    image.stride = 100;
    const residua::buffer gaps = context.encode(image, fast_options(GetParam()));
    EXPECT_TRUE(std::equal(dense.begin(), dense.end(), gaps.begin(), gaps.end()));
}

TEST_P(EveryModel, MetadataAreKept) {
    TestPicture picture = make_picture(33, 21, 3);
    std::vector<uint8_t> icc(3000), exif = {'I', 'I', '*', 0, 8}, xmp = {'<', 'x', '>'};
    for (size_t i = 0; i < icc.size(); ++i) icc[i] = static_cast<uint8_t>(i * 7);
    residua_image image = picture.image();
    const residua_metadata metadata[] = {
        {"icc", icc.data(), icc.size()}, {"exif", exif.data(), exif.size()}, {"xmp", xmp.data(), xmp.size()}};
    image.metadata = metadata;
    image.metadata_count = 3;
    residua::context context = make_context();
    const residua::buffer file = context.encode(image, fast_options(GetParam()));
    const residua::image decoded = context.decode(file.data(), file.size());
    EXPECT_TRUE(std::ranges::equal(icc, residua::metadata(decoded.get(), "icc")));
    EXPECT_TRUE(std::ranges::equal(exif, residua::metadata(decoded.get(), "exif")));
    EXPECT_TRUE(std::ranges::equal(xmp, residua::metadata(decoded.get(), "xmp")));
    const residua_info info = context.inspect(file.data(), file.size());
    EXPECT_EQ(info.metadata_size, icc.size() + exif.size() + xmp.size());
}

TEST_P(EveryModel, FilesDoNotDependOnThreads) {
    TestPicture picture = make_picture(530, 70, 3);
    residua::context one = make_context(1);
    const residua::buffer expected = one.encode(picture.image(), fast_options(GetParam()));
    for (int threads : {2, 5}) {
        residua::context context = make_context(threads);
        const residua::buffer file = context.encode(picture.image(), fast_options(GetParam()));
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), file.begin(), file.end())) << threads;
        const residua::image decoded = context.decode(expected.data(), expected.size());
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels())) << threads;
    }
}

TEST_P(EveryModel, BothProofsGiveTheSameFile) {
    TestPicture picture = make_picture(64, 64, 3);
    residua::context context = make_context();
    residua::research::encode_options options = fast_options(GetParam());
    const residua::buffer full = context.encode(picture.image(), options);
    options.proof = RESIDUA_PROOF_FAST;
    const residua::buffer fast = context.encode(picture.image(), options);
    EXPECT_TRUE(std::equal(full.begin(), full.end(), fast.begin(), fast.end()));
}

TEST_P(EveryModel, OverheadIsSmall) {
    TestPicture picture = make_picture(320, 240, 3);
    residua::context context = make_context();
    const residua::buffer file = context.encode(picture.image(), fast_options(GetParam()));
    const residua_info info = context.inspect(file.data(), file.size());
    const residua_research_info sizes = residua::research::inspect(context, file.data(), file.size());
    EXPECT_LE(sizes.overhead_size, 64u + 8u * sizes.latent_count);
    uint64_t parts =
        sizes.lossy_size + sizes.residual_size + sizes.metadata_size + sizes.tau_size + sizes.overhead_size;
    for (uint32_t i = 0; i < sizes.latent_count; ++i) {
        EXPECT_GT(sizes.latent_size[i], 0u);
        parts += sizes.latent_size[i];
    }
    EXPECT_EQ(info.file_size, parts);
    EXPECT_EQ(sizes.lossy_size > 0, info.codec == std::string("rc"));
    EXPECT_EQ(sizes.latent_count > 0, info.codec == std::string("l3c"));
}

TEST(Preview, GivesTheLossyLayerOfEncodeAndOfLossyLayer) {
    TestPicture picture = make_picture(61, 45, 3);
    residua::context context = make_context();
    residua::research::encode_options options = fast_options();
    options.q = 14;
    options.bit_depth = 10;
    const residua::buffer file = context.encode(picture.image(), options);
    uint64_t bpg_size = 0;
    const std::vector<uint8_t> x_l =
        residua::research::lossy_layer(context, picture.image(), 14, 10, 1, &bpg_size);
    residua::context without_model;
    const residua::image preview = without_model.preview(file.data(), file.size());
    EXPECT_TRUE(std::equal(x_l.begin(), x_l.end(), preview.pixels()));
    EXPECT_FALSE(std::equal(x_l.begin(), x_l.end(), picture.pixels.begin()));
    const residua::buffer bpg = residua::research::preview_bpg(without_model, file.data(), file.size());
    EXPECT_EQ(bpg.size(), bpg_size);
    const uint8_t magic[] = {0x42, 0x50, 0x47, 0xfb};
    ASSERT_GE(bpg.size(), 4u);
    EXPECT_TRUE(std::equal(magic, magic + 4, bpg.begin()));
}

TEST(Preview, OfL3cNeedsTheModelAndGivesNoBpg) {
    TestPicture picture = make_picture(61, 45, 3);
    residua::context context = make_context(), without_model;
    for (const char* model : {"scales", "pyramid"}) {
        const residua::buffer file = context.encode(picture.image(), fast_options(model));
        const residua::image preview = context.preview(file.data(), file.size());
        EXPECT_EQ(preview->width, 61u);
        EXPECT_EQ(channels(preview.get()), 3u);
        EXPECT_FALSE(std::equal(picture.pixels.begin(), picture.pixels.end(), preview.pixels()));
        residua_image image = RESIDUA_INIT(residua_image);
        EXPECT_EQ(residua_preview(without_model.get(), file.data(), file.size(), &image),
                  RESIDUA_MODEL_MISSING);
        residua_buffer bpg;
        EXPECT_EQ(residua_preview_bpg(context.get(), file.data(), file.size(), &bpg), RESIDUA_UNSUPPORTED);
        EXPECT_NE(residua_last_error(context.get())[0], '\0');
    }
}

TEST_P(EveryModel, GivesTheSameSampleForTheSameSeedOnly) {
    if (has_experts(GetParam())) {  // one stage: nothing that could be given
        TestPicture picture = make_picture(20, 20, 3);
        residua_sample_options options = RESIDUA_INIT(residua_sample_options);
        options.model = GetParam();
        residua::context context = make_context(1);
        EXPECT_THROW(residua::research::sample(context, picture.image(), options), residua::error);
        return;
    }
    for (uint32_t channels : {1u, 3u}) {
        TestPicture picture = make_picture(61, 45, channels);
        residua_sample_options options = RESIDUA_INIT(residua_sample_options);
        options.model = GetParam();
        options.effort = 1;
        options.seed = 5;
        const auto drawn = [&](int threads) {
            residua::context context = make_context(threads);
            const residua::image sample = residua::research::sample(context, picture.image(), options);
            EXPECT_EQ(sample->width, 61u);
            EXPECT_EQ(sample->height, 45u);
            EXPECT_EQ(residua::channels(sample.get()), channels);
            return std::vector<uint8_t>(sample.pixels(), sample.pixels() + picture.pixels.size());
        };
        const auto first = drawn(1);
        EXPECT_EQ(drawn(1), first);
        EXPECT_EQ(drawn(2), first);
        EXPECT_NE(first, picture.pixels);
        ++options.seed;
        EXPECT_NE(drawn(2), first);
        options.kept = 1;
        const auto coarse = drawn(2);
        if (has_scales(GetParam())) {
            EXPECT_NE(coarse, first) << "more of it is drawn";
        }
    }
}

}  // namespace
}  // namespace residua::testing
