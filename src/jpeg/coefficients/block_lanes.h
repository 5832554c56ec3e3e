// Codes the AC coefficients of one band. docs/format-jpeg-coefficients.md, 5 to 7.
#pragma once

#include "jpeg/coefficients/decision_lanes.h"
#include "jpeg/coefficients/model.h"

namespace residua::jpeg::RESIDUA_SIMD {

// A number for each frequency, in registers while much is added.
struct Sums {
    static constexpr int kVectors = 64 / kNative;
    Ints v[kVectors];

    static RESIDUA_INLINE Sums zero() {
        Sums sums;
        for (int i = 0; i < kVectors; ++i) sums.v[i] = Ints::all(0);
        return sums;
    }
    // row[0 … 63] · factor, |factor| < 2^15.
    RESIDUA_INLINE void add(const int16_t* row, int32_t factor) {
        const Int16 f = as_words(Ints::all(factor & 0xffff));
        for (int i = 0; i < kVectors; ++i)
            v[i] = v[i] + multiply_pairs(as_words(Ints::load(row + kNative * i)), f);
    }
    RESIDUA_INLINE void add_all(const int16_t (&rows)[64][64], const int32_t* factors) {
        for (int i = 0; i < 64; i += kNative) {
            if (!any(Ints::load(factors + i) != Ints::all(0))) continue;
            uint32_t which = 0;
            RESIDUA_UNROLL
            for (int j = 0; j < kNative; ++j) which |= uint32_t{factors[i + j] != 0} << j;
            for (; which != 0; which &= which - 1) {
                const int p = i + __builtin_ctz(which);
                add(rows[p], factors[p]);
            }
        }
    }
    RESIDUA_INLINE void store(int32_t* to) const {
        for (int i = 0; i < kVectors; ++i) v[i].store(to + kNative * i);
    }
};

// to[0 … 63] += row[0 … 63] · factor, |factor| < 2^15.
RESIDUA_INLINE void add_scaled(int32_t* to, const int16_t* row, int32_t factor) {
    const Int16 f = as_words(Ints::all(factor & 0xffff));
    RESIDUA_UNROLL
    for (int i = 0; i < 64; i += kNative)
        (Ints::load(to + i) + multiply_pairs(as_words(Ints::load(row + i)), f)).store(to + i);
}

RESIDUA_INLINE Ints sizes_of(const int16_t* from) {
    const Ints x = Ints::load(from);
    return max(x, Ints::all(0) - x);
}

RESIDUA_INLINE int32_t weighed(int value, int32_t step) {
    return limited(limited(value, -kMostInput, kMostInput) * step, -kMostInput, kMostInput);
}

// 2^16 / n, rounded up.
struct Reciprocals {
    uint32_t of[64];
};
inline constexpr Reciprocals kReciprocal = [] {
    Reciprocals made{};
    for (uint32_t n = 1; n < 64; ++n) made.of[n] = (65536 + n - 1) / n;
    return made;
}();

// Of 64 numbers, term(i) those from i on.
template <class Term>
RESIDUA_INLINE uint32_t total_of(const Term& term) {
    Ints total = Ints::all(0);
    for (int i = 0; i < 64; i += kNative) total = total + term(i);
    return static_cast<uint32_t>(sum(total));
}

// A block's surroundings.
struct Around {
    const int16_t *left, *above, *above_left, *above_right, *left2, *above2;
    uint64_t left_mask, above_mask;
    uint32_t left_count, above_count, above_left_count, above_right_count, left2_count, above2_count;
    int32_t dc_differences[8];  // W N NW NE E SW S SE less the block's own, dequantised
    // Of other components.
    bool has_luma, has_previous;
    const int16_t* luma_size;     // four times the mean magnitude of the quantised coefficients
    const int32_t* luma_weighed;  // mean magnitude, dequantised
    const int16_t* luma_value;    // of the block at the same place, or zeros
    const int16_t* previous;      // the component before, at the same place
    const int32_t* previous_weighed;
};

// C contexts and S votes of a coefficient.
template <class Coder, int C, int S, bool Rich>
class BlockCoder {
  public:
    RESIDUA_INLINE BlockCoder(const Tables& tables, Model& model, Coder& coder, const ComponentPlan& plan)
        : plan_(plan),
          coder_(coder),
          coefficient_(tables, model.coefficient, kCoefficientMost),
          sign_(tables, model.sign, kSignMost),
          digit_(tables, model.digit, kDigitMost),
          count_(tables, model.count, kCountMost) {}

