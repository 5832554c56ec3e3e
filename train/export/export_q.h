// The trained Q-classifier as integers: a section of an RC model file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "q/q_config.h"
#include "weights/safetensors.h"
#include "weights/stored_tensors.h"

namespace residua::train {

// weights: model.safetensors; steps: of every tensor that QNetwork names. Throws std::runtime_error.
std::vector<uint8_t> export_q_classifier(const Checkpoint& weights, const QConfig& config,
                                         const StepTable& steps);

// The model file with another Q-classifier, and a line in its description that says so. Throws
// std::runtime_error or residua::Error.
std::vector<uint8_t> with_q_classifier(const std::vector<uint8_t>& model,
                                       const std::vector<uint8_t>& classifier);

bool has_q_classifier(const std::string& model_path);

// A classifier's section: of a run of residua-train q-classifier (a folder), or of a model file (.rsm) that
// has one. Throws std::runtime_error.
std::vector<uint8_t> q_classifier_section(const std::string& run_or_model);

}  // namespace residua::train
