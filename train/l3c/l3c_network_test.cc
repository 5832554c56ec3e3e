#include "l3c/l3c_network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "l3c/test_l3c_config.h"

namespace residua::train {
namespace {

using torch::Tensor;

Tensor smooth_picture(int64_t side) {
    const Tensor coarse = torch::randint(20, 235, {1, 3, side / 8, side / 8}).to(torch::kFloat32);
    return torch::upsample_bicubic2d(coarse, {side, side}, false)
        .add_(2 * torch::randn({1, 3, side, side}))
        .round_()
        .clamp_(0, 255)
        .permute({0, 2, 3, 1})
        .contiguous();
}

// z^(1) begins as the picture, halved by averaging: G, R − G and B − G in their steps for anchors, otherwise
// R, G and B over all levels.
TEST(L3cNetwork, EncoderStartsAsAPyramid) {
    torch::manual_seed(5);
    const Tensor picture = smooth_picture(32);
    for (const bool anchored : {true, false}) {
        L3cNetwork network(tiny(anchored), torch::kCPU, 2);
        const Tensor half = torch::avg_pool2d(picture.permute({0, 3, 1, 2}) - 128, 2);
        const Tensor R = half.slice(1, 0, 1), G = half.slice(1, 1, 2), B = half.slice(1, 2, 3);
        const Tensor expected =
            anchored ? torch::cat({G / 4, (R - G) / 3, (B - G) / 3}, 1) : half / 127.5 * 32;
        const Tensor z1 = network.latents(picture, false)[0].slice(1, 0, 3);
        EXPECT_LE((z1 - expected.clamp(-32, 32)).abs().max().item<double>(), 0.5 + 1e-3) << anchored;
    }
}

// While E rests, z is computed without it as long as that makes no difference.
TEST(L3cNetwork, RestingEncoderIsAPyramid) {
    torch::manual_seed(8);
    const Samples samples = {smooth_picture(64), {}};
    L3cConfig config = tiny();
    config.channels = 3;
    L3cNetwork network(config, torch::kCPU, 2);
    const std::vector<Tensor> expected = network.latents(samples.image, false);
    const std::vector<Tensor> z = network.halved_colours(samples.image);
    ASSERT_EQ(z.size(), expected.size());
    for (size_t s = 0; s < z.size(); ++s) {
        const Tensor difference = (z[s] - expected[s]).abs();  // at exact halves
        EXPECT_LE(difference.max().item<double>(), 1);
        EXPECT_LT(difference.mean().item<double>(), 0.1);
    }
    EXPECT_TRUE(network.encoder_is_pyramid());

    const auto encoder_learns = [&](double progress) {
        for (auto& [name, value] : network.parameters()) value.mutable_grad().reset();
        network.set_progress(progress);
        network.code_length(samples, false).nats.backward();
        EXPECT_TRUE(network.parameters().at("d1.mu.weight").grad().defined());
        return network.parameters().at("e1.to_z.weight").grad().defined();
    };
    EXPECT_FALSE(encoder_learns(0.1));
    EXPECT_TRUE(encoder_learns(0.95));
    const double before = network.code_length(samples, false).nats.item<double>();
    {
        torch::NoGradGuard no_grad;
        network.parameters().at("e1.to_z.weight")[0].mul_(0.25);
    }
    EXPECT_FALSE(network.encoder_is_pyramid());
    EXPECT_FALSE(encoder_learns(0.1));
    EXPECT_NE(network.code_length(samples, false).nats.item<double>(), before);
    config.channels = 5;
    EXPECT_FALSE(L3cNetwork(config, torch::kCPU, 2).encoder_is_pyramid());
}

// So the first code length is that of an interpolating coder, not of one that knows nothing (8 bits).
TEST(L3cNetwork, StartsByInterpolating) {
    torch::manual_seed(6);
    const Tensor picture = smooth_picture(64);
    for (const L3cConfig& config : {tiny(true), tiny(false), tiny_pyramid()}) {
        L3cNetwork network(config, torch::kCPU, 3);
        network.fit_start({picture, {}});
        const CodeLength length = network.code_length({picture, {}}, false);
        ASSERT_EQ(length.parts.size(), 3u);
        EXPECT_EQ(length.parts[0].first, "z2");
        EXPECT_NEAR(length.parts[0].second.item<double>(),
                    config.channels * 16 * 16 * std::log(config.levels), 1e-3);
        EXPECT_EQ(length.parts[2].first, "x");
        EXPECT_LT(length.parts[2].second.item<double>() / std::log(2) / (64 * 64 * 3), 5.5)
            << config.levels << config.anchored;
    }
}

// e1.to_z makes z^(1) alone. What z^(1) costs reaches it through the symbols, weakened at the start of a run;
// what the picture wants of z^(1) reaches it always.
TEST(L3cNetwork, ThePriceOfZReachesTheEncoder) {
    torch::manual_seed(7);
    L3cNetwork network(tiny(false), torch::kCPU, 3);
    const Samples samples = {smooth_picture(32), {}};
    const auto gradient_of = [&](const Tensor& loss) {
        for (auto& [name, value] : network.parameters()) value.mutable_grad().reset();
        loss.backward();
        return network.parameters().at("e1.to_z.weight").grad().clone();
    };
    const auto gradient_at = [&](double progress) {
        network.set_progress(progress);
        return gradient_of(network.code_length(samples, false).nats);
    };
    const Tensor free = gradient_at(0), whole = gradient_at(1);

    const std::vector<Tensor> z = network.latents(samples.image, false);
    Tensor features;
    const Tensor raw = network.predict(2, z[1].detach(), features, false).detach();
    const Tensor price = gradient_of(mixture_loss_tensor(raw, z[0].permute({0, 2, 3, 1}), network.shape(2),
                                                         network.anchor(2, z[1].detach())));
    const double size = price.abs().max().item<double>();
    EXPECT_GT(size, 0);
    EXPECT_GT(free.abs().max().item<double>(), 0);
    EXPECT_LT((whole - free - price).abs().max().item<double>(), 1e-3 * size);
    EXPECT_LT(network.rate_share("e1.to_z.weight"), 1);
    EXPECT_EQ(network.rate_share("d1.mu.weight"), 1);
}

// With the paper's recipe: all that the length says of E reaches it from the first step, and at full rate.
TEST(L3cNetwork, TheEncoderLearnsLikeTheRestIfToldTo) {
    const Samples samples = {smooth_picture(32), {}};
    for (const bool anchored : {false, true}) {
        L3cNetwork network(tiny(anchored), torch::kCPU, 3, {.encoder_rate = 1, .ease = 0, .encoder_from = 0});
        const auto gradient_at = [&](double progress) {
            for (auto& [name, value] : network.parameters()) value.mutable_grad().reset();
            network.set_progress(progress);
            network.code_length(samples, false).nats.backward();
            return network.parameters().at("e1.to_z.weight").grad().clone();
        };
        const Tensor first = gradient_at(0);
        EXPECT_GT(first.abs().max().item<double>(), 0);
        EXPECT_TRUE(first.equal(gradient_at(1)));
        network.set_progress(0);
        for (const auto& [name, value] : network.parameters()) EXPECT_EQ(network.rate_share(name), 1) << name;
    }
    L3cNetwork half(tiny(false), torch::kCPU, 3, {.encoder_rate = 0.5});
    EXPECT_EQ(half.rate_share("e1.to_z.weight"), 0.5);
    EXPECT_EQ(half.rate_share("d1.mu.weight"), 1);
}

// Uniform in ±1/√(inputs), weights and biases alike, and nothing of the picture in z.
TEST(L3cNetwork, RandomStartHasNoPyramid) {
    torch::manual_seed(9);
    const Tensor picture = smooth_picture(64);
    for (const L3cConfig& config : {tiny(true), tiny(false), tiny_pyramid()}) {
        L3cNetwork network(config, torch::kCPU, 3, {.first_weights = FirstWeights::kRandom});
        for (const auto& [name, value] : network.parameters()) {
            if (value.dim() != 4) continue;
            const double bound = 1 / std::sqrt(static_cast<double>(value.numel() / value.size(0)));
            EXPECT_LE(value.abs().max().item<double>(), bound * 1.0001) << name;
            const double expected = bound / std::sqrt(3), deviation = value.std().item<double>();
            if (value.numel() >= 256) {
                EXPECT_NEAR(deviation, expected, 0.2 * expected) << name;
            }
            EXPECT_GT(value.abs().min().item<double>(), 0) << name;  // a pyramid spares channels
            const Tensor bias = network.parameters().at(name.substr(0, name.rfind('.')) + ".bias");
            EXPECT_GT(bias.abs().min().item<double>(), 0) << name;
            EXPECT_LE(bias.abs().max().item<double>(), bound * 1.0001) << name;
        }
        if (!config.has_encoder()) continue;
        network.fit_start({picture, {}});  // all channels are free
        const Tensor z = network.encode(picture, false)[0];
        const Tensor deviation = z.std(std::vector<int64_t>{0, 2, 3}) / config.z_step();
        EXPECT_LT((deviation - 0.6).abs().max().item<double>(), 0.01);
    }
}

}  // namespace
}  // namespace residua::train
