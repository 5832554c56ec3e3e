// The states that work on the planes of one tile.
#pragma once

#include <memory>
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

// The memory of a tile's planes. Where chroma is smaller than luma, both have arrays of their own.
class TilePlanes {
  public:
    // parameters and allocator must outlive it. Throws kMemoryLimit.
    TilePlanes(const Parameters& parameters, const TileShape& shape, Allocator& allocator)
        : parameters_(parameters),
          allocator_(allocator),
          shape_(shape),
          luma_(shape.width, shape.height, smaller_chroma() ? 1 : shape.planes, allocator) {}

    // Whether a plane can be worked on while those that it sees are (Wavefront::steps_before); otherwise all before
    // it are to be complete.
    bool side_by_side() const {
        if (smaller_chroma()) return false;
        for (int p = 1; p < shape_.planes; ++p)
            if (plane(p).exponent != plane(0).exponent) return false;
        return true;
    }
    const PlaneShape& plane(int p) const { return shape_.plane[static_cast<size_t>(p)]; }
    Wavefront wave(int p) const {
        return smaller_chroma() && p > 0 ? Wavefront(shape_.chroma.width, shape_.chroma.height)
                                         : luma_.wave();
    }

    // The experts of a plane, which begins; planes begin in order.
    std::unique_ptr<TileState> begin(int p) {
        if (p == 1 && smaller_chroma()) {
            chroma_.emplace(shape_.chroma.width, shape_.chroma.height, shape_.planes, allocator_);
            TileState::take_luma(parameters_, luma_, shape_.chroma, *chroma_, allocator_);
        }
        Traces traces = shape_.traces;
        if (p > 0 && chroma_) traces.lattice = kSmallerChroma;
        return std::make_unique<TileState>(parameters_, arrays(p), p, plane(p), traces, allocator_);
    }
    // After its last step.
    void end(int p) { arrays(p).end(p); }

  private:
    static constexpr float kSmallerChroma = 112;  // as an input of the head

    bool smaller_chroma() const { return shape_.chroma.width > 0; }
    TileArrays& arrays(int p) { return p > 0 && chroma_ ? *chroma_ : luma_; }

    const Parameters& parameters_;
    Allocator& allocator_;
    const TileShape shape_;
    TileArrays luma_;
    std::optional<TileArrays> chroma_;
};

}  // namespace residua::olm
