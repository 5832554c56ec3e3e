// A part of a picture: decode --region.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "picture.h"

namespace tool {

// "WxH+X+Y", all of them whole numbers; none where it is something else, or has no pixels.
std::optional<Region> region_named(const std::string& text);

// A PictureOutput that gets the rows of the whole picture, and writes those of the region that the options
// ask for; of all of it, where they ask for none. Throws Failure where the region is not in the picture.
class RegionOutput {
  public:
    RegionOutput(App& app, FileOutput& file, const image_io::Description& whole, const std::string& output);
    void write(uint32_t rows, const void* pixels);
    // No row that is written follows.
    bool complete() const { return next_ >= region_.y + region_.height; }

  private:
    const Region region_;
    const size_t row_bytes_, pixel_bytes_;  // of the whole picture
    uint64_t next_ = 0;                     // row that comes
    PictureOutput output_;
    std::vector<uint8_t> cut_;
};

}  // namespace tool
