#include "run_rc.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "batch_loader.h"
#include "calibrate.h"
#include "checkpoint.h"
#include "tensorboard.h"

namespace residua::train {

namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kHoldOutEvery = 40;
constexpr int kValidationCrop = 256;
constexpr double kBitsPerNat = 1.4426950408889634;

volatile std::sig_atomic_t g_stop = 0;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

torch::Tensor image_tensor(const uint8_t* pixels, int batch, int height, int width) {
    return torch::from_blob(const_cast<uint8_t*>(pixels), {batch, height, width, 3}, torch::kUInt8)
        .to(torch::kFloat32);
}

// 16320 at most, so int16 (torch 1.13 has no uint16) holds it.
torch::Tensor fine_tensor(const uint16_t* fine, int batch, int height, int width) {
    return torch::from_blob(const_cast<uint16_t*>(fine), {batch, height, width, 3}, torch::kInt16)
        .to(torch::kFloat32);
}

// The mixture that fits all residuals without looking at the picture: the output biases start there, so that
// the network only has to learn what differs from pixel to pixel.
void fit_output_biases(RcNetwork& network, BatchLoader& loader, int batch, int crop,
                       const MixtureShape& shape) {
    const Batch sample = loader.next();
    const torch::Tensor all =
        residual_target(image_tensor(sample.image.data(), batch, crop, crop),
                        fine_tensor(sample.fine.data(), batch, crop, crop), network.config())
            .reshape({-1, 3});
    const torch::Tensor target =
        all.slice(0, 0, all.size(0), std::max<int64_t>(1, all.size(0) / 8192)).contiguous();
    Parameters& parameters = network.parameters();
    const std::vector<std::string> names = {"mu.out.bias", "log_sigma.out.bias", "weight.out.bias",
                                            "lambda.out.bias"};
    std::vector<torch::Tensor> parts;
    for (const auto& name : names) parts.push_back(parameters[name].detach().to(torch::kCPU));
    Parameters bias = {{"bias", torch::cat(parts).requires_grad_(true)}};
    OptimizerSettings settings;
    settings.learning_rate = 0.03;
    settings.weight_decay = 0;
    settings.warm_up = 1;
    Optimizer optimizer(bias, settings);
    constexpr int kSteps = 300;
    for (int i = 0; i < kSteps; ++i) {
        const torch::Tensor raw = bias["bias"].expand({target.size(0), -1});
        (mixture_loss_tensor(raw, target, shape) / static_cast<double>(target.numel())).backward();
        optimizer.step(static_cast<double>(i) / kSteps);
    }
    torch::NoGradGuard no_grad;
    const auto fitted = bias["bias"].detach().chunk(4);
    for (size_t i = 0; i < names.size(); ++i) parameters[names[i]].copy_(fitted[i]);
}

struct Validation {
    double residual_bpsp = 0;
    double lossy_bpsp = 0;
};

// Mean over pictures of the residual's code length on their central crop, and of the lossy layer's size.
Validation validate(RcNetwork& network, const std::vector<const Pair*>& pairs, const MixtureShape& shape,
                    torch::Device device, bool bfloat16) {
    torch::NoGradGuard no_grad;
    Validation result;
    for (const Pair* pair : pairs) {
        const int width = std::min(kValidationCrop, pair->width()) & ~1;
        const int height = std::min(kValidationCrop, pair->height()) & ~1;
        const int x0 = (pair->width() - width) / 2, y0 = (pair->height() - height) / 2;
        auto crop = [&](const torch::Tensor& picture) {
            return picture.narrow(1, y0, height).narrow(2, x0, width).contiguous().to(device);
        };
        const torch::Tensor image = crop(image_tensor(pair->image(), 1, pair->height(), pair->width()));
        const torch::Tensor fine = crop(fine_tensor(pair->fine(), 1, pair->height(), pair->width()));
        const torch::Tensor target = residual_target(image, fine, network.config());
        const double nats =
            mixture_loss_tensor(network.forward(network_input(fine, network.config()), bfloat16), target,
                                shape)
                .item<double>();
        result.residual_bpsp += nats * kBitsPerNat / (3.0 * width * height);
        result.lossy_bpsp +=
            8.0 * static_cast<double>(pair->bpg_bytes()) / (3.0 * pair->width() * pair->height());
    }
    result.residual_bpsp /= static_cast<double>(pairs.size());
    result.lossy_bpsp /= static_cast<double>(pairs.size());
    return result;
}

// Evaluates with the averaged weights in the network's place.
template <typename Action>
void with_averaged_weights(RcNetwork& network, Optimizer& optimizer, Action&& action) {
    torch::NoGradGuard no_grad;
    Parameters own;
    for (auto& [name, value] : network.parameters()) {
        own[name] = value.detach().clone();
        value.copy_(optimizer.averaged().at(name));
    }
    action();
    for (auto& [name, value] : network.parameters()) value.copy_(own.at(name));
}

std::string hours_minutes(double seconds) {
    char text[32];
    const int minutes = static_cast<int>(std::min(seconds, 3.6e6) / 60 + 0.5);
    std::snprintf(text, sizeof text, "%d:%02d h", minutes / 60, minutes % 60);
    return text;
}

}  // namespace

