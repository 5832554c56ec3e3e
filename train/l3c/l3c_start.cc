// How a network of L3C begins: as a coder that interpolates.
#include <cmath>

#include "l3c/l3c_network.h"

namespace residua::train {

using torch::Tensor;

namespace {

constexpr double kDetailGain = 6;    // of the first layers: detail is that much weaker than brightness
constexpr double kFreeSpread = 0.6;  // of the z that pass nothing, at the start, in symbols: they cost little

}  // namespace

L3cNetwork::L3cNetwork(const L3cConfig& config, torch::Device device, uint64_t seed, const Learning& learning)
    : Network(device), config_(config), learning_(learning) {
    torch::manual_seed(seed);
    const int64_t C = config.features;
    // About sqrt(3): keeps the variance through conv + ReLU for uniform weights.
    const double relu = begins_as_pyramid() ? 1.7 : 1;
    for (int s = 1; config.has_encoder() && s <= config.scales; ++s) {
        const std::string e = encoder_name(s);
        add_conv(e + ".head", s == 1 ? 3 : C, C, 3, relu);
        add_conv(e + ".down", C, C, 5, relu);
        add_blocks(e);
        add_conv(e + ".to_z", C, config.channels, 1);
    }
    // The biases carry the picture-independent mixture; features refine it.
    const double output = begins_as_pyramid() ? 0.03 : 1;
    for (int s = 1; s <= (config.shared ? 1 : config.scales); ++s) {
        const std::string d = predictor_name(s);
        const MixtureShape mixture = shape(s);
        const int64_t out = mixture.channels * mixture.components;
        add_conv(d + ".from_z", config.channels, C, 1, relu);
        add_blocks(d);
        add_conv(d + ".up", C, 4 * C, 3, relu);
        for (const char* dilation : {"1", "2", "4"}) add_conv(d + ".wide" + dilation, C, C, 3, relu);
        for (const char* name : {".mu", ".log_sigma", ".weight"}) add_conv(d + name, 3 * C, out, 1, output);
        if (mixture.coupling != Coupling::kNone) add_conv(d + ".lambda", 3 * C, out, 1, output);
    }
    if (!begins_as_pyramid()) return;
    torch::NoGradGuard no_grad;
    for (auto& [name, value] : parameters_) {
        const bool kernel = value.dim() == 4 && value.size(2) > 1;
        const bool second = ends_with(name, ".conv2.weight");  // it reads what passed a ReLU
        if (kernel && !second) value.sub_(value.mean(std::vector<int64_t>{2, 3}, true));
        if (ends_with(name, ".from_z.weight") || ends_with(name, ".head.weight")) value.mul_(kDetailGain);
    }
    for (int s = 1; config.has_encoder() && s <= config.scales; ++s)
        start_encoder_as_pyramid(encoder_name(s));
    for (int s = 1; s <= (config.shared ? 1 : config.scales); ++s)
        start_predictor_as_pyramid(predictor_name(s), shape(s));
}

void L3cNetwork::add_blocks(const std::string& name) {
    const int64_t C = config_.features;
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = name + ".body" + std::to_string(i);
        add_conv(block + ".conv1", C, C, 3, begins_as_pyramid() ? 1.7 : 1);
        // Small: eight blocks must not swell the trunk at the start.
        add_conv(block + ".conv2", C, C, 3, begins_as_pyramid() ? 0.5 : 1);
    }
    add_conv(name + ".tail", C, C, 3);
}

void L3cNetwork::fit_start(const Samples& samples) {
    if (!config_.has_encoder()) return;
    torch::NoGradGuard no_grad;
    const std::vector<Tensor> z = encode(samples.image, false);
    for (int s = 1; s <= config_.scales; ++s) {
        const Tensor free = z[static_cast<size_t>(s - 1)].slice(1, passed_channels());
        const Tensor centre = free.mean(std::vector<int64_t>{0, 2, 3});
        const Tensor gain =
            kFreeSpread * config_.z_step() / free.std(std::vector<int64_t>{0, 2, 3}).clamp_min(1e-3);
        const std::string to_z = encoder_name(s) + ".to_z";
        parameters_.at(to_z + ".weight").slice(0, passed_channels()).mul_(gain.reshape({-1, 1, 1, 1}));
        parameters_.at(to_z + ".bias").slice(0, passed_channels()).sub_(centre).mul_(gain);
    }
}

// Row `to` of a kernel passes channel `from` on, times `gain`, from its tap (y, x), and nothing else.
void L3cNetwork::pass_channel(const std::string& name, int64_t to, int64_t from, int64_t y, int64_t x,
                              double gain) {
    Tensor& weight = parameters_.at(name + ".weight");
    weight[to].zero_();
    weight[to][from][y][x] = gain;
    parameters_.at(name + ".bias")[to] = 0;
}

