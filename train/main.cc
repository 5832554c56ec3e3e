// residua-train: trains models and exports them for the codec.
#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.h"
#include "run_rc.h"

namespace {

using namespace residua::train;

void add_rc(CLI::App& app, RunSettings& settings) {
    CLI::App* rc = app.add_subcommand("rc", "Train the residual compressor (RC) on a folder of photographs");
    rc->add_option("--data", settings.data, "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM)")->required();
    rc->add_option("--out", settings.out, "Folder of the run: checkpoints, logs")->required();
    rc->add_option("--preset", settings.preset,
                   "rc (the paper's network), rc-paper (its 8-bit input, too) or rc-small (for CPUs)")
        ->capture_default_str();
    rc->add_option("--steps", settings.steps, "Length of the run in steps");
    rc->add_option("--minutes", settings.minutes, "Length of the run in minutes, when no --steps is given");
    rc->add_option("--batch", settings.batch, "Crops per step")->capture_default_str();
    rc->add_option("--crop", settings.crop, "Side of a crop in pixels")->capture_default_str();
    rc->add_option("--device", settings.device, "cpu, cuda or cuda:N")->capture_default_str();
    rc->add_option("--threads", settings.threads, "Threads of torch (0: all cores)")->capture_default_str();
    rc->add_option(
        "--start", settings.start,
        "Start from the weights and the architecture of this model.safetensors, such as a released model's");
    rc->add_flag("--resume", settings.resume, "Go on from the last checkpoint in --out");
    rc->add_flag(
        "--quantised", settings.quantised,
        "Quantisation-aware: round as the integer network does. For the last part of a run, with --resume");
    rc->add_option(
        "--validation", settings.validation,
        "Folder of pictures to validate on, as they are (default: every 40th photograph of --data)");
    rc->add_option("--cache", settings.cache,
                   "Folder for pairs of pictures and lossy layers (default: OUT/pairs)");
    rc->add_option("--variants", settings.pairs.variants, "Pairs made from each photograph")
        ->capture_default_str();
    rc->add_option("--q-low", settings.pairs.q_low, "Lowest Q of the lossy layer")->capture_default_str();
    rc->add_option("--q-high", settings.pairs.q_high, "Highest Q of the lossy layer")->capture_default_str();
    rc->add_option("--bit-depth", settings.pairs.bit_depth, "Bits of the lossy layer: 8 or 10")
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    rc->add_option("--effort", settings.pairs.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
    rc->add_option("--scale-low", settings.pairs.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    rc->add_option("--scale-high", settings.pairs.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    rc->add_option("--learning-rate", settings.optimizer.learning_rate, "Highest learning rate")
        ->capture_default_str();
    const std::map<std::string, Schedule> schedules = {{"cosine", Schedule::kCosine},
                                                       {"paper", Schedule::kPaper}};
    rc->add_option("--schedule", settings.optimizer.schedule,
                   "cosine (AdamW, warm-up, cosine) or paper (RMSProp, x 0.75 every 100000 steps)")
        ->transform(CLI::CheckedTransformer(schedules, CLI::ignore_case));
    rc->add_flag("!--float32", settings.bfloat16, "Train in float32 (default: bfloat16 convolutions)");
    rc->add_option("--checkpoint-every", settings.checkpoint_every, "Minutes between checkpoints")
        ->capture_default_str();
    rc->add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
    rc->callback([&settings] {
        settings.config = rc_preset(settings.preset);
        run_rc(settings);
    });
}

void add_export(CLI::App& app, ExportSettings& settings) {
    CLI::App* command = app.add_subcommand("export", "Turn a trained network into a model file of integers");
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->add_option("--name", settings.name, "The model's name")->capture_default_str();
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
    command->callback([&settings] { run_evaluate(settings); });
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Trains Residua's models on your own photographs");
    app.require_subcommand(1);
    RunSettings rc;
    for (int i = 0; i < argc; ++i) rc.command += (i ? " " : "") + std::string(argv[i]);
    ExportSettings exporting;
    EvaluateSettings evaluation;
    add_rc(app, rc);
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
