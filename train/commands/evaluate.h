// `residua-train evaluate`.
#pragma once

#include <string>

namespace residua::train {

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

}  // namespace residua::train
