// What the directory of a TIFF picture says beside its pixels.
#pragma once

#include "image_io/tiff_directory.h"

namespace image_io {

// Of the directory's kind, what decides which tags describe the picture and which only its storage.
struct TiffStorage {
    bool converted = false;  // from YCbCr: its coefficients have done their work
};

// Fills image.metadata, notes and lost (metadata.h says under which names).
void read_tiff_metadata(TiffDirectories& file, const TiffDirectories::Directory& directory,
                        const TiffStorage& storage, Description& image);

// The Exif and GPS directories that it points to, as an Exif block of their own: a TIFF header in the file's
// byte order, and a directory with nothing but the two. Empty when there are none.
std::vector<uint8_t> make_exif(TiffDirectories& file, const TiffDirectories::Directory& directory,
                               Description& image);

}  // namespace image_io
