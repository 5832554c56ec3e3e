// Options of every command that makes shards of photographs.
#pragma once

#include <CLI/CLI.hpp>

#include "data/prepare.h"

namespace residua::train {

// How photographs become shards. lossy_layer: for RC.
void add_prepare_options(CLI::App& command, PrepareSettings& settings, bool lossy_layer);

}  // namespace residua::train
