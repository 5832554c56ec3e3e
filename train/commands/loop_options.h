// Options of every command that trains.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "loop/loop_settings.h"

namespace residua::train {

// --out, --preset, --resume, --threads, --seed.
void add_loop_options(CLI::App& command, LoopSettings& settings, const std::string& presets);
// --steps, --minutes, --checkpoint-every.
void add_length_options(CLI::App& command, LoopSettings& settings);

}  // namespace residua::train
