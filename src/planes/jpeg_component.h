// The samples of one component of a JPEG: where its blocks lie, and how they become as many as the picture has
// pixels.
#pragma once

#include <cstdint>
#include <optional>

#include "jpeg/dissection.h"
#include "planes/chroma_upsampling.h"
#include "planes/dct_plane.h"
#include "planes/jpeg_smoothing.h"

namespace residua::codec {

// Blocks of a component from row first_row of blocks on, row by row, each row with all columns of whole MCUs.
struct ComponentBlocks {
    const int16_t* data = nullptr;
    int first_row = 0;
    int size = kBlockSize;  // numbers of a block, DC first; previews need no more than 1

    const int16_t* row(const jpeg::Component& component, int number) const {
        return data + int64_t{number - first_row} * component.columns * size;
    }
};

// first … end − 1.
struct IndexRange {
    int first = 0, end = 0;
};

struct JpegComponent {
    jpeg::Component layout;
    int width = 0, height = 0;              // samples that belong to the picture
    int times_across = 1, times_down = 1;   // so many pixels for each sample
    Upsampling filter = Upsampling::kNone;  // samples are repeated
    std::optional<JpegSmoothing> smoothing;

    // Which samples the pixels `first` … `end` − 1 of a row or column are made of.
    IndexRange columns_of(int first, int end) const {
        return samples_of(first, end, width, times_across, ChromaGrid{filter}.halves_x());
    }
    IndexRange rows_of(int first, int end) const {
        return samples_of(first, end, height, times_down, ChromaGrid{filter}.halves_y());
    }

  private:
    static IndexRange samples_of(int first, int end, int count, int times, bool with_neighbours);
};

// Of each component. Sampling factors must divide the largest ones.
std::vector<JpegComponent> jpeg_components(const jpeg::JpegPart& part);

}  // namespace residua::codec
