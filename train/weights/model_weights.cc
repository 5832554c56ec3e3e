#include "weights/model_weights.h"

#include <stdexcept>

namespace residua::train {

namespace {

constexpr const char* kStep = "step/";

}  // namespace

Description read_description(const std::string& path) {
    const Description metadata = load_safetensors(path).metadata;
    if (!metadata.count("codec"))
        throw std::runtime_error(path + ": is no Residua checkpoint (no 'codec' in its metadata)");
    return metadata;
}

StepTable read_steps(const Checkpoint& checkpoint) {
    StepTable steps;
    const std::string prefix = kStep;
    for (const auto& [name, array] : checkpoint.tensors)
        if (name.compare(0, prefix.size(), prefix) == 0) steps[name.substr(prefix.size())] = array.values;
    return steps;
}

void put_steps(const StepTable& steps, Checkpoint& checkpoint) {
    for (const auto& [name, values] : steps)
        checkpoint.tensors[kStep + name] = {{static_cast<int64_t>(values.size())}, values};
}

}  // namespace residua::train
