// The parts of the command line that need the codec: what builds the trainer on a machine that only trains
// leaves them out.
#pragma once

#include <CLI/CLI.hpp>

#include "commands.h"
#include "finetune.h"
#include "olm_records.h"
#include "olm_run.h"
#include "prepare.h"
#include "q_commands.h"

namespace residua::train {

struct CodecCommands {
    std::string codec = "rc", data, out, verify;
    PrepareSettings prepare;
    ExportSettings exporting;
    EvaluateSettings evaluation;
    FinetuneSettings finetune;
    std::string olm_data, olm_preset = "olm";
    OlmRecordSettings olm_records;
    OlmRunSettings olm;
    QCommands q_classifier;
};

// Subcommands olm, prepare, export, evaluate, finetune and those of the Q-classifier.
void add_codec_commands(CLI::App& app, CodecCommands& commands);

// How photographs become shards. lossy_layer: for RC.
void add_prepare_options(CLI::App& command, PrepareSettings& settings, bool lossy_layer);

}  // namespace residua::train
