#include "run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "batch_loader.h"
#include "calibrate.h"
#include "checkpoint.h"
#include "samples.h"
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

// Bits per sub-pixel by name, the whole under "bpsp".
using Rates = std::map<std::string, double>;

// The mean over pictures of the code length of their central crop; for RC, with the lossy layer's size.
Rates validate(Network& network, const std::vector<const Pair*>& pairs, bool bfloat16) {
    torch::NoGradGuard no_grad;
    Rates rates;
    for (const Pair* pair : pairs) {
        const int width = std::min(kValidationCrop, pair->width());
        const int height = std::min(kValidationCrop, pair->height());
        const Samples samples = crop_samples(*pair, (pair->width() - width) / 2,
                                             (pair->height() - height) / 2, width, height, network.device());
        const double share = kBitsPerNat / (3.0 * width * height * static_cast<double>(pairs.size()));
        for (const auto& [name, nats] : network.code_length(samples, bfloat16).parts) {
            rates[name + "_bpsp"] += nats * share;
            rates["bpsp"] += nats * share;
        }
        if (!pair->fine()) continue;
        const double lossy = 8.0 * static_cast<double>(pair->bpg_bytes()) /
                             (3.0 * pair->width() * pair->height() * static_cast<double>(pairs.size()));
        rates["lossy_bpsp"] += lossy;
        rates["bpsp"] += lossy;
    }
    return rates;
}

std::string describe(const Rates& rates) {
    std::string text;
    for (const auto& [name, value] : rates) {
        char part[64];
        std::snprintf(part, sizeof part, "%s%s %.4f", text.empty() ? "" : "  ",
                      name.substr(0, name.rfind('_')).c_str(), value);
        text += part;
    }
    return text;
}

// Evaluates with the averaged weights in the network's place.
template <typename Action>
void with_averaged_weights(Network& network, Optimizer& optimizer, Action&& action) {
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

void run(RunSettings settings) {
    if (settings.steps <= 0 && settings.minutes <= 0)
        throw std::runtime_error("say how long to train: --steps or --minutes");
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

    if (exists || !settings.start.empty()) {
        const std::string path = exists ? checkpoint_path : settings.start;
        Description found = read_description(path);
        if (found["codec"] != settings.network["codec"])
            throw std::runtime_error(path + " is of the codec " + found["codec"] + ", not " +
                                     settings.network["codec"]);
        settings.network = std::move(found);
    }
    const std::unique_ptr<Network> owner = make_network(settings.network, device, settings.seed);
    Network& network = *owner;
    if (settings.crop < 16 || settings.crop % network.align())
        throw std::runtime_error("--crop must be a multiple of " + std::to_string(network.align()) +
                                 " and at least 16");

    if (settings.cache.empty()) settings.cache = settings.out + "/pairs";
    settings.pairs.lossy_layer = network.needs_lossy_layer();
    const auto training = prepare_pairs(settings.data, settings.cache, settings.pairs, false);
    std::vector<std::unique_ptr<Pair>> separate;
    std::vector<const Pair*> train_pairs, validation_pairs;
    for (size_t i = 0; i < training.size(); ++i) {
        // All variants of a photograph go the same way.
        const size_t photo = i / static_cast<size_t>(std::max(1, settings.pairs.variants));
        const bool held_out =
            settings.validation.empty() && training.size() > 1 && photo % kHoldOutEvery == 0;
        (held_out ? validation_pairs : train_pairs).push_back(training[i].get());
    }
    if (!settings.validation.empty()) {
        PairSettings whole = settings.pairs;  // validation pictures are taken as they are
        whole.scale_low = whole.scale_high = 1;
        whole.variants = 1;
        separate = prepare_pairs(settings.validation, settings.cache, whole, false);
        for (const auto& pair : separate) validation_pairs.push_back(pair.get());
    }

    settings.optimizer.rate_share = [&network](const std::string& name) { return network.rate_share(name); };
    Optimizer optimizer(network.parameters(), settings.optimizer);
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
        network.fit_start(batch_samples(loader.next(), settings.batch, settings.crop, device));
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
            const Rates rates = validate(network, validation_pairs, settings.bfloat16);
            Json entry = {{"event", "validation"}, {"step", optimizer.steps()}, {"seconds", state.seconds}};
            for (const auto& [name, value] : rates) entry[name] = value;
            log << entry.dump() << std::endl;
            std::map<std::string, double> scalars;
            for (const auto& [name, value] : rates) scalars["validation/" + name] = value;
            board.scalars(optimizer.steps(), scalars);
            std::fprintf(stderr, "validation at step %lld: %s\n", static_cast<long long>(optimizer.steps()),
                         describe(rates).c_str());
        });
    };

    Rates sums;
    double norms = 0, last_save = 0, last_log = 0;
    int64_t counted = 0;
    const double pixels = static_cast<double>(settings.batch) * settings.crop * settings.crop;
    if (!exists && !validation_pairs.empty()) check();
    while (progress() < 1 && !g_stop) {
        const Batch batch = loader.next();
        ++state.batches;
        network.set_progress(progress());
        const CodeLength length = network.code_length(
            batch_samples(batch, settings.batch, settings.crop, device), settings.bfloat16);
        (length.nats / (3 * pixels)).backward();
        const double rate = optimizer.learning_rate(progress());
        norms += optimizer.step(progress());
        for (const auto& [name, nats] : length.parts) {
            const double bpsp = nats * kBitsPerNat / (3 * pixels);
            sums[name + "_bpsp"] += bpsp;
            if (!network.needs_lossy_layer()) sums["bpsp"] += bpsp;
        }
        ++counted;
        state.seconds = seconds_before + seconds_since(start);

        if (optimizer.steps() % settings.log_every == 0) {
            const double elapsed = seconds_since(start);
            const double speed = static_cast<double>(counted) * pixels / std::max(1e-9, elapsed - last_log);
            const double done = progress();
            const double remaining = done > 0 ? state.seconds * (1 - done) / done : 0;
            const double n = static_cast<double>(counted);
            for (auto& [name, value] : sums) value /= n;
            Json entry = {{"event", "train"},
                          {"step", optimizer.steps()},
                          {"seconds", state.seconds},
                          {"learning_rate", rate},
                          {"gradient_norm", norms / n},
                          {"pixels_per_second", speed},
                          {"waiting_share", loader.seconds_waited() / std::max(1e-9, elapsed)}};
            std::map<std::string, double> scalars = {{"train/learning_rate", rate},
                                                     {"train/gradient_norm", norms / n},
                                                     {"train/pixels_per_second", speed}};
            for (const auto& [name, value] : sums) {
                entry[name] = value;
                scalars["train/" + name] = value;
            }
            log << entry.dump() << std::endl;
            board.scalars(optimizer.steps(), scalars);
            std::fprintf(stderr, "step %lld  %s  lr %.2g  %.0f kpx/s  left %s\n",
                         static_cast<long long>(optimizer.steps()), describe(sums).c_str(), rate, speed / 1e3,
                         hours_minutes(remaining).c_str());
            sums.clear();
            norms = 0;
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
