// Which of a TIFF file's pictures is meant, and whether it is one that can be kept.
#pragma once

#include <tiffio.h>

#include "image_io/tiff_directory.h"

namespace image_io {

struct TiffPage {
    uint64_t position = 0;  // of its directory
    TiffDirectories::Directory directory;
    TiffDirectories::Directory thumbnail;  // as Exif has it: a directory without size. Empty: none
    size_t pages = 1;
    // Of the file's bytes none lies behind that any directory knows of: 0 when that is not known.
    uint64_t end = 0;
};

// Finds options.page. Throws ImageError for camera raws, and where there are several pictures and none is chosen.
TiffPage choose_tiff_page(Source& source, TiffDirectories& file, const ReadOptions& options,
                          Description& image);

struct TiffKind {
    Colour colour = Colour::kGrey;
    bool alpha = false, palette = false;
    bool converted = false;  // from YCbCr by libtiff
    bool as_rgb = false;     // libtiff gives the whole picture as RGB only
    bool is_signed = false;
    uint32_t bits = 8;  // of a stored sample: 1 … 16, 24, 32 or 64

    // Integers of more than 16 bits. Those that fit into 16 are read.
    bool narrowed() const { return bits > 16; }
};

// Throws ImageError for a kind that cannot be kept exactly. Notes what is worth saying.
TiffKind find_tiff_kind(TIFF* tiff, Description& image);

template <typename T>
T tiff_field(TIFF* tiff, uint32_t tag, T otherwise) {
    T value = otherwise;
    return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

}  // namespace image_io
