// Codes the AC coefficients of one band, light: docs/format-jpeg-light.md, 4 to 7.
#pragma once

#include "jpeg/coefficients/light_range.h"
#include "jpeg/coefficients/light_sums.h"

namespace residua::jpeg::RESIDUA_SIMD {

struct RemainingLevels {
    uint8_t of[64];
};
inline constexpr RemainingLevels kRemaining = [] {
    RemainingLevels made{};
    constexpr int kFirst[kRemainingLevels] = {0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31, 39, 51, 64};
    for (int n = 0, l = 0; n < 64; ++n) {
        while (kFirst[l + 1] <= n) ++l;
        made.of[n] = static_cast<uint8_t>(l);
    }
    return made;
}();

// 2^16 / n, rounded up.
struct LightReciprocals {
    uint32_t of[64];
};
inline constexpr LightReciprocals kLightReciprocal = [] {
    LightReciprocals made{};
    for (uint32_t n = 1; n < 64; ++n) made.of[n] = (65536 + n - 1) / n;
    return made;
}();

RESIDUA_INLINE int width_of(uint32_t x) { return 32 - __builtin_clz(x); }  // of what is not 0

// What is above the last symbol: 1 at least.
template <class Coder>
RESIDUA_INLINE uint32_t code_escape(Coder& coder, SlotBank<1>& bank, uint32_t more) {
    const uint32_t digits =
        coder.symbol(bank, 0, bank, 0, Coder::kWrites ? static_cast<uint32_t>(width_of(more) - 1) : 0);
    return 1u << digits | (coder.plain(more, static_cast<int>(digits)) & ((1u << digits) - 1));
}

// The digits of a number below its first: the next one by its slot, all others as they are.
template <class Coder>
RESIDUA_INLINE uint32_t code_digits(Coder& coder, BitSlot& slot, uint32_t number, int count) {
    if (count == 0) return 0;
    const int next = coder.bit(slot, static_cast<int>(number >> (count - 1) & 1));
    const uint32_t rest = coder.plain(number, count - 1) & ((1u << (count - 1)) - 1);
    return static_cast<uint32_t>(next) << (count - 1) | rest;
}

template <class Coder>
class LightBlockCoder {
  public:
    RESIDUA_INLINE LightBlockCoder(Coder& coder, LightAcModel& model, const LightPlan& plan)
        : coder_(coder), model_(model), plan_(plan) {}

    // What lies around, of blocks of the same component.
    struct Around {
        const LightBlock *left, *above, *above_left, *above_right;
        int32_t dc[8];  // differences of the DCs, within ±kMostAround
        bool has_luma, has_previous;
        alignas(32) int16_t luma[64], previous[64];  // sizes by 8·v + u
        uint32_t count;                              // expected: 8 · coefficients that are not 0
    };

    // c: 64 coefficients by 8·v + u, of which the decoder writes 1 … 63.
    template <class Coefficient>
    RESIDUA_INLINE void code(Coefficient* c, const Around& near, LightBlock& block) {
        begin(near);
        if (!Coder::kWrites) clear(c);
        clear(block.value);
        // The DC is no number of these.
        const uint64_t others = Coder::kWrites ? others_than_zero(c) & ~uint64_t{1} : 0;
        const uint32_t count = code_count(near, static_cast<uint32_t>(__builtin_popcountll(others)));
        uint64_t mask = 0;
        uint32_t remaining = count;
        for (uint32_t z = 1; z < 64 && remaining != 0; ++z) {
            const int value = code_coefficient(z, remaining, Coder::kWrites ? c[kZigzag[z]] : 0);
            if (value == 0) continue;
            set(c[kZigzag[z]], value);
            const int kept = limited(value, -kMostLight, kMostLight);
            block.value[z] = static_cast<int16_t>(kept);
            mask |= uint64_t{1} << z;
            if (--remaining == 0) break;
            if (z < kGuessed) add_to<kGuessed>(mean_, plan_.own[z], kept * kLightScale);
            add_to<64>(size_, plan_.own_size[z], (kept < 0 ? -kept : kept) * kLightScale);
        }
        block.mask = mask;
        block.count = count;
    }

  private:
    static RESIDUA_INLINE void set(int16_t& c, int value) { c = static_cast<int16_t>(value); }
    static RESIDUA_INLINE void set(const int16_t&, int) {}
    static RESIDUA_INLINE void clear(int16_t* c) {
        RESIDUA_UNROLL
        for (int i = 0; i < 64; i += kWords) Words::all(0).store(c + i);
    }
    static RESIDUA_INLINE void clear(const int16_t*) {}

