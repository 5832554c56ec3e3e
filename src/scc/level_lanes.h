// What the levels around a pixel, the samples of one channel, say of a colour that may be its own.
// docs/format-scc.md, 4.
#pragma once

#include "scc/neighbours_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

class LevelLanes {
  public:
    // Around the pixel at x.
    RESIDUA_APART void begin(const Work& work, const Rows& rows, int x) {
        channel_ = level_channel(work.channels);
        bits_ = work.bits;
        const uint16_t *own = rows.own(channel_) + x, *above = rows.above(channel_, 1) + x,
                       *two = rows.above(channel_, 2) + x, *three = rows.above(channel_, 3) + x;
        w = own[-1], ww = own[-2], www = own[-3];
        n = above[0], nw = above[-1], ne = above[1], nww = above[-2], nee = above[2], nwww = above[-3],
        neee = above[3];
        nn = two[0], nnw = two[-1], nne = two[1], nnww = two[-2], nnee = two[2];
        nnn = three[0], nnnw = three[-1], nnne = three[1];
    }

    // The slots of kLevelInputs contexts, which begin at `first`, and returns the set of weights.
    RESIDUA_APART int32_t contexts(const Work& work, const Colour& colour, uint32_t question, int32_t first,
                                   int32_t* slot) const {
        const int v = colour.sample[channel_];
        const uint32_t four = two_bits(w, n, nw, ne, ww, nn), two = one_bit(w, n, nw, ne, ww, nn),
                       further = one_bit(nne, nee, nww, nnw, www, nnn);
        const uint32_t hash[kLevelInputs] = {
            of(20, v - w - n + nw, (w - n) >> 2),
            of(21, v, w, n),
            of(22, v - 2 * w + ww, w - ww),
            of(23, v - 2 * n + nn, n - nn),
            of(24, 2 * v - w - ne, (n - ne) >> 2),
            of(25, v - w, n - nw, (ne - n) >> 4),
            of(26, v - n, w - nw, (nn - n) >> 4),
            of(27, (4 * v - w - n - ne - nw) >> 1, (w + n + ne + nw) >> 6),
            of(28, four, v),
            of(29, four, two_bits(nne, nee, nww, nnw, 0, 0), v),
            of(30, two, further, v),
            of(31, two, further, one_bit(neee, nnee, nnww, nwww, nnne, nnnw), v),
            of(32, v, w, n, ne, nw >> 2),
            of(33, v, w, ww, n >> 4),
            of(34, v, n, nn, w >> 4),
            of(35, v, ne, n, nee >> 4)};
        const uint32_t mask = (1u << work.level_bits) - 1;
        for (uint32_t i = 0; i < kLevelInputs; ++i)
            slot[i] = first +
                      static_cast<int32_t>((i * kQuestions + question) << work.level_bits | (hash[i] & mask));
        return static_cast<int32_t>(((question * 8 + size_of(v - w - n + nw)) * 8 + size_of(w - n)) * 8 +
                                    size_of(n - ne));
    }

  private:
    template <class... Values>
    static RESIDUA_INLINE uint32_t of(uint64_t kind, Values... values) {
        Hash hash(kind);
        // Of 32 bits each, those below 0 from 2^32 on downwards.
        ((hash = hash.with(static_cast<uint32_t>(values))), ...);
        return hash.get();
    }
    // The highest bits of six levels.
    RESIDUA_INLINE uint32_t one_bit(int a, int b, int c, int d, int e, int f) const {
        const int s = bits_ - 1;
        return static_cast<uint32_t>(a >> s | (b >> s) << 1 | (c >> s) << 2 | (d >> s) << 3 | (e >> s) << 4 |
                                     (f >> s) << 5);
    }
    RESIDUA_INLINE uint32_t two_bits(int a, int b, int c, int d, int e, int f) const {
        const int s = bits_ > 2 ? bits_ - 2 : 0;
        return static_cast<uint32_t>(a >> s | (b >> s) << 2 | (c >> s) << 4 | (d >> s) << 6 | (e >> s) << 8 |
                                     (f >> s) << 10);
    }
    // In bits, at most 7.
    RESIDUA_INLINE uint32_t size_of(int difference) const {
        const auto size = static_cast<uint32_t>(difference < 0 ? -difference : difference);
        return least(bits_of(size >> (bits_ > 8 ? bits_ - 8 : 0)), 7u);
    }

    int channel_ = 0, bits_ = 0;
    int w = 0, ww = 0, www = 0, n = 0, nw = 0, ne = 0, nww = 0, nee = 0, nwww = 0, neee = 0, nn = 0, nnw = 0,
        nne = 0, nnww = 0, nnee = 0, nnn = 0, nnnw = 0, nnne = 0;
};

}  // namespace residua::scc::RESIDUA_SIMD
