// The models that are part of the library: the files
// models/*.rsm of the source tree, in the order of their names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace residua::models {

size_t builtin_count();
std::span<const uint8_t> builtin_model(size_t index);

}  // namespace residua::models
