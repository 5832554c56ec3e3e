// The states that work on the planes of one tile.
#pragma once

#include <optional>

#include "olm/tile_state.h"

namespace residua::olm {

struct TileShape {
    int width, height;
    int planes;
    Traces traces;
    std::array<PlaneShape, kMostPlanes> plane;
    std::array<int, kMostPlanes> low, high;  // alphabets, of sample − 128; not of wide planes
    ChromaShape chroma = {};                 // of planes 1 and 2 of three, if they are smaller than plane 0

    // One or three planes of 8 bits, each of which sees all before it.
    void set_plain_planes(int count) {
        planes = count;
        plane = {};
        for (int p = 1; p < count; ++p) plane[static_cast<size_t>(p)] = {256, 0, p, {p - 1, p - 2}};
    }

    uint64_t plane_samples(int plane) const {
        const bool smaller = plane > 0 && chroma.width > 0;
        return uint64_t(smaller ? chroma.width : width) * uint64_t(smaller ? chroma.height : height);
    }
    // Of all planes.
    uint64_t samples() const {
        uint64_t sum = 0;
        for (int plane = 0; plane < planes; ++plane) sum += plane_samples(plane);
        return sum;
    }
};

// One state has all planes of a tile; where chroma is smaller than luma, luma has one and chroma another.
class TilePlanes {
  public:
    // parameters and allocator must outlive it. Throws kMemoryLimit.
    TilePlanes(const Parameters& parameters, const TileShape& shape, Allocator& allocator)
        : parameters_(parameters),
          allocator_(allocator),
          planes_(shape.planes),
          plane_shapes_(shape.plane),
          traces_(shape.traces),
          chroma_shape_(shape.chroma),
          luma_(parameters, shape.width, shape.height, smaller_chroma() ? 1 : planes_, traces_, allocator) {}

    // Of that plane, which begins; planes come in order, each after the end of the one before.
    TileState& begin(int plane) {
        if (plane == 1 && smaller_chroma()) {
            Traces traces = traces_;
            traces.lattice = kSmallerChroma;
            chroma_.emplace(parameters_, chroma_shape_.width, chroma_shape_.height, planes_, traces,
                            allocator_);
            chroma_->take_luma(luma_, chroma_shape_);
        }
        TileState& state = plane > 0 && chroma_ ? *chroma_ : luma_;
        state.begin_plane(plane, plane_shapes_[static_cast<size_t>(plane)]);
        return state;
    }

  private:
    static constexpr float kSmallerChroma = 112;  // as an input of the head

    bool smaller_chroma() const { return chroma_shape_.width > 0; }

    const Parameters& parameters_;
    Allocator& allocator_;
    const int planes_;
    const std::array<PlaneShape, kMostPlanes> plane_shapes_;
    const Traces traces_;
    const ChromaShape chroma_shape_;
    TileState luma_;
    std::optional<TileState> chroma_;
};

}  // namespace residua::olm
