#include "patches/run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <stdexcept>

#include "patches/calibrate.h"
#include "patches/chosen_patches.h"
#include "patches/make_network.h"
#include "patches/patch_trainee.h"
#include "patches/recipe.h"
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

int64_t steps_between_decays(const RunSettings& settings, size_t patches, int64_t crops_per_step) {
    if (settings.decay_epochs <= 0) return settings.optimizer.decay_every;
    const double crops = settings.decay_epochs * static_cast<double>(patches);
    return std::max<int64_t>(1, static_cast<int64_t>(crops) / crops_per_step);
}

// The recorded precision, where the run resumes.
std::optional<Precision> recorded_precision(const RunFolder& folder) {
    if (!folder.resumes()) return std::nullopt;
    RunSettings recorded;
    PrepareSettings prepare;
    const Description recipe = recorded_recipe(folder.path());
    if (recipe.count("precision"))
        take_recipe({{"precision", recipe.at("precision")}}, {}, recorded, prepare);
    return recorded.precision;
}

// Every process takes the first one's.
void settle_precision(const RunFolder& folder, ProcessGroup& group, RunSettings& settings) {
    ConvolutionSeconds seconds;
    const auto measure = [&] {
        seconds =
            measure_convolutions(number_of(settings.network, "features"), settings.batch, settings.crop);
        return seconds;
    };
    const Precision first = settled(settings.precision, recorded_precision(folder),
                                    torch::Device(group.device()).is_cpu(), measure);
    const bool half = group.broadcast(first == Precision::kBfloat16 ? 1.0 : 0.0) > 0.5;
    settings.precision = half ? Precision::kBfloat16 : Precision::kFloat32;
    if (seconds.float32 == 0 || group.rank() != 0) return;
    settings.notes["convolution_seconds_float32"] = std::to_string(seconds.float32);
    settings.notes["convolution_seconds_bfloat16"] = std::to_string(seconds.bfloat16);
    std::fprintf(stderr, "a convolution takes %.1f ms in float32 and %.1f ms in bfloat16: training in %s\n",
                 1e3 * seconds.float32, 1e3 * seconds.bfloat16, half ? "bfloat16" : "float32");
}

void note_recipe(const Description& recipe, bool says_it, RunSettings& settings) {
    std::string all;
    for (const auto& one : departures(recipe, settings.network.at("codec")))
        all.append(all.empty() ? "" : ", ").append(one);
    settings.notes["departures"] = all;
    if (says_it && !all.empty()) std::cerr << "recipe " << settings.recipe << ", but for " << all << "\n";
    if (!settings.start.empty()) settings.notes["from_weights"] = settings.start;
    if (settings.quantised) settings.notes["quantised"] = "on";
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
            if (settings.fit_start) {
                trainee.fit_start();
                state.batches = group.size();
            }
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

void check_recipe(const RunSettings& settings, const RunFolder& folder, const Description& recipe) {
    if (!folder.resumes() || settings.change_recipe) return;
    check_resumed(recorded_recipe(folder.path()), recipe, settings.out);
}

}  // namespace

void begin_as_ours(const std::string& codec, RunSettings& settings) {
    if (codec != "l3c") return;
    settings.optimizer.weight_decay = 0;
    settings.decay_epochs = 5;
}

Description recorded_recipe(const std::string& out) {
    const std::string path = out + "/checkpoint.safetensors";
    return std::filesystem::exists(path) ? read_recipe(load_safetensors(path)) : Description();
}

void check_run_start(const RunSettings& settings) {
    check_start(settings);
    const RunFolder folder(settings.out, settings.resume);
    const Description network = wanted_network(settings, folder);
    check_recipe(settings, folder, recipe_of(settings, network.at("codec")));
    check_crop(settings, *make_network(network, torch::kCPU, settings.seed));
}

void run(RunSettings settings) {
    check_length(settings);
    ProcessGroup group(settings.device);
    const RunFolder folder = begin_run(settings);
    if (group.rank() == 0) folder.create();
    settings.network = wanted_network(settings, folder);
    settle_precision(folder, group, settings);
    Description recipe = recipe_of(settings, settings.network.at("codec"));
    recipe["processes"] = std::to_string(group.size());
    check_recipe(settings, folder, recipe);
    note_recipe(recipe, group.rank() == 0, settings);
    const auto network =
        make_network(settings.network, torch::Device(group.device()), settings.seed, settings.learning);
    check_crop(settings, *network);

    const PatchSet training(settings.shards, settings.hold_out_every);
    const PatchSet separate = settings.validation.empty() ? PatchSet() : PatchSet(settings.validation);
    const bool hold_out = settings.validation.empty();
    const BatchSettings batches = batch_settings(settings, *network);
    const auto train_patches = usable_patches(hold_out ? training.others() : training.all(), batches);
    const auto held_out = usable_patches(hold_out ? training.held_out() : separate.all(), batches);

    settings.optimizer.decay_every = steps_between_decays(
        settings, train_patches.size(), static_cast<int64_t>(settings.batch) * group.size());
    if (settings.optimizer.schedule == Schedule::kPaper)
        settings.notes["steps_between_decays"] = std::to_string(settings.optimizer.decay_every);
    settings.optimizer.rate_share = [&](const std::string& name) { return network->rate_share(name); };
    PatchTrainee trainee(*network, settings.optimizer, batches, train_patches,
                         thinned(held_out, kValidationPatches), settings.precision == Precision::kBfloat16);
    RunState state = begin(settings, folder, group, *network, trainee);
    state.recipe = recipe;
    if (settings.quantised && network->steps().empty()) quantise(trainee, *network, group);
    run_loop(trainee, state, folder, settings, group);
}

}  // namespace residua::train
