// `residua-train attach-q-classifier`.
#pragma once

#include <string>

namespace residua::train {

struct AttachSettings {
    std::string model, run, out;  // .rsm; a run's folder or another .rsm; .rsm
};
// Writes the model with the classifier.
void run_attach(const AttachSettings& settings);

}  // namespace residua::train
