#include "stages/l3c/model.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "entropy/make_tables.h"
#include "models/mixture_network.h"
#include "stages/test_models.h"

namespace residua::models {
namespace {

using entropy::LambdaActivation;
using entropy::make_tables;

// What reading the model throws, or "" when it is accepted; every refusal must be kCorrupt.
std::string refusal(const std::vector<uint8_t>& bytes) {
    try {
        L3cModel model(parse_model_file(bytes));
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt) << error.what();
        return error.what();
    }
    return "";
}

// The same for a model of which something was changed.
std::string refusal(const TestL3c& options, const std::function<void(L3cParts&)>& change) {
    L3cParts parts = make_l3c_parts(options);
    change(parts);
    return refusal(write_l3c_model(parts, "test"));
}

constexpr TestL3c variant(L3cVariant which) { return {.variant = which}; }

nn::Graph& graph(L3cParts& parts, size_t i) { return parts.scales[i]->graph; }

nn::Convolution& output_layer(nn::Graph& graph, const std::string& name) {
    for (const nn::Output& output : graph.outputs)
        if (output.name == name)
            return std::get<nn::Convolution>(graph.nodes[static_cast<size_t>(output.node)].layer);
    throw std::logic_error("no output " + name);
}

nn::Input& input_layer(nn::Graph& graph, int index) {
    for (nn::Node& node : graph.nodes)
        if (auto* input = std::get_if<nn::Input>(&node.layer); input && index-- == 0) return *input;
    throw std::logic_error("no such input");
}

void remove_output(nn::Graph& graph, const std::string& name) {
    std::erase_if(graph.outputs, [&](const nn::Output& output) { return output.name == name; });
}

TEST(L3c, ALearnedModel) {
    const auto bytes = make_l3c_model();
    const L3cModel model(parse_model_file(bytes));
    EXPECT_EQ(model.kind, LatentKind::kLearned);
    EXPECT_EQ(model.scales, 3);
    EXPECT_EQ(model.channels, 2);
    EXPECT_EQ(model.levels, 7);
    EXPECT_EQ(model.lowest(), -3);
    EXPECT_EQ(model.highest(), 3);
    ASSERT_EQ(model.scale.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
        const L3cScale& scale = model.scale[i];
        const bool to_picture = i == 2;
        EXPECT_EQ(scale.tables->channels, to_picture ? 3 : 2);
        EXPECT_EQ(scale.tables->coupled(), to_picture);
        EXPECT_EQ(scale.feature_inputs, i == 0 ? 0 : 8);
        EXPECT_EQ(scale.feature_outputs, to_picture ? 0 : 8);
        const auto& outputs = scale.network->graph().outputs;
        const int mixture = mixture_outputs(*scale.tables);
        ASSERT_EQ(static_cast<int>(outputs.size()), mixture + (to_picture ? 0 : 1));
        for (int output = 0; output < mixture; ++output)
            EXPECT_EQ(outputs[static_cast<size_t>(output)].name, kMixtureOutputNames[output]);
        if (!to_picture) {
            EXPECT_EQ(outputs[static_cast<size_t>(scale.feature_output())].name, kFeaturesName);
        }
    }
    ASSERT_TRUE(model.encoder);
    ASSERT_EQ(model.encoder->graph().outputs.size(), 3u);
    EXPECT_EQ(model.encoder->graph().outputs[2].name, "z3");
}

TEST(L3c, LevelsAreCentred) {
    EXPECT_EQ((L3cLatent{LatentKind::kLearned, 3, 5, 25}.lowest()), -12);
    EXPECT_EQ((L3cLatent{LatentKind::kLearned, 3, 5, 25}.highest()), 12);
    EXPECT_EQ((L3cLatent{LatentKind::kLearned, 3, 5, 2}.lowest()), -1);
    EXPECT_EQ((L3cLatent{LatentKind::kLearned, 3, 5, 2}.highest()), 0);
    EXPECT_EQ((L3cLatent{LatentKind::kRgbPyramid, 3, 3, 256}.lowest()), -128);
    EXPECT_EQ((L3cLatent{LatentKind::kRgbPyramid, 3, 3, 256}.highest()), 127);
}

TEST(L3c, ThePapersSizeAndEveryNumberOfScales) {
    const auto full = make_l3c_model(TestL3c::full_size());
    const L3cModel model(parse_model_file(full));
    EXPECT_EQ(model.channels, 5);
    EXPECT_EQ(model.levels, 25);
    EXPECT_EQ(model.scale[0].tables->components, 10);
    for (const auto which : {L3cVariant::kLearned, L3cVariant::kRgb, L3cVariant::kRgbShared})
        for (int scales = 1; scales <= kMaxScales; ++scales)
            EXPECT_EQ(refusal(make_l3c_model({.variant = which, .scales = scales})), "") << scales;
    L3cParts five = make_l3c_parts({.scales = 4});
    five.latent.scales = 5;
    five.scales.insert(five.scales.begin(), five.scales[0]);
    EXPECT_THROW(write_l3c_model(five, "test"), Error);
}

TEST(L3c, TheBaselinesOfThePaper) {
    const auto rgb = make_l3c_model(variant(L3cVariant::kRgb));
    const L3cModel model(parse_model_file(rgb));
    EXPECT_EQ(model.kind, LatentKind::kRgbPyramid);
    EXPECT_EQ(model.channels, 3);
    EXPECT_EQ(model.levels, 256);
    EXPECT_FALSE(model.encoder);
    EXPECT_EQ(model.scale[1].feature_inputs, 8);
    EXPECT_EQ(model.scale[1].feature_outputs, 8);
    EXPECT_TRUE(model.scale[0].tables->coupled());

    const auto shared_bytes = make_l3c_model(variant(L3cVariant::kRgbShared));
    const L3cModel shared(parse_model_file(shared_bytes));
    ASSERT_EQ(shared.scale.size(), 3u);
    EXPECT_EQ(shared.scale[0].network, shared.scale[2].network);
    EXPECT_EQ(shared.scale[0].tables, shared.scale[2].tables);
    EXPECT_EQ(shared.scale[2].feature_inputs, 0);
}

TEST(L3c, OutputsMayComeInAnyOrder) {
    EXPECT_EQ(refusal({},
                      [](L3cParts& parts) {
                          std::reverse(graph(parts, 1).outputs.begin(), graph(parts, 1).outputs.end());
                          std::reverse(parts.encoder->outputs.begin(), parts.encoder->outputs.end());
                      }),
              "");
}

TEST(L3c, ALatentThatCannotBeIsRefused) {
    const auto expect = [](L3cVariant which, const L3cLatent& latent, const char* words) {
        const std::string message = refusal(variant(which), [&](L3cParts& parts) { parts.latent = latent; });
        EXPECT_NE(message.find(words), std::string::npos) << words << ", not: " << message;
    };
    const auto learned = [&](int scales, int channels, int levels, const char* words) {
        expect(L3cVariant::kLearned, {LatentKind::kLearned, scales, channels, levels}, words);
    };
    learned(0, 2, 7, "it has 0 scales");
    learned(2, 2, 7, "3 networks for 2 scales");
    learned(4, 2, 7, "3 networks for 4 scales");
    learned(5, 2, 7, "it has 5 scales");
    learned(3, 0, 7, "its z have 0 channels");
    learned(3, 3, 7, "scale 3: its distribution");
    learned(3, 9, 7, "its z have 9 channels");
    learned(3, 2, 1, "number of levels");
    learned(3, 2, 257, "number of levels");
    expect(L3cVariant::kLearned, {LatentKind::kRgbPyramid, 3, 2, 7}, "8-bit RGB");
    expect(L3cVariant::kRgb, {LatentKind::kRgbPyramid, 3, 3, 255}, "8-bit RGB");
    expect(L3cVariant::kRgb, {LatentKind::kLearned, 3, 3, 256}, "scale 3: its distribution");
}

TEST(L3c, BytesAfterAPartsEndAreRefused) {
    const auto bytes = make_l3c_model();
    const ModelFile file = parse_model_file(bytes);
    const auto longer = [](std::span<const uint8_t> section) {
        std::vector<uint8_t> more(section.begin(), section.end());
        more.push_back(0);
        return more;
    };
    const auto expect = [](const ModelSections& sections, const char* words) {
        const std::string message = refusal(write_model_file(sections));
        EXPECT_NE(message.find(words), std::string::npos) << words << ", not: " << message;
    };
    const auto latent = longer(file.latent), scale = longer(file.scales[1]), encoder = longer(file.encoder);
    ModelSections sections = file;
    sections.latent = latent;
    expect(sections, "latent section has bytes after its end");
    sections = file;
    sections.scales[1] = scale;
    expect(sections, "scale 2: its distribution has bytes after its end");
    sections = file;
    sections.encoder = encoder;
    expect(sections, "encoder: its graph has bytes after its end");
}

TEST(L3c, AKindOfALaterVersionIsUnsupported) {
    L3cParts parts = make_l3c_parts({});
    parts.latent.kind = static_cast<LatentKind>(2);
    const auto bytes = write_l3c_model(parts, "test");
    try {
        L3cModel model(parse_model_file(bytes));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
    }
}

TEST(L3c, NetworksThatDoNotFitAreRefused) {
    // What is changed, and what the message must say.
    const std::pair<const char*, std::function<void(L3cParts&)>> changes[] = {
        {"2 networks for 3 scales", [](auto& parts) { parts.scales.pop_back(); }},
        {"scale 3 reads 8 channels of features, and is given 0",
         [](auto& parts) { std::swap(parts.scales[0], parts.scales[1]); }},
        {"scale 1: its distribution is not for 3 coupled channels",
         [](auto& parts) { parts.scales[2] = parts.scales[1]; }},
        {"scale 2: its distribution is not for 2 independent channels",
         [](auto& parts) { parts.scales[1] = parts.scales[2]; }},
        {"its first scale has no network", [](auto& parts) { parts.scales[0].reset(); }},
        {"its last scale repeats a network that does not predict pictures",
         [](auto& parts) { parts.scales[2].reset(); }},
        {"scale 2 reads 0 channels of features, and is given 8",
         [](auto& parts) { parts.scales[1].reset(); }},
        {"scale 2: it has 3 inputs, not 2",
         [](auto& parts) {
             nn::Graph& two = graph(parts, 1);
             nn::Output& features = two.outputs.back();
             ASSERT_EQ(features.name, kFeaturesName);
             const int more = two.add(nn::Input{8});
             features.node = two.add(nn::Add{1, 1, 1, nn::ElementKind::kQ8}, {features.node, more});
         }},
        {"scale 1: its input 0",
         [](auto& parts) {
             nn::L3cShape shape = TestL3c().shape;
             shape.z_channels = 3;
             graph(parts, 2) = nn::l3c_predictor_graph(shape, true, true);
         }},
        {"its last network has features that nothing reads",
         [](auto& parts) {
             nn::Graph& last = graph(parts, 2);
             for (size_t i = 0; i < last.nodes.size(); ++i)
                 if (std::holds_alternative<nn::PixelShuffle>(last.nodes[i].layer))
                     last.outputs.push_back({kFeaturesName, static_cast<int>(i)});
         }},
        {"encoder: its input 0",
         [](auto& parts) {
             input_layer(*parts.encoder, 0).downscale = 1;
             parts.encoder->align = 16;
         }},
        {"scale 3: its input 0",
         [](auto& parts) { input_layer(graph(parts, 0), 0).kind = nn::ElementKind::kU8; }},
        {"scale 2: its input 1",
         [](auto& parts) { input_layer(graph(parts, 1), 1).kind = nn::ElementKind::kU8; }},
        {"scale 2 reads 8 channels of features, and is given 0",
         [](auto& parts) { remove_output(graph(parts, 0), kFeaturesName); }},
        {"scale 3: its output features has another kind",
         [](auto& parts) {
             const auto& from = graph(parts, 0).outputs[0];
             remove_output(graph(parts, 0), kFeaturesName);
             graph(parts, 0).outputs.push_back({kFeaturesName, from.node});
         }},
        {"scale 1: it has 3 outputs, not 4",
         [](auto& parts) {
             // With its layer, which is the last: nothing may be unused.
             remove_output(graph(parts, 2), "lambda");
             graph(parts, 2).nodes.pop_back();
         }},
        {"scale 1: it has 5 outputs, not 4",
         [](auto& parts) {
             graph(parts, 2).outputs.push_back({"more", 0});
         }},
        {"scale 2: it lacks the output mu", [](auto& parts) { graph(parts, 1).outputs[0].name = "my"; }},
        {"scale 1: its output weight has another kind",
         [](auto& parts) { output_layer(graph(parts, 2), "weight").out.kind = nn::ElementKind::kQ8; }},
        {"scale 2: its output mu has another kind or size",
         [](auto& parts) { parts.scales[1]->tables = make_tables(LambdaActivation::kNone, 4, 2); }},
        {"scale 2: its distribution",
         [](auto& parts) { parts.scales[1]->tables = make_tables(LambdaActivation::kSigmoid, 3, 3); }},
        {"scale 1: its distribution",
         [](auto& parts) { parts.scales[2]->tables = make_tables(LambdaActivation::kNone, 3, 3); }},
        {"scale 3: its align 4 is above 2", [](auto& parts) { graph(parts, 0).align = 4; }},
        {"encoder: its align 16 is above 8", [](auto& parts) { parts.encoder->align = 16; }},
        {"encoder: it is missing", [](auto& parts) { parts.encoder.reset(); }},  // two channels: no averages
        {"encoder: it has 2 outputs, not 3",
         [](auto& parts) { parts.encoder = make_l3c_parts({.scales = 2}).encoder; }},
        {"encoder: its output z1 has another kind or size",
         [](auto& parts) { std::swap(parts.encoder->outputs[0].name, parts.encoder->outputs[1].name); }},
        {"encoder: its output z2",
         [](auto& parts) { output_layer(*parts.encoder, "z2").out.kind = nn::ElementKind::kQ8; }},
        {"encoder: its input 0",
         [](auto& parts) { input_layer(*parts.encoder, 0).kind = nn::ElementKind::kU8; }},
    };
    for (const auto& [words, change] : changes) {
        const std::string message = refusal({}, change);
        EXPECT_NE(message.find(words), std::string::npos) << words << ", not: " << message;
    }
    EXPECT_EQ(refusal({}, [](auto& parts) { graph(parts, 1).align = 4; }), "");
    EXPECT_NE(
        refusal(variant(L3cVariant::kRgb), [](auto& parts) { parts.encoder = make_l3c_parts({}).encoder; }),
        "");
    EXPECT_NE(refusal(variant(L3cVariant::kRgbShared), [](auto& parts) { parts.scales[0].reset(); }), "");
}

// Under AddressSanitizer this also shows that no damaged model leads outside a buffer.
TEST(L3c, DamagedModelsAreRefusedOrWhole) {
    const auto bytes = make_l3c_model({.scales = 2});
    const auto read = [](const std::vector<uint8_t>& damaged) {
        try {
            L3cModel model(parse_model_file(damaged));
            return true;
        } catch (const Error& error) {
            EXPECT_NE(error.code(), ErrorCode::kInternal);
            EXPECT_NE(std::string(error.what()), "");
            return false;
        }
    };
    for (size_t size = 0; size < bytes.size(); size += 1 + size / 64)
        ASSERT_FALSE(read({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)})) << size;
    std::mt19937 random(1);
    for (int round = 0; round < 1500; ++round) {
        auto damaged = bytes;
        // Mostly the beginning, where the structure is; all else is weights.
        const size_t range = round % 2 ? 200 : bytes.size();
        for (int i = 0; i <= round % 3; ++i) damaged[random() % range] = static_cast<uint8_t>(random());
        read(damaged);
    }
}

}  // namespace
}  // namespace residua::models
