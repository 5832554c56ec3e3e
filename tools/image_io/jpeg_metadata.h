// What the segments of a JPEG file say beside its pixels.
#pragma once

#include <vector>

#include "image_io/jpeg_segments.h"

namespace image_io {

// Where the further pictures of a file are (multi-picture format, MPO); empty when there are none.
struct FurtherPicture {
    uint64_t position, size;
};
std::vector<FurtherPicture> further_pictures(Source& source, const JpegSegments& segments,
                                             const ReadOptions& options);

// Fills image.metadata and notes (metadata.h says under which names).
void read_jpeg_metadata(Source& source, const JpegSegments& segments, const ReadOptions& options,
                        Description& image);

}  // namespace image_io
