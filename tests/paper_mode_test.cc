// Models that are to be coded as the papers have it, and samples as the papers show them.
#include <gtest/gtest.h>

#include <algorithm>
#include <residua/research.hpp>

#include "models/model_file.h"
#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

std::vector<uint8_t> described(const std::vector<uint8_t>& model, const std::string& lines) {
    models::ModelFile file = models::parse_model_file(model);
    file.description += lines;
    return models::write_model_file(file);
}

const std::string kAsInThePaper = "default_adaptation=off\n";

struct PaperMode : ::testing::Test {
    residua::context context = context_with(
        {make_test_model(1, "rc"),
         described(make_test_model(1, "rc-paper", models::Conditioning::kPaper), kAsInThePaper),
         models::make_l3c_model({.name = "scales"}),
         described(models::make_l3c_model({.name = "l3c-paper"}), kAsInThePaper), models::make_olm_model()});
    TestPicture picture = make_picture(96, 64, 3);

    residua::buffer encode(const char* model, residua_adaptation adaptation,
                           residua_tau tau = RESIDUA_TAU_DEFAULT) {
        residua::research::encode_options options;
        options.model = model;
        options.effort = 1;
        options.adaptation = adaptation;
        options.tau = tau;
        residua::buffer file = context.encode(picture.image(), options);
        const residua::image back = context.decode(file.data(), file.size());
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), back.pixels()));
        return file;
    }
    bool adapts(const char* model, residua_adaptation adaptation) {
        const residua::buffer file = encode(model, adaptation);
        return residua::research::inspect(context, file.data(), file.size()).adapts != 0;
    }
    residua_research_model_info described_as(const std::string& name) {
        for (const residua_model_info& info : context.models())
            if (info.name == name) return residua::research::model(context, info.hash);
        ADD_FAILURE() << name;
        return {};
    }
};

TEST_F(PaperMode, TheModelSaysWhetherMixturesAdapt) {
    for (const char* model : {"rc", "scales"}) {
        EXPECT_TRUE(adapts(model, RESIDUA_ADAPTATION_DEFAULT)) << model;
        EXPECT_FALSE(adapts(model, RESIDUA_ADAPTATION_OFF)) << model;
        EXPECT_EQ(described_as(model).default_adaptation, RESIDUA_ADAPTATION_ON) << model;
    }
    for (const char* model : {"rc-paper", "l3c-paper"}) {
        EXPECT_FALSE(adapts(model, RESIDUA_ADAPTATION_DEFAULT)) << model;
        EXPECT_TRUE(adapts(model, RESIDUA_ADAPTATION_ON)) << model;
        EXPECT_EQ(described_as(model).default_adaptation, RESIDUA_ADAPTATION_OFF) << model;
    }
    EXPECT_EQ(described_as("experts").default_adaptation, 0) << "OLM's mixtures always adapt";
}

// The test model's sigmas do not fit the picture: tau makes the file smaller.
TEST_F(PaperMode, TauIsOnWhereMixturesDoNotAdapt) {
    const auto has_tau = [&](const char* model, residua_adaptation adaptation, residua_tau tau) {
        const residua::buffer file = encode(model, adaptation, tau);
        return residua::research::inspect(context, file.data(), file.size()).has_tau != 0;
    };
    EXPECT_TRUE(has_tau("rc-paper", RESIDUA_ADAPTATION_DEFAULT, RESIDUA_TAU_DEFAULT));
    EXPECT_FALSE(has_tau("rc-paper", RESIDUA_ADAPTATION_DEFAULT, RESIDUA_TAU_OFF));
    EXPECT_FALSE(has_tau("rc-paper", RESIDUA_ADAPTATION_ON, RESIDUA_TAU_DEFAULT));
    EXPECT_FALSE(has_tau("rc", RESIDUA_ADAPTATION_DEFAULT, RESIDUA_TAU_DEFAULT));
}

// Which parts of a call there are; how long they take is no test's business.
TEST_F(PaperMode, TimesAreOfTheLastCallsParts) {
    encode("rc-paper", RESIDUA_ADAPTATION_DEFAULT);  // ends with decoding
    const residua_research_times decoding = residua::research::last_times(context);
    EXPECT_GT(decoding.lossy_layer, 0);
    EXPECT_GT(decoding.network, 0);
    EXPECT_GT(decoding.entropy_coder, 0);
    EXPECT_EQ(decoding.tau, 0);
    EXPECT_EQ(decoding.proof, 0);
    residua::research::encode_options options;
    options.model = "rc-paper";
    options.effort = 1;
    context.encode(picture.image(), options);
    const residua_research_times encoding = residua::research::last_times(context);
    EXPECT_GT(encoding.tau, 0);
    EXPECT_GT(encoding.proof, 0);
    EXPECT_GT(encoding.other, 0);
    EXPECT_EQ(status_of([&] { context.decode("no file", 7); }), RESIDUA_CORRUPT);
    EXPECT_EQ(residua::research::last_times(context).other, 0) << "that call failed";
}

TEST_F(PaperMode, OtherWordsInTheDescriptionAreRefused) {
    const auto model = described(make_test_model(1, "odd"), "default_adaptation=perhaps\n");
    EXPECT_EQ(status_of([&] { context.add_model(model.data(), model.size()); }), RESIDUA_CORRUPT);
}

// A sample has no residual that the picture does not have: the mixtures' tails
// and what every symbol is given so that it can be coded would put dots on it.
TEST_F(PaperMode, SamplesStayInThePicturesOwnRange) {
    const size_t size = picture.pixels.size();
    const auto [low, high] = std::ranges::minmax(picture.pixels);
    for (uint8_t& sample : picture.pixels)
        sample = static_cast<uint8_t>(96 + (sample - low) * 64 / (high - low));
    for (const char* model : {"rc", "rc-paper"}) {
        residua_sample_options options = RESIDUA_INIT(residua_sample_options);
        options.model = model;
        options.effort = 1;
        options.q = 12;
        options.bit_depth = 8;
        std::vector<uint8_t> lossy = residua::research::lossy_layer(context, picture.image(), 12, 8, 1);
        int lowest = 0, highest = 0;
        for (size_t i = 0; i < size; ++i) {
            lowest = std::min(lowest, picture.pixels[i] - lossy[i]);
            highest = std::max(highest, picture.pixels[i] - lossy[i]);
        }
        const residua::image drawn = residua::research::sample(context, picture.image(), options);
        int beyond = 0;
        for (size_t i = 0; i < size; ++i) {
            const int residual = drawn.pixels()[i] - lossy[i];
            beyond += residual < lowest || residual > highest;
        }
        EXPECT_EQ(beyond, 0) << model << ": " << lowest << " to " << highest;
    }
}

}  // namespace
}  // namespace residua::testing
