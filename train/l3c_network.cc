#include "l3c_network.h"

#include <cmath>

namespace residua::train {

using torch::Tensor;
namespace F = torch::nn::functional;

namespace {

constexpr double kDetailGain = 6;       // of the first layers: detail is that much weaker than brightness
constexpr double kLargestOrigin = 256;  // in symbols; the codec's entropy::kMaxOrigin
constexpr double kFreeSpread = 0.6;  // of the z that pass nothing, at the start, in symbols: they cost little

class QuantiseLatent : public torch::autograd::Function<QuantiseLatent> {
  public:
    static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& z, int64_t levels) {
        context->save_for_backward({z});
        context->saved_data["levels"] = levels;
        const auto lowest = static_cast<double>(-(levels / 2));
        const double per_level = static_cast<double>(levels - 1) / 2;
        const double offset = per_level + lowest;  // 0 for odd L
        return torch::round(z * per_level + offset).clamp_(lowest, static_cast<double>(levels - 1) + lowest);
    }
    // d/dz Σ_l level_l·softmax = 2 σ_q·Var(level); symbols are (L − 1)/2 times as far apart as levels.
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const Tensor z = context->get_saved_variables()[0];
        const int64_t levels = context->saved_data["levels"].toInt();
        const Tensor level = torch::linspace(-1, 1, levels, z.options());
        const Tensor weight = torch::softmax(-kQuantiserSharpness * (z.unsqueeze(-1) - level).square(), -1);
        const Tensor mean = (weight * level).sum(-1);
        const Tensor variance = (weight * level.square()).sum(-1) - mean.square();
        const double per_level = static_cast<double>(levels - 1) / 2;
        return {gradients[0] * variance * (2 * kQuantiserSharpness * per_level), Tensor()};
    }
};

// x, with its gradient weakened.
Tensor eased(const Tensor& x, double share) { return share >= 1 ? x : x.detach() + share * (x - x.detach()); }

}  // namespace

Tensor quantise_latent(const Tensor& z, int levels) { return QuantiseLatent::apply(z, levels); }

// All numbers are whole and below 2^24: float arithmetic is exact. (Convolutions on a GPU might round to
// TF32.)
Tensor bicubic_half(const Tensor& picture) {
    const auto filtered = [](const Tensor& x, int64_t dimension) {
        constexpr double kTaps[] = {-3, -9, 29, 111, 111, 29, -9, -3};
        const int64_t half = (x.size(dimension) - 6) / 2;
        Tensor sum;
        for (int64_t j = 0; j < 8; ++j) {
            const Tensor term = kTaps[j] * x.slice(dimension, j, j + 2 * half - 1, 2);
            sum = j ? sum + term : term;
        }
        return sum;
    };
    const Tensor padded = F::pad(picture, F::PadFuncOptions({3, 3, 3, 3}).mode(torch::kReplicate));
    const Tensor rows = torch::floor((filtered(padded, 3) + 8) / 16);
    return torch::floor((filtered(rows, 2) + 2048) / 4096).clamp(0, 255);
}

L3cNetwork::L3cNetwork(const L3cConfig& config, torch::Device device, uint64_t seed)
    : Network(device), config_(config) {
    torch::manual_seed(seed);
    const int64_t C = config.features;
    constexpr double kRelu =
        1.7;  // about sqrt(3): keeps the variance through conv + ReLU for uniform weights
    for (int s = 1; config.has_encoder() && s <= config.scales; ++s) {
        const std::string e = encoder_name(s);
        add_conv(e + ".head", s == 1 ? 3 : C, C, 3, kRelu);
        add_conv(e + ".down", C, C, 5, kRelu);
        add_blocks(e);
        add_conv(e + ".to_z", C, config.channels, 1);
    }
    constexpr double kOutput = 0.03;  // the biases carry the picture-independent mixture; features refine it
    for (int s = 1; s <= (config.shared ? 1 : config.scales); ++s) {
        const std::string d = predictor_name(s);
        const MixtureShape mixture = shape(s);
        const int64_t out = mixture.channels * mixture.components;
        add_conv(d + ".from_z", config.channels, C, 1, kRelu);
        add_blocks(d);
        add_conv(d + ".up", C, 4 * C, 3, kRelu);
        for (const char* dilation : {"1", "2", "4"}) add_conv(d + ".wide" + dilation, C, C, 3, kRelu);
        for (const char* name : {".mu", ".log_sigma", ".weight"}) add_conv(d + name, 3 * C, out, 1, kOutput);
        if (mixture.coupling != Coupling::kNone) add_conv(d + ".lambda", 3 * C, out, 1, kOutput);
    }
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
        add_conv(block + ".conv1", C, C, 3, 1.7);
        add_conv(block + ".conv2", C, C, 3,
                 0.5);  // small: eight blocks must not swell the trunk at the start
    }
    add_conv(name + ".tail", C, C, 3);
}

