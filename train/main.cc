// residua-train: trains models and exports them for the codec.
#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.h"
#include "run.h"

namespace {

using namespace residua::train;

void add_lossy_layer(CLI::App& command, PairSettings& settings) {
    command.add_option("--q-low", settings.q_low, "Lowest Q of the lossy layer")->capture_default_str();
    command.add_option("--q-high", settings.q_high, "Highest Q of the lossy layer")->capture_default_str();
    command.add_option("--bit-depth", settings.bit_depth, "Bits of the lossy layer: 8 or 10")
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    command.add_option("--effort", settings.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
}

void add_training(CLI::App& app, const std::string& codec, const std::string& text,
                  const std::string& default_preset, const std::string& presets, RunSettings& settings) {
    CLI::App* command = app.add_subcommand(codec, text);
    settings.preset = default_preset;
    if (codec == "l3c") settings.optimizer.weight_decay = 0;
    command->add_option("--data", settings.data, "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM)")
        ->required();
    command->add_option("--out", settings.out, "Folder of the run: checkpoints, logs")->required();
    command->add_option("--preset", settings.preset, presets)->capture_default_str();
    command->add_option("--steps", settings.steps, "Length of the run in steps");
    command->add_option("--minutes", settings.minutes,
                        "Length of the run in minutes, when no --steps is given");
    command->add_option("--batch", settings.batch, "Crops per step")->capture_default_str();
    command->add_option("--crop", settings.crop, "Side of a crop in pixels")->capture_default_str();
    command->add_option("--device", settings.device, "cpu, cuda or cuda:N")->capture_default_str();
    command->add_option("--threads", settings.threads, "Threads of torch (0: all cores)")
        ->capture_default_str();
    command->add_option(
        "--start", settings.start,
        "Start from the weights and the architecture of this model.safetensors, such as a released model's");
    command->add_flag("--resume", settings.resume, "Go on from the last checkpoint in --out");
    command->add_flag(
        "--quantised", settings.quantised,
        "Quantisation-aware: round as the integer network does. For the last part of a run, with --resume");
    command->add_option(
        "--validation", settings.validation,
        "Folder of pictures to validate on, as they are (default: every 40th photograph of --data)");
    command->add_option("--cache", settings.cache,
                        "Folder for pairs of pictures and lossy layers (default: OUT/pairs)");
    command->add_option("--variants", settings.pairs.variants, "Pairs made from each photograph")
        ->capture_default_str();
    if (codec == "rc") add_lossy_layer(*command, settings.pairs);
    command->add_option("--scale-low", settings.pairs.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    command->add_option("--scale-high", settings.pairs.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    command->add_option("--learning-rate", settings.optimizer.learning_rate, "Highest learning rate")
        ->capture_default_str();
    const std::map<std::string, Schedule> schedules = {{"cosine", Schedule::kCosine},
                                                       {"paper", Schedule::kPaper}};
    command
        ->add_option("--schedule", settings.optimizer.schedule,
                     "cosine (AdamW, warm-up, cosine) or paper (RMSProp, x 0.75 every 100000 steps)")
        ->transform(CLI::CheckedTransformer(schedules, CLI::ignore_case));
    command->add_flag("!--float32", settings.bfloat16, "Train in float32 (default: bfloat16 convolutions)");
    command->add_option("--checkpoint-every", settings.checkpoint_every, "Minutes between checkpoints")
        ->capture_default_str();
    command->add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
    command->callback([&settings, codec] {
        settings.network = preset(codec, settings.preset);
        run(settings);
    });
}

void add_export(CLI::App& app, ExportSettings& settings) {
    CLI::App* command = app.add_subcommand("export", "Turn a trained network into a model file of integers");
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->add_option("--name", settings.name, "The model's name (default: the codec's)");
    command->add_option("--pairs", settings.pairs,
                        "Pairs to calibrate on when the run was not quantisation-aware (default: RUN/pairs)");
    command->add_option("--trained-on", settings.trained_on, "One line about the training pictures");
    command->add_option("--default-q", settings.default_q, "Q of the lossy layer unless the user gives one")
        ->capture_default_str();
    command->add_option("--default-bit-depth", settings.default_bit_depth, "Bits of the lossy layer: 8 or 10")
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    command->callback([&settings] { run_export(settings); });
}

void add_evaluate(CLI::App& app, EvaluateSettings& settings) {
    CLI::App* command = app.add_subcommand(
        "evaluate",
        "Compare the float network's cross-entropy with the bytes of real files, picture by picture");
    command->add_option("--model", settings.model, "The model file (.rsm)")->required();
    command->add_option("--weights", settings.weights, "model.safetensors of the same network")->required();
    command->add_option("--data", settings.data, "Folder of pictures, taken as they are")->required();
    command->add_option("--q", settings.q, "Q of the lossy layer (0: the model's default)");
    command->add_option("--effort", settings.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
    command->add_flag("--bfloat16", settings.bfloat16, "Run the float network in bfloat16");
    command->add_flag("--quantised", settings.quantised,
                      "Run the float network with the roundings that it was trained with");
    command->callback([&settings] { run_evaluate(settings); });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Trains Residua's models on your own photographs");
    app.require_subcommand(1);
    RunSettings rc, l3c;
    for (int i = 0; i < argc; ++i) rc.command += (i ? " " : "") + std::string(argv[i]);
    l3c.command = rc.command;
    ExportSettings exporting;
    EvaluateSettings evaluation;
    add_training(app, "rc", "Train the residual compressor (RC) on a folder of photographs", "rc-small",
                 "rc (the paper's network), rc-paper (its 8-bit input, too) or rc-small (for CPUs)", rc);
    add_training(
        app, "l3c", "Train L3C on a folder of photographs, all scales together", "l3c",
        "l3c (means relative to z), l3c-paper (exactly the paper's), or the paper's baselines l3c-rgb and "
        "l3c-rgb-shared (a pyramid of halved pictures instead of learned z)",
        l3c);
    add_export(app, exporting);
    add_evaluate(app, evaluation);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "residua-train: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
