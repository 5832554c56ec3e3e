// An exported network of integers beside the network of floats that it comes from.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "loop/checkpoint.h"
#include "network/network.h"
#include "nn/executor.h"
#include "weights/test_folder.h"

namespace residua::train {

using torch::Tensor;

constexpr int64_t kAllSamples = INT64_MAX;  // for observed_steps()

inline Checkpoint weights_of(Network& network) {
    OptimizerSettings settings;
    settings.average = 0;
    Optimizer optimizer(network.parameters(), settings);
    const Folder folder;
    save_model(folder / "model.safetensors", network, optimizer);
    return load_safetensors(folder / "model.safetensors");
}

// Runs a network for a picture of width × height. inputs: [H, W, C] at their own sizes, whole numbers
// −128…127. Returns the outputs, [H, W, C] too.
inline std::vector<Tensor> run_integers(const nn::Network& network, int width, int height,
                                        const std::vector<Tensor>& inputs) {
    Allocator allocator;
    ThreadPool pool(1);
    nn::Executor executor(network, width, height, allocator, pool);
    std::vector<nn::Executor::InputRow> rows;
    for (const Tensor& input : inputs)
        rows.push_back([bytes = (input + 128).to(torch::kUInt8).contiguous()](int y, uint8_t* row) {
            const Tensor line = bytes[y];
            std::copy_n(line.data_ptr<uint8_t>(), line.numel(), row);
        });
    std::vector<std::vector<float>> values(network.graph().outputs.size());
    std::vector<int64_t> widths(values.size()), channels(values.size());
    executor.run(rows, [&](const nn::Executor::OutputRows& ready) {
        for (size_t i = 0; i < values.size(); ++i) {
            const int output = static_cast<int>(i);
            const nn::TensorType& type = network.type(network.graph().outputs[i].node);
            widths[i] = ready.width(output);
            channels[i] = type.channels;
            for (int y = ready.first_row_of(output); y < ready.end_row_of(output); ++y)
                for (int x = 0; x < ready.width(output); ++x)
                    for (int c = 0; c < type.channels; ++c)
                        values[i].push_back(type.kind == nn::ElementKind::kI16
                                                ? ready.row(output, y)[x * type.channels + c]
                                                : ready.bytes(output, y)[x * ready.pixel_bytes(output) + c] -
                                                      128);
        }
    });
    std::vector<Tensor> outputs;
    for (size_t i = 0; i < values.size(); ++i)
        outputs.push_back(torch::tensor(values[i]).reshape({-1, widths[i], channels[i]}));
    return outputs;
}

// integers: in reals. expected: of the float network; simulated: of the same with set_steps().
inline void expect_close(const Tensor& integers, const Tensor& expected, const Tensor& simulated,
                         const std::string& what) {
    ASSERT_EQ(integers.sizes(), expected.sizes()) << what;
    const auto squares = [](const Tensor& x) { return x.square().sum().item<double>(); };
    const double error = squares(expected - integers);
    EXPECT_LT(error, 0.004 * squares(expected)) << what;
    // Unrelated roundings would give twice the error; the simulation must follow the integers more closely
    // than that, and than the plain network does, unless all is lost in steps that export had to widen.
    EXPECT_LT(squares(simulated - integers), 1.1 * error) << what;
}

// Real values of one in the outputs mu, log_sigma, weight and lambda, and the same groups of raw parameters.
constexpr double kUnits[] = {64, 32 / M_LN2, 32 / M_LN2, 256};
inline void expect_mixture(const std::vector<Tensor>& integers, const Tensor& expected,
                           const Tensor& simulated, int64_t groups, const std::string& what) {
    const auto floats = expected.chunk(groups, -1), rounded = simulated.chunk(groups, -1);
    for (size_t g = 0; g < static_cast<size_t>(groups); ++g)
        expect_close(integers[g] / kUnits[g], floats[g], rounded[g],
                     std::string(what).append(", output ").append(std::to_string(g)));
}

// [1, H, W, 3] in 0…scale: smooth, with a little noise and the whole contrast.
inline Tensor test_picture(int64_t width, int64_t height, double scale) {
    const Tensor coarse = torch::randint(0, 2, {1, 3, height / 8, width / 8}) * 0.9 +
                          0.1 * torch::rand({1, 3, height / 8, width / 8});
    const Tensor noise = 0.02 * torch::randn({1, 3, height, width});
    return ((torch::upsample_bilinear2d(coarse, {height, width}, false) + noise).clamp(0, 1) * scale)
        .round()
        .permute({0, 2, 3, 1})
        .contiguous();
}

}  // namespace residua::train
