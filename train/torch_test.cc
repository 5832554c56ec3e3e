#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/thread_pool.h"
#include "calibration.h"
#include "checkpoint.h"
#include "codec/network_input.h"
#include "export_rc.h"
#include "models/model_file.h"
#include "nn/executor.h"
#include "nn/graph_io.h"
#include "rc_network.h"
#include "run.h"

namespace residua::train {
namespace {

namespace fs = std::filesystem;

RcConfig tiny_config(bool shared_tail) {
    return {.features = 16, .blocks = 2, .components = 3, .shared_tail = shared_tail};
}

TEST(MixtureLoss, FusedEqualsTorchOperationsAndTheirGradient) {
    torch::manual_seed(3);
    MixtureShape shape;
    const torch::Tensor raw = (2 * torch::randn({1, 9, 17, 60})).requires_grad_(true);
    torch::Tensor target = torch::randint(-9, 10, {1, 9, 17, 3}).to(torch::kFloat32);
    target[0][0][0][0] = 255;  // both ends of the alphabet, and a value far from any mean
    target[0][0][1][1] = -255;
    target[0][0][2][2] = 140;
    auto evaluate = [&](bool reference) {
        const torch::Tensor loss = mixture_loss_tensor(raw, target, shape, {}, reference);
        loss.backward();
        torch::Tensor gradient = raw.grad().clone();
        raw.mutable_grad().zero_();
        return std::make_pair(loss.item<double>(), gradient);
    };
    const auto [expected, expected_gradient] = evaluate(true);
    const auto [loss, gradient] = evaluate(false);
    EXPECT_NEAR(loss, expected, 1e-5 * expected);
    EXPECT_LT((gradient - expected_gradient).abs().max().item<double>(),
              1e-4 * expected_gradient.abs().max().item<double>());
}

// Over its whole alphabet the mixture's probabilities add up to 1: the loss is a code length.
TEST(MixtureLoss, IsTheCodeLengthOfADistribution) {
    torch::manual_seed(4);
    MixtureShape shape;
    shape.components = 2;
    shape.low = -20;
    shape.high = 20;
    const torch::Tensor raw = torch::randn({24});
    raw.slice(0, 18, 24).zero_();  // no lambda: the channels are independent
    auto code_length = [&](float r0, float r1, float r2) {
        const float target[] = {r0, r1, r2};
        return mixture_loss(raw.data_ptr<float>(), target, nullptr, 1, shape, nullptr);
    };
    double first = 0, second = 0, third = 0;
    for (int r = shape.low; r <= shape.high; ++r) {
        first += std::exp(-(code_length(static_cast<float>(r), 0, 0) - code_length(0, 0, 0)));
        second += std::exp(-(code_length(0, static_cast<float>(r), 0) - code_length(0, 0, 0)));
        third += std::exp(-(code_length(0, 0, static_cast<float>(r)) - code_length(0, 0, 0)));
    }
    // Each sum is 1 / p_c(0), so their product times p(0, 0, 0) is 1.
    const double joint = first * second * third * std::exp(-code_length(0, 0, 0));
    EXPECT_NEAR(joint, 1.0, 1e-4);
}

TEST(RcNetwork, TransposedConvolutionEqualsTorch) {
    RcNetwork network(tiny_config(true), torch::kCPU, 1);
    torch::NoGradGuard no_grad;
    torch::Tensor seen_in, seen_out;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        if (name == "up.input") seen_in = x.clone();
        if (name == "up") seen_out = x.clone();
    };
    network.forward(torch::rand({2, 12, 18, 6}) - 0.5, false);
    const auto& parameters = network.parameters();
    const torch::Tensor expected =
        torch::conv_transpose2d(seen_in, parameters.at("up.weight"), parameters.at("up.bias"), 2, 1);
    ASSERT_EQ(seen_out.sizes(), expected.sizes());
    EXPECT_LT((seen_out - expected).abs().max().item<double>(), 1e-4);
}

TEST(RcNetwork, HasThePaperSize) {
    int64_t weights = 0;
    RcNetwork network(rc_preset("rc"), torch::kCPU, 1);
    for (const auto& [name, value] : network.parameters()) weights += value.numel();
    EXPECT_NEAR(static_cast<double>(weights), 7.4e6, 0.2e6);
    EXPECT_THROW(rc_preset("rc-huge"), std::invalid_argument);
}

Calibration observe(RcNetwork& network, const torch::Tensor& input) {
    Calibration calibration;
    network.observer = [&](const std::string& name, const torch::Tensor& x) {
        const torch::Tensor flat = x.transpose(0, 1).flatten(1).contiguous();
        auto& channels = calibration[name].channel;
        channels.resize(static_cast<size_t>(flat.size(0)));
        for (int64_t c = 0; c < flat.size(0); ++c)
            channels[static_cast<size_t>(c)].assign(flat[c].data_ptr<float>(),
                                                    flat[c].data_ptr<float>() + flat.size(1));
    };
    network.forward(input, false);
    network.observer = nullptr;
    return calibration;
}

// The exported integer network computes what the float network computes, up to the coarseness of 8 bits.
TEST(Export, IntegerNetworkFollowsTheFloatNetwork) {
    for (bool shared_tail : {true, false}) {
        torch::NoGradGuard no_grad;
        RcConfig config = tiny_config(shared_tail);
        config.fine = shared_tail;  // both kinds of input
        const int inputs = config.fine ? 6 : 3;
        const auto conditioning = config.fine ? models::Conditioning::kFine : models::Conditioning::kPaper;
        RcNetwork network(config, torch::kCPU, 5);
        Parameters& parameters = network.parameters();
        // A fresh network's outputs are hardly larger than the units they are rounded to.
        for (const char* name : {"mu", "log_sigma", "weight", "lambda"})
            parameters[std::string(name) + ".out.weight"].mul_(16);
        OptimizerSettings settings;
        settings.average = 0;
        Optimizer optimizer(parameters, settings);
        const std::string path =
            (fs::temp_directory_path() / ("residua-export-" + std::to_string(getpid()))).string();
        save_model(path, network, optimizer);
        const Checkpoint weights = load_safetensors(path);
        fs::remove(path);

        constexpr int kWidth = 48, kHeight = 32;
        const torch::Tensor smooth =
            torch::randint(30, 220, {1, 3, kHeight / 8, kWidth / 8}).to(torch::kFloat32);
        const torch::Tensor fine = (64 * torch::upsample_bilinear2d(smooth, {kHeight, kWidth}, false) +
                                    torch::randint(-90, 91, {1, 3, kHeight, kWidth}))
                                       .round()
                                       .permute({0, 2, 3, 1});
        const torch::Tensor input = network_input(fine, config);
        const torch::Tensor expected = network.forward(input, false);
        const StepTable steps = choose_steps(observe(network, input));
        const auto bytes = export_rc(weights, config, steps, "name=test\ncodec=rc\n");
        network.set_steps(steps);  // quantisation-aware: the same roundings, in floats
        const torch::Tensor rounded = network.forward(input, false);
        const std::vector<uint16_t> samples = [&] {
            const torch::Tensor whole = fine.contiguous().to(torch::kInt16);
            return std::vector<uint16_t>(whole.data_ptr<int16_t>(),
                                         whole.data_ptr<int16_t>() + whole.numel());
        }();
        // The codec's own view of the same lossy layer.
        codec::NetworkInput codec_input({const_cast<uint16_t*>(samples.data()), kWidth, kHeight, 3},
                                        conditioning, 2);

        const models::ModelFile file = models::parse_model_file(bytes);
        ByteReader reader(file.graph, "graph");
        const nn::Graph graph = nn::parse_graph(reader);
        const nn::Network integers(graph, Isa::kScalar);
        Allocator allocator;
        ThreadPool pool(1);
        nn::Executor executor(integers, kWidth, kHeight, allocator, pool);
        const int out = 3 * config.components;
        const double units[] = {64, 32 / M_LN2, 32 / M_LN2, 256};
        double error[4] = {}, rounded_error[4] = {}, size[4] = {};
        executor.run(
            [&](int y, uint8_t* row) {
                codec_input.row(y, row);
                for (int x = 0; x < kWidth; ++x)
                    for (int c = 0; c < inputs; ++c)
                        ASSERT_NEAR(input[0][y][x][c].item<double>(),
                                    (row[x * inputs + c] - 128) * (c < 3 ? kPixelStep : kDetailStep), 1e-6);
            },
            [&](const nn::Executor::OutputRows& rows) {
                for (int y = rows.first_row; y < rows.first_row + rows.row_count; ++y)
                    for (int g = 0; g < 4; ++g)
                        for (int x = 0; x < kWidth; ++x)
                            for (int c = 0; c < out; ++c) {
                                const double real = expected[0][y][x][g * out + c].item<double>();
                                const double got = rows.row(g, y)[x * out + c] / units[g];
                                const double simulated = rounded[0][y][x][g * out + c].item<double>();
                                error[g] += (real - got) * (real - got);
                                rounded_error[g] += (simulated - got) * (simulated - got);
                                size[g] += real * real;
                            }
            });
        for (int g = 0; g < 4; ++g) {
            EXPECT_LT(error[g], 0.002 * size[g]) << "output " << g << ", shared " << shared_tail;
            // Unrelated roundings would give twice the error; the simulation must follow the integers
            // more closely than the plain network does.
            EXPECT_LT(rounded_error[g], error[g]) << "output " << g << ", shared " << shared_tail;
        }
    }
}

class Run : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "residua-run-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        fs::create_directory(folder_ + "/photos");
        for (int i = 0; i < 2; ++i) {
            std::ofstream file(folder_ + "/photos/" + std::to_string(i) + ".ppm", std::ios::binary);
            file << "P6\n96 80\n255\n";
            for (int y = 0; y < 80; ++y)
                for (int x = 0; x < 96; ++x)
                    for (int c = 0; c < 3; ++c)
                        file.put(static_cast<char>(120 +
                                                   80 * std::sin(0.07 * x + i) * std::cos(0.05 * y + c) +
                                                   (x * 7 + y * 13 + c * 5) % 6));
        }
    }
    void TearDown() override { fs::remove_all(folder_); }

    RunSettings settings(const std::string& name, int64_t steps) const {
        RunSettings run;
        run.data = folder_ + "/photos";
        run.cache = folder_ + "/cache";
        run.out = folder_ + "/" + name;
        run.network = tiny_config(true).description();
        run.pairs.effort = 1;
        run.steps = steps;
        run.batch = 2;
        run.crop = 32;
        run.threads = 1;
        run.bfloat16 = false;
        run.log_every = 1;
        run.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        run.optimizer.learning_rate = 2e-3;
        return run;
    }
    std::string folder_;
};

