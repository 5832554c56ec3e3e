// The colours that JPEG decoders make: the images of the 2^24 triples Y, Cb, Cr of eight bits each under the
// full-range BT.601 matrix in libjpeg's arithmetic. They are a quarter of all RGB colours; a picture that was
// decoded from JPEG and not resized since has (nearly) no others. docs/format-planes.md defines the formula.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace residua::codec {

// What Cb and Cr add to Y. Strictly increasing in red and blue, strictly decreasing in green.
struct LatticeTables {
    static constexpr int kGreenBits = 20;

    std::array<int16_t, 256> red_from_cr, blue_from_cb;
    std::array<int32_t, 256> green_from_cb, green_from_cr;  // units of 2^-20; the half is in green_from_cb

    int red(int y, int cr) const { return std::clamp(y + red_from_cr[static_cast<size_t>(cr)], 0, 255); }
    int blue(int y, int cb) const { return std::clamp(y + blue_from_cb[static_cast<size_t>(cb)], 0, 255); }
    int green(int y, int cb, int cr) const {
        const int sum = green_from_cb[static_cast<size_t>(cb)] + green_from_cr[static_cast<size_t>(cr)];
        return std::clamp(y + (sum >> kGreenBits), 0, 255);
    }

    // triple: Y, Cb, Cr; rgb: R, G, B. They may be the same memory.
    void to_rgb(const uint8_t* triple, uint8_t* rgb) const {
        const int y = triple[0], cb = triple[1], cr = triple[2];
        rgb[0] = static_cast<uint8_t>(red(y, cr));
        rgb[1] = static_cast<uint8_t>(green(y, cb, cr));
        rgb[2] = static_cast<uint8_t>(blue(y, cb));
    }
};

// libjpeg's.
const LatticeTables& lattice_tables();

}  // namespace residua::codec
