// L3C's trainer: quantiser, anchors, pyramid, losses, and a run from photographs to a file that decodes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <residua/residua.hpp>

#include "checkpoint.h"
#include "commands.h"
#include "l3c_network.h"
#include "run.h"

namespace residua::train {
namespace {

namespace fs = std::filesystem;

L3cConfig tiny_config() {
    L3cConfig config;
    config.scales = 2;
    config.features = 16;
    config.blocks = 1;
    config.components = 2;
    return config;
}

L3cConfig tiny_pyramid(bool shared) {
    L3cConfig config = tiny_config();
    config.channels = 3;
    config.levels = 256;
    config.pyramid = true;
    config.anchored = false;
    config.shared = shared;
    return config;
}

double soft_assignment(double z, int levels) {
    double sum = 0, weighted = 0;
    for (int i = 0; i < levels; ++i) {
        const double level = -1 + 2.0 * i / (levels - 1);
        const double weight = std::exp(-kQuantiserSharpness * (z - level) * (z - level));
        sum += weight;
        weighted += weight * level;
    }
    return weighted / sum;
}

TEST(QuantiseLatent, TakesTheNearestLevelAndTheSlopeOfTheSoftAssignment) {
    const torch::Tensor z = torch::tensor({-2.0f, -1.0f, -0.49f, 0.0f, 0.04f, 0.05f, 0.8f, 1.3f});
    for (const int levels : {25, 24, 3}) {
        const torch::Tensor input = z.clone().requires_grad_(true);
        const torch::Tensor symbols = quantise_latent(input, levels);
        symbols.sum().backward();
        for (int64_t i = 0; i < z.numel(); ++i) {
            const double value = z[i].item<double>();
            const int symbol = static_cast<int>(symbols[i].item<float>());
            const auto level = [&](int v) { return -1 + 2.0 * (v + levels / 2) / (levels - 1); };
            EXPECT_GE(symbol, -(levels / 2));
            EXPECT_LE(symbol, levels - 1 - levels / 2);
            for (int other = -(levels / 2); other <= levels - 1 - levels / 2; ++other)
                EXPECT_LE(std::fabs(value - level(symbol)), std::fabs(value - level(other)) + 1e-6);
            constexpr double kStep = 1e-4;
            const double slope =
                (soft_assignment(value + kStep, levels) - soft_assignment(value - kStep, levels)) /
                (2 * kStep) * (levels - 1) / 2;
            EXPECT_NEAR(input.grad()[i].item<double>(), slope, 1e-3 * (1 + std::fabs(slope)))
                << "z " << value << ", L " << levels;
        }
    }
}

// By hand: a constant stays, and a step between two halves gives the kernel's running sums.
TEST(BicubicHalf, IsTheCodecsKernel) {
    torch::Tensor picture = torch::full({1, 1, 8, 8}, 77.0f);
    EXPECT_TRUE(torch::equal(bicubic_half(picture), torch::full({1, 1, 4, 4}, 77.0f)));
    picture = torch::zeros({1, 1, 8, 16});
    picture.slice(3, 8, 16).fill_(100);
    // Output 3 reads samples 3 … 10: the three to the right of the step are 29 − 9 − 3; output 4 the mirror
    // image.
    const torch::Tensor row = bicubic_half(picture)[0][0][2];
    const int left = ((100 * (29 - 9 - 3) + 8) / 16 * 256 + 2048) / 4096;
    const int right = ((100 * (256 - 29 + 9 + 3) + 8) / 16 * 256 + 2048) / 4096;
    EXPECT_EQ(row[3].item<int>(), left);
    EXPECT_EQ(row[4].item<int>(), right);
    EXPECT_EQ(row[0].item<int>(), 0);
    EXPECT_EQ(row[7].item<int>(), 100);
}

TEST(Anchor, InterpolatesAndTurnsDifferencesIntoColours) {
    L3cNetwork network(tiny_config(), torch::kCPU, 1);
    torch::Tensor z = torch::zeros({1, 5, 1, 2});
    z[0][0][0][0] = 4;  // green
    z[0][0][0][1] = 8;
    z[0][1].fill_(1);   // red − green
    z[0][2].fill_(-2);  // blue − green
    const torch::Tensor picture = network.anchor(1, z);
    const double scale = 255.0 / 64;
    ASSERT_EQ(picture.sizes(), (at::IntArrayRef{1, 2, 4, 3}));
    const double green[] = {4, 5, 7, 8};
    for (int x = 0; x < 4; ++x) {
        EXPECT_NEAR(picture[0][1][x][1].item<double>(), green[x] * scale, 1e-4);
        EXPECT_NEAR(picture[0][1][x][0].item<double>(), (green[x] + 1) * scale, 1e-4);
        EXPECT_NEAR(picture[0][1][x][2].item<double>(), (green[x] - 2) * scale, 1e-4);
    }
    const torch::Tensor finer = network.anchor(2, z);
    EXPECT_NEAR(finer[0][0][1][0].item<double>(), 5, 1e-5);
    EXPECT_EQ(finer[0][0][1][4].item<double>(), 0);
    L3cConfig absolute = tiny_config();
    absolute.anchored = false;
    EXPECT_FALSE(L3cNetwork(absolute, torch::kCPU, 1).anchor(1, z).defined());
}

TEST(L3cNetwork, HasThePaperSize) {
    int64_t weights = 0;
    const L3cNetwork network(l3c_preset("l3c-paper"), torch::kCPU, 1);
    for (const auto& [name, value] : network.parameters()) weights += value.numel();
    EXPECT_NEAR(static_cast<double>(weights), 5.0e6, 0.1e6);
    EXPECT_EQ(l3c_preset("l3c-paper").levels, 25);
    EXPECT_THROW(l3c_preset("l3c-huge"), std::invalid_argument);
}

// The price of z is learned from: it reaches E through the symbols themselves, not only through D's input.
TEST(L3cNetwork, ThePriceOfZReachesTheEncoder) {
    torch::manual_seed(7);
    L3cNetwork network(tiny_config(), torch::kCPU, 3);
    const Samples samples = {torch::randint(0, 256, {1, 16, 16, 3}).to(torch::kFloat32), {}};
    const auto gradient = [&](double progress) {
        for (auto& [name, value] : network.parameters()) value.mutable_grad() = torch::Tensor();
        network.set_progress(progress);
        network.code_length(samples, false).nats.backward();
        return network.parameters().at("e1.to_z.weight").grad().clone();
    };
    const torch::Tensor eased = gradient(0), whole = gradient(1);
    EXPECT_GT(eased.abs().sum().item<double>(), 0);  // what the picture wants of z
    EXPECT_GT((whole - eased).abs().max().item<double>(), 1e-3 * whole.abs().max().item<double>());
}

class L3cRun : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "residua-l3c-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        fs::create_directory(folder_ + "/photos");
        for (int i = 0; i < 2; ++i) {
            std::ofstream file(folder_ + "/photos/" + std::to_string(i) + ".ppm", std::ios::binary);
            file << "P6\n99 85\n255\n";
            for (int y = 0; y < 85; ++y)
                for (int x = 0; x < 99; ++x)
                    for (int c = 0; c < 3; ++c)
                        file.put(static_cast<char>(120 +
                                                   80 * std::sin(0.07 * x + i) * std::cos(0.05 * y + c) +
                                                   (x * 7 + y * 13 + c * 5) % 6));
        }
    }
    void TearDown() override { fs::remove_all(folder_); }

