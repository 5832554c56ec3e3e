// Tau through the public API: smaller where the model's sigmas do not suit the picture, never larger.
#include <gtest/gtest.h>

#include <algorithm>
#include <residua/research.hpp>

#include "container/container.h"
#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

// Random models: one whose sigmas fit the tests' pictures, others that are wrong by some octaves.
constexpr const char* kModels[] = {"fit", "plain", "narrow", "wide"};

residua::context make_context(int threads = 1) {
    constexpr auto kFine = models::Conditioning::kFine;
    return context_with(
        {make_test_model(1, "fit", kFine, -80), make_test_model(1, "plain", models::Conditioning::kPaper),
         make_test_model(1, "narrow", kFine, -140), make_test_model(1, "wide", kFine, 0),
         models::make_l3c_model({.name = "scales"})},
        on_threads(threads));
}

residua::research::encode_options options_of(const char* model, residua_tau tau) {
    residua::research::encode_options options;
    options.model = model;
    options.effort = 1;
    options.tau = tau;
    options.adaptation = RESIDUA_ADAPTATION_OFF;  // which would mend by itself what tau is to mend here
    return options;
}

TestPicture grey_in_rgb(uint32_t width, uint32_t height) {
    const TestPicture grey = make_picture(width, height, 1);
    TestPicture rgb = make_picture(width, height, 3);
    for (size_t i = 0; i < rgb.pixels.size(); ++i) rgb.pixels[i] = grey.pixels[i / 3];
    return rgb;
}

class TauOf : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Tau, TauOf, ::testing::ValuesIn(kModels),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(TauOf, NeverMakesAFileLarger) {
    residua::context context = make_context(2);
    std::vector<TestPicture> pictures = {grey_in_rgb(70, 40)};
    const uint32_t sizes[][2] = {{1, 1}, {2, 1}, {1, 9}, {17, 5}, {31, 33}, {64, 48}, {65, 130}, {540, 70}};
    for (const auto& size : sizes)
        for (uint32_t channels : {1u, 3u}) pictures.push_back(make_picture(size[0], size[1], channels));
    int with_tau = 0;
    for (TestPicture& picture : pictures) {
        const residua::buffer off = context.encode(picture.image(), options_of(GetParam(), RESIDUA_TAU_OFF));
        const residua::buffer on = context.encode(picture.image(), options_of(GetParam(), RESIDUA_TAU_ON));
        EXPECT_LE(on.size(), off.size()) << picture.width << "x" << picture.height << "x" << picture.channels;
        const residua_research_info info = residua::research::inspect(context, on.data(), on.size());
        EXPECT_EQ(residua::research::inspect(context, off.data(), off.size()).has_tau, 0);
        EXPECT_EQ(info.has_tau != 0, on.size() < off.size()) << "a tau that saves nothing is not written";
        EXPECT_EQ(info.tau_size, info.has_tau ? 5 * info.coded_channels : 0);
        with_tau += info.has_tau;
        residua::context decoder = make_context();
        const residua::image decoded = decoder.decode(on.data(), on.size());
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
    }
    EXPECT_GT(with_tau, 0);
}

TEST(Tau, MendsSigmasThatAreWrong) {
    residua::context context = make_context(2);
    for (const char* model : {"narrow", "wide"}) {
        for (uint32_t channels : {1u, 3u}) {
            TestPicture picture = make_picture(200, 140, channels);
            const auto residual_size = [&](residua_tau tau) {
                const residua::buffer file = context.encode(picture.image(), options_of(model, tau));
                return static_cast<double>(
                    residua::research::inspect(context, file.data(), file.size()).residual_size);
            };
            EXPECT_LT(residual_size(RESIDUA_TAU_ON), 0.95 * residual_size(RESIDUA_TAU_OFF))
                << model << ", " << channels;
        }
    }
}

// The two models are the same but for a shift that tau can undo.
TEST(Tau, OfAShiftedModelComesNearTheUnshiftedOne) {
    residua::context context = make_context(2);
    TestPicture picture = make_picture(200, 140, 3);
    const auto size = [&](const char* model) {
        return static_cast<double>(context.encode(picture.image(), options_of(model, RESIDUA_TAU_ON)).size());
    };
    EXPECT_NEAR(size("narrow") / size("fit"), 1, 0.003);
    EXPECT_NEAR(size("wide") / size("fit"), 1, 0.003);
}

TEST(Tau, IsOnByDefaultWithoutAdaptation) {
    residua::context context = make_context();
    TestPicture picture = make_picture(100, 80, 3);
    const residua::buffer on = context.encode(picture.image(), options_of("wide", RESIDUA_TAU_ON));
    const residua::buffer none = context.encode(picture.image(), options_of("wide", RESIDUA_TAU_DEFAULT));
    EXPECT_TRUE(std::equal(on.begin(), on.end(), none.begin(), none.end()));
    EXPECT_TRUE(residua::research::inspect(context, on.data(), on.size()).has_tau);

    residua::research::encode_options adaptive = options_of("wide", RESIDUA_TAU_DEFAULT);
    adaptive.adaptation = RESIDUA_ADAPTATION_DEFAULT;
    const residua::buffer file = context.encode(picture.image(), adaptive);
    EXPECT_FALSE(residua::research::inspect(context, file.data(), file.size()).has_tau);
    EXPECT_TRUE(residua::research::inspect(context, file.data(), file.size()).adapts);
}

