// Options of the recipe of a run of RC or L3C (patches/recipe.h).
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "patches/recipe.h"

namespace residua::train {

// --recipe and a switch for each of its values that is not one of add_loop_options() or
// add_prepare_options(); sets our recipe's values.
void add_recipe_options(CLI::App& command, const std::string& codec, RunSettings& run);

// After parsing: what was not said, from the checkpoint for a run that resumes, otherwise from the recipe;
// what is trained on and what is prepared follow each other where only one was said. Throws
// std::runtime_error for a checkpoint that cannot be read.
void settle_recipe(const CLI::App& command, const std::string& codec, RunSettings& run,
                   PrepareSettings& prepare);

}  // namespace residua::train
