// A .rsd file for someone who wants to look at it: as a whole, or only as large as a window.
#pragma once

#include <functional>
#include <residua/residua.hpp>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "display/reduction.h"
#include "image_io/image.h"

namespace display {

// Models that a user has installed or that RESIDUA_MODELS names go to the context, where the file needs one that it
// lacks. What cannot be used is left out: the library then says which one is missing.
void add_models_for(residua::context& context, std::span<const uint8_t> file);

// Before the pixels: what comes. Its size is the picture's or, of a preview, smaller.
using Begin = std::function<void(const image_io::Description& picture)>;
// The rows y, ..., y + rows - 1.
using Rows = std::function<void(uint32_t y, uint32_t rows, const void* samples)>;

// Decodes a file. Where it holds a preview that has at least the size `least` in both directions and is smaller than
// the picture, that; {0, 0} stands for the whole picture. Throws residua::error, and what the functions throw.
void read(residua::context& context, std::span<const uint8_t> file, Size least, const Begin& begin,
          const Rows& rows);

// Of model files in a folder, sorted. `error`: set where it cannot be read.
std::vector<std::string> models_in(const std::string& folder, std::error_code& error);

// Where `residua models add` puts models; empty when the environment names no place.
std::string installed_models_folder();

}  // namespace display