    // c: 64 coefficients, of which the decoder writes 1 … 63. Returns which are not 0.
    template <class Coefficient>
    RESIDUA_INLINE uint64_t code(Coefficient* c, const Around& near, uint32_t* count) {
        begin(near);
        uint32_t nonzero = 0;
        if (Coder::kWrites)
            for (int p = 1; p < 64; ++p) nonzero += c[p] != 0;
        nonzero = code_count(nonzero);
        *count = nonzero;
        uint64_t mask = 0;
        remaining_ = nonzero;
        last_ = last2_ = sum_ = coded_ = 0;
        for (int z = 1; z < 64; ++z) {
            const uint32_t p = kZigzag[z];
            if (remaining_ == 0) {
                set(c[p], 0);
                continue;
            }
            const int value = code_coefficient(static_cast<uint32_t>(z), p, Coder::kWrites ? c[p] : 0);
            set(c[p], value);
            last2_ = last_;
            last_ = size_of(value);
            if (value == 0) continue;
            mask |= uint64_t{1} << p;
            --remaining_;
            ++coded_;
            sum_ += last_;
            value_[p] = static_cast<int16_t>(value);
            size_[padded(p)] = static_cast<uint16_t>(last_);
            const int32_t w = weighed(value, plan_.step[p]);
            add_scaled(mean_, plan_.prior->own[p], w);
            add_scaled(magnitude_, plan_.prior->own_size[p], w < 0 ? -w : w);
        }
        return mask;
    }

  private:
    static RESIDUA_INLINE void set(int16_t& c, int value) { c = static_cast<int16_t>(value); }
    static RESIDUA_INLINE void set(const int16_t&, int) {}
    static RESIDUA_INLINE uint32_t padded(uint32_t p) { return 12 * (p / 8 + 2) + p % 8 + 2; }

    RESIDUA_INLINE void begin(const Around& near) {
        near_ = &near;
        for (uint16_t& size : size_) size = 0;
        for (int16_t& value : value_) value = 0;
        Sums mean = Sums::zero();
        for (uint64_t m = near.left_mask; m != 0; m &= m - 1) {
            const int p = __builtin_ctzll(m);
            mean.add(plan_.prior->left[p], weighed(near.left[p], plan_.step[p]));
        }
        for (uint64_t m = near.above_mask; m != 0; m &= m - 1) {
            const int p = __builtin_ctzll(m);
            mean.add(plan_.prior->above[p], weighed(near.above[p], plan_.step[p]));
        }
        for (int i = 0; i < 8; ++i) mean.add(plan_.prior->dc[i], near.dc_differences[i]);
        mean.store(mean_);

        alignas(64) int32_t around[64];
        for (int i = 0; i < 64; i += kNative) {
            const Ints beside = sizes_of(near.left + i) + sizes_of(near.above + i);
            const Ints all =
                beside + (beside << 1) + sizes_of(near.above_left + i) + sizes_of(near.above_right + i);
            all.store(reinterpret_cast<int32_t*>(blocks_) + i);
            const Ints weighed3 = min(all, Ints::all(kMostInput)) * Ints::load(plan_.step + i);
            // A third, exactly: below 2^31.
            min(multiply_high_unsigned(weighed3, Ints::all(0x55555556)), Ints::all(kMostInput))
                .store(around + i);
        }
        blocks_[0] = 0;
        around[0] = 0;
        Sums magnitude = Sums::zero();
        magnitude.add_all(plan_.prior->around_size, around);
        if (near.has_luma) magnitude.add_all(plan_.prior->luma_size, near.luma_weighed);
        if (near.has_previous) magnitude.add_all(plan_.prior->previous_size, near.previous_weighed);
        magnitude.store(magnitude_);
    }

