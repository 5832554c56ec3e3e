#include "l3c/l3c_network.h"

#include <cmath>

#include "l3c/latents.h"

namespace residua::train {

using torch::Tensor;

namespace {

constexpr double kLargestOrigin = 256;  // in symbols; the codec's entropy::kMaxOrigin

// x, with its gradient weakened.
Tensor eased(const Tensor& x, double share) { return share >= 1 ? x : x.detach() + share * (x - x.detach()); }

}  // namespace

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
    const Tensor padded = torch::replication_pad2d(first, {1, 1, 1, 1});
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

bool L3cNetwork::set_progress(double progress) {
    ease_ = progress < learning_.ease ? progress / learning_.ease : 1;
    const bool rested = encoder_rests_;
    encoder_rests_ = config_.anchors_colours() && config_.has_encoder() && progress < learning_.encoder_from;
    if (!encoder_rests_) is_pyramid_.reset();
    return encoder_rests_ != rested;
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

}  // namespace residua::train
