// Codes one block: for each group of AC coefficients how many are not 0, then those; at last the DC.
// docs/format-dct.md, 5 and 7.
#pragma once

#include "base/error.h"
#include "dct/coefficient_coder.h"

namespace residua::dct {

class BlockCoder {
  public:
    // c: the block's 64 coefficients, which the decoder writes. block: what is kept of it.
    template <class Bits, class Coefficient>
    void code(Bits& bits, Coefficient* c, const Surroundings& near, Block& block) {
        now_ = Progress{};
        now_.near = near;
        now_.rows = near.left->right;
        now_.columns = near.above->below;
        block = Block{};
        block.known = true;
        group(bits, c, kInner, kInnerOrder, block);
        group(bits, c, kRow, kRowOrder, block);
        group(bits, c, kColumn, kColumnOrder, block);
        dc(bits, c, block);
        block.value = now_.value;
        block.finish(now_.sizes);
    }

  private:
    // size: the magnitude that contexts see.
    void put(uint32_t position, int value, int size, Block& block) {
        const int v = static_cast<int>(position / 8), u = static_cast<int>(position % 8);
        now_.value[position] = static_cast<int16_t>(value);
        now_.sizes[padded_index(position)] = magnitude(size);
        const int32_t w = std::clamp(value * now_.near.steps[position], -16384, 16384);
        now_.rows.add(v, u, -w);
        now_.columns.add(u, v, -w);
        block.right.add(v, u, u % 2 ? -w : w);
        block.below.add(u, v, v % 2 ? -w : w);
    }

    template <class Bits, class Coefficient, size_t Size>
    void group(Bits& bits, Coefficient* c, Group group, const std::array<uint8_t, Size>& order,
               Block& block) {
        now_.group = group;
        int count = 0;
        for (const uint8_t position : order) count += c[position] != 0;
        now_.remaining = count_of(bits, count, order, block);
        if (now_.remaining > Size)
            throw Error(ErrorCode::kCorrupt, "a block has more coefficients than can be");
        block.counts[group] = static_cast<uint8_t>(now_.remaining);
        now_.places = Size;
        now_.last = now_.before_last = 0;
        for (const uint8_t position : order) {
            if (now_.remaining == 0) {
                set(c[position], 0);
                continue;
            }
            const int value = coefficients_.code(bits, now_, position, c[position]);
            set(c[position], value);
            --now_.places;
            now_.before_last = now_.last;
            now_.last = magnitude(value);
            if (value == 0) continue;
            --now_.remaining;
            ++now_.coded;
            now_.sum += now_.last;
            put(position, value, value, block);
        }
    }

    static void set(int16_t& c, int value) { c = static_cast<int16_t>(value); }
    static void set(const int16_t&, int) {}

    template <class Bits, size_t Size>
    uint32_t count_of(Bits& bits, int count, const std::array<uint8_t, Size>& order, const Block& block);

    template <class Bits, class Coefficient>
    void dc(Bits& bits, Coefficient* c, Block& block) {
        const Surroundings& near = now_.near;
        const int step = std::max<int>(near.steps[0], 1);
        const int from_left = in_eighths(now_.rows.slope[0], kSlope[0], step);
        const int from_above = in_eighths(now_.columns.slope[0], kSlope[0], step);
        int twice = 0;  // the guess, in sixteenths
        if (near.left->known && near.above->known)
            twice = from_left + from_above;
        else if (near.left->known)
            twice = 2 * from_left;
        else if (near.above->known)
            twice = 2 * from_above;
        const int guess = std::clamp((twice + 8) >> 4, -kMaxCoefficient, kMaxCoefficient);
        const int tilt = near.left->known && near.above->known ? from_left - from_above : 0;
        block.dc_error = dc_error(bits, c[0] - guess, tilt, block);
        const int value = guess + block.dc_error;
        if (std::abs(value) > kMaxCoefficient)
            throw Error(ErrorCode::kCorrupt, "a coefficient is larger than any can be");
        set(c[0], value);
        put(0, value, block.dc_error, block);
    }

    template <class Bits>
    int dc_error(Bits& bits, int error, int tilt, const Block& block);