    // In sixteenths of a step.
    RESIDUA_INLINE uint32_t expected_at(uint32_t p) const {
        const int32_t m = magnitude_[p] < 0 ? 0 : magnitude_[p];
        return static_cast<uint32_t>((int64_t{m} * plan_.sixteenth[p]) >> 32);
    }
    // In eighths.
    RESIDUA_INLINE int32_t guess_at(uint32_t p) const {
        return static_cast<int32_t>(
            limited((int64_t{mean_[p]} * (plan_.sixteenth[p] >> 1)) >> 32, int64_t{-16383}, int64_t{16383}));
    }

    RESIDUA_INLINE uint32_t code_count(uint32_t count) {
        const Around& near = *near_;
        const uint32_t left = near.left_count, above = near.above_count;
        const uint32_t sum = 3 * (left + above) + near.above_left_count + near.above_right_count;
        const Ints zero = Ints::all(0), one = Ints::all(1);
        alignas(64) int32_t expected[64];  // 0 of the DC
        for (int i = 0; i < 64; i += kNative)
            multiply_high_unsigned(max(Ints::load(magnitude_ + i), zero), Ints::load(plan_.sixteenth + i))
                .store(expected + i);
        const auto at_least = [&](int32_t e) {
            return total_of(
                [&](int i) { return select(Ints::load(expected + i) > Ints::all(e - 1), one, zero); });
        };
        const auto nonzero = [&](const int16_t* from) {
            return total_of([&](int i) { return select(Ints::load(from + i) != zero, one, zero); }) -
                   uint32_t{from[0] != 0};
        };
        const uint32_t some = at_least(3), many = at_least(9);
        const uint32_t total = total_of([&](int i) { return min(Ints::load(expected + i), Ints::all(32)); });
        const uint32_t luma = nonzero(near.luma_size), previous = nonzero(near.previous);
        uint32_t bends = 0;
        constexpr int kBeside[4] = {0, 1, 4, 6};
        for (const int i : kBeside) bends += size_of(near.dc_differences[i]);
        const uint32_t bend = fine_level(bends / (plan_.step[1] + 1u), 31);
        const uint32_t x[8] = {
            least(sum / 4, 127u),
            (level(left, 15) << 4 | level(above, 15)),
            least(some, 63u) << 3 | level(many, 7),
            least(total / 8, 127u),
            (least(many, 63u)) << 2 | (near.above_right_count > above ? 2u : 0u) |
                (near.above_left_count > left ? 1u : 0u),
            near.has_luma ? least(luma, 63u) << 2 | least(level(previous, 7) / 2, 3u)
                          : bend << 3 | level(sum / 8, 7),
            near.has_previous ? least(previous, 63u) << 3 | level(many, 7) : bend << 2 | level(many, 7) / 2,
            level(near.left2_count + near.above2_count, 15) << 4 | level(left + above, 15)};

        uint32_t node = 1;
        for (int b = 5; b >= 0; --b) {
            for (int i = 0; i < 8; ++i)
                count_.slot[i] = static_cast<int32_t>(kCountBase[i] + (x[i] << 6 | node));
            count_.set[0] = static_cast<int32_t>(node);
            if constexpr (Rich)
                count_.set[1] = static_cast<int32_t>(least(sum / 8, 63u) * 6 + static_cast<uint32_t>(b));
            if constexpr (Rich)
                count_.set[2] = static_cast<int32_t>(least(total / 16, 63u) * 6 + static_cast<uint32_t>(b));
            count_.final_set = static_cast<int32_t>(node);
            count_.map[0] = static_cast<int32_t>(node);
            count_.map[1] = static_cast<int32_t>(least(some, 63u) * 6 + static_cast<uint32_t>(b));
            node = node << 1 | static_cast<uint32_t>(count_.code(coder_, (count >> b) & 1));
        }
        // 64 cannot be written, 63 at most.
        return node & 63;
    }