    template <int Places>
    static RESIDUA_INLINE void add_to(int16_t* sums, const int16_t* row, int32_t factor) {
        LightSums<Places> all = LightSums<Places>::load(sums);
        all.add(row, factor);
        all.store(sums);
    }

    RESIDUA_INLINE void begin(const Around& near) {
        auto mean = LightSums<kGuessed>::zero();
        auto size = LightSums<64>::zero();
        for (int i = 0; i < 8; ++i) mean.add(plan_.dc[i], near.dc[i] * kAroundScale);
        mean.add_all(plan_.left, near.left->value, kLightScale, near.left->mask);
        mean.add_all(plan_.above, near.above->value, kLightScale, near.above->mask);
        mean.store(mean_);
        alignas(32) int16_t around[64];
        sizes_around(near.left->value, near.above->value, near.above_left->value, near.above_right->value,
                     around);
        size.add_all(plan_.around_size, around, kAroundScale,
                     near.left->mask | near.above->mask | near.above_left->mask | near.above_right->mask);
        if (near.has_luma)
            size.add_all(plan_.luma_size, near.luma, kAroundScale,
                         others_than_zero(near.luma) & ~uint64_t{1});
        if (near.has_previous)
            size.add_all(plan_.previous_size, near.previous, kLightScale,
                         others_than_zero(near.previous) & ~uint64_t{1});
        size.store(size_);
    }
    RESIDUA_INLINE uint32_t code_count(const Around& near, uint32_t count) {
        Words total = Words::all(0);
        RESIDUA_UNROLL
        for (int i = 0; i < 64; i += kWords)
            total = total + least_unsigned(Words::load(size_ + i), Words::all(16));
        const uint32_t some = sum(total);
        const uint32_t around =
            near.count < 128 ? near.count / 4 : least(32 + (near.count / 4 - 32) / 2, 63u);
        const uint32_t high = coder_.symbol(model_.count_around, around, model_.count_expected,
                                            least(some / 8, 63u), count >> 2);
        BitSlot* const digit = model_.count_digit + 4 * high;
        const int second = coder_.bit(digit[1], static_cast<int>(count >> 1 & 1));
        const int first = coder_.bit(digit[2 + second], static_cast<int>(count & 1));
        return high << 2 | static_cast<uint32_t>(second) << 1 | static_cast<uint32_t>(first);
    }

    RESIDUA_INLINE int code_coefficient(uint32_t z, uint32_t remaining, int value) {
        const uint32_t fill = least(remaining * 8 * kLightReciprocal.of[64 - z] >> 16, uint32_t{kFills - 1});
        const uint32_t expected = expected_level(size_[z]) * kFills + fill;
        const uint32_t place = z * kRemainingLevels + kRemaining.of[remaining];
        uint32_t size = size_of(value), symbol = 0;
        if (Coder::kWrites)
            symbol = size <= 8 ? size : least(7 + static_cast<uint32_t>(width_of(size - 7)), 15u);
        symbol = coder_.symbol(model_.expected, expected, model_.place, place, symbol);
        if (symbol == 0) return 0;
        const int32_t guess = z < kGuessed ? mean_[z] : 0;
        const uint32_t sure = fine_level(size_of(guess) >> 1, kGuessLevels - 1);
        const bool other = coder_.bit(model_.sign[z * kGuessLevels + sure], (value < 0) != (guess < 0)) != 0;
        if (symbol == 15) {
            size = 134 + code_escape(coder_, model_.escape, size - 134);
        } else if (symbol > 8) {
            const int digits = static_cast<int>(symbol) - 8;
            size = 7 + (1u << digits | code_digits(coder_, model_.digit[symbol], size - 7, digits));
        } else {
            size = symbol;
        }
        return other != (guess < 0) ? -static_cast<int>(size) : static_cast<int>(size);
    }

