// The chunks of a PNG file, and its bytes in an order that suits reading from top to bottom.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "image_io/source.h"

namespace image_io {

// Metadata may stand behind the pixels, but are wanted before them: those chunks are moved before the first
// IDAT, where they may stand as well.
class PngChunks {
  public:
    // Looks at all chunks.
    explicit PngChunks(Source& source);

    // How often each type of chunk occurs.
    const std::map<std::string, int>& types() const { return types_; }
    bool contains(const std::string& type) const { return types_.contains(type); }

    // The next bytes, fewer at the end.
    size_t read(uint8_t* data, size_t size);

  private:
    struct Segment {
        uint64_t begin, end;  // positions in the file
    };

    Source& source_;
    std::map<std::string, int> types_;
    std::vector<Segment> segments_;
    size_t segment_ = 0;
    uint64_t position_ = 0;
};

}  // namespace image_io
