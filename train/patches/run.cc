#include "patches/run.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "patches/calibrate.h"
#include "patches/chosen_patches.h"
#include "patches/make_network.h"
#include "patches/patch_trainee.h"
#include "rc/grow.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

constexpr size_t kValidationPatches = 64;

// What the network is to be: as in the settings, or as in the file that its weights come from.
Description wanted_network(const RunSettings& settings, const RunFolder& folder) {
    const std::string origin = folder.origin(settings.start);
    if (origin.empty()) return settings.network;
    Description found = read_description(origin);
    if (found["codec"] != settings.network.at("codec"))
        throw std::runtime_error(origin + " is of the codec " + found["codec"] + ", not " +
                                 settings.network.at("codec"));
    return settings.grow && !folder.resumes() ? settings.network : found;
}

void check_crop(const RunSettings& settings, const Network& network) {
    if (settings.crop < 16 || settings.crop % network.align())
        throw std::runtime_error("--crop must be a multiple of " + std::to_string(network.align()) +
                                 " and at least 16");
}

// The papers': every 100,000 steps, and for L3C every 5 epochs.
int64_t steps_between_decays(const std::string& codec, size_t patches, int64_t crops_per_step) {
    if (codec != "l3c") return 100000;
    return std::max<int64_t>(1, 5 * static_cast<int64_t>(patches) / crops_per_step);
}

BatchSettings batch_settings(const RunSettings& settings, const Network& network) {
    return {.batch = settings.batch,
            .crop = settings.crop,
            .seed = settings.seed,
            .lossy_layer = network.needs_lossy_layer(),
            .bit_depth = settings.bit_depth,
            .q_low = settings.q_low,
            .q_high = settings.q_high,
            .threads = settings.loaders};
}

void grow_model(const std::string& path, Network& network) {
    auto* rc = dynamic_cast<RcNetwork*>(&network);
    if (!rc) throw std::runtime_error("only networks of RC grow; leave out --grow");
    grow_from(load_safetensors(path), RcConfig::of(read_description(path)), *rc);
}

// Weights and batches of the first step, the same weights in every process.
RunState begin(const RunSettings& settings, const RunFolder& folder, ProcessGroup& group, Network& network,
               PatchTrainee& trainee) {
    Optimizer& optimizer = trainee.optimizer();
    RunState state;
    if (folder.resumes()) state = folder.load(network, optimizer);
    trainee.load_batches(state.batches + group.rank(), group.size());
    if (!folder.resumes()) {
        if (settings.start.empty()) {
            trainee.fit_start();
            state.batches = group.size();
        } else if (settings.grow) {
            grow_model(settings.start, network);
        } else {
            load_model(settings.start, network);
        }
        optimizer.all_averages().copy_(optimizer.all_values());
    }
    group.broadcast(optimizer.all_values());
    group.broadcast(optimizer.all_averages());
    return state;
}

// Every process gets the first one's steps.
void quantise(PatchTrainee& trainee, Network& network, ProcessGroup& group) {
    StepTable steps;
    trainee.optimizer().with_averages([&] { steps = calibrate(network, trainee.training()); });
    for (auto& [name, values] : steps) {
        torch::Tensor all = torch::tensor(values).to(network.device());
        group.broadcast(all);
        all = all.cpu();
        values.assign(all.data_ptr<float>(), all.data_ptr<float>() + all.numel());
    }
    network.set_steps(steps);
    if (group.rank() == 0) std::cerr << "quantisation-aware from here on\n";
}

}  // namespace

void check_run_start(const RunSettings& settings) {
    check_start(settings);
    const Description network = wanted_network(settings, RunFolder(settings.out, settings.resume));
    check_crop(settings, *make_network(network, torch::kCPU, settings.seed));
}

void run(RunSettings settings) {
    check_length(settings);
    ProcessGroup group(settings.device);
    const RunFolder folder = begin_run(settings);
    if (group.rank() == 0) folder.create();
    settings.network = wanted_network(settings, folder);
    const auto network = make_network(settings.network, torch::Device(group.device()), settings.seed);
    check_crop(settings, *network);

    const PatchSet training(settings.shards, settings.hold_out_every);
    const PatchSet separate = settings.validation.empty() ? PatchSet() : PatchSet(settings.validation);
    const bool hold_out = settings.validation.empty();
    const BatchSettings batches = batch_settings(settings, *network);
    const auto train_patches = usable_patches(hold_out ? training.others() : training.all(), batches);
    const auto held_out = usable_patches(hold_out ? training.held_out() : separate.all(), batches);

    settings.optimizer.decay_every =
        steps_between_decays(settings.network.at("codec"), train_patches.size(),
                             static_cast<int64_t>(settings.batch) * group.size());
    settings.optimizer.rate_share = [&](const std::string& name) { return network->rate_share(name); };
    PatchTrainee trainee(*network, settings.optimizer, batches, train_patches,
                         thinned(held_out, kValidationPatches), settings.bfloat16);
    const RunState state = begin(settings, folder, group, *network, trainee);
    if (settings.quantised && network->steps().empty()) quantise(trainee, *network, group);
    run_loop(trainee, state, folder, settings, group);
}

}  // namespace residua::train
