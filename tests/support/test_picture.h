// Pictures made by the tests themselves: photograph-like (smooth areas, edges, sensor noise), of any size.
#pragma once

#include <residua/residua.h>

#include <cstdint>
#include <vector>

namespace residua::testing {

struct TestPicture {
    uint32_t width, height, channels;
    std::vector<uint8_t> pixels;

    residua_image image() {
        residua_image view = RESIDUA_INIT(residua_image);
        view.pixels = pixels.data();
        view.width = width;
        view.height = height;
        view.colour = channels == 1 ? RESIDUA_COLOUR_GREY : RESIDUA_COLOUR_RGB;
        return view;
    }
};

TestPicture make_picture(uint32_t width, uint32_t height, uint32_t channels, uint64_t seed = 1);

}  // namespace residua::testing
