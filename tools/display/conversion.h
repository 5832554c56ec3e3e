// Samples as files have them to samples as screens take them: 8 or 16 bits, black at 0, grey or RGB.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "image_io/image.h"

namespace display {

// What a viewer can hold. Channels are interleaved, alpha comes last and is not multiplied into the colours.
struct Layout {
    uint32_t channels = 3;  // 1: grey, 3: RGB, 4: RGB and alpha
    uint32_t bits = 8;      // 8; or 16, two bytes in the machine's order
    size_t pixel_bytes() const { return channels * (bits / 8); }
};

class Conversion {
  public:
    // Grey only becomes grey where the picture is grey without alpha; alpha is dropped where the layout has none, and
    // opaque where the picture has none. With `to_srgb`, colours go through the picture's profile; otherwise the
    // viewer does that. CMYK goes through it in any case, or, without one, by (1 - C) (1 - K).
    // Throws ImageError for Lab and for layouts that cannot be.
    Conversion(const image_io::Description& picture, Layout layout, bool to_srgb);
    ~Conversion();

    // `pixels` pixels that follow each other.
    void convert(const void* samples, size_t pixels, void* out) const;
    // The picture's profile where it is true of what comes out; empty where that is sRGB or the picture has none.
    std::span<const uint8_t> profile() const { return profile_; }

  private:
    class Profile;  // Little CMS
    void fill(const void* samples, size_t pixels, uint16_t* wide) const;

    const uint32_t colours_, alpha_, sample_bytes_;
    const Layout layout_;
    std::vector<uint16_t> value_, opacity_;  // of each sample, in 0 ... 65535
    std::unique_ptr<Profile> to_srgb_;
    std::vector<uint8_t> profile_;
};

// The layout that loses nothing of a picture but, at 8 bits, depth.
Layout layout_of(const image_io::Description& picture, bool deep);

}  // namespace display
