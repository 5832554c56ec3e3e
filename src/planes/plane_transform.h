// How a picture was made into the planes that a plane-by-plane codec codes, and back: exact for every
// picture. Five things, each of which may be absent: the colours of JPEG or Photo CD (colour_lattice.h) with
// a list of the pixels that have others; chroma planes smaller than luma (chroma_upsampling.h); the blocks
// that a JPEG's planes were made of (dct_plane.h); the order of the planes; and the values that never occur
// in a plane. docs/format-planes.md defines it to the byte.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/thread_pool.h"
#include "image/picture.h"
#include "planes/chroma_border.h"
#include "planes/chroma_upsampling.h"
#include "planes/colour_lattice.h"
#include "planes/dct_plane.h"
#include "planes/pixel_exceptions.h"

namespace residua::codec {

constexpr int kPlaneOrders = 6;

// The values that occur in a plane. The plane holds their ranks: 0 for the lowest, and so on.
class ValueMap {
  public:
    ValueMap();                                         // all values occur
    explicit ValueMap(const std::bitset<256>& occurs);  // one value at least

    const std::bitset<256>& occurs() const { return occurs_; }
    bool is_identity() const { return occurs_.all(); }
    // Of a rank 0 … 255; −1 if there is none.
    int value(uint8_t rank) const { return values_[rank]; }

  private:
    std::bitset<256> occurs_;
    std::array<int16_t, 256> values_;
};

// The planes of a picture: [x][plane] in coding order, 8 bits. Where chroma is smaller, `planes` is luma
// alone and `chroma` has two channels, and the samples of the border (chroma_border.h).
struct PlanesView {
    PictureView planes;
    PictureView chroma = {};
};

struct PlaneTransform {
    int width = 0, height = 0, planes = 0;  // 1 or 3 planes
    PlaneColours colours = PlaneColours::kSamples;
    ChromaGrid chroma = {};  // not with kSamples; if there is one, order is 0 and there are no maps
    // Of each plane, if they are coded as DCT coefficients. Only with kJpeg or of one plane, with order 0 and
    // no maps.
    std::optional<std::array<PlaneBlocks, 3>> blocks;
    Buffer<uint8_t> border;  // what visit_border visits, of Cb, then of Cr
    int order = 0;           // of the planes: row of the table in docs/format-planes.md, 0 … 5
    std::array<ValueMap, 3> maps;
    Buffer<PixelException> exceptions;  // ascending positions; empty for kSamples without blocks

    // Throws kUnsupported, kCorrupt or kTruncated; reads no further than its own last byte. What it allocates
    // is at most eight bytes for each exception, and some rows; kMemoryLimit if that is too much.
    static PlaneTransform parse(ByteReader& in, int width, int height, int planes, Allocator& allocator);

    // Which byte of a pixel R, G, B, or of a triple Y, Cb, Cr, plane p holds (p in coding order).
    int component(int p) const;

    bool has_exceptions() const { return colours != PlaneColours::kSamples || blocks; }
    bool smaller_chroma() const { return chroma.upsampling != Upsampling::kNone; }
    // Channels of PlanesView::planes.
    int full_planes() const { return smaller_chroma() ? 1 : planes; }

    // Of plane 1 or 2: where its blocks lie, or null.
    const PlaneBlocks* chroma_blocks(size_t p) const { return blocks ? &(*blocks)[p] : nullptr; }
    // Writes the samples of `border` to their places: chroma's planes have all samples then.
    void fill_border(const MutablePictureView& chroma_planes) const;

    // Row y of all channels to `to`, which may be that row's memory in `from` if no chroma is smaller. For
    // several threads at once. Throws kCorrupt for symbols that cannot be.
    void inverse_row(int y, const PlanesView& from, uint8_t* to) const;
    // The whole picture; likewise.
    void inverse(const PlanesView& from, const MutablePictureView& to, ThreadPool& threads) const;

  private:
    void inverse_values(const uint8_t* from, uint8_t* to) const;
    void apply_exceptions(int y, uint8_t* row) const;
};

// The bits of the first byte that say that chroma is smaller, and that there are blocks.
constexpr int kSmallerChroma = 1 << 6;
constexpr int kHasBlocks = 1 << 7;
// Of the byte before a plane's steps: they are those of the plane before.
constexpr int kSameSteps = 1 << 6;
// In the place of the order: a byte follows, with the order and what files had not from the beginning.
constexpr int kHasForms = 7;
constexpr int kCodedExceptions = 1 << 3;
// Of smaller chroma: a sample more to the left, above, to the right, below.
constexpr int kBorderLeft = 1 << 4, kBorderAbove = 1 << 5, kBorderRight = 1 << 6, kBorderBelow = 1 << 7;
// Of a set of values: at most this many runs; longer ones are 32 bytes after a 0.
constexpr int kMostRuns = 31;

}  // namespace residua::codec
