// The subcommands of residua-train. `command_line` is the whole one, for a run's record.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace residua::train {

void add_rc_command(CLI::App& app, const std::string& command_line);
void add_l3c_command(CLI::App& app, const std::string& command_line);

// Those that need the codec: what builds the trainer on a machine that only trains leaves them out.
void add_olm_command(CLI::App& app, const std::string& command_line);
void add_prepare_command(CLI::App& app);
void add_export_command(CLI::App& app);
void add_evaluate_command(CLI::App& app);
void add_finetune_command(CLI::App& app, const std::string& command_line);
// q-classifier, attach-q-classifier, compare-q-classifier.
void add_q_commands(CLI::App& app, const std::string& command_line);

}  // namespace residua::train