    RunSettings settings(const std::string& name, const L3cConfig& config, int64_t steps) const {
        RunSettings run;
        run.data = folder_ + "/photos";
        run.cache = folder_ + "/cache";
        run.out = folder_ + "/" + name;
        run.network = config.description();
        run.steps = steps;
        run.batch = 2;
        run.crop = 32;
        run.threads = 1;
        run.bfloat16 = false;
        run.log_every = 1;
        run.optimizer.learning_rate = 1e-4;  // twelve steps with more make the start worse first
        run.optimizer.warm_up = 4;
        return run;
    }
    std::string folder_;
};

TEST_F(L3cRun, LearnsAndItsModelCodesPictures) {
    const std::pair<const char*, L3cConfig> cases[] = {
        {"l3c", tiny_config()}, {"rgb", tiny_pyramid(false)}, {"shared", tiny_pyramid(true)}};
    for (const auto& [name, config] : cases) {
        run(settings(name, config, 12));
        std::vector<double> totals;
        std::ifstream log(folder_ + "/" + name + "/log.jsonl");
        for (std::string line; std::getline(log, line);) {
            const auto entry = nlohmann::json::parse(line);
            if (entry["event"] != "validation") continue;
            totals.push_back(entry["bpsp"]);
            EXPECT_NEAR(totals.back(),
                        entry["x_bpsp"].get<double>() + entry["z1_bpsp"].get<double>() +
                            entry["z2_bpsp"].get<double>(),
                        1e-9);
        }
        ASSERT_EQ(totals.size(), 2u) << name;
        EXPECT_LT(totals[1], totals[0]) << name;

        RunSettings quantised = settings(name, config, 14);
        quantised.resume = quantised.quantised = true;
        run(quantised);
        ExportSettings exported;
        exported.run = folder_ + "/" + name;
        exported.out = folder_ + "/" + name + ".rsm";
        run_export(exported);

        std::ifstream file(exported.out, std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        residua::context context;
        const residua_model_info info = context.add_model(bytes.data(), bytes.size());
        EXPECT_STREQ(info.codec, "l3c");
        std::vector<uint8_t> pixels(99 * 85 * 3);
        for (size_t i = 0; i < pixels.size(); ++i)
            pixels[i] = static_cast<uint8_t>(128 + 60 * std::sin(0.001 * static_cast<double>(i)) + i % 5);
        residua_image picture = {};
        picture.pixels = pixels.data();
        picture.width = 99;
        picture.height = 85;
        picture.channels = 3;
        residua_encode_options options = {};
        options.model = info.name;
        options.codec = "l3c";
        const auto coded = context.encode(picture, options);  // proves itself
        const auto decoded = context.decode(coded.data(), coded.size());
        EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), decoded->pixels)) << name;
        EXPECT_LT(coded.size(), pixels.size()) << name;
    }
}

}  // namespace
}  // namespace residua::train