TEST_F(Run, LearnsLogsAndResumesExactly) {
    run(settings("whole", 12));
    run(settings("parts", 5));
    EXPECT_THROW(run(settings("parts", 12)), std::runtime_error);  // never overwrites a run by accident
    RunSettings resumed = settings("parts", 12);
    resumed.resume = true;
    run(resumed);
    const auto whole = load_safetensors(folder_ + "/whole/model.safetensors");
    const auto parts = load_safetensors(folder_ + "/parts/model.safetensors");
    ASSERT_EQ(whole.tensors.size(), parts.tensors.size());
    for (const auto& [name, array] : whole.tensors)
        EXPECT_EQ(array.values, parts.tensors.at(name).values) << name;

    std::ifstream log(folder_ + "/whole/log.jsonl");
    std::vector<double> losses, validations;
    for (std::string line; std::getline(log, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (entry["event"] == "train") losses.push_back(entry["residual_bpsp"]);
        if (entry["event"] == "validation") validations.push_back(entry["residual_bpsp"]);
    }
    EXPECT_EQ(losses.size(), 12u);
    ASSERT_EQ(validations.size(), 2u);
    EXPECT_LT(validations[1], validations[0]);
    EXPECT_TRUE(fs::exists(folder_ + "/whole/tensorboard"));

    // A quantisation-aware last part stays near, keeps its steps, and goes on with them.
    RunSettings quantised = settings("parts", 14);
    quantised.resume = quantised.quantised = true;
    run(quantised);
    const StepTable steps = read_steps(load_safetensors(folder_ + "/parts/model.safetensors"));
    EXPECT_EQ(steps.at("merge").size(), 16u);
    EXPECT_TRUE(read_steps(whole).empty());
    quantised.steps = 15;
    quantised.quantised = false;
    run(quantised);
    EXPECT_EQ(read_steps(load_safetensors(folder_ + "/parts/model.safetensors")), steps);
    double last = 0;
    std::ifstream parts_log(folder_ + "/parts/log.jsonl");
    for (std::string line; std::getline(parts_log, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (entry["event"] == "validation") last = entry["residual_bpsp"];
    }
    EXPECT_LT(last, validations[0]);

    // A new run from given weights begins where they were.
    RunSettings started = settings("started", 1);
    started.start = folder_ + "/whole/model.safetensors";
    started.network = tiny_config(false).description();  // the weights' own architecture wins
    started.optimizer.learning_rate = 0;
    run(started);
    const auto same = load_safetensors(folder_ + "/started/model.safetensors");
    for (const auto& [name, array] : whole.tensors)
        EXPECT_EQ(array.values, same.tensors.at(name).values) << name;

    RunSettings other = settings("none", 12);
    other.resume = true;
    EXPECT_THROW(run(other), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
