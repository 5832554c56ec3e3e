// A colour that nobody expected, sample by sample, bit by bit. docs/format-scc.md, 5.
#pragma once

#include "scc/neighbours_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

inline constexpr int kBeside = 1;  // the context of what the channel before suggests

template <int Effort>
class SampleLanes {
  public:
    RESIDUA_INLINE SampleLanes(const Tables& tables, Work& work)
        : work_(work), decision_(tables, work.sample, kMostCount), largest_((1 << work.bits) - 1) {}

    // Of the pixel at x, whose samples are in the row, or will be. first: the colour that was asked for first, 0: none;
    // asked: how many were.
    template <class Coder>
    RESIDUA_INLINE void code(Coder& coder, const Rows& rows, const Neighbours& near, int x, uint32_t first,
                             int asked, uint32_t misses) {
        const Colour guess = first == 0 ? Colour{} : work_.colours[first];
        for (int c = 0; c < work_.channels; ++c) {
            gather(rows, near, x, c, guess, asked);
            code_sample(coder, rows.own(c)[x], c, asked, misses);
        }
    }

  private:
    // A channel's samples around the pixel.
    struct Around {
        int w = 0, n = 0, nw = 0, ne = 0, ww = 0, www = 0, nn = 0, nne = 0, nnn = 0;
        RESIDUA_INLINE Around() {}
        RESIDUA_INLINE Around(const Rows& rows, int channel, int x) {
            const uint16_t *own = rows.own(channel) + x, *above = rows.above(channel, 1) + x,
                           *two = rows.above(channel, 2) + x;
            w = own[-1], ww = own[-2], www = own[-3], n = above[0], nw = above[-1], ne = above[1],
            nn = two[0], nne = two[1];
            nnn = rows.above(channel, 3)[x];
        }
    };

    RESIDUA_INLINE int kept(int v) const { return limited(v, 0, largest_); }
    // Of a sum of products with odd numbers.
    static RESIDUA_INLINE uint32_t mixed(uint64_t v) {
        v ^= v >> 32;
        return static_cast<uint32_t>((v * 0xD6E8FEB86659FD93u) >> 32);
    }
    static RESIDUA_INLINE int size_of(int v) { return v < 0 ? -v : v; }

