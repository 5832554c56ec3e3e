// `residua-train rc` and `residua-train l3c`.
#include <memory>
#include <stdexcept>

#include "commands/commands.h"
#include "commands/loop_options.h"
#include "commands/recipe_options.h"
#include "data/shard.h"
#include "loop/process_group.h"
#include "patches/make_network.h"
#include "patches/run.h"
#ifdef RESIDUA_TRAIN_CODEC
#include "commands/prepare_options.h"
#endif

namespace residua::train {

namespace {

struct TrainingCommand {
    std::string codec;
    RunSettings run;
    std::string shards, validation_shards;
    PrepareSettings prepare;
#ifdef RESIDUA_TRAIN_CODEC
    std::string data, cache, validation;
#endif
};

// Where the patches come from: shards as they are, or photographs, of which shards are made first.
void add_sources(CLI::App& command, TrainingCommand& training) {
    CLI::Option* shards = command.add_option("--shards", training.shards,
                                             "Folder of shards, as `residua-train prepare` makes them");
    command.add_option("--validation-shards", training.validation_shards,
                       "Shards to validate on (default: those of about every 40th photograph)");
#ifdef RESIDUA_TRAIN_CODEC
    CLI::Option* data =
        command
            .add_option("--data", training.data,
                        "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM), instead of shards")
            ->excludes(shards);
    command
        .add_option("--cache", training.cache,
                    "Folder for the shards that --data needs (default: OUT/shards)")
        ->needs(data);
    command.add_option("--validation", training.validation, "Folder of pictures to validate on, as they are");
    add_prepare_options(command, training.prepare, training.codec == "rc");
#else
    shards->required();
#endif
}

void find_patches(TrainingCommand& training) {
    RunSettings& run = training.run;
    if (!training.shards.empty()) run.shards = find_shards(training.shards);
    if (!training.validation_shards.empty()) run.validation = find_shards(training.validation_shards);
#ifdef RESIDUA_TRAIN_CODEC
    if (training.shards.empty() && training.data.empty())
        throw std::runtime_error("say what to train on: --data or --shards");
    if (!training.data.empty() || !training.validation.empty())
        refuse_several(
            "make the same shards: make them by `residua-train prepare` and name them by --shards and "
            "--validation-shards");
    const std::string cache = training.cache.empty() ? run.out + "/shards" : training.cache;
    if (!training.data.empty()) run.shards = prepare_shards(training.data, cache, training.prepare, false);
    if (!training.validation.empty()) {
        PrepareSettings whole = training.prepare;
        whole.scale_low = whole.scale_high = 1;
        whole.variants = 1;
        run.validation = prepare_shards(training.validation, cache, whole, false);
    }
#endif
}

void add_training(CLI::App& app, const std::string& codec, const std::string& command_line,
                  const std::string& text, const std::string& default_preset, const std::string& presets) {
    const auto owner = std::make_shared<TrainingCommand>();
    TrainingCommand& training = *owner;
    RunSettings& settings = training.run;
    training.codec = codec;
    settings.command = command_line;
    CLI::App* command = app.add_subcommand(training.codec, text);
    settings.preset = default_preset;
    add_sources(*command, training);
    add_loop_options(*command, settings, presets);
    add_length_options(*command, settings);
    add_recipe_options(*command, codec, settings);
    command->add_option("--device", settings.device, "cpu, cuda or cuda:N")->capture_default_str();
    command->add_option("--loaders", settings.loaders, "Threads that cut crops")->capture_default_str();
    CLI::Option* start = command->add_option(
        "--start", settings.start,
        "Start from the weights and the architecture of this model.safetensors, such as a released model's");
    if (training.codec == "rc")
        command
            ->add_flag("--grow", settings.grow,
                       "Start as what the network of --start computes, but with the --preset's larger "
                       "architecture")
            ->needs(start);
    command->add_flag(
        "--quantised", settings.quantised,
        "Quantisation-aware: round as the integer network does. For the last part of a run, with --resume");
    command->callback([owner, command] {
        TrainingCommand& training = *owner;
        training.prepare.lossy_layer = training.codec == "rc";
        settle_recipe(*command, training.codec, training.run, training.prepare);
        training.run.network = preset(training.codec, training.run.preset);
        if (training.shards.empty()) training.run.prepared = training.prepare;
        check_run_start(training.run);
        find_patches(training);
        run(training.run);
    });
}

}  // namespace

void add_rc_command(CLI::App& app, const std::string& command_line) {
    add_training(app, "rc", command_line, "Train the residual compressor (RC) on photographs", "rc-small",
                 "rc (the paper's network), rc-paper (its 8-bit input, too) rc-small (for CPUs) or "
                 "rc-small-no-gdn");
}

void add_l3c_command(CLI::App& app, const std::string& command_line) {
    add_training(app, "l3c", command_line, "Train L3C on photographs, all scales together", "l3c",
                 "l3c (averages as z, means relative to them), l3c-learned (learned z), l3c-paper (exactly "
                 "the paper's), or the paper's baselines l3c-rgb and l3c-rgb-shared (a pyramid of halved "
                 "pictures)");
}

}  // namespace residua::train