void run_rc(RunSettings settings) {
    if (settings.steps <= 0 && settings.minutes <= 0)
        throw std::runtime_error("say how long to train: --steps or --minutes");
    if (settings.crop < 16 || settings.crop % 2)
        throw std::runtime_error("--crop must be even and at least 16");
    if (settings.threads > 0) torch::set_num_threads(settings.threads);
    const torch::Device device(settings.device);
    std::filesystem::create_directories(settings.out);
    const std::string checkpoint_path = settings.out + "/checkpoint.safetensors";
    const bool exists = std::filesystem::exists(checkpoint_path);
    if (exists && !settings.resume)
        throw std::runtime_error(settings.out +
                                 " already holds a run; go on with it by --resume, or choose another folder");
    if (settings.resume && !exists)
        throw std::runtime_error(settings.out + " holds no checkpoint to resume from");

    if (settings.cache.empty()) settings.cache = settings.out + "/pairs";
    const auto training = prepare_pairs(settings.data, settings.cache, settings.pairs, false);
    std::vector<std::unique_ptr<Pair>> separate;
    std::vector<const Pair*> train_pairs, validation_pairs;
    for (size_t i = 0; i < training.size(); ++i) {
        const bool held_out = settings.validation.empty() && training.size() > 1 && i % kHoldOutEvery == 0;
        (held_out ? validation_pairs : train_pairs).push_back(training[i].get());
    }
    if (!settings.validation.empty()) {
        PairSettings whole = settings.pairs;  // validation pictures are taken as they are
        whole.scale_low = whole.scale_high = 1;
        whole.variants = 1;
        separate = prepare_pairs(settings.validation, settings.cache, whole, false);
        for (const auto& pair : separate) validation_pairs.push_back(pair.get());
    }

    if (exists) settings.config = read_config(checkpoint_path);
    if (!exists && !settings.start.empty()) settings.config = read_config(settings.start);
    RcNetwork network(settings.config, device, settings.seed);
    Optimizer optimizer(network.parameters(), settings.optimizer);
    MixtureShape shape;
    shape.components = settings.config.components;
    RunState state;
    if (exists) {
        state = load_checkpoint(checkpoint_path, network, optimizer);
        std::cerr << "resumed at step " << optimizer.steps() << "\n";
    }
    BatchLoader loader(train_pairs, settings.batch, settings.crop, settings.seed, state.batches);
    if (!exists && !settings.start.empty()) {
        load_model(settings.start, network);
        for (auto& [name, value] : optimizer.averages()) value.copy_(network.parameters().at(name).detach());
    } else if (!exists) {
        fit_output_biases(network, loader, settings.batch, settings.crop, shape);
        state.batches = 1;
        for (auto& [name, value] : optimizer.averages()) value.copy_(network.parameters().at(name).detach());
    }

    if (settings.quantised && network.steps().empty()) {
        StepTable steps;
        with_averaged_weights(network, optimizer, [&] { steps = calibrate(network, train_pairs); });
        network.set_steps(steps);
        std::cerr << "quantisation-aware from here on\n";
    }

    std::ofstream log(settings.out + "/log.jsonl", std::ios::app);
    TensorBoardWriter board(settings.out + "/tensorboard");
    int64_t weights = 0;
    for (const auto& [name, value] : network.parameters()) weights += value.numel();
    log << Json{{"event", exists ? "resume" : "start"},
                {"command", settings.command},
                {"preset", settings.preset},
                {"parameters", weights},
                {"training_pairs", train_pairs.size()},
                {"validation_pairs", validation_pairs.size()},
                {"device", settings.device},
                {"torch_threads", torch::get_num_threads()}}
               .dump()
        << std::endl;
    std::cerr << settings.preset << ": " << weights << " parameters, " << train_pairs.size()
              << " training and " << validation_pairs.size() << " validation pairs\n";

    g_stop = 0;
    std::signal(SIGINT, [](int) { g_stop = 1; });
    std::signal(SIGTERM, [](int) { g_stop = 1; });

    const double seconds_before = state.seconds;
    const auto start = Clock::now();
    auto progress = [&] {
        return settings.steps > 0
                   ? static_cast<double>(optimizer.steps()) / static_cast<double>(settings.steps)
                   : state.seconds / (60 * settings.minutes);
    };
    auto save = [&] {
        save_checkpoint(checkpoint_path, network, optimizer, state);
        save_model(settings.out + "/model.safetensors", network, optimizer);
    };
    auto check = [&] {
        with_averaged_weights(network, optimizer, [&] {
            const Validation v = validate(network, validation_pairs, shape, device, settings.bfloat16);
            const double total = v.residual_bpsp + v.lossy_bpsp;
            log << Json{{"event", "validation"},      {"step", optimizer.steps()},
                        {"seconds", state.seconds},   {"residual_bpsp", v.residual_bpsp},
                        {"lossy_bpsp", v.lossy_bpsp}, {"bpsp", total}}
                       .dump()
                << std::endl;
            board.scalars(optimizer.steps(),
                          {{"validation/residual_bpsp", v.residual_bpsp}, {"validation/bpsp", total}});
            std::fprintf(stderr, "validation at step %lld: %.4f bpsp (lossy %.4f + residual %.4f)\n",
                         static_cast<long long>(optimizer.steps()), total, v.lossy_bpsp, v.residual_bpsp);
        });
    };

    double sum = 0, norms = 0, last_save = 0, last_log = 0;
    int64_t counted = 0;
    const double pixels = static_cast<double>(settings.batch) * settings.crop * settings.crop;
    if (!exists && !validation_pairs.empty()) check();
    while (progress() < 1 && !g_stop) {
        const Batch batch = loader.next();
        ++state.batches;
        const torch::Tensor fine =
            fine_tensor(batch.fine.data(), settings.batch, settings.crop, settings.crop).to(device);
        const torch::Tensor image =
            image_tensor(batch.image.data(), settings.batch, settings.crop, settings.crop).to(device);
        const torch::Tensor input = network_input(fine, network.config());
        const torch::Tensor target = residual_target(image, fine, network.config());
        const torch::Tensor nats =
            mixture_loss_tensor(network.forward(input, settings.bfloat16), target, shape);
        (nats / (3 * pixels)).backward();
        const double rate = optimizer.learning_rate(progress());
        norms += optimizer.step(progress());
        sum += nats.item<double>() * kBitsPerNat / (3 * pixels);
        ++counted;
        state.seconds = seconds_before + seconds_since(start);

        if (optimizer.steps() % settings.log_every == 0) {
            const double elapsed = seconds_since(start);
            const double speed = static_cast<double>(counted) * pixels / std::max(1e-9, elapsed - last_log);
            const double done = progress();
            const double remaining = done > 0 ? state.seconds * (1 - done) / done : 0;
            const double n = static_cast<double>(counted);
            log << Json{{"event", "train"},
                        {"step", optimizer.steps()},
                        {"seconds", state.seconds},
                        {"residual_bpsp", sum / n},
                        {"learning_rate", rate},
                        {"gradient_norm", norms / n},
                        {"pixels_per_second", speed},
                        {"waiting_share", loader.seconds_waited() / std::max(1e-9, elapsed)}}
                       .dump()
                << std::endl;
            board.scalars(optimizer.steps(), {{"train/residual_bpsp", sum / n},
                                              {"train/learning_rate", rate},
                                              {"train/gradient_norm", norms / n},
                                              {"train/pixels_per_second", speed}});
            std::fprintf(stderr, "step %lld  residual %.4f bpsp  lr %.2g  %.0f kpx/s  left %s\n",
                         static_cast<long long>(optimizer.steps()), sum / n, rate, speed / 1e3,
                         hours_minutes(remaining).c_str());
            sum = norms = 0;
            counted = 0;
            last_log = elapsed;
        }
        if (state.seconds - seconds_before - last_save >= 60 * settings.checkpoint_every) {
            last_save = state.seconds - seconds_before;
            save();
            if (!validation_pairs.empty()) check();
        }
    }
    save();
    if (!validation_pairs.empty()) check();
    std::cerr << (g_stop ? "stopped; go on with --resume\n" : "done\n");
}

}  // namespace residua::train
