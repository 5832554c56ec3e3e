#include <gtest/gtest.h>
#include <vips/vips.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "batch_loader.h"
#include "calibration.h"
#include "pair_cache.h"
#include "photo.h"
#include "quantise.h"
#include "safetensors.h"
#include "tensorboard.h"

namespace residua::train {
namespace {

namespace fs = std::filesystem;

class Folder {  // a temporary folder that goes when the test ends
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "residua-train-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return (fs::path(path_) / name).string(); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// A photo-like picture: smooth shading, edges and a little noise.
void write_photo(const std::string& path, int width, int height, uint32_t seed) {
    std::vector<uint8_t> rgb;
    uint32_t state = seed * 2654435761u + 1;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c) {
                state = state * 1664525u + 1013904223u;
                const double shade = 110 + 60 * std::sin(x * 0.05 + c) + 50 * std::cos(y * 0.03 * (c + 1));
                const double edge = (x / 24 + y / 40) % 2 ? 18 : 0;
                rgb.push_back(static_cast<uint8_t>(std::clamp(shade + edge + (state >> 24) % 7, 0.0, 255.0)));
            }
    ASSERT_EQ(VIPS_INIT("test"), 0);
    VipsImage* image =
        vips_image_new_from_memory_copy(rgb.data(), rgb.size(), width, height, 3, VIPS_FORMAT_UCHAR);
    ASSERT_EQ(vips_image_write_to_file(image, path.c_str(), nullptr), 0);
    g_object_unref(image);
}

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

TEST(Pairs, AreMadeOnceAndHoldTheLossyLayer) {
    Folder folder;
    fs::create_directory(folder / "photos");
    for (uint32_t i = 0; i < 3; ++i)
        write_photo(folder / std::string("photos/").append(std::to_string(i)).append(".png"), 150, 130, i);
    PairSettings settings;
    settings.effort = 1;
    const auto pairs = prepare_pairs(folder / "photos", folder / "cache", settings, true);
    ASSERT_EQ(pairs.size(), 3u);
    for (const auto& pair : pairs) {
        EXPECT_GE(pair->width(), 75);
        EXPECT_LE(pair->width(), 120);
        EXPECT_GE(pair->q(), settings.q_low);
        EXPECT_LE(pair->q(), settings.q_high);
        EXPECT_GT(pair->bpg_bytes(), 100u);
        double error = 0;
        int differing = 0;
        const size_t count = static_cast<size_t>(pair->width()) * pair->height() * 3;
        for (size_t i = 0; i < count; ++i) {
            const double r = pair->image()[i] - pair->fine()[i] / 64.0;
            error += r * r;
            differing += r != 0;
        }
        EXPECT_LT(error / static_cast<double>(count), 16);
        EXPECT_GT(differing, 0);
    }
    // A second call makes nothing new; a damaged pair is named.
    const auto first = *fs::directory_iterator(folder / "cache");
    const auto time = fs::last_write_time(first);
    EXPECT_EQ(prepare_pairs(folder / "photos", folder / "cache", settings, true).size(), 3u);
    EXPECT_EQ(fs::last_write_time(first), time);
    fs::resize_file(first, 100);
    EXPECT_THROW(Pair(first.path().string()), std::runtime_error);
}

TEST(Pairs, OfACodecWithoutLossyLayerArePicturesAlone) {
    Folder folder;
    fs::create_directory(folder / "photos");
    write_photo(folder / "photos/a.png", 150, 130, 1);
    PairSettings settings;
    settings.effort = 1;
    const auto both = prepare_pairs(folder / "photos", folder / "cache", settings, true);
    settings.lossy_layer = false;
    const auto alone = prepare_pairs(folder / "photos", folder / "cache", settings, true);
    ASSERT_EQ(alone.size(), 1u);
    EXPECT_EQ(alone[0]->fine(), nullptr);
    EXPECT_EQ(alone[0]->bpg_bytes(), 0u);
    ASSERT_EQ(alone[0]->width(), both[0]->width());  // the same picture, beside the pair with a lossy layer
    ASSERT_EQ(alone[0]->height(), both[0]->height());
    const size_t count = static_cast<size_t>(alone[0]->width()) * static_cast<size_t>(alone[0]->height()) * 3;
    EXPECT_TRUE(std::equal(alone[0]->image(), alone[0]->image() + count, both[0]->image()));
    EXPECT_EQ(open_pairs(folder / "cache").size(), 2u);
    BatchLoader loader({alone[0].get()}, 2, 32, 1, 0);
    const Batch batch = loader.next();
    EXPECT_EQ(batch.image.size(), 2u * 32 * 32 * 3);
    EXPECT_TRUE(batch.fine.empty());
}

TEST(BatchLoader, RepeatsItselfAndCutsImageAndLossyAlike) {
    Folder folder;
    fs::create_directory(folder / "photos");
    write_photo(folder / "photos/a.png", 200, 160, 3);
    PairSettings settings;
    settings.effort = 1;
    const auto pairs = prepare_pairs(folder / "photos", folder / "cache", settings, true);
    const std::vector<const Pair*> views = {pairs[0].get()};
    BatchLoader first(views, 4, 32, 5, 0);
    BatchLoader later(views, 4, 32, 5, 2);  // as after a resume
    first.next();
    const Batch second = first.next();
    const Batch third = first.next();
    const Batch resumed = later.next();
    EXPECT_EQ(third.image, resumed.image);
    EXPECT_EQ(third.fine, resumed.fine);
    EXPECT_NE(second.image, third.image);
    double error = 0;
    for (size_t i = 0; i < third.image.size(); ++i) error += std::abs(third.image[i] - third.fine[i] / 64.0);
    EXPECT_LT(error / static_cast<double>(third.image.size()), 4);
    EXPECT_THROW(BatchLoader(views, 1, 4096, 1, 0), std::runtime_error);
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