    CoefficientCoder coefficients_;
    std::array<SlotTable, 8> count_tables_{SlotTable{11, 6}, {11, 6}, {11, 6}, {11, 6},
                                           {11, 6},          {11, 6}, {11, 6}, {11, 6}};
    std::array<SlotTable, 8> dc_tables_{SlotTable{5, 7}, {5, 7}, {8, 7}, {8, 7},
                                        {8, 7},          {9, 7}, {9, 7}, {7, 7}};
    Decision<8, 2> count_{{{192, 768}, 3, {192, 192}}, priors::kCount, [](size_t set, size_t index) {
                              return set == 0 ? index >> 6 : index >> 8;
                          }};
    Decision<8, 2> dc_{{{128, 1024}, 128, {128, 2048}}, priors::kDc, [](size_t set, size_t index) {
                           return set == 0 ? index : index & 31;
                       }};
    Progress now_;
};

template <class Bits, size_t Size>
uint32_t BlockCoder::count_of(Bits& bits, int count, const std::array<uint8_t, Size>& order,
                              const Block& block) {
    const Surroundings& near = now_.near;
    const Group group = now_.group;
    const uint32_t left = near.left->counts[group], above = near.above->counts[group];
    const uint32_t above_left = near.above_left->counts[group], above_right = near.above_right->counts[group];
    const uint32_t sum = 3 * (left + above) + above_left + above_right;
    const uint32_t inner = block.counts[kInner], row = block.counts[kRow];
    const Side& side = *near.side;
    uint32_t luma = 0, cb = 0;
    for (size_t i = 1; i < 64; ++i) {
        luma += side.luma_size[i] != 0;
        cb += side.cb_value[i] != 0;
    }
    std::array<uint32_t, 8> x;
    if (group == kInner) {
        x = {
            sum / 4,
            level(left, 15) << 4 | level(above, 15),
            left,
            above,
            (left + above) * 4 + (above_right > above) * 2u + (above_left > left) * 1u,
            side.has_luma ? luma : above_right,
            side.has_cb ? cb : above_left,
            level(near.left2->counts[group] + near.above2->counts[group], 15) << 4 | level(left + above, 15)};
    } else {
        uint32_t missing = 0;  // at the border that this group continues, in quantised coefficients
        for (const uint8_t position : order) {
            const int32_t m = group == kRow ? now_.columns.flat[position % 8] : now_.rows.flat[position / 8];
            const int64_t unit = int64_t{kFlat[0]} * std::max<int>(near.steps[position], 1);
            missing += static_cast<uint32_t>(std::min<int64_t>(std::abs(int64_t{m}) / unit, 1000));
        }
        const uint32_t some = std::min(inner, 31u);
        x = {sum / 2,
             level(left, 15) << 4 | level(above, 15),
             some << 3 | left,
             some << 3 | above,
             level(missing, 15) << 4 | level(inner, 15),
             side.has_luma ? luma : std::min(sum / 2, 31u) << 3 | level(inner, 7),
             side.has_cb ? cb : (group == kColumn ? row << 5 | some : above_left),
             group == kColumn ? (row << 3 | left) << 3 | above
                              : level(missing, 15) << 4 | level(left + above, 15)};
    }
    const uint32_t kind = group;
    uint32_t node = 1;
    const int bits_of_count = group == kInner ? 6 : 3;
    for (int b = bits_of_count - 1; b >= 0; --b) {
        for (size_t i = 0; i < 8; ++i)
            count_.slots[i] = count_tables_[i].at(kind << 9 | std::min(x[i], 511u), node);
        count_.selected = {kind << 6 | node,
                           (kind << 5 | std::min(x[0], 31u)) << 3 | static_cast<uint32_t>(b)};
        count_.final_selected = kind;
        count_.corrected = {kind << 6 | node, kind << 6 | node};
        node = node << 1 | static_cast<uint32_t>(count_.code(bits, (count >> b) & 1));
    }
    return node - (1u << bits_of_count);
}

template <class Bits>
int BlockCoder::dc_error(Bits& bits, int error, int tilt, const Block& block) {
    const Surroundings& near = now_.near;
    const int left = near.left->dc_error, above = near.above->dc_error;
    const uint32_t errors = magnitude(left) + magnitude(above) + magnitude(near.above_left->dc_error) +
                            magnitude(near.above_right->dc_error);
    const uint32_t nonzero = uint32_t{block.counts[kInner]} + block.counts[kRow] + block.counts[kColumn];
    const Side& side = *near.side;
    const uint32_t spread = magnitude(tilt);
    const std::array<uint32_t, 8> x = {
        level(spread, 31),
        level(errors, 31),
        level(now_.sum, 31) << 3 | level(spread / 4, 7),
        level(magnitude(left), 15) << 4 | level(magnitude(above), 15),
        level(nonzero, 15) << 4 | level(spread, 15),
        signed_level(tilt, 15) << 4 | level(errors / 4, 15),
        signed_level(side.has_cb ? side.cb_error : side.luma_error, 15) << 4 | level(errors / 4, 15),
        signed_level(left, 5) * 11 + signed_level(above, 5)};
    const auto node = [&](uint32_t n, bool bit) {
        for (size_t i = 0; i < 8; ++i) dc_.slots[i] = dc_tables_[i].at(x[i], n);
        dc_.selected = {n, level(spread, 31) << 5 | std::min(n, 31u)};
        dc_.final_selected = n;
        dc_.corrected = {n, level(errors, 15) << 7 | n};
        return dc_.code(bits, bit);
    };
    if (!node(0, error != 0)) return 0;
    const bool negative = node(1, error < 0);
    const int size = std::abs(error);
    uint32_t length = 1;  // bits of the magnitude, at most 12
    while (length < 12 && node(length + (negative ? 1 : 13), (size >> length) != 0)) ++length;
    int coded = 1;
    for (uint32_t b = length - 1; b-- > 0;) {
        const uint32_t n = b + 2 == length   ? 26 + length
                           : b + 3 == length ? 40 + 2 * length + (static_cast<uint32_t>(coded) & 1)
                                             : 66 + b;
        coded = coded << 1 | node(n, (size >> b) & 1);
    }
    return negative ? -coded : coded;
}

}  // namespace residua::dct
