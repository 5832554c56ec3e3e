#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "calibration.h"
#include "photo.h"
#include "quantise.h"
#include "safetensors.h"
#include "tensorboard.h"
#include "test_photos.h"

namespace residua::train {
namespace {

TEST(Safetensors, ReadsBackAndRefusesDamage) {
    Folder folder;
    Checkpoint checkpoint;
    checkpoint.metadata = {{"steps", "12"}, {"odd", "\"quoted\""}};
    checkpoint.tensors["b.weight"] = {{2, 3}, {1, -2, 3.5f, 0, 1e-30f, 7}};
    checkpoint.tensors["a"] = {{}, {4}};
    const std::string path = folder / "x.safetensors";
    save_safetensors(path, checkpoint);
    const Checkpoint back = load_safetensors(path);
    EXPECT_EQ(back.metadata, checkpoint.metadata);
    EXPECT_EQ(back.tensors.at("b.weight").shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(back.tensors.at("b.weight").values, checkpoint.tensors["b.weight"].values);
    EXPECT_EQ(back.tensors.at("a").values, checkpoint.tensors["a"].values);
    EXPECT_FALSE(fs::exists(path + ".tmp"));

    const auto size = fs::file_size(path);
    fs::resize_file(path, size - 1);
    EXPECT_THROW(load_safetensors(path), std::runtime_error);
    fs::resize_file(path, 4);
    EXPECT_THROW(load_safetensors(path), std::runtime_error);
    EXPECT_THROW(load_safetensors(folder / "none"), std::runtime_error);
}

// The bytes that TensorFlow's own writer makes for the first record of every file: length, masked CRC-32C.
TEST(TensorBoard, FramesRecordsAsTensorFlowDoes) {
    Folder folder;
    TensorBoardWriter writer(folder.path());
    writer.scalars(7, {{"loss", 2.5}});
    std::string bytes;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    ASSERT_GT(bytes.size(), 40u);
    EXPECT_EQ(bytes.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
    EXPECT_EQ(bytes.substr(8, 4),
              std::string("\xa3\x7f\x4b\x22", 4));  // as in every events file of 24-byte start
    EXPECT_NE(bytes.find("brain.Event:2"), std::string::npos);
    EXPECT_NE(bytes.find(std::string("loss\x15\0\0\x20\x40", 9)), std::string::npos);
}

TEST(Photo, DownscalesAndRefusesWhatItCannotRead) {
    Folder folder;
    write_photo(folder / "a.png", 120, 80, 1);
    const Photo whole = load_photo(folder / "a.png", 1.0);
    EXPECT_EQ(whole.width, 120);
    const Photo half = load_photo(folder / "a.png", 0.5);
    EXPECT_EQ(half.width, 60);
    EXPECT_EQ(half.height, 40);
    EXPECT_EQ(half.rgb.size(), 60u * 40 * 3);
    double sum_whole = 0, sum_half = 0;
    for (uint8_t v : whole.rgb) sum_whole += v;
    for (uint8_t v : half.rgb) sum_half += v;
    EXPECT_NEAR(sum_whole / 4, sum_half, 0.01 * sum_half);
    std::ofstream(folder / "b.png") << "no picture";
    EXPECT_THROW(load_photo(folder / "b.png", 1.0), std::runtime_error);
    EXPECT_EQ(list_photos(folder.path()).size(), 2u);
    EXPECT_THROW(list_photos(folder / "missing"), std::runtime_error);
}

TEST(Calibration, ClipsOutliersAndKeepsTheRest) {
    Calibration calibration;
    auto& channels = calibration["tail.conv"].channel;
    channels.resize(2);
    for (int i = -20000; i <= 20000; ++i) {
        channels[0].push_back(static_cast<float>(i) / 20000);
        channels[1].push_back(static_cast<float>(i) / 4e5f);
    }
    channels[0].push_back(2.0f);
    const auto steps = choose_steps(calibration).at("tail.conv");
    EXPECT_NEAR(steps[0], 1.1f / 127, 0.02f / 127);
    EXPECT_NEAR(steps[1], steps[0] / 20, 0.01f * steps[0]);
    calibration["merge"] = calibration["tail.conv"];  // the input of a sum: one step
    const auto even = choose_steps(calibration).at("merge");
    EXPECT_EQ(even[0], even[1]);
}

// What is added up has one step, for the largest of the parts and of the sums that the bytes made of them
// show.
TEST(Calibration, SumsShareOneStep) {
    Calibration calibration;
    const auto seen = [&](const std::string& name, float largest) {
        calibration[name].channel = {{largest, -0.1f}, {0.2f, 0.3f}};
    };
    seen("d1.start", 2);
    seen("d1.body0.branch", 1);
    seen("d1.body0.in", 4);
    seen("d1.tail.in", 2);
    seen("d2.start", 1);
    seen("e1.start", 8);
    const StepTable steps = choose_steps(calibration);
    const auto wide = [](float largest) { return std::vector<float>(2, 2 * largest / 32767); };
    EXPECT_EQ(steps.at("d1.start"), wide(4));
    EXPECT_EQ(steps.at("d1.body0.branch"), wide(4));
    EXPECT_EQ(steps.at("d2.start"), wide(1));
    EXPECT_EQ(steps.at("e1.start"), wide(8));
}

// Four channels that are `weights` times an input that counts in quarters.
struct FourChannels {
    FourChannels() {
        weights.tensors["a.weight"] = {{4, 1, 1, 1}, {1, 0.5f, 0.001f, 2}};
        weights.tensors["a.bias"] = {{4}, {0, 0, 0, 0}};
        in.node = graph.add(nn::Input{1, nn::ElementKind::kQ8, 0});
        in.step = {0.25f};
    }
    std::vector<float> steps(size_t together) {
        const std::vector<float> fine(4, 0.001f);
        return builder.conv("a", in, 1, 0, {nn::ElementKind::kQ8, nn::Activation::kNone, fine, together})
            .step;
    }
    Checkpoint weights;
    nn::Graph graph;
    GraphBuilder builder{weights, graph};
    QuantisedTensor in;
};

// An accumulator counts in 127ths of its largest weight, and a result in no less than twice that.
TEST(GraphBuilder, WidensStepsThatAreTooFine) {
    FourChannels four;
    const auto wide = [](double weight) { return static_cast<float>(weight * 0.25 / 127 / 0.49); };
    const auto expect = [](const std::vector<float>& steps, const std::vector<float>& wanted) {
        for (size_t c = 0; c < 4; ++c) EXPECT_FLOAT_EQ(steps.at(c), wanted[c]) << c;
    };
    expect(four.steps(1), {wide(1), wide(0.5), 0.001f, wide(2)});
    expect(four.steps(2), {wide(1), wide(1), wide(2), wide(2)});
    expect(four.steps(4), {wide(2), wide(2), wide(2), wide(2)});
    EXPECT_THROW(four.steps(0), std::runtime_error);
    const StepTable table = {{"d1.start", {1, 1, 1}}, {"merge", {1, 1}}, {"d1.up", {1, 1}}};
    EXPECT_EQ(stored_destination(table, "d1.start", nn::Activation::kNone).together, 3u);
    EXPECT_EQ(stored_destination(table, "merge", nn::Activation::kNone).together, 2u);
    EXPECT_EQ(stored_destination(table, "d1.up", nn::Activation::kNone).together, 1u);
}

// Outputs count in the coder's units, whatever the weights are: if need be, coarse sums are multiplied up.
TEST(GraphBuilder, OutputsKeepTheirUnit) {
    FourChannels four;
    const nn::Output coarse = four.builder.output("x", "a", four.in, 100);
    EXPECT_TRUE(
        std::holds_alternative<nn::Convolution>(four.graph.nodes[static_cast<size_t>(coarse.node)].layer));
    const nn::Output fine = four.builder.output("y", "a", four.in, 1000);
    const nn::Node& last = four.graph.nodes[static_cast<size_t>(fine.node)];
    const auto& add = std::get<nn::Add>(last.layer);
    ASSERT_EQ(last.inputs[0], last.inputs[1]);
    const auto& sums = std::get<nn::Convolution>(four.graph.nodes[static_cast<size_t>(last.inputs[0])].layer);
    for (size_t c = 0; c < 4; ++c) {
        // From the accumulator, whose steps are real weights / 127, to thousandths.
        const double scale = std::ldexp(sums.out.multiplier[c], -sums.out.shift[c]) *
                             std::ldexp(add.multiplier_a + add.multiplier_b, -add.shift);
        const double weight = four.weights.tensors["a.weight"].values[c];
        EXPECT_NEAR(scale, weight * 0.25 / 127 * 1000, 1e-4 * scale) << c;
    }
}

}  // namespace
}  // namespace residua::train
