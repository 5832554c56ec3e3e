// What the chunks of a PNG file say beside its pixels.
#pragma once

#include "image_io/png_chunks.h"

namespace image_io {

// Fills image.metadata and notes (metadata.h says under which names).
void read_png_metadata(Source& source, const PngChunks& chunks, const ReadOptions& options,
                       Description& image);

}  // namespace image_io
