// residua_explain: where the bits of files of every method are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/bytes.h"
#include "codec/test_blocks.h"
#include "container/container.h"
#include "models/mixture_network.h"
#include "models/model_file.h"
#include "nn/graph_io.h"
#include "stages/methods.h"
#include "support/context.h"
#include "support/explanation.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

using ::testing::ElementsAre;

// A way to encode.
struct Way {
    const char* name;
    const char* model;
    residua_adaptation adaptation = RESIDUA_ADAPTATION_DEFAULT;
    residua_tau tau = RESIDUA_TAU_DEFAULT;
    uint64_t strip_height = 0;
};

// Makes a network say the same of every pixel: the mean where its origin is, and a sigma of 1/16.
void calm(nn::Graph& graph) {
    for (const nn::Output& output : graph.outputs) {
        auto* layer = std::get_if<nn::Convolution>(&graph.nodes[static_cast<size_t>(output.node)].layer);
        if (!layer || output.name == models::kFeaturesName) continue;
        const double log_sigma = output.name == models::kMixtureOutputNames[models::kLogSigma] ? -128 : 0;
        std::ranges::fill(layer->weights, int8_t{0});
        for (size_t c = 0; c < layer->bias.size(); ++c)
            layer->bias[c] =
                static_cast<int32_t>(std::ldexp(log_sigma, layer->out.shift[c]) / layer->out.multiplier[c]);
    }
}

std::vector<uint8_t> calm_rc_model() {
    const std::vector<uint8_t> model = make_test_model(1, "calm");
    models::ModelSections sections = models::parse_model_file(model);
    ByteReader reader(sections.graph, "graph");
    nn::Graph graph = nn::parse_graph(reader);
    calm(graph);
    ByteWriter writer;
    nn::serialise_graph(graph, writer);
    sections.graph = writer.bytes;
    return models::write_model_file(sections);
}

// z are averages in 8 bits, whose interpolation is the origin.
std::vector<uint8_t> calm_l3c_model() {
    models::L3cParts parts = models::make_l3c_parts({.variant = models::L3cVariant::kRgb});
    for (auto& scale : parts.scales) calm(scale->graph);
    parts.latent.anchor_steps = {64, 64, 64};
    return models::write_l3c_model(parts, "calm-scales");
}

constexpr Way kWays[] = {
    {"rc", "fit", RESIDUA_ADAPTATION_ON},
    {"rc_paper", "narrow", RESIDUA_ADAPTATION_OFF, RESIDUA_TAU_ON},
    {"rc_strips", "fit", RESIDUA_ADAPTATION_ON, RESIDUA_TAU_DEFAULT, 32},
    {"l3c", "scales", RESIDUA_ADAPTATION_ON},
    {"l3c_paper", "scales", RESIDUA_ADAPTATION_OFF},
    {"l3c_strips", "scales", RESIDUA_ADAPTATION_OFF, RESIDUA_TAU_DEFAULT, 32},
    {"olm", "experts"},
    {"olm_strips", "experts", RESIDUA_ADAPTATION_DEFAULT, RESIDUA_TAU_DEFAULT, 32},
};

residua::context make_context(residua_settings settings = RESIDUA_INIT(residua_settings)) {
    constexpr auto kFine = models::Conditioning::kFine;
    return context_with({make_test_model(1, "fit", kFine, -80), make_test_model(1, "narrow", kFine, -140),
                         models::make_l3c_model({.name = "scales"}), models::make_olm_model(),
                         calm_rc_model(), calm_l3c_model()},
                        settings);
}

std::vector<uint8_t> encode(residua::context& context, TestPicture picture, const Way& way) {
    research::encode_options options;
    options.model = way.model;
    options.effort = 1;
    options.adaptation = way.adaptation;
    options.tau = way.tau;
    options.strip_height = way.strip_height;
    const residua::buffer file = context.encode(picture.image(), options);
    return {file.begin(), file.end()};
}

