#include "run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "batch_loader.h"
#include "calibrate.h"
#include "checkpoint.h"
#include "distributed.h"
#include "grow.h"
#include "run_log.h"
#include "samples.h"

namespace residua::train {

namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr int kValidationCrop = 256;
constexpr size_t kValidationPatches = 64;
constexpr double kBitsPerNat = 1.4426950408889634;

volatile std::sig_atomic_t g_stop = 0;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// The mean over patches of the code length of their middle; for RC, with the lossy layer's size.
Rates validate(Network& network, const std::vector<PatchReference>& patches, const BatchSettings& batches,
               bool bfloat16) {
    torch::NoGradGuard no_grad;
    Rates rates;
    const double count = static_cast<double>(patches.size());
    for (const PatchReference& reference : patches) {
        const Patch& patch = reference.patch();
        const int width = std::min(kValidationCrop, patch.width);
        const int height = std::min(kValidationCrop, patch.height);
        const LossyVersion* version = batches.lossy_layer ? usable_versions(patch, batches).at(0) : nullptr;
        const Samples samples = crop_samples(patch, version, (patch.width - width) / 2,
                                             (patch.height - height) / 2, width, height, network.device());
        for (const auto& [name, nats] : network.code_length(samples, bfloat16).parts) {
            const double bpsp = nats.item<double>() * kBitsPerNat / (3.0 * width * height * count);
            rates[name + "_bpsp"] += bpsp;
            rates["bpsp"] += bpsp;
        }
        if (!version) continue;
        rates["lossy_bpsp"] += version->lossy_bpsp / count;
        rates["bpsp"] += version->lossy_bpsp / count;
    }
    return rates;
}

// Those that the network can use.
std::vector<PatchReference> usable(std::vector<PatchReference> patches, const BatchSettings& batches) {
    const auto useless = [&](const PatchReference& reference) {
        return batches.lossy_layer && usable_versions(reference.patch(), batches).empty();
    };
    patches.erase(std::remove_if(patches.begin(), patches.end(), useless), patches.end());
    return patches;
}

LossyRange lossy_range(const std::vector<PatchReference>& patches, const BatchSettings& batches) {
    LossyRange range;
    if (!batches.lossy_layer) return range;
    range.bit_depth = batches.bit_depth;
    for (const PatchReference& reference : patches)
        for (const LossyVersion* version : usable_versions(reference.patch(), batches)) {
            range.q_low = range.q_low == 0 ? version->q : std::min(range.q_low, version->q);
            range.q_high = std::max(range.q_high, version->q);
        }
    return range;
}

// The papers': every 100,000 steps, and for L3C every 5 epochs.
int64_t steps_between_decays(const std::string& codec, size_t patches, int64_t crops_per_step) {
    if (codec != "l3c") return 100000;
    return std::max<int64_t>(1, 5 * static_cast<int64_t>(patches) / crops_per_step);
}

// Of many some, from all over.
std::vector<PatchReference> thinned(const std::vector<PatchReference>& patches) {
    std::vector<PatchReference> chosen;
    const size_t count = std::min(patches.size(), kValidationPatches);
    for (size_t i = 0; i < count; ++i) chosen.push_back(patches[i * patches.size() / count]);
    return chosen;
}

// Evaluates with the averaged weights in the network's place.
template <typename Action>
void with_averaged_weights(Optimizer& optimizer, Action&& action) {
    torch::NoGradGuard no_grad;
    const torch::Tensor own = optimizer.all_values().clone();
    optimizer.all_values().copy_(optimizer.all_averages());
    action();
    optimizer.all_values().copy_(own);
}

void grow_model(const std::string& path, Network& network) {
    auto* rc = dynamic_cast<RcNetwork*>(&network);
    if (!rc) throw std::runtime_error("only networks of RC grow; leave out --grow");
    grow_from(load_safetensors(path), RcConfig::of(read_description(path)), *rc);
}

// Every process gets rank 0's steps.
void broadcast(StepTable& steps, ProcessGroup& group, torch::Device device) {
    for (auto& [name, values] : steps) {
        torch::Tensor all = torch::tensor(values).to(device);
        group.broadcast(all);
        all = all.cpu();
        values.assign(all.data_ptr<float>(), all.data_ptr<float>() + all.numel());
    }
}

}  // namespace