    RESIDUA_APART void gather(const Rows& rows, const Neighbours& near, int x, int c, const Colour& guess,
                              int asked) {
        const Around a(rows, c, x);
        // The channels before: their sample here, and what is around it.
        int p1 = 0, p2 = 0;
        Around b, d;
        if (c > 0) {
            p1 = rows.own(c - 1)[x];
            b = Around(rows, c - 1, x);
        }
        if (c > 1) {
            p2 = rows.own(c - 2)[x];
            d = Around(rows, c - 2, x);
        }
        const int p3 = c > 2 ? rows.own(0)[x] : 0;
        const int gradient = kept(a.w + a.n - a.nw);
        const int most = a.w > a.n ? a.w : a.n, fewest = a.w > a.n ? a.n : a.w;
        const int median = a.nw >= most ? fewest : a.nw <= fewest ? most : a.w + a.n - a.nw;
        const int beside = kept(a.w + a.n - a.nw + p1 - kept(b.w + b.n - b.nw));
        const int guessed = guess.sample[c];
        const int mean = (a.w + a.n) / 2;
        const int mean1 = kept(mean + p1 - (b.w + b.n) / 2), mean2 = kept(mean + p2 - (d.w + d.n) / 2);

        int k = 0;
        const auto put = [&](int64_t u, int64_t v = 0, int64_t w = 0) {
            context_[k] = mixed(static_cast<uint64_t>(u) * 0x9E3779B97F4A7C15u +
                                static_cast<uint64_t>(v) * 0xD6E8FEB86659FD93u +
                                static_cast<uint64_t>(w) * 0xC2B2AE3D27D4EB4Fu +
                                static_cast<uint64_t>(k + 32 * c + 1) * 0xA0761D6478BD642Fu);
            ++k;
        };
        // Fast effort has the first five, default effort the first eighteen.
        put(p1, p2, p3);
        put(beside);
        put(0);
        put(near.w, p1, p2);
        put(kept(2 * a.w - a.ww));
        if constexpr (kHashed[Effort] > kFewHashed) {
            put(near.n, p1, p2);
            put(guessed, c > 0 && p1 == guess.sample[c - 1], asked);
            put(kept(a.w + p1 - b.w), p1 - b.w);
            put(kept(a.n + p1 - b.n));
            put(kept(a.w + p2 - d.w), p1 - b.w);
            put(kept(a.n + p2 - d.n));
            put(median, p1 - b.w);
            put(kept(2 * a.n - a.nn));
            put((a.w + a.ne) / 2, p1);
            put(kept(a.w + a.ne - a.n));
            put(kept(a.n + a.ne - a.nne));
            put((3 * a.w + 3 * a.n - 2 * a.nw + a.ne) / 5, (p1 - b.w) / 4);
            put(mean1, mean2 - mean1);
        }
        if constexpr (kHashed[Effort] > kManyHashed) gather_dense(a, b, d, near, guess, c, p1, p2, put);

        const int expected[kMostExpected] = {guessed,
                                             c > 0 ? p1 : a.n,
                                             c > 1 ? p2 : a.w,
                                             gradient,
                                             c > 0 ? kept(a.w + p1 - b.w) : mean,
                                             c > 0 ? kept(a.n + p1 - b.n) : median};
        for (int i = 0; i < kExpected[Effort]; ++i) expected_[i] = static_cast<uint32_t>(expected[i]);
        const auto texture =
            static_cast<uint32_t>((size_of(a.w - a.n) + size_of(a.n - a.ne) + size_of(a.w - a.nw)) >>
                                  (work_.bits > 8 ? work_.bits - 8 : 0));
        texture_ = texture < 2    ? 0
                   : texture < 6  ? 1
                   : texture < 14 ? 2
                   : texture < 30 ? 3
                   : texture < 60 ? 4
                                  : 5;
    }

    // What dense effort knows besides.
    template <class Put>
    RESIDUA_APART void gather_dense(const Around& a, const Around& b, const Around& d, const Neighbours& near,
                                    const Colour& guess, int c, int p1, int p2, const Put& put) const {
        const int gradient = kept(a.w + a.n - a.nw), gradient1 = kept(b.w + b.n - b.nw),
                  gradient2 = kept(d.w + d.n - d.nw);
        const int beside = kept(gradient + p1 - gradient1), further = kept(gradient + p2 - gradient2);
        put(a.w, p1, p2);
        put(a.n, p1, p2);
        put(a.w, a.n, p1);
        put(gradient, p1 - gradient1);
        put(beside, a.w - a.n);
        put(beside, p2 - gradient2);
        put(further, p1 - gradient1);
        put((a.w + a.n) / 2, size_of(a.w - a.n));
        put(a.w, a.n, a.nw);
        put(near.w, near.n, p1);
        put(near.w, near.n, near.ne + (int64_t{near.nw} << kColourBits));
        put(kept(3 * (a.w - a.ww) + a.www), p1 - b.w);
        put(kept(3 * (a.n - a.nn) + a.nnn), p1 - b.n);
        put(kept(2 * a.w - a.ww + p1 - kept(2 * b.w - b.ww)));
        put(kept(2 * a.n - a.nn + p1 - kept(2 * b.n - b.nn)));
        put(kept(a.ne + p1 - b.ne), (a.w - a.nw) / 2);
        put(kept(a.nw + p1 - b.nw), (a.n - a.ne) / 2);
        put(kept(a.w + (a.ne - a.n) / 2 + p1 - b.w - (b.ne - b.n) / 2));
        put(kept(a.n + (a.w - a.nw) / 2), p1 - b.n);
        put(kept((a.w + a.n + a.ne + a.nw + 2) / 4), (p1 - (b.w + b.n + b.ne + b.nw + 2) / 4) / 2);
        put(kept((a.w + a.ne) / 2 + p1 - (b.w + b.ne) / 2), kept((a.w + a.ne) / 2 + p2 - (d.w + d.ne) / 2));
        put(kept((4 * a.w + 4 * a.n + a.ne - 3 * a.nw) / 6), (a.ww + a.nn) / 32);
        put(guess.sample[c], a.w, a.n);
        put(a.w / 4, a.n / 4, (int64_t{a.nw / 4} << 10) + a.ne / 4 + (int64_t{a.nn / 4} << 20));
    }

