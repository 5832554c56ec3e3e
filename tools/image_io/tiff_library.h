// libtiff on a picture's source.
#pragma once

#include <tiffio.h>

#include <memory>
#include <string>

#include "image_io/source.h"

namespace image_io {

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

// What libtiff gets back in its callbacks.
struct TiffHandle {
    Source* source;
    std::string error;  // its last one
};

// The handle must outlive it, and stay where it is. Null where libtiff finds no TIFF file. It takes at most
// `max_bytes` at once.
Tiff open_tiff_library(TiffHandle& handle, uint64_t max_bytes);

}  // namespace image_io
