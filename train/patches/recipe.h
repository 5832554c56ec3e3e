// The recipe of a run of RC or L3C: what decides, beside the network, the photographs and the length, what is
// learned. By name and value, as the options of residua-train are called and as the checkpoint records it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "data/prepare.h"
#include "patches/run.h"
#include "weights/description.h"

namespace residua::train {

// The papers' recipes to the letter. Lossy layers: SliceQpY 9…11 are the paper's Q 12…14, which `bpgenc -q`
// counts (3 more with x265). "recipe" itself is one of the values.
Description paper_recipe(const std::string& codec);

// All values of the codec, those of settings.prepared included where it is set.
Description recipe_of(const RunSettings& settings, const std::string& codec);

// Every name that recipe_of() and paper_recipe() know.
std::vector<std::string> recipe_names();

// Gives the settings the values, but for those that somebody said otherwise. Names that are not known are
// left alone. Throws std::runtime_error for a value that makes no sense.
void take_recipe(const Description& values, const std::set<std::string>& said, RunSettings& run,
                 PrepareSettings& prepare);

// Each value that differs from the recipe that the values name, as "NAME VALUE (THE RECIPE'S)"; none for
// a recipe of another name.
std::vector<std::string> departures(const Description& values, const std::string& codec);

// Throws std::runtime_error where a run that resumes in `folder` would go on differently from how it began.
// recorded: its checkpoint's, empty for one from before recipes were recorded. A name that one of the two
// lacks says nothing.
void check_resumed(const Description& recorded, const Description& values, const std::string& folder);

}  // namespace residua::train