MixtureShape L3cNetwork::shape(int s) const {
    MixtureShape shape;
    shape.components = config_.components;
    const bool colour = s == 1 || config_.pyramid;
    shape.channels = colour ? 3 : config_.channels;
    shape.coupling = colour ? Coupling::kSigmoid : Coupling::kNone;
    shape.low = colour ? -128 : config_.lowest();
    shape.high = colour ? 127 : config_.highest();
    return shape;
}

void L3cNetwork::complete_steps(StepTable& steps) const {
    steps["input"].assign(3, static_cast<float>(kL3cPixelStep));
    steps["z"].assign(static_cast<size_t>(config_.channels), static_cast<float>(config_.z_step()));
    for (int s = 1; s <= (config_.shared ? 1 : config_.scales); ++s) {
        const std::string d = predictor_name(s);
        std::vector<float>& wide = steps[d + ".wide"];
        for (const char* dilation : {"1", "2", "4"}) {
            const std::vector<float>& part = steps.at(d + ".wide" + dilation);
            wide.insert(wide.end(), part.begin(), part.end());
        }
    }
}

Tensor L3cNetwork::body(const std::string& name, const Tensor& start) {
    Tensor trunk = start;
    for (int i = 0; i < config_.blocks; ++i) {
        const std::string block = name + ".body" + std::to_string(i);
        Tensor x = store(block + ".in", trunk);
        x = store(block + ".relu", torch::relu(conv(block + ".conv1", block + ".in", x)));
        trunk = trunk + store(block + ".branch", conv(block + ".conv2", block + ".relu", x));
    }
    const Tensor x = store(name + ".tail.in", trunk);
    return start + store(name + ".tail.branch", conv(name + ".tail", name + ".tail.in", x));
}

std::vector<Tensor> L3cNetwork::encode(const Tensor& image, bool bfloat16) {
    bfloat16_ = bfloat16;
    std::vector<Tensor> result;
    Tensor x = (image.permute({0, 3, 1, 2}) - 128) * kL3cPixelStep;
    std::string before = "input";
    for (int s = 1; s <= config_.scales; ++s) {
        const std::string e = encoder_name(s);
        const Tensor head = store(e + ".head", conv(e + ".head", before, x));
        const Tensor start =
            store(e + ".start", conv(e + ".down", e + ".head", head, 2, 2).to(torch::kFloat32));
        x = store(e + ".out", body(e, start));
        before = e + ".out";
        result.push_back(conv(e + ".to_z", before, x, 1, 0).to(torch::kFloat32));
    }
    return result;
}

std::vector<Tensor> L3cNetwork::latents(const Tensor& image, bool bfloat16) {
    std::vector<Tensor> result;
    if (config_.averages) return halved_colours(image);
    if (!config_.pyramid) {
        for (const Tensor& z : encode(image, bfloat16)) result.push_back(quantise_latent(z, config_.levels));
        return result;
    }
    Tensor picture = image.permute({0, 3, 1, 2});
    for (int s = 1; s <= config_.scales; ++s) {
        picture = bicubic_half(picture);
        result.push_back(picture - 128);
    }
    return result;
}

Tensor L3cNetwork::predict(int s, const Tensor& symbols, Tensor& features, bool bfloat16) {
    bfloat16_ = bfloat16;
    const std::string d = predictor_name(s);
    Tensor start =
        store(d + ".start", conv(d + ".from_z", "z", symbols * config_.z_step(), 1, 0).to(torch::kFloat32));
    if (features.defined()) start = start + features.to(torch::kFloat32);
    const Tensor trunk = store(d + ".up.in", body(d, start));
    // Pixel shuffle, kept channels-last: [N, 4·C, H, W] -> [N, H, 2, W, 2, C].
    const Tensor up = conv(d + ".up", d + ".up.in", trunk);
    const int64_t N = up.size(0), C = config_.features, H = up.size(2), W = up.size(3);
    const Tensor shuffled = up.reshape({N, C, 2, 2, H, W})
                                .permute({0, 4, 2, 5, 3, 1})
                                .reshape({N, 2 * H, 2 * W, C})
                                .permute({0, 3, 1, 2});
    const bool hands_on = s > 1 && config_.passes_features();
    const std::string name = d + (hands_on ? ".features" : ".up");
    const Tensor f = store(name, shuffled);
    features = hands_on ? f : Tensor();
    std::vector<Tensor> wide;
    for (const int dilation : {1, 2, 4}) {
        const std::string part = d + ".wide" + std::to_string(dilation);
        wide.push_back(store(part, conv(part, name, f, 1, dilation, dilation)));
    }
    // Means reach ±128 and count to a fraction of one: the last layer works in float.
    const Tensor all = torch::cat(wide, 1).to(torch::kFloat32);
    const MixtureShape mixture = shape(s);
    std::vector<Tensor> kernels, biases;
    std::vector<std::string> outputs = {"mu", "log_sigma", "weight"};
    if (mixture.coupling != Coupling::kNone) outputs.push_back("lambda");
    for (const auto& output : outputs) {
        const bool colour = mixture.coupling != Coupling::kNone;
        const double unit = output != "mu" ? kShapeUnit : colour ? kPictureMeanUnit : kLatentMeanUnit;
        kernels.push_back(kernel(d + "." + output, d + ".wide", 1) * unit);
        biases.push_back(parameters_.at(d + "." + output + ".bias") * unit);
    }
    return torch::conv2d(all, torch::cat(kernels), torch::cat(biases)).permute({0, 2, 3, 1});
}