    Coder& coder_;
    LightAcModel& model_;
    const LightPlan& plan_;
    alignas(32) int16_t mean_[kGuessed];  // sixteenths of a step
    alignas(32) int16_t size_[64];
};

RESIDUA_INLINE void keep_light_dc(int16_t& to, int16_t dc) { to = dc; }
RESIDUA_INLINE void keep_light_dc(const int16_t&, int16_t) {}

// Sizes in the blocks of luma, or in that of the component before, that belong to a block.
template <class Near, class Coefficient>
RESIDUA_INLINE void look_at_others(const LightWork<Coefficient>& work, int k, int row, int column,
                                   Near& near) {
    const LightComponent<Coefficient>& own = work.component[k];
    const LightComponent<Coefficient>& luma = work.component[0];
    if (luma.rows > 0 && luma.columns > 0) {
        near.has_luma = true;
        const int down = luma.down > own.down ? luma.down / own.down : 1;
        const int across = luma.across > own.across ? luma.across / own.across : 1;
        const int first_y = row * luma.down / own.down, first_x = column * luma.across / own.across;
        auto sizes = LightSums<64>::zero();
        for (int i = 0; i < down; ++i)
            for (int j = 0; j < across; ++j) {
                const int y = least(first_y + i, luma.rows - 1), x = least(first_x + j, luma.columns - 1);
                const Coefficient* const c = luma.coefficients + 64 * (ptrdiff_t{y} * luma.columns + x);
                RESIDUA_UNROLL
                for (int p = 0; p < sizes.kVectors; ++p)
                    sizes.v[p] = sizes.v[p] + light_sizes(c + kWords * p);
            }
        // The mean, times 4.
        RESIDUA_UNROLL
        for (int p = 0; p < sizes.kVectors; ++p) {
            const Words mean =
                high_product(sizes.v[p] * Words::all(8), Words::all(own.plan->luma_factor * 32));
            least_unsigned(mean, Words::all(kMostAround)).store(near.luma + kWords * p);
        }
    }
    if (k >= 2) {
        const LightComponent<Coefficient>& before = work.component[k - 1];
        if (before.down == own.down && before.across == own.across && row < before.rows &&
            column < before.columns) {
            near.has_previous = true;
            const Coefficient* const c =
                before.coefficients + 64 * (ptrdiff_t{row} * before.columns + column);
            RESIDUA_UNROLL
            for (int p = 0; p < 64; p += kWords) light_sizes(c + p).store(near.previous + p);
        }
    }
}

// The differences of the DCs around, W N NW NE E SW S SE, to the block's own.
template <class Coefficient>
RESIDUA_INLINE void look_at_dc(const LightComponent<Coefficient>& own, const int16_t* dc, int row, int column,
                               int32_t* to) {
    const ptrdiff_t line = own.columns;
    const bool left = column > 0, right = column + 1 < own.columns;
    const bool up = row > 0, down = row + 1 < own.all_rows;
    const auto difference = [&](bool there, ptrdiff_t at) {
        return there ? limited(dc[at] - dc[0], -kMostAround, kMostAround) : 0;
    };
    to[0] = difference(left, -1);
    to[1] = difference(up, -line);
    to[2] = difference(up && left, -line - 1);
    to[3] = difference(up && right, -line + 1);
    to[4] = difference(right, 1);
    to[5] = difference(down && left, line - 1);
    to[6] = difference(down, line);
    to[7] = difference(down && right, line + 1);
}

template <class Coder, class Coefficient>
RESIDUA_INLINE void code_light_component(Coder& coder, const LightWork<Coefficient>& work, int k) {
    const LightComponent<Coefficient>& own = work.component[k];
    using BlockCoder = LightBlockCoder<Coder>;
    BlockCoder block_coder(coder, *own.model, *own.plan);
    const int columns = own.columns;
    // One more on either side, without coefficients.
    LightBlock* above = own.blocks + 1;
    LightBlock* here = above + columns + 2;
    for (int i = 0; i < 2 * (columns + 2); ++i) own.blocks[i] = LightBlock{};
    for (int row = 0; row < own.rows; ++row) {
        Coefficient* const line = own.coefficients + ptrdiff_t{64} * row * columns;
        const int16_t* const dc = own.dc + ptrdiff_t{row} * columns;
        for (int column = 0; column < columns; ++column) {
            typename BlockCoder::Around near;
            near.left = here + column - 1;
            near.above = above + column;
            near.above_left = near.above - 1;
            near.above_right = near.above + 1;
            near.has_luma = near.has_previous = false;
            const uint32_t left = near.left->count, up = near.above->count;
            near.count = column == 0 ? 8 * up
                         : row == 0  ? 8 * left
                                     : 3 * (left + up) + near.above_left->count + near.above_right->count;
            look_at_dc(own, dc + column, own.first_row + row, column, near.dc);
            if (k > 0) look_at_others(work, k, row, column, near);
            Coefficient* const c = line + 64 * column;
            block_coder.code(c, near, here[column]);
            keep_light_dc(c[0], dc[column]);
        }
        LightBlock* const other = above;
        above = here;
        here = other;
    }
}

template <class Coder, class Coefficient>
RESIDUA_INLINE void code_light_band(Coder& coder, const LightWork<Coefficient>& work) {
    for (int k = 0; k < work.components; ++k)
        if (work.component[k].columns > 0 && work.component[k].rows > 0) code_light_component(coder, work, k);
}

}  // namespace residua::jpeg::RESIDUA_SIMD