class Explain : public ::testing::TestWithParam<Way> {
  protected:
    std::vector<uint8_t> encode(const TestPicture& picture) {
        return testing::encode(context_, picture, GetParam());
    }

    residua::context context_ = make_context();
};
INSTANTIATE_TEST_SUITE_P(Ways, Explain, ::testing::ValuesIn(kWays),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(Explain, AddsUpToTheFileAndLeavesThePixelsAlone) {
    TestPicture as_grey = make_picture(61, 53, 3);
    for (size_t i = 0; i < as_grey.pixels.size(); ++i) as_grey.pixels[i] = as_grey.pixels[i / 3 * 3];
    for (const TestPicture& picture : {make_picture(61, 75, 3), make_picture(37, 50, 1), as_grey,
                                       make_picture(1, 1, 3), make_picture(600, 40, 3)}) {
        SCOPED_TRACE(std::to_string(picture.width) + " x " + std::to_string(picture.height) + " x " +
                     std::to_string(picture.channels));
        const std::vector<uint8_t> file = encode(picture);
        const auto stages = explain(context_, file);
        expect_adds_up(context_, file, stages);
        const residua::image decoded = context_.decode(file.data(), file.size());
        EXPECT_TRUE(std::ranges::equal(picture.pixels, std::span(decoded.pixels(), picture.pixels.size())));
    }
}

TEST_P(Explain, IsTheSameOnAnyNumberOfThreads) {
    const std::vector<uint8_t> file = encode(make_picture(600, 75, 3));
    residua::context on_three = make_context(on_threads(3));
    const auto one = explain(context_, file), three = explain(on_three, file);
    ASSERT_EQ(one.size(), three.size());
    for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].bits, three[i].bits) << one[i].name;
}

// The left half is flat, the right one noise.
TestPicture half_noise(uint32_t width, uint32_t height, uint32_t channels) {
    std::mt19937 random(1);
    TestPicture picture{width, height, channels, {}};
    for (size_t i = 0; i < size_t{width} * height * channels; ++i) {
        const auto noise = static_cast<uint8_t>(random() >> 8);
        picture.pixels.push_back(i / channels % width < width / 2 ? uint8_t{128} : noise);
    }
    return picture;
}

TEST_P(Explain, ShowsWhereThePictureIsNoise) {
    // A random network's guess of flat pixels is as bad as of others.
    Way way = GetParam();
    if (way.model == std::string("scales")) way.model = "calm-scales";
    if (way.model == std::string("narrow")) way.model = "calm", way.tau = RESIDUA_TAU_OFF;
    if (way.strip_height > 0) way.strip_height = 96;
    for (const uint32_t channels : {1u, 3u}) {
        const uint32_t width = 256, height = 192;
        const std::vector<uint8_t> file = testing::encode(context_, half_noise(width, height, channels), way);
        double flat = 0, noisy = 0;
        for (const StageCopy& copy : explain(context_, file)) {
            if (copy.stage.spread) continue;
            for (size_t i = 0; i < copy.bits.size(); ++i)
                (i / copy.stage.channels % width < width / 2 ? flat : noisy) +=
                    static_cast<double>(copy.bits[i]);
        }
        EXPECT_GT(noisy, 0.95 * (flat + noisy));
    }
}

TEST_P(Explain, FailsAsDecodingDoes) {
    const std::vector<uint8_t> good = encode(make_picture(40, 40, 3));
    const auto explained = [&](std::span<const uint8_t> file) {
        return status_of([&] { explain(context_, file); });
    };
    const auto verified = [&](std::span<const uint8_t> file) {
        return status_of([&] { context_.verify(file.data(), file.size()); });
    };
    EXPECT_EQ(explained(good), RESIDUA_OK);
    int damaged = 0;
    for (size_t at = 0; at < good.size(); at += 1 + good.size() / 80) {
        std::vector<uint8_t> file = good;
        file[at] ^= 0x20;
        EXPECT_EQ(explained(file), verified(file)) << at;
        damaged += explained(file) != RESIDUA_OK;
        EXPECT_EQ(explained(std::span(good).first(at)), verified(std::span(good).first(at))) << at;
    }
    EXPECT_GT(damaged, 0);
    if (GetParam().strip_height == 0) {  // what only the pixels' checksum tells
        container::File file = codec::parse_file(good);
        file.header.pixel_checksum ^= 1;
        Allocator allocator;
        EXPECT_EQ(explained(container::write(file, allocator).span()), RESIDUA_CORRUPT);
    }
    residua::context no_models = context_with({});
    EXPECT_EQ(status_of([&] { explain(no_models, good); }), RESIDUA_MODEL_MISSING);
}