// In each block and in the tail, nothing is added to the first channels.
void L3cNetwork::spare_channels(const std::string& name, int64_t channels) {
    std::vector<std::string> kernels = {name + ".tail"};
    for (int i = 0; i < config_.blocks; ++i) kernels.push_back(name + ".body" + std::to_string(i) + ".conv2");
    for (const auto& kernel : kernels) {
        parameters_.at(kernel + ".weight").slice(0, 0, channels).zero_();
        parameters_.at(kernel + ".bias").slice(0, 0, channels).zero_();
    }
}

void L3cNetwork::start_encoder_as_pyramid(const std::string& e) {
    spare_channels(e, passed_channels());
    for (int64_t c = 0; c < passed_channels(); ++c) {
        pass_channel(e + ".head", c, c, 1, 1, 1);
        pass_channel(e + ".down", c, c, 2, 2, 0.25);
        Tensor box = parameters_.at(e + ".down.weight")[c][c];
        box.slice(0, 2, 4).slice(1, 2, 4).fill_(0.25);
        parameters_.at(e + ".to_z.weight").select(1, c).zero_();
        pass_channel(e + ".to_z", c, c, 0, 0, 1);
    }
    if (!config_.anchored) return;
    // G, R − G, B − G in their steps, as anchor() takes them.
    const double symbol = 1 / kL3cPixelStep * config_.z_step();  // of a pixel's value
    Tensor& weight = parameters_.at(e + ".to_z.weight");
    weight.slice(0, 0, 3).zero_();
    weight[0][1] = symbol / config_.luma_step;
    weight[1][0] = weight[2][2] = symbol / config_.chroma_step;
    weight[1][1] = weight[2][1] = -symbol / config_.chroma_step;
}

bool L3cNetwork::encoder_is_pyramid() {
    if (config_.channels != passed_channels()) return false;
    torch::NoGradGuard no_grad;
    Parameters before;
    for (const auto& [name, value] : parameters_)
        if (name[0] == 'e') before[name] = value.detach().clone();
    for (int s = 1; s <= config_.scales; ++s) start_encoder_as_pyramid(encoder_name(s));
    bool same = true;
    for (const auto& [name, value] : before) {
        same = same && value.equal(parameters_.at(name));
        parameters_.at(name).copy_(value);
    }
    return same;
}

void L3cNetwork::start_predictor_as_pyramid(const std::string& d, const MixtureShape& mixture) {
    const int64_t C = config_.channels, K = mixture.components, up = config_.features / 2;
    const bool colour = mixture.coupling != Coupling::kNone;
    parameters_.at(d + ".mu.bias").zero_();
    parameters_.at(d + ".weight.bias").zero_();
    const double narrowest = colour ? std::log(1.5) : std::log(0.3), widest = narrowest + 2.5;
    Tensor& log_sigma = parameters_.at(d + ".log_sigma.bias");
    for (int64_t i = 0; i < log_sigma.numel(); ++i)
        log_sigma[i] = (narrowest + (widest - narrowest) * static_cast<double>(i % K) /
                                        static_cast<double>(std::max<int64_t>(1, K - 1))) /
                       kShapeUnit;
    const double lambda[] = {0.8, 0.25, 0.6};  // α, β, γ
    for (int64_t j = 0; colour && j < 3; ++j)
        parameters_.at(d + ".lambda.bias")
            .slice(0, j * K, (j + 1) * K)
            .fill_(std::log(lambda[j] / (1 - lambda[j])) / kShapeUnit);
    if (config_.anchored) return;

    spare_channels(d, C);
    // What goes on to the next predictor must leave the channels alone in which that one passes its own z.
    parameters_.at(d + ".up.weight").slice(0, 0, 4 * C).zero_();
    parameters_.at(d + ".up.bias").slice(0, 0, 4 * C).zero_();
    const Tensor tent = torch::tensor({0.25f, 0.5f, 0.25f}, device());
    for (int64_t c = 0; c < C; ++c) {
        pass_channel(d + ".from_z", c, c, 0, 0, 1);
        for (int64_t i = 0; i < 4; ++i) pass_channel(d + ".up", 4 * (up + c) + i, c, 1, 1, 1);
        pass_channel(d + ".wide1", c, up + c, 1, 1, 1);
        parameters_.at(d + ".wide1.weight")[c][up + c].copy_(tent.unsqueeze(1) * tent);
    }
    Tensor& mean = parameters_.at(d + ".mu.weight");
    const double gain = colour ? 127.5 / kPictureMeanUnit : (config_.levels - 1) / 2.0 / kLatentMeanUnit;
    const auto lean = [&](int64_t channel, int64_t on, double by) {
        mean.slice(0, channel * K, (channel + 1) * K).select(1, on).add_(by * gain);
    };
    for (int64_t c = 0; c < std::min<int64_t>(C, mixture.channels); ++c) lean(c, c, 1);
    if (!colour) return;
    lean(1, 0, -lambda[0]);
    lean(2, 0, -lambda[1]);
    lean(2, 1, -lambda[2]);
}

}  // namespace residua::train