Tensor L3cNetwork::anchor(int s, const Tensor& symbols) const {
    if (!config_.anchored) return {};
    const MixtureShape mixture = shape(s);
    const Tensor first = symbols.slice(1, 0, 3);
    const int64_t N = first.size(0), C = first.size(1), H = first.size(2), W = first.size(3);
    const Tensor padded = F::pad(first, F::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReplicate));
    const auto halves = [](const Tensor& x, int64_t dimension, int64_t length) {
        const Tensor own = x.narrow(dimension, 1, length);
        const Tensor slope = (x.narrow(dimension, 0, length) - x.narrow(dimension, 2, length)) / 8;
        return torch::stack({own + slope, own - slope}, dimension + 1).flatten(dimension, dimension + 1);
    };
    Tensor result = halves(halves(padded, 2, H), 3, W).permute({0, 2, 3, 1});
    if (s == 1 && config_.anchors_colours()) {
        const Tensor green = result.select(3, 0) * config_.luma_step;
        const Tensor red = result.select(3, 1) * config_.chroma_step;
        const Tensor blue = result.select(3, 2) * config_.chroma_step;
        result = torch::stack({green + red, green, green + blue}, 3);
    }
    result = result.clamp(-kLargestOrigin, kLargestOrigin);
    if (mixture.channels > C)
        result =
            torch::cat({result, torch::zeros({N, 2 * H, 2 * W, mixture.channels - C}, result.options())}, 3);
    return result;
}

CodeLength L3cNetwork::code_length(const Samples& samples, bool bfloat16) {
    const std::vector<Tensor> z = [&] {
        const Tensor picture = pad_by_reflection(samples.image, align());
        if (!encoder_rests_) return latents(picture, bfloat16);
        torch::NoGradGuard no_grad;
        if (!is_pyramid_) is_pyramid_ = encoder_is_pyramid();
        return *is_pyramid_ && steps().empty() ? halved_colours(picture) : latents(picture, bfloat16);
    }();
    CodeLength result;
    Tensor features;
    const Tensor& coarsest = z.back();
    const double uniform = static_cast<double>(coarsest.numel()) * std::log(config_.levels);
    result.parts.push_back({std::string("z").append(std::to_string(config_.scales)),
                            torch::full({}, uniform, coarsest.options().dtype(torch::kFloat64))});
    for (int s = config_.scales; s >= 1; --s) {
        Tensor raw = predict(s, z[static_cast<size_t>(s - 1)], features, bfloat16);
        if (s == 1) raw = raw.narrow(1, 0, samples.image.size(1)).narrow(2, 0, samples.image.size(2));
        Tensor origin = anchor(s, z[static_cast<size_t>(s - 1)]);
        if (s == 1 && origin.defined())
            origin = origin.narrow(1, 0, samples.image.size(1)).narrow(2, 0, samples.image.size(2));
        const Tensor target =
            s == 1 ? samples.image - 128 : eased(z[static_cast<size_t>(s - 2)].permute({0, 2, 3, 1}), ease_);
        const Tensor nats = mixture_loss_tensor(raw, target, shape(s), origin);
        result.nats = result.nats.defined() ? result.nats + nats : nats + uniform;
        result.parts.push_back(
            {s == 1 ? "x" : std::string("z").append(std::to_string(s - 1)), nats.detach()});
    }
    return result;
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

bool L3cNetwork::set_progress(double progress) {
    ease_ = std::min(1.0, progress / kEase);
    const bool rested = encoder_rests_;
    encoder_rests_ = config_.anchors_colours() && config_.has_encoder() && progress < kEncoderFrom;
    if (!encoder_rests_) is_pyramid_.reset();
    return encoder_rests_ != rested;
}

bool L3cNetwork::encoder_is_pyramid() {
    if (config_.channels > passed_channels()) return false;
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

std::vector<Tensor> L3cNetwork::halved_colours(const Tensor& image) const {
    std::vector<Tensor> result;
    Tensor x = image.permute({0, 3, 1, 2}) - 128;
    for (int s = 1; s <= config_.scales; ++s) {
        x = torch::avg_pool2d(x, 2);
        const Tensor green = x.select(1, 1);
        const Tensor chroma = torch::stack({x.select(1, 0) - green, x.select(1, 2) - green}, 1);
        const Tensor z =
            torch::cat({green.unsqueeze(1) / config_.luma_step, chroma / config_.chroma_step}, 1);
        result.push_back(torch::floor(z + 0.5).clamp_(config_.lowest(), config_.highest()));
    }
    return result;
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
