// Losses and networks in torch.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/test_session.h"
#include "image/padding.h"
#include "l3c_network.h"
#include "optimizer.h"
#include "rc_network.h"
#include "stages/l3c/anchor.h"
#include "stages/l3c/enc_latents.h"

namespace residua::train {
namespace {

using torch::Tensor;

struct LossCase {
    const char* name;
    MixtureShape shape;
    bool origin;  // means relative to something that learns, too
};

class MixtureLosses : public testing::TestWithParam<LossCase> {
  protected:
    void SetUp() override {
        torch::manual_seed(3);
        const MixtureShape& shape = GetParam().shape;
        raw_ = (2 * torch::randn({1, 9, 17, shape.parameters()})).requires_grad_(true);
        symbols_ = torch::randint(-9, 10, {1, 9, 17, shape.channels}).to(torch::kFloat32);
        symbols_[0][0][0][0] = shape.high;  // both ends of the alphabet, and a value far from any mean
        symbols_[0][0][1][1] = shape.low;
        symbols_[0][0][2][2] = shape.high / 2;
        symbols_.requires_grad_(true);
        if (GetParam().origin) origin_ = (3 * torch::randn(symbols_.sizes())).requires_grad_(true);
    }
    Tensor raw_, symbols_, origin_;
};

TEST_P(MixtureLosses, FusedEqualsTorchOperationsAndTheirGradients) {
    struct Result {
        double loss;
        std::vector<Tensor> gradients;
    };
    const auto evaluate = [&](bool reference) {
        const Tensor loss = mixture_loss_tensor(raw_, symbols_, GetParam().shape, origin_, reference);
        (2 * loss).backward();
        Result result{loss.item<double>(), {}};
        for (Tensor* x : {&raw_, &symbols_, &origin_}) {
            if (!x->defined()) continue;
            result.gradients.push_back(x->grad().clone());
            x->mutable_grad().reset();
        }
        return result;
    };
    const Result expected = evaluate(true), fused = evaluate(false);
    EXPECT_NEAR(fused.loss, expected.loss, 1e-5 * expected.loss);
    ASSERT_EQ(fused.gradients.size(), expected.gradients.size());
    for (size_t i = 0; i < fused.gradients.size(); ++i)
        EXPECT_LT((fused.gradients[i] - expected.gradients[i]).abs().max().item<double>(),
                  1e-4 * expected.gradients[i].abs().max().item<double>())
            << "of input " << i;
}

// Moved by a little, a target changes the loss as its gradient says: through its own mixture, and through the
// means of the channels that lean on it.
TEST_P(MixtureLosses, TargetGradientIsTheSlope) {
    const MixtureShape& shape = GetParam().shape;
    mixture_loss_tensor(raw_, symbols_, shape, origin_).backward();
    const Tensor raw = raw_.detach().to(torch::kFloat64), symbols = symbols_.detach().to(torch::kFloat64);
    const Tensor origin =
        origin_.defined() ? origin_.detach().to(torch::kFloat64) : torch::zeros_like(symbols);
    constexpr double kStep = 1e-4;
    for (int64_t x = 0; x < 6; ++x)
        for (int64_t c = 0; c < shape.channels; ++c) {
            const auto loss = [&](double step) {
                Tensor moved = origin.clone();  // the symbols stay, so that the ends of the alphabet do
                moved[0][0][x][c] -= step;
                return mixture_loss_tensor(raw, symbols, shape, moved, true).item<double>();
            };
            const double slope = (loss(kStep) - loss(-kStep)) / (2 * kStep);
            EXPECT_NEAR(symbols_.grad()[0][0][x][c].item<double>(), slope, 1e-4 * (1 + std::fabs(slope)))
                << "pixel " << x << ", channel " << c;
            if (origin_.defined()) {
                EXPECT_NEAR(origin_.grad()[0][0][x][c].item<double>(), -slope, 1e-4 * (1 + std::fabs(slope)));
            }
        }
}

INSTANTIATE_TEST_SUITE_P(
    All, MixtureLosses,
    testing::Values(
        LossCase{"Tanh", {}, false},
        LossCase{
            "Sigmoid", {.components = 10, .coupling = Coupling::kSigmoid, .low = -128, .high = 127}, false},
        LossCase{"SigmoidWithOrigin",
                 {.components = 4, .coupling = Coupling::kSigmoid, .low = -128, .high = 127},
                 true},
        LossCase{"UncoupledWithOrigin",
                 {.components = 3, .channels = 5, .coupling = Coupling::kNone, .low = -12, .high = 12},
                 true}),
    [](const auto& info) { return std::string(info.param.name); });

// Over its whole alphabet the mixture's probabilities add up to 1: the loss is a code length.
TEST(MixtureLoss, IsTheCodeLengthOfADistribution) {
    torch::manual_seed(4);
    MixtureShape shape;
    shape.components = 2;
    shape.low = -20;
    shape.high = 20;
    const Tensor raw = torch::randn({24});
    raw.slice(0, 18, 24).zero_();  // no lambda: the channels are independent
    const auto code_length = [&](int r0, int r1, int r2) {
        const float target[] = {static_cast<float>(r0), static_cast<float>(r1), static_cast<float>(r2)};
        return mixture_loss(raw.data_ptr<float>(), target, nullptr, 1, shape, nullptr);
    };
    double first = 0, second = 0, third = 0;
    for (int r = shape.low; r <= shape.high; ++r) {
        first += std::exp(-(code_length(r, 0, 0) - code_length(0, 0, 0)));
        second += std::exp(-(code_length(0, r, 0) - code_length(0, 0, 0)));
        third += std::exp(-(code_length(0, 0, r) - code_length(0, 0, 0)));
    }
    // Each sum is 1 / p_c(0), so their product times p(0, 0, 0) is 1.
    EXPECT_NEAR(first * second * third * std::exp(-code_length(0, 0, 0)), 1.0, 1e-4);
}

TEST(Optimizer, ThePapersScheduleFallsInSteps) {
    Parameters parameters = {{"a", torch::ones({2})}};
    parameters["a"].requires_grad_(true);
    OptimizerSettings settings;
    settings.schedule = Schedule::kPaper;
    settings.learning_rate = 0.5;
    settings.decay_every = 3;
    Optimizer optimizer(parameters, settings);
    std::vector<double> rates;
    for (int i = 0; i < 7; ++i) {
        rates.push_back(optimizer.learning_rate(0.1));
        optimizer.step(0.1);
    }
    EXPECT_EQ(rates, (std::vector<double>{0.5, 0.5, 0.5, 0.375, 0.375, 0.375, 0.28125}));
}

TEST(Optimizer, RateShareSlowsParametersDown) {
    Parameters parameters = {{"d1.x", torch::ones({3})}, {"e1.x", torch::ones({3})}};
    for (auto& [name, value] : parameters) value.requires_grad_(true);
    double share = 0.25;
    OptimizerSettings settings;
    settings.rate_share = [&](const std::string& name) { return name[0] == 'e' ? share : 1.0; };
    Optimizer optimizer(parameters, settings);
    const auto step = [&] {  // how far each of the two goes
        std::map<std::string, double> before;
        for (auto& [name, value] : parameters) {
            value.mutable_grad().fill_(0.5);
            before[name] = value[0].item<double>();
        }
        optimizer.step(0);
        for (auto& [name, value] : parameters) before[name] -= value[0].item<double>();
        return before;
    };
    auto moved = step();
    EXPECT_GT(moved["d1.x"], 0);
    EXPECT_NEAR(moved["e1.x"], 0.25 * moved["d1.x"], 0.01 * moved["d1.x"]);
    share = 0;
    optimizer.update_rate_shares();
    moved = step();
    EXPECT_GT(moved["d1.x"], 0);
    EXPECT_EQ(moved["e1.x"], 0);
}

TEST(Padding, ContinuesPicturesAsTheCodecDoes) {
    for (const auto& [width, height] : {std::pair{1, 1}, {2, 5}, {3, 9}, {16, 8}, {17, 4}}) {
        const Tensor picture = torch::randint(0, 256, {2, height, width, 3}).to(torch::kFloat32);
        const Tensor padded = pad_by_reflection(picture, 8);
        ASSERT_EQ(padded.size(1), padded(height, 8));
        ASSERT_EQ(padded.size(2), padded(width, 8));
        for (int y = 0; y < padded.size(1); ++y)
            for (int x = 0; x < padded.size(2); ++x)
                ASSERT_TRUE(
                    torch::equal(padded[1][y][x], picture[1][reflected(y, height)][reflected(x, width)]))
                    << width << "x" << height << " at " << x << "," << y;
    }
}

TEST(RcNetwork, TransposedConvolutionEqualsTorch) {
    const RcConfig config = {.features = 16, .blocks = 2, .components = 3, .shared_tail = true};
    RcNetwork network(config, torch::kCPU, 1);
    torch::NoGradGuard no_grad;
    Tensor seen_in, seen_out;
    network.observer = [&](const std::string& name, const Tensor& x) {
        if (name == "up.input") seen_in = x.clone();
        if (name == "up") seen_out = x.clone();
    };
    network.forward(torch::rand({2, 12, 18, 6}) - 0.5, false);
    const auto& parameters = network.parameters();
    const Tensor expected =
        torch::conv_transpose2d(seen_in, parameters.at("up.weight"), parameters.at("up.bias"), 2, 1);
    ASSERT_EQ(seen_out.sizes(), expected.sizes());
    EXPECT_LT((seen_out - expected).abs().max().item<double>(), 1e-4);
}

TEST(Presets, HaveThePapersSizes) {
    const auto size = [](const char* codec, const char* name) {
        const auto network = make_network(preset(codec, name), torch::kCPU, 1);
        int64_t weights = 0;
        for (const auto& [parameter, value] : network->parameters()) weights += value.numel();
        return static_cast<double>(weights);
    };
    EXPECT_NEAR(size("rc", "rc-paper"), 7.4e6, 0.2e6);
    EXPECT_NEAR(size("l3c", "l3c-paper"), 5.0e6, 0.1e6);
    const L3cConfig paper = l3c_preset("l3c-paper");
    EXPECT_EQ(paper.levels, 25);
    EXPECT_FALSE(paper.anchored);
    const double rgb = size("l3c", "l3c-rgb"), shared = size("l3c", "l3c-rgb-shared");
    EXPECT_NEAR(rgb, 3 * shared, 0.01 * rgb);  // one predictor for all three scales, and no encoder
    EXPECT_THROW(preset("rc", "rc-huge"), std::invalid_argument);
    EXPECT_THROW(preset("l3c", "rc"), std::invalid_argument);
}

// Small, but with everything that the presets have.
L3cConfig tiny(bool anchored = true, int levels = 65) {
    return {.scales = 2,
            .features = 16,
            .blocks = 1,
            .components = 2,
            .channels = 5,
            .levels = levels,
            .anchored = anchored,
            .luma_step = 4,
            .chroma_step = 3};
}

L3cConfig tiny_pyramid() {
    L3cConfig config = tiny(false, 256);
    config.channels = 3;
    config.pyramid = true;
    return config;
}

TEST(QuantiseLatent, TakesTheNearestLevel) {
    const auto symbols = [](std::vector<float> z, int levels) {
        const Tensor result = quantise_latent(torch::tensor(z), levels);
        return std::vector<float>(result.data_ptr<float>(), result.data_ptr<float>() + result.numel());
    };
    // Levels −1, −½, 0, ½, 1.
    EXPECT_EQ(symbols({-9, -1, -0.76f, -0.74f, 0.2f, 0.26f, 1, 9}, 5),
              (std::vector<float>{-2, -2, -2, -1, 0, 1, 2, 2}));
    // Levels −1, −⅓, ⅓, 1.
    EXPECT_EQ(symbols({-9, -1, -0.68f, -0.66f, -0.01f, 0.01f, 0.66f, 0.68f, 9}, 4),
              (std::vector<float>{-2, -2, -2, -1, -1, 0, 0, 1, 1}));
    EXPECT_EQ(symbols({-0.01f, 0.01f}, 2), (std::vector<float>{-1, 0}));
}

TEST(QuantiseLatent, PassesTheSlopeOfTheSoftAssignment) {
    // L = 3, z = 0: 4·Var with Var = 2e⁻² / (1 + 2e⁻²).
    Tensor z = torch::zeros({1}).requires_grad_(true);
    quantise_latent(z, 3).sum().backward();
    EXPECT_NEAR(z.grad()[0].item<double>(), 0.8520558, 1e-5);

    for (const int levels : {2, 5, 8, 25, 65}) {
        const Tensor at = torch::linspace(-1.4, 1.4, 23, torch::kFloat64);
        const auto soft = [&](const Tensor& x) {
            const Tensor level = torch::linspace(-1, 1, levels, torch::kFloat64);
            const Tensor share = torch::softmax(-2 * (x.unsqueeze(1) - level).square(), 1);
            return (share * level).sum(1) * (levels - 1) / 2;  // in symbols
        };
        constexpr double kStep = 1e-5;
        const Tensor slope = (soft(at + kStep) - soft(at - kStep)) / (2 * kStep);
        z = at.clone().requires_grad_(true);
        const Tensor weight = torch::arange(1, 24, torch::kFloat64);
        (quantise_latent(z, levels) * weight).sum().backward();
        EXPECT_LT((z.grad() - slope * weight).abs().max().item<double>(),
                  1e-6 * (slope * weight).abs().max().item<double>())
            << levels << " levels";
    }
}

TEST(BicubicHalf, EqualsTheCodecs) {
    for (const auto& [width, height] : {std::pair{2, 2}, {4, 6}, {64, 48}}) {
        const auto pixels = codec::random_bytes(width * height * 3, 5);
        TestSession work(1);
        const Picture expected = codec::halve_rgb(
            [&, row_bytes = width * 3](int y, uint8_t* row) {
                std::copy_n(pixels.begin() + y * row_bytes, row_bytes, row);
            },
            width, height, work.session);
        const Tensor picture =
            torch::tensor(pixels).to(torch::kFloat32).reshape({1, height, width, 3}).permute({0, 3, 1, 2});
        const Tensor half = bicubic_half(picture);
        ASSERT_EQ(half.sizes(), (at::IntArrayRef{1, 3, height / 2, width / 2}));
        for (int y = 0; y < height / 2; ++y)
            for (int x = 0; x < width / 2; ++x)
                for (int c = 0; c < 3; ++c)
                    ASSERT_EQ(half[0][c][y][x].item<int>(), expected.row(y)[3 * x + c])
                        << width << "x" << height << " at " << x << "," << y;
    }
}

// The codec rounds each channel's part to 1/64 symbol.
TEST(Anchor, EqualsTheCodecs) {
    L3cConfig anchored_pyramid = tiny_pyramid();
    anchored_pyramid.anchored = true;
    for (const L3cConfig& config : {tiny(true, 65), tiny(true, 25), anchored_pyramid})
        for (const int s : {1, 2}) {
            const L3cNetwork network(config, torch::kCPU, 1);
            const int W = 7, H = 5, C = config.channels, out = network.shape(s).channels;
            const Tensor z = torch::randint(config.lowest(), config.highest() + 1, {1, C, H, W});
            TestSession work(1);
            Picture planes(work.allocator, W, H, C);
            for (int y = 0; y < H; ++y)
                for (int x = 0; x < W; ++x)
                    for (int c = 0; c < C; ++c)
                        planes.row(y)[x * C + c] = static_cast<uint8_t>(128 + z[0][c][y][x].item<int>());
            models::L3cLatent latent;
            latent.kind = config.pyramid ? models::LatentKind::kRgbPyramid : models::LatentKind::kLearned;
            latent.scales = config.scales;
            latent.channels = C;
            latent.levels = config.levels;
            latent.anchored = true;
            latent.anchor_steps = {64 * 4, 64 * 3, 64 * 3};
            const codec::Anchor expected(latent, s, planes, out);
            const Tensor got = network.anchor(s, z.to(torch::kFloat32));
            ASSERT_EQ(got.sizes(), (at::IntArrayRef{1, 2 * H, 2 * W, out}));
            std::vector<int16_t> row(static_cast<size_t>(2 * W * out));
            for (int y = 0; y < 2 * H; ++y) {
                expected.row(y, 0, 2 * W, row.data());
                for (int x = 0; x < 2 * W; ++x)
                    for (int c = 0; c < out; ++c)
                        ASSERT_NEAR(got[0][y][x][c].item<double>(),
                                    row[static_cast<size_t>(x * out + c)] / 64.0, 1.01 / 64)
                            << "z" << s << " of " << config.levels << " levels at " << x << "," << y << ","
                            << c;
            }
        }
    EXPECT_FALSE(L3cNetwork(tiny(false), torch::kCPU, 1).anchor(1, torch::zeros({1, 5, 2, 2})).defined());
}

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

}  // namespace
}  // namespace residua::train
