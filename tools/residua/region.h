// A part of a picture, or a smaller one: decode --region, --scale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "picture.h"
#include "reducer.h"

namespace tool {

// "WxH+X+Y" or "X,Y,W,H", all of them whole numbers; none where it is something else, or has no pixels.
std::optional<Region> region_named(const std::string& text);

// "1" or "1/2", "1/4" … "1/1024", as the power of two; none where it is something else.
std::optional<int> scale_named(const std::string& text);

// A PictureOutput that gets the rows of the whole picture or of the region alone, and writes the region that
// the options ask for, at the scale that they ask for; all of the picture, where they ask for no region.
// Throws Failure where the region is not in the picture.
class RegionOutput {
  public:
    RegionOutput(App& app, FileOutput& file, const image_io::Description& whole, const std::string& output);
    void write(uint32_t rows, const void* pixels);      // of the whole picture
    void write_cut(uint32_t rows, const void* pixels);  // of the region
    // No row that is written follows.
    bool complete() const { return next_ >= region_.y + region_.height; }

  private:
    const Region region_;
    const size_t row_bytes_, pixel_bytes_;     // of the whole picture
    uint64_t next_ = 0;                        // row that comes
    const image_io::Description cut_picture_;  // before it is reduced
    PictureOutput output_;
    std::optional<Reducer> reducer_;
    std::vector<uint8_t> cut_;
};

}  // namespace tool
