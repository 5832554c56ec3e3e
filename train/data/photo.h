// Photographs from files, downscaled: libvips reads, converts to 8-bit sRGB and resamples.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace residua::train {

struct Photo {
    int width = 0;
    int height = 0;
    std::vector<uint8_t> rgb;  // [height][width][3]
};

// All JPEG, PNG, TIFF, WebP and PPM files below `folder`,
// sorted. Throws std::runtime_error when there are none.
std::vector<std::string> list_photos(const std::string& folder);

// Width and height, from the file's header. Throws std::runtime_error.
std::pair<int, int> photo_size(const std::string& path);

// Reads a picture and scales it by `factor` ≤ 1 with a Lanczos-3 filter (1 = as it is). Grey becomes RGB;
// alpha is refused. Throws std::runtime_error.
Photo load_photo(const std::string& path, double factor);

}  // namespace residua::train
