// The pictures of an animated PNG.
#pragma once

#include <vector>

#include "image_io/png_chunks.h"

namespace image_io {

struct PngFrame {
    uint32_t x = 0, y = 0, width = 0, height = 0;
    bool cleared = false, taken_back = false;  // before the next one
    bool over = false;                         // blended with what is there, by its alpha
    std::vector<PngChunks::Chunk> data;        // chunks fdAT
};

// In the file's order; first the one that programs show which know nothing of animations, whether it is part of
// this one or not. One of a PNG that is not animated. Throws ImageError.
std::vector<PngFrame> png_frames(const PngChunks& chunks);

// Page options.page, not the first one, as it is shown: on what the pictures before it have left.
std::unique_ptr<Reader> open_png_frame(Source& source, const ReadOptions& options, const PngChunks& chunks,
                                       const std::vector<PngFrame>& frames);

// Takes out what is about the animation.
void drop_animation(Description& picture);

}  // namespace image_io
