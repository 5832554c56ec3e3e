// Named arrays in one file, in the safetensors format (header: 8-byte length, JSON; then the data), so that
// any framework reads a checkpoint.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace residua::train {

struct FloatArray {
    std::vector<int64_t> shape;
    std::vector<float> values;  // C order, prod(shape) of them
};

struct Checkpoint {
    std::map<std::string, FloatArray> tensors;    // stored as F32
    std::map<std::string, std::string> metadata;  // safetensors' "__metadata__"
};

// Atomic: temporary file and rename. Throws std::runtime_error.
void save_safetensors(const std::string& path, const Checkpoint& checkpoint);
// Reads F32 and BF16 tensors. Throws std::runtime_error on anything malformed.
Checkpoint load_safetensors(const std::string& path);

}  // namespace residua::train
