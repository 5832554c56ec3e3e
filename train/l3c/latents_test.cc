// z, and what means are relative to: as the codec has them.
#include "l3c/latents.h"

#include <gtest/gtest.h>

#include "base/test_session.h"
#include "l3c/l3c_network.h"
#include "l3c/test_l3c_config.h"
#include "stages/l3c/anchor.h"
#include "stages/l3c/enc_latents.h"

namespace residua::train {
namespace {

using torch::Tensor;

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
        const auto pixels = random_bytes(width * height * 3, 5);
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

}  // namespace
}  // namespace residua::train
