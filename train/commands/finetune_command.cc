#include <memory>

#include "commands/commands.h"
#include "commands/finetune.h"

namespace residua::train {

void add_finetune_command(CLI::App& app, const std::string& command_line) {
    const auto owner = std::make_shared<FinetuneSettings>();
    FinetuneSettings& settings = *owner;
    settings.command = command_line;
    CLI::App* command = app.add_subcommand(
        "finetune",
        "Adapt a released model to your own pictures, and measure on some of them what it brings");
    command->add_option("--model", settings.model, "The released model: its name, or its .safetensors file")
        ->capture_default_str();
    command->add_option("--data", settings.data, "Folder of your pictures")->required();
    command->add_option("--out", settings.out, "Folder for the run and the new model")->required();
    command->add_option("--name", settings.name,
                        "Name of the new model (default: the model's and the folder's)");
    command->add_option("--minutes", settings.minutes, "Length of the training")->capture_default_str();
    command->add_option("--steps", settings.steps, "Length of the training in steps, instead of minutes");
    command
        ->add_option("--scale-low", settings.scale_low,
                     "Smallest factor of a random downscaling (default: pictures as they are)")
        ->capture_default_str();
    command
        ->add_option("--megapixels", settings.megapixels,
                     "How much of the pictures to prepare at most; of large ones a part is taken")
        ->capture_default_str();
    command->add_option("--learning-rate", settings.learning_rate, "Highest learning rate")
        ->capture_default_str();
    command->add_option("--batch", settings.batch, "Crops per step")->capture_default_str();
    command->add_option("--crop", settings.crop, "Side of a crop in pixels")->capture_default_str();
    command->add_option("--threads", settings.threads, "Threads of torch (0: all cores)")
        ->capture_default_str();
    command->add_flag("--resume", settings.resume, "Go on with an interrupted call");
    command->add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
    command->callback([owner] { run_finetune(*owner); });
}

}  // namespace residua::train
