// The mixture of logistics: the fused loss, and what torch makes of the same equations.
#include <gtest/gtest.h>

#include <cmath>

#include "network/mixture_tensor.h"

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

}  // namespace
}  // namespace residua::train