    RESIDUA_INLINE int code_coefficient(uint32_t z, uint32_t p, int value) {
        const Around& near = *near_;
        const uint32_t v = p / 8, u = p % 8;
        const uint16_t* q = size_ + padded(p);
        const uint32_t left = size_of(near.left[p]), above = size_of(near.above[p]);
        const uint32_t blocks = blocks_[p];
        const uint32_t inside =
            2u * (uint32_t{q[-12]} + q[12] + q[-1] + q[1]) + q[-13] + q[-11] + q[11] + q[13];
        const uint32_t far = uint32_t{q[-24]} + q[-2] + q[2] + q[24];
        uint32_t wide = 0;
        {
            const uint32_t* b = blocks_ + p;
            wide = (u > 0 ? b[-1] : 0) + (u < 7 ? b[1] : 0) + (v > 0 ? b[-8] : 0) + (v < 7 ? b[8] : 0);
        }
        const uint32_t expected16 = expected_at(p);
        const uint32_t expected = fine_level(expected16, 47);
        const int32_t guess = guess_at(p);
        const uint32_t guessed = size_of(guess);
        const int flip = guess < 0 ? -1 : 1;
        const uint32_t places = 64 - z;
        const uint32_t fill =
            (remaining_ * 16 * kReciprocal.of[places]) >> 16;  // remaining_ · 16 / places, exactly
        const uint32_t previous =
            near.has_previous ? size_of(near.previous[p]) : size_of(near.above_right[p]);
        const uint32_t luma =
            near.has_luma ? level(static_cast<uint32_t>(near.luma_size[p]), 15) : level(wide, 15);
        const uint32_t energy = level(2 * (blocks + inside + far) + wide, 31);
        const uint32_t zone = kZone[p];
        const uint32_t G = level(guessed, 15);
        // The first 8 are those of fast and default effort.
        uint32_t x[C];
        x[0] = p << 6 | expected;
        x[1] = p << 5 | 16;
        x[2] = expected << 5 | 16;
        x[3] = p << 6 | remaining_;
        x[4] = (expected << 5 | fill) << 2 | least(zone / 3, 3u);
        x[5] = (p << 3 | level(last_, 7)) << 3 | level(last2_, 7);
        x[6] = (p << 3 | level(left, 7)) << 3 | level(above, 7);
        x[7] = (p << 3 | level(previous, 7)) << 3 | level(inside, 7);
        if constexpr (C >= 16) {
            x[8] = p << 5 | level(inside + far, 31);
            x[9] = p << 4 | luma;
            x[10] = (level(blocks, 15) << 4 | level(inside, 15)) << 4 | luma;
            x[11] = (p << 4 | level(sum_, 15)) << 2 | level(coded_, 3);
            x[12] = (remaining_ << 4 | level(expected16, 15)) << 2 | least(level(coded_, 7) / 2, 3u);
            x[13] = level(places, 15) << 9 | fill << 4 | level(blocks, 15);
            x[14] = (expected / 2) << 8 | level(left + above, 15) << 4 | level(last_ + last2_, 15);
            x[15] = (p << 4 | level(blocks + inside, 15)) << 2 | least(fill / 4, 3u);
        }
        if constexpr (C >= 24) {
            const uint32_t next = z < 63 ? expected_at(kZigzag[z + 1]) : 0;
            const uint32_t next2 = z < 62 ? expected_at(kZigzag[z + 2]) : 0;
            x[16] = expected << 6 | remaining_;
            x[17] = (p << 3 | level(previous, 7)) << 3 | level(left + above, 7);
            x[18] = (p << 3 | level(size_of(near.left2[p]), 7)) << 3 | level(size_of(near.above2[p]), 7);
            x[19] = (p << 3 | level(q[-1], 7)) << 3 | level(q[-12], 7);
            x[20] = (p << 3 | level(q[-13], 7)) << 3 | level(uint32_t{q[-11]} + q[11], 7);
            x[21] = (p << 4 | level(next, 15)) << 2 | level(next2, 15) / 4;
            x[22] = (expected / 2) << 8 | level(next, 15) << 4 | level(remaining_, 15);
            x[23] = (p << 4 | least(near.left_count / 4, 15u)) << 2 | least(near.above_count / 16, 3u);
        }
        x[1] += G;
        x[2] += G;
        for (int i = 0; i < C; ++i) base_[i] = static_cast<int32_t>(kCoefficientBase[i] + (x[i] << 3));
        set_[0] = static_cast<int32_t>(p << 3);
        if constexpr (S > 1) set_[1] = static_cast<int32_t>(expected << 3);
        if constexpr (S > 2) set_[2] = static_cast<int32_t>(fill << 3);
        if constexpr (S > 3) set_[3] = static_cast<int32_t>(energy << 3);
        if constexpr (S > 4) set_[4] = static_cast<int32_t>((zone << 4 | G) << 3);
        if constexpr (S > 5) set_[5] = static_cast<int32_t>((luma << 4 | level(left + above, 15)) << 3);
        map_[0] = static_cast<int32_t>(energy << 3);
        map_[1] = static_cast<int32_t>((zone << 3 | G / 2) << 3);

        const bool forced = remaining_ == places;
        if (!forced && !node(0, value != 0)) return 0;

        // Is it on the other side of 0 than guessed?
        const bool negative = code_sign(p, guess, flip, expected, value * flip < 0) != (flip < 0);
        const int32_t toward = negative ? -guess : guess;
        const int32_t shift = toward < 0 ? -static_cast<int32_t>(G) - static_cast<int32_t>(G) : 0;
        // From here on the guess counts by whether it points to the coefficient's side.
        base_[1] += shift * 8;
        base_[2] += shift * 8;
        const uint32_t size = size_of(value);
        uint32_t n = 1;
        while (n < 16 && node(n, size > (1u << (n - 1)))) ++n;
        // 2^(n−2) < size ≤ 2^(n−1)
        uint32_t coded = 1;
        if (n == 2) coded = 2;
        if (n > 2) {
            uint32_t less = 1;
            for (int b = static_cast<int>(n) - 3; b >= 0; --b)
                less = less << 1 | code_digit(p, n, static_cast<uint32_t>(b), less, toward, expected16,
                                              ((size - 1) >> b) & 1);
            coded = less + 1;
        }
        return negative ? -static_cast<int>(coded) : static_cast<int>(coded);
    }

