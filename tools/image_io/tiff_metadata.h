// What the directory of a TIFF picture says beside its pixels.
#pragma once

#include "image_io/tiff_directory.h"

namespace image_io {

struct TiffTags {
    const TiffDirectories::Directory& picture;
    const TiffDirectories::Directory& thumbnail;  // may be empty
    bool converted = false;                       // from YCbCr: what tells how has done its work
};

// Fills image.metadata, notes and lost (metadata.h says under which names).
void read_tiff_metadata(TiffDirectories& file, const TiffTags& tags, Description& image);

// The Exif and GPS directories that the picture's points to, and the thumbnail, as an Exif block of their own:
// a TIFF header in the file's byte order, a directory with nothing but the two, and the thumbnail's. Empty
// when there are none of these.
std::vector<uint8_t> make_exif(TiffDirectories& file, const TiffTags& tags, Description& image);

}  // namespace image_io
