#include <map>
#include <memory>

#include "commands/commands.h"
#include "export/run_export.h"

namespace residua::train {

void add_export_command(CLI::App& app) {
    const auto owner = std::make_shared<ExportSettings>();
    ExportSettings& settings = *owner;
    CLI::App* command = app.add_subcommand("export", "Turn a trained network into a model file of integers");
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->add_option("--name", settings.name, "The model's name (default: the codec's)");
    command->add_option(
        "--shards", settings.shards,
        "Patches to calibrate on when the run was not quantisation-aware (default: RUN/shards)");
    command->add_option("--trained-on", settings.trained_on, "One line about the training pictures");
    command->add_option(
        "--default-q", settings.default_q,
        "Q of the lossy layer unless the user gives one (default: the middle of those trained on)");
    command
        ->add_option("--default-bit-depth", settings.default_bit_depth,
                     "Bits of the lossy layer: 8 or 10 (default: those trained on)")
        ->check(CLI::IsMember({8, 10}));
    const std::map<std::string, bool> adaptation = {{"on", true}, {"off", false}};
    command
        ->add_option(
            "--adaptation", settings.adaptation,
            "on or off: whether the mixtures of files adapt unless the user says (default: on, but off for "
            "the papers' own networks)")
        ->transform(CLI::CheckedTransformer(adaptation, CLI::ignore_case));
    command->add_option("--q-classifier", settings.q_classifier,
                        "Run of residua-train q-classifier, or a model (.rsm), whose classifier chooses Q");
    command->callback([owner] { run_export(*owner); });
}

}  // namespace residua::train
