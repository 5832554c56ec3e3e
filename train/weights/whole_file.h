// Files that are read and written as a whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace residua::train {

// Throws std::runtime_error when it cannot be opened.
std::vector<uint8_t> read_whole_file(const std::string& path);

// Under that name only when it is whole. Throws std::runtime_error.
void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes);

}  // namespace residua::train
