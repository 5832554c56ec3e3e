// The blocks of a GIF file: its pictures' places, and what stands beside them.
#pragma once

#include <vector>

#include "image_io/image.h"

namespace image_io {

struct GifFrame {
    std::vector<uint8_t> descriptor, palette;  // of its own; empty: the file's
    uint32_t left = 0, top = 0, width = 0, height = 0;
    bool interlaced = false;
    int transparent = -1;    // the number of a colour
    uint32_t disposal = 0;   // what becomes of it before the next one: 2 cleared, 3 as it was before
    uint32_t code_size = 0;  // bits
    uint64_t codes = 0;      // where their blocks begin
    uint64_t code_bytes = 0;
};

struct GifBlocks {
    std::vector<uint8_t> screen, palette;  // descriptor and colours of all frames
    uint32_t width = 0, height = 0;        // of the screen, made larger where a frame goes beyond it
    std::vector<GifFrame> frames;
    uint64_t end = 0;
    bool ended = false, cut_short = false;
};

// Walks through the file; what is no pixel goes to the picture's metadata. Throws ImageError.
GifBlocks read_gif_blocks(Source& source, const ReadOptions& options, Description& picture);

}  // namespace image_io
