// Subcommands q-classifier and attach-q-classifier.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "q_training.h"

namespace residua::train {

struct AttachSettings {
    std::string model, run, out;  // .rsm; a run's folder or another .rsm; .rsm
};
// Writes the model with the classifier.
void run_attach(const AttachSettings& settings);

struct CompareSettings {
    std::string model;  // .rsm with the run's classifier
    std::string run;
    QTrainingSettings pictures;  // as the run's
};
// How often the codec's integer classifier and the run's float network agree on the pictures held out.
struct Agreement {
    size_t pictures = 0, equal = 0, within_one = 0;
    QResult integers, floats;
};
Agreement run_compare(const CompareSettings& settings);

struct QCommands {
    QTrainingSettings training;
    AttachSettings attach;
    CompareSettings compare;
};
void add_q_commands(CLI::App& app, QCommands& commands);

}  // namespace residua::train
