#include <memory>

#include "commands/commands.h"
#include "commands/evaluate.h"

namespace residua::train {

void add_evaluate_command(CLI::App& app) {
    const auto owner = std::make_shared<EvaluateSettings>();
    EvaluateSettings& settings = *owner;
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
    command->callback([owner] { run_evaluate(*owner); });
}

}  // namespace residua::train
