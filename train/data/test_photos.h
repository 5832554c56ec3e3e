// Photographs for tests.
#pragma once

#include <gtest/gtest.h>
#include <vips/vips.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "weights/test_folder.h"

namespace residua::train {

// A photo-like picture: smooth shading, edges and a little noise.
inline void write_photo(const std::string& path, int width, int height, uint32_t seed) {
    std::vector<uint8_t> rgb;
    uint32_t state = seed * 2654435761u + 1;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c) {
                state = state * 1664525u + 1013904223u;
                const double shade = 110 + 60 * std::sin(x * 0.05 + c) + 50 * std::cos(y * 0.03 * (c + 1));
                const double edge = (x / 24 + y / 40) % 2 ? 18 : 0;
                rgb.push_back(static_cast<uint8_t>(std::clamp(shade + edge + (state >> 24) % 7, 0.0, 255.0)));
            }
    ASSERT_EQ(VIPS_INIT("test"), 0);
    VipsImage* image =
        vips_image_new_from_memory_copy(rgb.data(), rgb.size(), width, height, 3, VIPS_FORMAT_UCHAR);
    ASSERT_EQ(vips_image_write_to_file(image, path.c_str(), nullptr), 0);
    g_object_unref(image);
}

}  // namespace residua::train
