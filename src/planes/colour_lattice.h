// The colours that decoders of Y, Cb, Cr make: the images of the 2^24 triples of eight bits each under a
// decoder's matrix and rounding. They are a fraction of all RGB colours (JPEG's a quarter, Photo CD's a
// ninth); a picture that such a decoder made and nobody resized since has (nearly) no others.
// docs/format-planes.md defines the formulas.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace residua::codec {

enum class PlaneColours : uint8_t {
    kSamples = 0,  // planes are G, R, B before they are ordered, or the one plane of a grey picture
    kJpeg = 1,     // Y, Cb, Cr of JPEG, full-range BT.601 in libjpeg's arithmetic
    kPhotoCd = 2,  // Y, C1, C2 of Kodak's Photo CD
};
constexpr int kPlaneColours = 3;

// What Y, Cb and Cr (or C1 and C2) add to the samples, in units of 2^-20: a sample is their sum, rounded
// down. Strictly increasing in red and blue, strictly decreasing in green.
struct LatticeTables {
    static constexpr int kBits = 20;
    using Table = std::array<int32_t, 256>;

    Table luma, red_from_cr, green_from_cb, green_from_cr, blue_from_cb;

    int red(int y, int cr) const { return sample(luma[at(y)] + red_from_cr[at(cr)]); }
    int green(int y, int cb, int cr) const {
        return sample(luma[at(y)] + green_from_cb[at(cb)] + green_from_cr[at(cr)]);
    }
    int blue(int y, int cb) const { return sample(luma[at(y)] + blue_from_cb[at(cb)]); }

    // triple: Y, Cb, Cr; rgb: R, G, B. They may be the same memory.
    void to_rgb(const uint8_t* triple, uint8_t* rgb) const {
        const int y = triple[0], cb = triple[1], cr = triple[2];
        rgb[0] = static_cast<uint8_t>(red(y, cr));
        rgb[1] = static_cast<uint8_t>(green(y, cb, cr));
        rgb[2] = static_cast<uint8_t>(blue(y, cb));
    }

  private:
    static size_t at(int value) { return static_cast<size_t>(value); }
    static int sample(int32_t sum) { return std::clamp(sum >> kBits, 0, 255); }
};

// colours: kJpeg or kPhotoCd.
const LatticeTables& lattice_tables(PlaneColours colours);

}  // namespace residua::codec