TEST(Adaptation, DecidesWhichReleasedModelIsTaken) {
    residua::context context;
    bool released = false;
    for (const residua_model_info& model : context.models())
        released |= model.name == std::string("rc-small");
    if (!released) GTEST_SKIP() << "this build has no models";
    TestPicture picture = make_picture(40, 30, 3);
    const auto model_of = [&](residua_adaptation adaptation) {
        residua::research::encode_options options;
        options.codec = "rc";
        options.adaptation = adaptation;
        const residua::buffer file = context.encode(picture.image(), options);
        return std::string(context.inspect(file.data(), file.size()).model_name);
    };
    EXPECT_EQ(model_of(RESIDUA_ADAPTATION_DEFAULT), "rc-coarse");
    EXPECT_EQ(model_of(RESIDUA_ADAPTATION_OFF), "rc-small");
}

TEST(Tau, AndAdaptationGoTogetherWhenAsked) {
    residua::context context = make_context(2);
    TestPicture picture = make_picture(100, 80, 3);
    residua::research::encode_options options = options_of("wide", RESIDUA_TAU_ON);
    options.adaptation = RESIDUA_ADAPTATION_ON;
    const residua::buffer file = context.encode(picture.image(), options);
    EXPECT_TRUE(residua::research::inspect(context, file.data(), file.size()).has_tau);
    EXPECT_TRUE(residua::research::inspect(context, file.data(), file.size()).adapts);
    const residua::image decoded = context.decode(file.data(), file.size());
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
}

// The sample, the search and the choice: nothing depends on who computes it. (The instruction sets:
// cli_test.)
TEST(Tau, IsTheSameForAnyNumberOfThreads) {
    TestPicture picture = make_picture(530, 140, 3);
    residua::context one = make_context(1);
    const residua::buffer expected = one.encode(picture.image(), options_of("narrow", RESIDUA_TAU_ON));
    ASSERT_TRUE(residua::research::inspect(one, expected.data(), expected.size()).has_tau);
    for (int threads : {2, 3, 7}) {
        residua::context context = make_context(threads);
        const residua::buffer file = context.encode(picture.image(), options_of("narrow", RESIDUA_TAU_ON));
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), file.begin(), file.end())) << threads;
    }
}

TEST(Tau, TakesPartInTheSearchForQ) {
    residua::context context = make_context(2);
    TestPicture picture = make_picture(90, 60, 3);
    residua::research::encode_options options = options_of("wide", RESIDUA_TAU_ON);
    options.effort = 7;
    const residua::buffer on = context.encode(picture.image(), options);
    options.tau = RESIDUA_TAU_OFF;
    const residua::buffer off = context.encode(picture.image(), options);
    EXPECT_LT(on.size(), off.size());
    const residua::image decoded = context.decode(on.data(), on.size());
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
}

TEST(Tau, IsNotForL3c) {
    residua::context context = make_context();
    TestPicture picture = make_picture(40, 30, 3);
    const residua_image image = picture.image();
    residua_buffer file;
    residua::research::encode_options options = options_of("scales", RESIDUA_TAU_ON);
    EXPECT_EQ(residua_encode(context.get(), &image, &options, &file), RESIDUA_INVALID_ARGUMENT);
    EXPECT_NE(residua_last_error(context.get())[0], '\0');
    for (residua_tau tau : {RESIDUA_TAU_DEFAULT, RESIDUA_TAU_OFF})
        EXPECT_GT(context.encode(picture.image(), options_of("scales", tau)).size(), 0u);
    options = options_of("fit", static_cast<residua_tau>(3));
    EXPECT_EQ(residua_encode(context.get(), &image, &options, &file), RESIDUA_INVALID_ARGUMENT);
}

// Progress falls at no time, and the search can be cancelled.
TEST(Tau, LetsProgressBe) {
    Progress progress;
    std::vector<double>& reports = progress.seen;
    residua::context context =
        context_with({make_test_model(1, "wide", models::Conditioning::kFine, 40)}, progress.settings());
    TestPicture picture = make_picture(300, 200, 3);
    (void)context.encode(picture.image(), options_of("wide", RESIDUA_TAU_OFF));
    const size_t without = reports.size();
    reports.clear();
    (void)context.encode(picture.image(), options_of("wide", RESIDUA_TAU_ON));
    EXPECT_GT(reports.size(), without + 30) << "the search's trials are places to cancel at";
    EXPECT_TRUE(std::is_sorted(reports.begin(), reports.end()));
    EXPECT_EQ(reports.back(), 1);
}

}  // namespace
}  // namespace residua::testing
