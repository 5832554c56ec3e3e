// The exported integer network computes what the float network computes, up to the coarseness of 8 bits.
#include "export/export_l3c.h"

#include <gtest/gtest.h>

#include "base/test_session.h"
#include "export/test_export.h"
#include "l3c/l3c_network.h"
#include "models/model_file.h"
#include "network/observed_steps.h"
#include "nn/graph_io.h"
#include "stages/l3c/enc_latents.h"
#include "stages/l3c/model.h"

namespace residua::train {
namespace {

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
    const StepTable steps = observed_steps(
        network, [&] { network.code_length(samples, false); }, kAllSamples);
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