TEST_P(Explain, KeepsTheMemoryLimit) {
    const std::vector<uint8_t> file = encode(make_picture(200, 150, 3));
    residua::context decoder = make_context(), explainer = make_context();
    decoder.verify(file.data(), file.size());
    explain(explainer, file);
    // Of other methods the peak may come elsewhere.
    const uint64_t bits = GetParam().model == std::string("scales") ? 4 * 3 * 200 * 150 : 0;
    if (GetParam().strip_height == 0) {
        EXPECT_GE(explainer.peak_memory(), decoder.peak_memory() + bits);
    }
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = explainer.peak_memory();
    residua::context enough = make_context(settings);
    EXPECT_EQ(status_of([&] { explain(enough, file); }), RESIDUA_OK);
    --settings.memory_limit;
    residua::context too_little = make_context(settings);
    EXPECT_EQ(status_of([&] { explain(too_little, file); }), RESIDUA_MEMORY_LIMIT);
    EXPECT_LE(too_little.peak_memory(), settings.memory_limit);
}

TEST_P(Explain, EndsWhereItsCallerWants) {
    const std::vector<uint8_t> file = encode(make_picture(40, 75, 3));
    int calls = 0;
    const auto visit = [](void* user, const residua_stage_bits*) -> int {
        return ++*static_cast<int*>(user) == 2;
    };
    const bool one_stage = explain(context_, file).size() == 1;
    EXPECT_EQ(residua_explain(context_.get(), file.data(), file.size(), visit, &calls),
              one_stage ? RESIDUA_OK : RESIDUA_IO);
    EXPECT_EQ(calls, one_stage ? 1 : 2);
    EXPECT_EQ(residua_explain(context_.get(), file.data(), file.size(), nullptr, nullptr),
              RESIDUA_INVALID_ARGUMENT);
    EXPECT_THROW(research::explain(context_, file.data(), file.size(),
                                   [](const residua_stage_bits&) { throw std::string("enough"); }),
                 std::string);
    Progress progress;
    progress.cancel_at = 0.5;
    residua::context cancelled = make_context(progress.settings());
    EXPECT_EQ(status_of([&] { explain(cancelled, file); }), RESIDUA_CANCELLED);
}

// What only some files have.

class ExplainedFile : public ::testing::Test {
  protected:
    std::vector<StageCopy> stages_of(const TestPicture& picture, const Way& way) {
        const std::vector<uint8_t> file = encode(context_, picture, way);
        auto stages = explain(context_, file);
        expect_adds_up(context_, file, stages);
        return stages;
    }

    residua::context context_ = make_context();
};

TEST_F(ExplainedFile, HasTheStagesOfItsMethod) {
    const auto names = [&](const Way& way) {
        std::vector<std::string> names;
        for (const StageCopy& copy : stages_of(make_picture(40, 40, 3), way)) names.push_back(copy.name);
        return names;
    };
    EXPECT_THAT(names({"", "fit"}), ElementsAre("lossy", "residual"));
    EXPECT_THAT(names({"", "scales"}), ElementsAre("z3", "z2", "z1", "picture"));
    EXPECT_THAT(names({"", "experts"}), ElementsAre("picture"));
}

