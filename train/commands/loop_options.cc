#include "commands/loop_options.h"

namespace residua::train {

void add_loop_options(CLI::App& command, LoopSettings& settings, const std::string& presets) {
    command.add_option("--out", settings.out, "Folder of the run: checkpoints, logs")->required();
    command.add_option("--preset", settings.preset, presets)->capture_default_str();
    command.add_flag("--resume", settings.resume, "Go on from the last checkpoint in --out");
    command.add_option("--threads", settings.threads, "Threads (0: all cores)")->capture_default_str();
    command.add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
}

void add_length_options(CLI::App& command, LoopSettings& settings) {
    command.add_option("--steps", settings.steps, "Length of the run in steps");
    command.add_option("--minutes", settings.minutes,
                       "Length of the run in minutes of training, when no --steps is given");
    command
        .add_option("--checkpoint-every", settings.checkpoint_every,
                    "Minutes of training between checkpoints")
        ->capture_default_str();
}

}  // namespace residua::train
