// The Q of RC's lossy layer through the public API: the caller's, the classifier's, the model's.
#include <gtest/gtest.h>

#include <algorithm>
#include <residua/research.hpp>

#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

constexpr int kBrightQ = 25;  // of the classifier; the next two are for darker pictures

// "plain" has no classifier; both have the same default Q.
residua::context make_context(size_t threads = 1) {
    const auto plain = make_test_model(1, "plain"), base = make_test_model(1, "choosing");
    const auto choosing = models::with_q_classifier(base, models::make_brightness_q_classifier(kBrightQ));
    return context_with({plain, choosing, models::make_l3c_model({.name = "scales"})}, on_threads(threads));
}

TestPicture uniform(uint8_t brightness) {
    TestPicture picture = make_picture(60, 40, 3);
    std::fill(picture.pixels.begin(), picture.pixels.end(), brightness);
    picture.pixels[0] ^= 1;  // or it would be stored as grey
    return picture;
}

residua::research::encode_options options_of(const char* model, int q) {
    residua::research::encode_options options;
    options.model = model;
    options.effort = 1;
    options.q = q;
    return options;
}

// The Q of the file, which must decode.
int coded_q(residua::context& context, TestPicture& picture, const residua_encode_options& options) {
    const residua::buffer file = context.encode(picture.image(), options);
    const residua::image decoded = context.decode(file.data(), file.size());
    EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels()));
    return residua::research::inspect(context, file.data(), file.size()).q;
}

int default_q(residua::context& context, const std::string& name) {
    for (const residua_model_info& info : context.models())
        if (info.name == name) return residua::research::model(context, info.hash).default_q;
    return 0;
}

TEST(QChoice, IsTheClassifiersWhereNobodyAsks) {
    residua::context context = make_context();
    TestPicture bright = uniform(250), dark = uniform(3);
    EXPECT_EQ(coded_q(context, bright, options_of("choosing", 0)), kBrightQ);
    EXPECT_EQ(coded_q(context, dark, options_of("choosing", 0)), kBrightQ + 2);
    EXPECT_EQ(coded_q(context, dark, options_of("plain", 0)), default_q(context, "plain"));
}

TEST(QChoice, TheCallersComesFirst) {
    residua::context context = make_context();
    TestPicture picture = uniform(250);
    EXPECT_EQ(coded_q(context, picture, options_of("choosing", 30)), 30);
    const int fixed = default_q(context, "choosing");
    ASSERT_NE(fixed, kBrightQ);
    EXPECT_EQ(coded_q(context, picture, options_of("choosing", RESIDUA_Q_FIXED)), fixed);
    EXPECT_EQ(coded_q(context, picture, options_of("plain", RESIDUA_Q_FIXED)), fixed);
    residua::research::encode_options options = options_of("choosing", RESIDUA_Q_FIXED);
    options.effort = 7;
    EXPECT_EQ(coded_q(context, picture, options), fixed) << "no search either";
    options = options_of("choosing", 0);
    options.bit_depth = 8;
    EXPECT_EQ(coded_q(context, picture, options), fixed) << "the classifier knows 10 bits only";
}

TEST(QChoice, IsWhereTheSearchOfHighEffortsBegins) {
    residua::context context = make_context();
    TestPicture picture = uniform(250);
    residua::research::encode_options options = options_of("choosing", 0);
    options.effort = 7;
    EXPECT_NEAR(coded_q(context, picture, options), kBrightQ, 1);
}

TEST(QChoice, OfASampleIsThatOfTheFile) {
    residua::context context = make_context();
    TestPicture picture = make_picture(64, 48, 3);
    const auto sample = [&](int q) {
        residua_sample_options options = RESIDUA_INIT(residua_sample_options);
        options.model = "choosing";
        options.effort = 1;
        options.q = q;
        const residua::image drawn = residua::research::sample(context, picture.image(), options);
        return std::vector<uint8_t>(drawn.pixels(), drawn.pixels() + picture.pixels.size());
    };
    const int chosen = coded_q(context, picture, options_of("choosing", 0));
    EXPECT_EQ(sample(0), sample(chosen));
    EXPECT_EQ(sample(RESIDUA_Q_FIXED), sample(default_q(context, "choosing")));
    EXPECT_NE(sample(0), sample(RESIDUA_Q_FIXED));
}

TEST(QChoice, OthersAreRefused) {
    residua::context context = make_context();
    TestPicture picture = uniform(250);
    const residua_image image = picture.image();
    residua_buffer file;
    for (const int q : {-2, 52, -100}) {
        const residua::research::encode_options options = options_of("choosing", q);
        EXPECT_EQ(residua_encode(context.get(), &image, &options, &file), RESIDUA_INVALID_ARGUMENT) << q;
    }
    const residua::research::encode_options options = options_of("scales", RESIDUA_Q_FIXED);
    EXPECT_EQ(residua_encode(context.get(), &image, &options, &file), RESIDUA_INVALID_ARGUMENT);
    const auto base = make_test_model(1, "bad");
    auto section = models::make_brightness_q_classifier(kBrightQ);
    section.pop_back();
    const auto bad = models::with_q_classifier(base, section);
    EXPECT_EQ(residua_model_add(context.get(), bad.data(), bad.size(), nullptr), RESIDUA_TRUNCATED);
    EXPECT_NE(residua_last_error(context.get())[0], '\0');
}

TEST(QChoice, IsTheSameForAnyNumberOfThreads) {
    TestPicture picture = make_picture(530, 300, 3);
    const auto base = make_test_model(1, "random");
    const auto model = models::with_q_classifier(base, models::make_random_q_classifier(10, 7, 3));
    int expected = 0;
    for (const size_t threads : {1, 2, 5}) {
        residua::context context = make_context(threads);
        context.add_model(model.data(), model.size());
        const int q = coded_q(context, picture, options_of("random", 0));
        if (expected == 0) expected = q;
        EXPECT_EQ(q, expected) << threads;
    }
}

}  // namespace
}  // namespace residua::testing