    RESIDUA_INLINE bool node(uint32_t n, bool bit) {
        const auto step = static_cast<int32_t>(least(n, 7u));
        for (int i = 0; i < C; i += kNative) (Ints::load(base_ + i) + step).store(coefficient_.slot + i);
        for (int k = 0; k < S; ++k) coefficient_.set[k] = set_[k] + step;
        coefficient_.final_set = set_[0] + step;
        coefficient_.map[0] = map_[0] + step;
        coefficient_.map[1] = map_[1] + step;
        return coefficient_.code(coder_, bit) != 0;
    }

    RESIDUA_INLINE bool code_sign(uint32_t p, int32_t guess, int flip, uint32_t expected, bool bit) {
        const Around& near = *near_;
        const auto of3 = [flip](int x) { return static_cast<uint32_t>(((x > 0) - (x < 0)) * flip + 1); };
        const auto of5 = [flip](int x) { return static_cast<uint32_t>(limited(x, -2, 2) * flip + 2); };
        const uint32_t v = p / 8, u = p % 8;
        const int beside = u > 1 ? value_[p - 2] : 0, over = v > 1 ? value_[p - 16] : 0;
        const int corner = u > 0 && v > 0 ? value_[p - 9] : 0;
        const uint32_t g = fine_level(size_of(guess), 31);
        const uint32_t x[8] = {
            p << 5 | g,
            g,
            g << 6 | expected,
            p << 5 | (of5(near.left[p]) * 5 + of5(near.above[p])),
            p << 5 | (of3(beside) * 9 + of3(over) * 3 + of3(corner)),
            p << 5 | (of5(near.previous[p]) * 5 + of5(near.luma_value[p])),
            ((g / 4) << 5 | (of5(near.left[p]) * 5 + of5(near.above[p]))) << 5 |
                (of5(near.previous[p]) * 5 + of5(near.luma_value[p])),
            ((g / 2) << 5 | (of3(beside) * 9 + of3(over) * 3 + of3(corner))) << 3 | kZone[p] / 2};
        for (int i = 0; i < 8; ++i) sign_.slot[i] = static_cast<int32_t>(kSignBase[i] + x[i]);
        sign_.set[0] = static_cast<int32_t>(p);
        if constexpr (Rich) sign_.set[1] = static_cast<int32_t>(g);
        sign_.final_set = static_cast<int32_t>(p);
        sign_.map[0] = static_cast<int32_t>(g << 6 | expected);

        sign_.map[1] = static_cast<int32_t>(p);
        return sign_.code(coder_, bit) != 0;
    }

