#include "optimizer.h"

#include <cmath>

namespace residua::train {

Optimizer::Optimizer(Parameters& parameters, const OptimizerSettings& settings)
    : parameters_(parameters), settings_(settings) {
    torch::NoGradGuard no_grad;
    for (const auto& [name, value] : parameters_) {
        first_[name] = torch::zeros_like(value);
        second_[name] = torch::zeros_like(value);
        average_[name] = value.detach().clone();
    }
}

double Optimizer::learning_rate(double progress) const {
    const double peak = settings_.learning_rate;
    if (settings_.schedule == Schedule::kPaper) return peak * std::pow(0.75, std::floor(steps_ / 100000.0));
    const double warm =
        std::min(1.0, (steps_ + 1.0) / static_cast<double>(std::max<int64_t>(1, settings_.warm_up)));
    return peak * warm * 0.5 * (1 + std::cos(M_PI * std::min(1.0, progress)));
}

double Optimizer::step(double progress) {
    torch::NoGradGuard no_grad;
    double squares = 0;
    for (auto& [name, value] : parameters_)
        if (value.grad().defined()) squares += value.grad().square().sum().item<double>();
    const double norm = std::sqrt(squares);
    if (!std::isfinite(norm)) {
        for (auto& [name, value] : parameters_) value.mutable_grad().reset();
        return norm;
    }
    const double clip =
        settings_.gradient_clip > 0 ? std::min(1.0, settings_.gradient_clip / (norm + 1e-12)) : 1.0;
    const double full_rate = learning_rate(progress);
    ++steps_;
    const double t = static_cast<double>(steps_);
    const double decay = std::min(settings_.average, (1 + t) / (10 + t));
    for (auto& [name, value] : parameters_) {
        if (!value.grad().defined()) continue;
        torch::Tensor gradient = value.grad() * clip;
        const double rate = settings_.rate_share ? full_rate * settings_.rate_share(name) : full_rate;
        torch::Tensor& second = second_[name];
        if (settings_.schedule == Schedule::kPaper) {
            gradient += settings_.weight_decay * value;
            second.mul_(0.99).addcmul_(gradient, gradient, 0.01);
            value.addcdiv_(gradient, second.sqrt() + 1e-8, -rate);
        } else {  // AdamW: the decay is not mixed into the moments, and spares biases and GDN
            torch::Tensor& first = first_[name];
            first.mul_(0.9).add_(gradient, 0.1);
            second.mul_(0.98).addcmul_(gradient, gradient, 0.02);
            const double correction = std::sqrt(1 - std::pow(0.98, t)) / (1 - std::pow(0.9, t));
            const bool is_kernel = value.dim() == 4 && name.find("gdn") == std::string::npos;
            if (is_kernel) value.mul_(1 - rate * settings_.weight_decay);
            value.addcdiv_(first, second.sqrt() + 1e-9, -rate * correction);
        }
        average_[name].lerp_(value, 1 - decay);
        value.mutable_grad().reset();
    }
    return norm;
}

}  // namespace residua::train
