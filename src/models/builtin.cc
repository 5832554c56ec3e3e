#include "models/builtin.h"

namespace residua::models {

struct Range {
    const uint8_t* begin;
    const uint8_t* end;
};

// kModels, ended by an empty one; made by CMake from models/*.rsm (cmake/ResiduaEmbed.cmake).
#include "embedded.inc"

size_t builtin_count() { return sizeof(kModels) / sizeof(kModels[0]) - 1; }
std::span<const uint8_t> builtin_model(size_t index) { return {kModels[index].begin, kModels[index].end}; }

}  // namespace residua::models