    template <class Coder>
    RESIDUA_APART void code_sample(Coder& coder, uint16_t& sample, int c, int asked, uint32_t misses) {
        const auto channel = static_cast<uint32_t>(c), bits = static_cast<uint32_t>(work_.bits),
                   q = static_cast<uint32_t>(asked < 3 ? asked : 3);
        const uint32_t table_mask = (1u << work_.sample_bits) - 1;
        uint32_t value = 1;  // the bits so far, behind a one
        uint32_t left = bits;
        for (uint32_t group = 0; left > 0; ++group) {
            // Those that are left over come first.
            const uint32_t size = group == 0 ? (bits - 1) % kGroupBits + 1 : kGroupBits;
            int32_t base[kHashed[Effort]];
            for (int i = 0; i < kHashed[Effort]; ++i) {
                const uint32_t hash =
                    group == 0 ? context_[i] : mixed(context_[i] + value * 0x9E3779B97F4A7C15u);
                base[i] = static_cast<int32_t>(
                    ((static_cast<uint32_t>(i) << work_.sample_bits) + (hash & table_mask)) << kGroupBits);
            }
            for (uint32_t node = 1; node < 1u << size;) {
                --left;
                for (int i = 0; i < kHashed[Effort]; ++i)
                    decision_.slot[i] = base[i] + static_cast<int32_t>(node);
                bool guess_holds = false;
                for (uint32_t i = 0; i < static_cast<uint32_t>(kExpected[Effort]); ++i) {
                    const uint32_t e = expected_[i] | 1u << bits;
                    const bool holds = e >> (left + 1) == value;
                    if (i == 0) guess_holds = holds;
                    const uint32_t slot = (((i * 4 + q) * kMostChannels + channel) * 16 + left) * 4 +
                                          (holds ? 2 : 0) + (e >> left & 1);
                    decision_.slot[kHashed[Effort] + static_cast<int>(i)] = static_cast<int32_t>(
                        (static_cast<uint32_t>(kHashed[Effort]) << (work_.sample_bits + kGroupBits)) + slot);
                }
                decision_.set[0] =
                    static_cast<int32_t>(((channel * bits + left) * 8 + texture_) * 8 + least(misses, 7u));
                if constexpr (kVotes[Effort] > 1) {
                    decision_.set[1] = static_cast<int32_t>((channel * 4 + group) * 16 + node);
                    decision_.set[2] =
                        static_cast<int32_t>(((channel * bits + left) * 4 + q) * 2 + guess_holds);
                }
                if constexpr (kRich[Effort]) {
                    decision_.final_set = static_cast<int32_t>(channel);
                    decision_.map[0] = static_cast<int32_t>((channel * 4 + group) * 16 + node);
                    decision_.map[1] = static_cast<int32_t>(
                        mixed(context_[kBeside] + value * 0x9E3779B97F4A7C15u) & (kSampleMaps - 1));
                }
                const auto bit = static_cast<uint32_t>(decision_.code(coder, sample >> left & 1));
                node = node << 1 | bit;
                value = value << 1 | bit;
            }
        }
        if constexpr (!Coder::kWrites) sample = static_cast<uint16_t>(value ^ 1u << bits);
    }

    Work& work_;
    Decision<kHashed[Effort] + kExpected[Effort], kVotes[Effort], kRich[Effort]> decision_;
    const int largest_;
    uint32_t context_[kMostHashed];
    uint32_t expected_[kMostExpected];
    uint32_t texture_ = 0;
};

}  // namespace residua::scc::RESIDUA_SIMD
