#include "loop/optimizer.h"

#include <cmath>

namespace residua::train {

using torch::Tensor;

namespace {

constexpr int64_t kAlignment = 16;  // floats: a cache line

int64_t aligned(int64_t count) { return (count + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Optimizer::Optimizer(Parameters& parameters, const OptimizerSettings& settings) : settings_(settings) {
    torch::NoGradGuard no_grad;
    int64_t size = 0;
    for (const auto& [name, value] : parameters) size += aligned(value.numel());
    const auto options = parameters.begin()->second.options().requires_grad(false);
    for (Tensor* all : {&values_, &gradients_, &firsts_, &seconds_, &averages_, &decays_})
        *all = torch::zeros({size}, options);
    rate_shares_ = torch::ones({size}, options);
    int64_t at = 0;
    for (auto& [name, value] : parameters) {
        const auto view = [&, at = at, &value = value](const Tensor& all) {  // laid out as the value is
            return all.narrow(0, at, value.numel()).as_strided(value.sizes(), value.strides());
        };
        const Tensor place = view(values_);
        place.copy_(value);
        view(averages_).copy_(value);
        // The decay is for kernels; it spares biases and GDN.
        const bool is_kernel = value.dim() == 4 && name.find("gdn") == std::string::npos;
        if (is_kernel || settings.schedule == Schedule::kPaper) view(decays_).fill_(settings.weight_decay);
        share_[name] = view(rate_shares_);
        first_[name] = view(firsts_);
        second_[name] = view(seconds_);
        average_[name] = view(averages_);
        value.mutable_grad() = Tensor();
        value.set_data(place);
        value.mutable_grad() = view(gradients_);
        at += aligned(value.numel());
    }
    update_rate_shares();
}

void Optimizer::update_rate_shares() {
    if (!settings_.rate_share) return;
    for (auto& [name, share] : share_) share.fill_(settings_.rate_share(name));
}

double Optimizer::learning_rate(double progress) const {
    const double peak = settings_.learning_rate;
    if (settings_.schedule == Schedule::kPaper)
        return peak *
               std::pow(0.75, static_cast<double>(steps_ / std::max<int64_t>(1, settings_.decay_every)));
    if (settings_.schedule == Schedule::kClassifier)
        return peak * (progress >= 10.0 / 11 ? 0.0625 : progress >= 5.0 / 11 ? 0.25 : 1);
    const double warm =
        std::min(1.0, (steps_ + 1.0) / static_cast<double>(std::max<int64_t>(1, settings_.warm_up)));
    return peak * warm * 0.5 * (1 + std::cos(M_PI * std::min(1.0, progress)));
}

double Optimizer::step(double progress) {
    torch::NoGradGuard no_grad;
    const double norm = gradients_.norm().item<double>();
    if (!std::isfinite(norm)) {
        gradients_.zero_();
        return norm;
    }
    if (settings_.gradient_clip > 0 && norm > settings_.gradient_clip)
        gradients_.mul_(settings_.gradient_clip / norm);
    const double rate = learning_rate(progress);
    ++steps_;
    const double t = static_cast<double>(steps_);
    if (settings_.schedule == Schedule::kPaper) {
        gradients_.addcmul_(decays_, values_);
        seconds_.mul_(0.99).addcmul_(gradients_, gradients_, 0.01);
        values_.addcmul_(rate_shares_, gradients_ / (seconds_.sqrt() + 1e-8), -rate);
    } else {  // AdamW: the decay is not mixed into the moments
        firsts_.lerp_(gradients_, 0.1);
        seconds_.mul_(0.98).addcmul_(gradients_, gradients_, 0.02);
        const double correction = std::sqrt(1 - std::pow(0.98, t)) / (1 - std::pow(0.9, t));
        const Tensor direction = firsts_ / (seconds_.sqrt() + 1e-9) * correction;
        direction.addcmul_(decays_, values_);
        values_.addcmul_(rate_shares_, direction, -rate);
    }
    averages_.lerp_(values_, 1 - std::min(settings_.average, (1 + t) / (10 + t)));
    gradients_.zero_();
    return norm;
}

}  // namespace residua::train