    // Bit b of a magnitude less one whose higher bits are `prefix`.
    RESIDUA_INLINE uint32_t code_digit(uint32_t p, uint32_t length, uint32_t b, uint32_t prefix,
                                       int32_t toward, uint32_t expected16, uint32_t bit) {
        const auto middle = static_cast<int32_t>((2 * prefix + 1) << b);
        const auto where = static_cast<uint32_t>(limited((toward - 8 * middle) >> (b + 1), -16, 15) + 16);
        const auto scale = static_cast<uint32_t>(
            limited((static_cast<int32_t>(expected16) - 16 * middle) >> (b + 2), -8, 7) + 8);
        const uint32_t n = length << 4 | b;
        if (!Rich && b + 3 < length)
            return static_cast<uint32_t>(digit_.code_alone(
                coder_, static_cast<int32_t>(kDigitBase[8] + (n << 6 | where << 1 | (prefix & 1))),
                static_cast<int>(bit)));
        const uint32_t x[8] = {n << 5 | where,
                               n << 6 | p,
                               n << 6 | least(prefix, 63u),
                               (n << 4 | scale) << 4 | level(remaining_, 15),
                               (n << 4 | scale) << 4 | kZone[p],
                               (n << 5 | where) << 4 | scale,
                               n << 6 | level(blocks_[p], 63),
                               (n << 4 | kZone[p]) << 4 | (where >> 1)};
        for (int i = 0; i < 8; ++i) digit_.slot[i] = static_cast<int32_t>(kDigitBase[i] + x[i]);
        digit_.set[0] = static_cast<int32_t>(n);
        if constexpr (Rich) digit_.set[1] = static_cast<int32_t>(p);
        digit_.final_set = static_cast<int32_t>(n);
        digit_.map[0] = static_cast<int32_t>(where << 5 | least(prefix, 31u));

        digit_.map[1] = static_cast<int32_t>(n);
        return static_cast<uint32_t>(digit_.code(coder_, static_cast<int>(bit)));
    }

    const ComponentPlan& plan_;
    Coder& coder_;
    Decision<C, S, Rich> coefficient_;
    Decision<8, Rich ? 2 : 1, Rich> sign_;
    Decision<8, Rich ? 2 : 1, Rich> digit_;
    Decision<8, Rich ? 3 : 1, Rich> count_;

    const Around* near_ = nullptr;
    alignas(64) int32_t mean_[64], magnitude_[64];
    alignas(64) int32_t base_[C];
    int32_t set_[S], map_[2];
    uint32_t blocks_[64];
    uint16_t size_[144];
    int16_t value_[64];
    uint32_t remaining_ = 0, last_ = 0, last2_ = 0, sum_ = 0, coded_ = 0;
};

}  // namespace residua::jpeg::RESIDUA_SIMD
