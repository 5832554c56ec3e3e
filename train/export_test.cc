// The exported integer networks compute what the float networks compute, up to the coarseness of 8 bits.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/test_session.h"
#include "base/thread_pool.h"
#include "calibration.h"
#include "checkpoint.h"
#include "export_l3c.h"
#include "export_rc.h"
#include "l3c_network.h"
#include "models/model_file.h"
#include "nn/executor.h"
#include "nn/graph_io.h"
#include "rc_network.h"
#include "stages/l3c/enc_latents.h"
#include "stages/l3c/model.h"
#include "stages/rc/network_input.h"

namespace residua::train {
namespace {

using torch::Tensor;

Checkpoint weights_of(Network& network) {
    OptimizerSettings settings;
    settings.average = 0;
    Optimizer optimizer(network.parameters(), settings);
    const auto path = std::filesystem::temp_directory_path() /
                      std::string("residua-export-").append(std::to_string(getpid()));
    save_model(path.string(), network, optimizer);
    Checkpoint weights = load_safetensors(path.string());
    std::filesystem::remove(path);
    return weights;
}

// The steps for what `run` makes the network compute.
template <typename Run>
StepTable observed_steps(Network& network, Run&& run) {
    Calibration calibration;
    network.observer = [&](const std::string& name, const Tensor& x) {
        const Tensor flat = x.transpose(0, 1).flatten(1).contiguous();
        auto& channels = calibration[name].channel;
        channels.resize(static_cast<size_t>(flat.size(0)));
        for (int64_t c = 0; c < flat.size(0); ++c)
            channels[static_cast<size_t>(c)].insert(channels[static_cast<size_t>(c)].end(),
                                                    flat[c].data_ptr<float>(),
                                                    flat[c].data_ptr<float>() + flat.size(1));
    };
    run();
    network.observer = nullptr;
    return choose_steps(calibration);
}

// Runs a network for a picture of width × height. inputs: [H, W, C] at their own sizes, whole numbers
// −128…127. Returns the outputs, [H, W, C] too.
std::vector<Tensor> run_integers(const nn::Network& network, int width, int height,
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
void expect_close(const Tensor& integers, const Tensor& expected, const Tensor& simulated,
                  const std::string& what) {
    ASSERT_EQ(integers.sizes(), expected.sizes()) << what;
    const auto squares = [](const Tensor& x) { return x.square().sum().item<double>(); };
    const double error = squares(expected - integers);
    EXPECT_LT(error, 0.004 * squares(expected)) << what;
    // Unrelated roundings would give twice the error; the simulation must follow the integers more closely
    // than the plain network does.
    EXPECT_LT(squares(simulated - integers), error) << what;
}

// Real values of one in the outputs mu, log_sigma, weight and lambda, and the same groups of raw parameters.
constexpr double kUnits[] = {64, 32 / M_LN2, 32 / M_LN2, 256};
void expect_mixture(const std::vector<Tensor>& integers, const Tensor& expected, const Tensor& simulated,
                    int64_t groups, const std::string& what) {
    const auto floats = expected.chunk(groups, -1), rounded = simulated.chunk(groups, -1);
    for (size_t g = 0; g < static_cast<size_t>(groups); ++g)
        expect_close(integers[g] / kUnits[g], floats[g], rounded[g],
                     std::string(what).append(", output ").append(std::to_string(g)));
}

// [1, H, W, 3] in 0…scale: smooth, with a little noise and the whole contrast.
Tensor test_picture(int64_t width, int64_t height, double scale) {
    const Tensor coarse = torch::randint(0, 2, {1, 3, height / 8, width / 8}) * 0.9 +
                          0.1 * torch::rand({1, 3, height / 8, width / 8});
    const Tensor noise = 0.02 * torch::randn({1, 3, height, width});
    return ((torch::upsample_bilinear2d(coarse, {height, width}, false) + noise).clamp(0, 1) * scale)
        .round()
        .permute({0, 2, 3, 1})
        .contiguous();
}

TEST(Export, RcFollowsTheFloatNetwork) {
    torch::manual_seed(11);
    for (const auto& [shared_tail, gdn] : {std::pair{true, true}, {false, true}, {true, false}}) {
        torch::NoGradGuard no_grad;
        RcConfig config = {.features = 16, .blocks = 2, .components = 3};
        config.shared_tail = shared_tail;
        config.gdn = gdn;
        config.fine = shared_tail;  // both kinds of input
        const auto conditioning = config.fine ? models::Conditioning::kFine : models::Conditioning::kPaper;
        RcNetwork network(config, torch::kCPU, 5);
        // A fresh network's outputs are hardly larger than the units they are rounded to.
        for (const char* name : {"mu", "log_sigma", "weight", "lambda"})
            network.parameters()[std::string(name) + ".out.weight"].mul_(16);

        constexpr int kWidth = 48, kHeight = 32;
        const Tensor fine = test_picture(kWidth, kHeight, 64 * 255);
        const Tensor input = network_input(fine, config);
        const Tensor expected = network.forward(input, false);
        const StepTable steps = observed_steps(network, [&] { network.forward(input, false); });
        const auto bytes = export_rc(weights_of(network), config, steps, "name=test\ncodec=rc\n");
        network.set_steps(steps);  // quantisation-aware: the same roundings, in floats
        const Tensor simulated = network.forward(input, false);

        // The codec's own view of the same lossy layer.
        Tensor whole = fine.to(torch::kInt16);
        codec::NetworkInput codec_input(
            {reinterpret_cast<uint16_t*>(whole.data_ptr<int16_t>()), kWidth, kHeight, 3}, conditioning, 2);
        const int channels = config.fine ? 6 : 3;
        std::vector<uint8_t> rows(static_cast<size_t>(kWidth * kHeight * channels));
        for (int y = 0; y < kHeight; ++y) codec_input.row(y, rows.data() + y * kWidth * channels);
        const Tensor seen =
            torch::tensor(rows).to(torch::kFloat32).reshape({kHeight, kWidth, channels}) - 128;
        const Tensor step =
            torch::cat({torch::full({3}, kPixelStep), torch::full({channels - 3}, kDetailStep)});
        ASSERT_LT((seen * step - input[0]).abs().max().item<double>(), 1e-6);

        const models::ModelFile file = models::parse_model_file(bytes);
        ByteReader reader(file.graph, "graph");
        const nn::Network integers(nn::parse_graph(reader), Isa::kScalar);
        expect_mixture(run_integers(integers, kWidth, kHeight, {seen}), expected[0], simulated[0], 4,
                       !gdn          ? "without GDN"
                       : shared_tail ? "one tail"
                                     : "three tails");
    }
}

struct L3cCase {
    const char* name;
    L3cConfig config;
};

class ExportL3c : public testing::TestWithParam<L3cCase> {};

TEST_P(ExportL3c, FollowsTheFloatNetwork) {
    torch::NoGradGuard no_grad;
    torch::manual_seed(12);
    const L3cConfig& config = GetParam().config;
    L3cNetwork network(config, torch::kCPU, 5);
    // As in RcFollowsTheFloatNetwork; but means that are not anchored start large.
    for (auto& [name, value] : network.parameters())
        for (const char* output : {".mu.weight", ".log_sigma.weight", ".weight.weight", ".lambda.weight"})
            if (ends_with(name, output) && (config.anchored || output != std::string(".mu.weight")))
                value.mul_(16);
    constexpr int kWidth = 64, kHeight = 32;
    const Tensor picture = test_picture(kWidth, kHeight, 255);
    const Samples samples = {picture, {}};

    // Of all scales, coarse to fine: the parameters, and E's outputs.
    struct Result {
        std::vector<Tensor> raw, z;
    };
    const std::vector<Tensor> symbols = network.latents(picture, false);
    const auto compute = [&] {
        Result result;
        Tensor features;
        for (int s = config.scales; s >= 1; --s)
            result.raw.push_back(network.predict(s, symbols[static_cast<size_t>(s - 1)], features, false)[0]);
        if (config.has_encoder()) result.z = network.encode(picture, false);
        return result;
    };
    const Result expected = compute();
    const StepTable steps = observed_steps(network, [&] { network.code_length(samples, false); });
    const auto bytes = export_l3c(weights_of(network), config, steps, "name=test\ncodec=l3c\n");
    network.set_steps(steps);
    const Result simulated = compute();

    const models::ModelFile file = models::parse_model_file(bytes);
    const models::L3cModel model(file);
    Tensor features;
    for (int s = config.scales; s >= 1; --s) {
        const size_t i = static_cast<size_t>(config.scales - s);
        const models::L3cScale& scale = model.scale[i];
        std::vector<Tensor> inputs = {symbols[static_cast<size_t>(s - 1)][0].permute({1, 2, 0})};
        ASSERT_EQ(scale.feature_inputs > 0, features.defined());
        if (features.defined()) inputs.push_back(features);
        const auto outputs = run_integers(*scale.network, kWidth >> (s - 1), kHeight >> (s - 1), inputs);
        const int64_t groups = network.shape(s).coupling == Coupling::kNone ? 3 : 4;
        expect_mixture(outputs, expected.raw[i], simulated.raw[i], groups,
                       std::string("D").append(std::to_string(s)));
        features = scale.feature_outputs > 0 ? outputs.back() : Tensor();
    }
    ASSERT_EQ(model.encoder != nullptr, config.has_encoder());
    if (config.averages) {  // the codec finds the same z without a network
        const Tensor pixels = picture[0].to(torch::kUInt8).contiguous();
        TestSession work(2);
        codec::Known known;
        codec::find_latents(model, {pixels.data_ptr<uint8_t>(), kWidth, kHeight, 3, 3 * kWidth}, known,
                            work.session);
        for (size_t s = 1; s <= symbols.size(); ++s) {
            const Picture& found = *known.z[s];
            const Tensor wanted = symbols[s - 1][0].permute({1, 2, 0}) + 128;
            for (int y = 0; y < found.height; ++y)
                for (int i = 0; i < found.width * 3; ++i)
                    ASSERT_EQ(found.row(y)[i], wanted[y][i / 3][i % 3].item<int>()) << s << " " << y;
        }
    }
    if (!config.has_encoder()) return;
    const auto z = run_integers(*model.encoder, kWidth, kHeight, {picture[0] - 128});
    for (size_t s = 0; s < z.size(); ++s) {
        // An integer's symbol is the nearest to it.
        const double offset = config.levels % 2 ? 0 : 0.5;
        const Tensor reals = (z[s] / 64 + offset) * config.z_step();
        expect_close(reals, expected.z[s][0].permute({1, 2, 0}), simulated.z[s][0].permute({1, 2, 0}),
                     std::string("E").append(std::to_string(s + 1)));
    }
}

L3cConfig learned(int levels, bool anchored) {
    return {.scales = 2,
            .features = 16,
            .blocks = 2,
            .components = 2,
            .channels = 5,
            .levels = levels,
            .anchored = anchored};
}

L3cConfig averages() {
    L3cConfig config = learned(129, true);
    config.channels = 3;
    config.averages = true;
    return config;
}

L3cConfig pyramid(bool shared) {
    L3cConfig config = learned(256, false);
    config.channels = 3;
    config.pyramid = true;
    config.shared = shared;
    return config;
}

INSTANTIATE_TEST_SUITE_P(All, ExportL3c,
                         testing::Values(L3cCase{"Anchored", learned(65, true)},
                                         L3cCase{"Averages", averages()},
                                         // Few levels: a step of z is larger than one of D's trunk may be.
                                         L3cCase{"FewLevels", learned(8, false)},
                                         L3cCase{"Rgb", pyramid(false)}, L3cCase{"RgbShared", pyramid(true)}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace residua::train
