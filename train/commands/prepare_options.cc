#include "commands/prepare_options.h"

namespace residua::train {

void add_prepare_options(CLI::App& command, PrepareSettings& settings, bool lossy_layer) {
    command.add_option("--scale-low", settings.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    command.add_option("--scale-high", settings.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    command.add_option("--variants", settings.variants, "Pictures made from each photograph")
        ->capture_default_str();
    command.add_option("--patch", settings.patch, "Side of a patch")->capture_default_str();
    if (!lossy_layer) return;
    command.add_option("--q-low", settings.q_low, "Lowest Q of the lossy layer")->capture_default_str();
    command.add_option("--q-high", settings.q_high, "Highest Q of the lossy layer")->capture_default_str();
    command.add_option("--qualities", settings.qualities, "Lossy layers of different Q for each picture")
        ->capture_default_str();
    command
        .add_option("--bit-depths", settings.bit_depths, "Bits of the lossy layers: 8, 10, or 8,10 for both")
        ->delimiter(',')
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    command.add_option("--effort", settings.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
}

}  // namespace residua::train
