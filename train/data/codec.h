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

// Loads the model as any user would, writes it, and prints a line that ends in the remark. Throws
// residua::error, before anything is written, when no user could load it.
void write_model_file(const std::string& path, const std::vector<uint8_t>& bytes, const std::string& remark);

}  // namespace residua::train