TEST_F(ExplainedFile, SaysItsTau) {
    const auto with = stages_of(make_picture(120, 90, 3), kWays[1]);
    ASSERT_EQ(with.size(), 2u);
    EXPECT_EQ(with[0].stage.tau, nullptr);
    ASSERT_EQ(with[1].tau.size(), 15u);
    EXPECT_TRUE(std::ranges::any_of(with[1].tau, [](int step) { return step > 0; }))
        << "the model's sigmas are too narrow";
    EXPECT_EQ(stages_of(make_picture(120, 90, 3), kWays[0])[1].stage.tau, nullptr);
}

TEST_F(ExplainedFile, SaysWhatItsPlanesAre) {
    TestPicture few = make_picture(300, 200, 3);
    for (uint8_t& sample : few.pixels) sample = static_cast<uint8_t>(sample * 2 / 3 * 3 / 2);
    const StageCopy palette = stages_of(few, {"", "experts"}).back();
    const auto red = std::ranges::find(palette.channels, "red") - palette.channels.begin();
    ASSERT_LT(red, 3);
    EXPECT_LE(palette.value_counts[static_cast<size_t>(red)], 171u);
    EXPECT_EQ(palette.stage.planes, uint32_t{RESIDUA_PLANES_SAMPLES});
    EXPECT_GT(palette.stage.description_size, 0u);
    EXPECT_THAT(stages_of(make_picture(20, 20, 1), {"", "experts"}).back().channels, ElementsAre("grey"));
    EXPECT_THAT(stages_of(make_picture(20, 20, 3), {"", "fit"}).back().channels,
                ElementsAre("red", "green", "blue"));
    EXPECT_THAT(stages_of(make_picture(20, 20, 3), {"", "scales"})[0].channels,
                ElementsAre("channel 1", "channel 2"));
}

TEST_F(ExplainedFile, HasTheBlocksOfAJpeg) {
    constexpr int kWidth = 250, kHeight = 190;
    Allocator allocator;
    for (const auto upsampling : {codec::Upsampling::kNone, codec::Upsampling::kTriangle22,
                                  codec::Upsampling::kTriangle21, codec::Upsampling::kTriangle12}) {
        const bool across =
            upsampling != codec::Upsampling::kNone && upsampling != codec::Upsampling::kTriangle12;
        const bool down =
            upsampling != codec::Upsampling::kNone && upsampling != codec::Upsampling::kTriangle21;
        SCOPED_TRACE(static_cast<int>(upsampling));
        const TestPicture picture{kWidth, kHeight, 3,
                                  codec::blocks_picture(kWidth, kHeight, 11, 5, upsampling, allocator)};
        for (const uint64_t strip_height : {0, 96}) {
            const Way way{"", "experts", RESIDUA_ADAPTATION_DEFAULT, RESIDUA_TAU_DEFAULT, strip_height};
            for (const StageCopy& copy : stages_of(picture, way)) {
                EXPECT_EQ(copy.stage.blocks, 1u);
                EXPECT_EQ(copy.stage.planes, uint32_t{RESIDUA_PLANES_JPEG});
                EXPECT_EQ(copy.stage.chroma_columns, across ? 2u : 1u);
                EXPECT_EQ(copy.stage.chroma_rows, down ? 2u : 1u);
                EXPECT_THAT(copy.channels, ElementsAre("Y", "Cb", "Cr"));
                // All pixels of a block are alike; the first blocks begin before the picture.
                const int left = 11 % 8, top = 5 % 8;
                const auto luma = [&](int x, int y) {
                    return copy.bits[static_cast<size_t>(y * kWidth + x) * 3];
                };
                if (copy.stage.strip > 0) continue;
                EXPECT_GT(luma(0, 0), 0);
                for (int y = 0; y < 8 - top; ++y)
                    for (int x = 0; x < 8 - left; ++x) EXPECT_EQ(luma(x, y), luma(0, 0));
                EXPECT_NE(luma(8 - left, 0), luma(0, 0));
                EXPECT_NE(luma(0, 8 - top), luma(0, 0));
            }
        }
    }
}

}  // namespace
}  // namespace residua::testing