void run(RunSettings settings) {
    if (settings.steps <= 0 && settings.minutes <= 0)
        throw std::runtime_error("say how long to train: --steps or --minutes");
    if (settings.threads > 0) torch::set_num_threads(settings.threads);
    ProcessGroup group(settings.device);
    const bool first = group.rank() == 0;
    const torch::Device device(group.device());
    if (first) std::filesystem::create_directories(settings.out);
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
        if (exists || !settings.grow) settings.network = std::move(found);
    }
    const std::unique_ptr<Network> owner = make_network(settings.network, device, settings.seed);
    Network& network = *owner;
    if (settings.crop < 16 || settings.crop % network.align())
        throw std::runtime_error("--crop must be a multiple of " + std::to_string(network.align()) +
                                 " and at least 16");

    const PatchSet training(settings.shards, settings.hold_out_every);
    const PatchSet separate = settings.validation.empty() ? PatchSet() : PatchSet(settings.validation);
    const BatchSettings batches = {
        .batch = settings.batch,
        .crop = settings.crop,
        .seed = settings.seed,
        .lossy_layer = network.needs_lossy_layer(),
        .bit_depth = settings.bit_depth,
        .q_low = settings.q_low,
        .q_high = settings.q_high,
        .threads = settings.loaders,
    };
    const bool hold_out = settings.validation.empty();
    const std::vector<PatchReference> train_patches =
        usable(hold_out ? training.others() : training.all(), batches);
    const std::vector<PatchReference> held_out =
        thinned(usable(hold_out ? training.held_out() : separate.all(), batches));

    const LossyRange lossy = lossy_range(train_patches, batches);

    settings.optimizer.decay_every =
        steps_between_decays(settings.network.at("codec"), train_patches.size(),
                             static_cast<int64_t>(settings.batch) * group.size());
    settings.optimizer.rate_share = [&network](const std::string& name) { return network.rate_share(name); };
    Optimizer optimizer(network.parameters(), settings.optimizer);
    RunState state;
    if (exists) {
        state = load_checkpoint(checkpoint_path, network, optimizer);
        if (first) std::cerr << "resumed at step " << optimizer.steps() << "\n";
    }
    // Rank r of n takes every n-th batch, from the r-th on.
    BatchLoader loader(train_patches, batches, state.batches + group.rank(), group.size());
    if (!exists && !settings.start.empty()) {
        if (settings.grow)
            grow_model(settings.start, network);
        else
            load_model(settings.start, network);
        optimizer.all_averages().copy_(optimizer.all_values());
    } else if (!exists) {
        network.fit_start(batch_samples(loader.next(), settings.batch, settings.crop, device));
        state.batches = group.size();
        optimizer.all_averages().copy_(optimizer.all_values());
    }
    group.broadcast(optimizer.all_values());
    group.broadcast(optimizer.all_averages());

    if (settings.quantised && network.steps().empty()) {
        StepTable steps;
        with_averaged_weights(optimizer, [&] { steps = calibrate(network, train_patches); });
        broadcast(steps, group, device);
        network.set_steps(steps);
        if (first) std::cerr << "quantisation-aware from here on\n";
    }

    std::optional<RunLog> log;
    if (first) {
        log.emplace(settings.out);
        int64_t weights = 0;
        for (const auto& [name, value] : network.parameters()) weights += value.numel();
        log->start(Json{{"event", exists ? "resume" : "start"},
                        {"command", settings.command},
                        {"preset", settings.preset},
                        {"parameters", weights},
                        {"training_patches", train_patches.size()},
                        {"validation_patches", held_out.size()},
                        {"processes", group.size()},
                        {"device", settings.device},
                        {"torch", TORCH_VERSION},
                        {"torch_threads", torch::get_num_threads()}}
                       .dump());
        std::cerr << settings.preset << ": " << weights << " parameters, " << train_patches.size()
                  << " training and " << held_out.size() << " validation patches\n";
    }

    g_stop = 0;
    std::signal(SIGINT, [](int) { g_stop = 1; });
    std::signal(SIGTERM, [](int) { g_stop = 1; });

    const double seconds_before = state.seconds;
    const auto start = Clock::now();
    // The share of the run that is done; the same for all processes.
    const auto progress = [&] {
        return settings.steps > 0
                   ? static_cast<double>(optimizer.steps()) / static_cast<double>(settings.steps)
                   : group.broadcast(state.seconds) / (60 * settings.minutes);
    };
    const auto save = [&] {
        if (!first) return;
        save_checkpoint(checkpoint_path, network, optimizer, state, lossy);
        save_model(settings.out + "/model.safetensors", network, optimizer, lossy);
    };
    const auto check = [&] {
        if (!first || held_out.empty()) return;
        with_averaged_weights(optimizer, [&] {
            log->validation(optimizer.steps(), state.seconds,
                            validate(network, held_out, batches, settings.bfloat16));
        });
    };

    std::map<std::string, torch::Tensor> sums;
    double norms = 0, last_save = 0, last_log = 0;
    int64_t counted = 0;
    const double pixels = static_cast<double>(settings.batch) * settings.crop * settings.crop;
    if (!exists) check();
    double done = progress();
    bool stop = false;
    while (done < 1 && !stop) {
        const Batch batch = loader.next();
        state.batches += group.size();
        if (network.set_progress(done)) optimizer.update_rate_shares();
        const CodeLength length = network.code_length(
            batch_samples(batch, settings.batch, settings.crop, device), settings.bfloat16);
        (length.nats / (3 * pixels)).backward();
        group.average(optimizer.all_gradients());
        const double rate = optimizer.learning_rate(done);
        norms += optimizer.step(done);
        for (const auto& [name, nats] : length.parts) {
            torch::Tensor& sum = sums[name];
            sum = sum.defined() ? sum + nats : nats;
        }
        ++counted;
        state.seconds = seconds_before + seconds_since(start);
        done = progress();
        stop = group.any(g_stop);

        if (first && optimizer.steps() % settings.log_every == 0) {
            const double elapsed = seconds_since(start);
            const double n = static_cast<double>(counted);
            StepReport report = {optimizer.steps(), state.seconds, rate, norms / n, 0, 0, 0, {}};
            report.pixels_per_second = n * pixels * group.size() / std::max(1e-9, elapsed - last_log);
            report.waiting_share = loader.seconds_waited() / std::max(1e-9, elapsed);
            report.seconds_left = done > 0 ? state.seconds * (1 - done) / done : 0;
            for (const auto& [name, sum] : sums) {
                const double bpsp = sum.item<double>() * kBitsPerNat / (3 * pixels * n);
                report.rates[name + "_bpsp"] = bpsp;
                if (!network.needs_lossy_layer()) report.rates["bpsp"] += bpsp;
            }
            log->step(report);
            sums.clear();
            norms = 0;
            counted = 0;
            last_log = elapsed;
        }
        if (state.seconds - seconds_before - last_save >= 60 * settings.checkpoint_every) {
            last_save = state.seconds - seconds_before;
            save();
            check();
        }
    }
    save();
    check();
    if (first) std::cerr << (stop ? "stopped; go on with --resume\n" : "done\n");
}

}  // namespace residua::train
