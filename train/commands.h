// `residua-train export` and `residua-train evaluate`.
#pragma once

#include <cstdint>
#include <residua/residua.hpp>
#include <string>
#include <vector>

namespace residua::train {

struct ExportSettings {
    std::string run;         // folder of a run: model.safetensors
    std::string shards;      // to calibrate on, without quantisation-aware training; empty: RUN/shards
    std::string out;         // the .rsm file to write
    std::string name;        // empty: the codec's name
    std::string trained_on;  // one line for people
    // Of the lossy layer. 0: the middle of the Q, and the depth, that the network was trained on; 9 and 10
    // where the run does not say.
    int default_q = 0;
    int default_bit_depth = 0;
    // Folder of a run of residua-train q-classifier, or a model (.rsm) that has a classifier; empty: none.
    std::string q_classifier;
};
void run_export(const ExportSettings& settings);

struct EvaluateSettings {
    std::string model;    // .rsm
    std::string weights;  // model.safetensors of the same network
    std::string data;     // folder of pictures
    int q = 0;            // 0: the model's default
    int effort = 5;
    bool bfloat16 = false;
    bool quantised = false;  // the float network with the roundings that it was trained with
};
// Means over pictures, in bits per sub-pixel.
struct Evaluation {
    double ideal = 0;    // the float network's cross-entropy; for RC, given x_l
    double streams = 0;  // the real file's entropy-coded streams
    double file = 0;     // the whole real file
};
// Prints these for each picture, and returns the means.
Evaluation run_evaluate(const EvaluateSettings& settings);

// Under that name only when it is whole. Throws std::runtime_error.
void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes);
// Adds the model of a file. Throws std::runtime_error when it cannot be read, residua::error when it is none.
residua_model_info add_model_file(residua::context& context, const std::string& path);
// As residua_encode_options::model takes it: no other model can have it.
std::string hash_text(uint64_t hash);

}  // namespace residua::train
