#include "network/layers.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace residua::train {

namespace {

using torch::Tensor;

class FakeQuantise : public torch::autograd::Function<FakeQuantise> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& step,
                          double low, double high) {
        const Tensor levels = x / step;
        context->save_for_backward({levels.ge(low - 0.5).logical_and_(levels.le(high + 0.5))});
        return levels.round().clamp_(low, high).mul_(step);
    }
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        return {gradients[0] * context->get_saved_variables()[0], Tensor(), Tensor(), Tensor()};
    }
};

}  // namespace

Tensor fake_quantise(const Tensor& x, const Tensor& step, double low, double high) {
    return FakeQuantise::apply(x, step, low, high);
}

Tensor pad_by_reflection(const Tensor& pictures, int align) {
    const auto padded = [align](const Tensor& x, int64_t dimension) {
        const int64_t side = x.size(dimension), period = 2 * (side - 1);
        if (side % align == 0) return x;
        const Tensor phase =
            torch::arange((side + align - 1) / align * align, x.device()) % std::max<int64_t>(1, period);
        return x.index_select(dimension, torch::minimum(phase, period - phase));
    };
    return padded(padded(pictures, 1), 2);
}

void Layers::add_parameter(const std::string& name, Tensor value) {
    if (value.dim() == 4) value = value.contiguous(torch::MemoryFormat::ChannelsLast);
    parameters_[name] = value.to(device_).requires_grad_(true);
}

void Layers::add_conv(const std::string& name, int64_t from, int64_t to, int64_t k, double gain) {
    const double bound = gain / std::sqrt(static_cast<double>(from * k * k));
    add_parameter(name + ".weight", torch::empty({to, from, k, k}).uniform_(-bound, bound));
    add_parameter(name + ".bias", torch::empty({to}).uniform_(-bound, bound));
}

int64_t Layers::weights() const {
    int64_t weights = 0;
    for (const auto& [name, value] : parameters_) weights += value.numel();
    return weights;
}

void Layers::set_steps(const StepTable& steps) {
    steps_ = steps;
    step_tensors_.clear();
    if (steps_.empty()) return;
    StepTable all = steps_;
    complete_steps(all);
    for (const auto& [name, values] : all)
        step_tensors_[name] = torch::tensor(values).to(device_).reshape({1, -1, 1, 1});
}

Tensor Layers::store(const std::string& name, const Tensor& x) const {
    if (observer) observer(name, x);
    const StoredTensor stored = stored_tensor(name);
    if (step_tensors_.empty() || !stored.is_byte()) return x;
    return fake_quantise(x, step_tensors_.at(name).to(x.scalar_type()), static_cast<double>(stored.low),
                         static_cast<double>(stored.high));
}

// 8 bits per weight, one scale per output channel, the input's steps folded in, as GraphBuilder does it.
Tensor Layers::kernel(const std::string& name, const std::string& input, int input_dimension) const {
    const Tensor& weight = parameters_.at(name + ".weight");
    if (step_tensors_.empty() || has_fine_weights(name)) return weight;
    const Tensor step = step_tensors_.at(input).transpose(1, input_dimension);
    std::vector<int64_t> others = {0, 1, 2, 3};
    others.erase(others.begin() + (1 - input_dimension));  // all but the output's dimension
    const Tensor scale = (weight.detach() * step).abs().amax(others, true).clamp_min(1e-12) / 127 / step;
    return fake_quantise(weight, scale, -127.0, 127.0);
}

Tensor Layers::conv(const std::string& name, const std::string& input, const Tensor& x, int stride,
                    int padding, int dilation) const {
    return torch::conv2d(cast(x), cast(kernel(name, input, 1)), cast(parameters_.at(name + ".bias")), stride,
                         padding, dilation);
}

}  // namespace residua::train
