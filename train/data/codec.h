// The codec by its public interface: what the trainer's parts share.
#pragma once

#include <cstdint>
#include <residua/research.hpp>
#include <string>
#include <vector>

namespace residua::train {

// A picture of 8-bit RGB, which is only read and must stay.
residua_image rgb_image(const uint8_t* pixels, int width, int height);

// Adds the model of a file. Throws std::runtime_error when it cannot be read, residua::error when it is none.
residua_model_info add_model_file(residua::context& context, const std::string& path);
// As residua_encode_options::model takes it: no other model can have it.
std::string hash_text(uint64_t hash);

// Under that name only when it is whole. Throws std::runtime_error.
void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes);

}  // namespace residua::train
