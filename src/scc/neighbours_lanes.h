// What lies around a pixel: numbers of colours, and samples.
#pragma once

#include "jpeg/coefficients/decision_lanes.h"
#include "scc/model.h"

namespace residua::scc::RESIDUA_SIMD {

using namespace simd::RESIDUA_SIMD;
using jpeg::Tables;
using jpeg::RESIDUA_SIMD::Decision;
using jpeg::RESIDUA_SIMD::least;
using jpeg::RESIDUA_SIMD::limited;

// Of functions that are large and many: copies of them in each caller take minutes to compile with sanitizers.
#define RESIDUA_APART __attribute__((noinline))

RESIDUA_INLINE size_t id_stride(const Work& work) {
    return static_cast<size_t>(work.width) + 2 * static_cast<size_t>(kPad);
}

// Of an array of numbers, one after the other.
struct Hash {
    uint64_t h;

    explicit RESIDUA_INLINE Hash(uint64_t kind) : h((kind + 1) * 0x9E3779B97F4A7C15u) {}
    RESIDUA_INLINE Hash with(uint64_t value) const {
        Hash next = *this;
        next.h = (h ^ value) * 0xD6E8FEB86659FD93u;
        next.h ^= next.h >> 32;
        return next;
    }
    RESIDUA_INLINE uint32_t get() const { return static_cast<uint32_t>(h >> 16); }
};

// How many bits a number has.
RESIDUA_INLINE uint32_t bits_of(uint32_t v) {
    return v == 0 ? 0 : 32u - static_cast<uint32_t>(__builtin_clz(v));
}

RESIDUA_INLINE uint16_t two_bytes(const uint8_t* at) {
    uint16_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}
RESIDUA_INLINE void put_two_bytes(uint8_t* at, uint16_t value) { __builtin_memcpy(at, &value, sizeof value); }

// Colours' numbers; 0 outside.
struct Neighbours {
    RESIDUA_INLINE Neighbours() : w(0) {}

    uint32_t w, ww, www, wwww, n, nw, ne, nww, nee, neee, neeee, nn, nnw, nne, nnn;

    RESIDUA_INLINE Neighbours(const uint32_t* at, ptrdiff_t stride)
        : w(at[-1]),
          ww(at[-2]),
          www(at[-3]),
          wwww(at[-4]),
          n(at[-stride]),
          nw(at[-stride - 1]),
          ne(at[-stride + 1]),
          nww(at[-stride - 2]),
          nee(at[-stride + 2]),
          neee(at[-stride + 3]),
          neeee(at[-stride + 4]),
          nn(at[-2 * stride]),
          nnw(at[-2 * stride - 1]),
          nne(at[-2 * stride + 1]),
          nnn(at[-3 * stride]) {}

    // All of the nearest ten.
    RESIDUA_INLINE bool flat() const {
        return w != 0 && ((w ^ n) | (w ^ nw) | (w ^ ne) | (w ^ ww) | (w ^ nn) | (w ^ nne) | (w ^ nww) |
                          (w ^ nee) | (w ^ nnw)) == 0;
    }
    // calm: since the last colour that was not as all around.
    RESIDUA_INLINE int32_t flat_state(uint32_t calm) const {
        const bool right = neee == w, further = right && neeee == w;
        return static_cast<int32_t>(least(bits_of(calm), 31u) * 16 + (right ? 8u : 0u) + (further ? 4u : 0u) +
                                    (nnn == w ? 2u : 0u) + (www == w ? 1u : 0u));
    }
};

// The samples of a row and of those above, one channel after the other.
class Rows {
  public:
    RESIDUA_INLINE Rows(const Work& work, int y)
        : row_(static_cast<size_t>(work.width) + 2 * static_cast<size_t>(kPad)),
          size_(row_ * static_cast<size_t>(work.channels)) {
        for (int i = 0; i < 4; ++i)
            from_[i] = work.rows + static_cast<size_t>((y + 4 - i) & 3) * size_ + kPad;
    }
    RESIDUA_INLINE uint16_t* own(int channel) const { return from_[0] + static_cast<size_t>(channel) * row_; }
    RESIDUA_INLINE const uint16_t* above(int channel, int rows) const {
        return from_[rows] + static_cast<size_t>(channel) * row_;
    }

    RESIDUA_INLINE Colour colour(int channels, int x) const {
        Colour colour{};
        for (int c = 0; c < channels; ++c) colour.sample[c] = own(c)[x];
        return colour;
    }
    RESIDUA_INLINE void set(int channels, int x, const Colour& colour) const {
        for (int c = 0; c < channels; ++c) own(c)[x] = colour.sample[c];
    }

  private:
    size_t row_, size_;
    uint16_t* from_[4];
};

}  // namespace residua::scc::RESIDUA_SIMD
