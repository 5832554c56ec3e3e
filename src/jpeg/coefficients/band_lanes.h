// Walks through a band's components and blocks. docs/format-jpeg-coefficients.md, 5.
#pragma once

#include "jpeg/coefficients/block_lanes.h"

namespace residua::jpeg::RESIDUA_SIMD {

RESIDUA_INLINE void keep_dc(int16_t& to, int16_t dc) { to = dc; }
RESIDUA_INLINE void keep_dc(const int16_t&, int16_t) {}

// The frequency of a block that belongs to frequency f of a block of another component, where the other's blocks
// are `own` / `other` as wide.
RESIDUA_INLINE int frequency_of(int f, int other, int own) {
    if (other >= own) {
        const int ratio = other / own;
        return (f + ratio - 1) / ratio;
    }
    return least(f * own / other, 7);
}

template <class Coefficient>
RESIDUA_INLINE void look_beside(const BandWork<Coefficient>& work, int k, int row, int column, Around& near,
                                const int16_t* none, int16_t* luma_size, int32_t* luma_weighed,
                                int32_t* previous_weighed) {
    near.luma_value = near.previous = none;
    near.luma_size = none;
    near.luma_weighed = previous_weighed;
    near.previous_weighed = previous_weighed;
    if (k == 0) return;
    const BandComponent<Coefficient>& own = work.component[k];
    const BandComponent<Coefficient>& luma = work.component[0];
    if (luma.rows > 0 && luma.columns > 0) {
        near.has_luma = true;
        const int down = luma.down > own.down ? luma.down / own.down : 1;
        const int across = luma.across > own.across ? luma.across / own.across : 1;
        const int first_y = row * luma.down / own.down, first_x = column * luma.across / own.across;
        uint32_t sizes[64] = {};
        for (int i = 0; i < down; ++i)
            for (int j = 0; j < across; ++j) {
                const int y = least(first_y + i, luma.rows - 1), x = least(first_x + j, luma.columns - 1);
                const Coefficient* c = luma.coefficients + 64 * (ptrdiff_t{y} * luma.columns + x);
                for (int p = 0; p < 64; ++p) sizes[p] += size_of(c[p]);
                if (luma.down == own.down && luma.across == own.across) near.luma_value = c;
            }
        for (int v = 0; v < 8; ++v)
            for (int u = 0; u < 8; ++u) {
                const int p =
                    8 * frequency_of(v, luma.down, own.down) + frequency_of(u, luma.across, own.across);
                const auto size =
                    static_cast<int32_t>(least(sizes[p] * 4 / static_cast<uint32_t>(down * across), 16383u));
                luma_size[8 * v + u] = static_cast<int16_t>(size);
                luma_weighed[8 * v + u] = limited((size * luma.plan.step[p]) >> 2, 0, kMostInput);
            }
        luma_weighed[0] = 0;
        near.luma_size = luma_size;
        near.luma_weighed = luma_weighed;
    }
    if (k >= 2) {
        const BandComponent<Coefficient>& before = work.component[k - 1];
        if (before.down == own.down && before.across == own.across && row < before.rows &&
            column < before.columns) {
            near.has_previous = true;
            near.previous = before.coefficients + 64 * (ptrdiff_t{row} * before.columns + column);
            for (int p = 0; p < 64; ++p) {
                const int32_t w = weighed(near.previous[p], before.plan.step[p]);
                previous_weighed[p] = w < 0 ? -w : w;
            }
            previous_weighed[0] = 0;
            near.previous_weighed = previous_weighed;
        }
    }
}

template <int C, int S, bool Rich, class Coder, class Coefficient>
RESIDUA_INLINE void code_band(Coder& coder, const Tables& tables, const BandWork<Coefficient>& work) {
    static constexpr int16_t kNone[64] = {};
    for (int k = 0; k < work.components; ++k) {
        const BandComponent<Coefficient>& own = work.component[k];
        BlockCoder<Coder, C, S, Rich> block(tables, *own.model, coder, own.plan);
        const int columns = own.columns, rows = own.rows;
        const int16_t* const dc = own.dc;  // of the band's first row
        RowMemory* const memory = own.memory;
        for (int i = 0; i < columns + 2; ++i) memory[i] = RowMemory{};
        int16_t luma_size[64];
        int32_t luma_weighed[64], previous_weighed[64];
        for (int row = 0; row < rows; ++row) {
            uint64_t left_mask = 0;
            uint32_t left_count = 0, left2_count = 0, above_left_count = 0;
            Coefficient* const line = own.coefficients + ptrdiff_t{64} * row * columns;
            const int picture_row = own.first_row + row;
            for (int column = 0; column < columns; ++column) {
                Coefficient* const c = line + 64 * column;
                RowMemory& here = memory[column];
                Around near{};
                near.left = column > 0 ? c - 64 : kNone;
                near.left2 = column > 1 ? c - 128 : kNone;
                near.above = row > 0 ? c - 64 * columns : kNone;
                near.above_left = row > 0 && column > 0 ? c - 64 * columns - 64 : kNone;
                near.above_right = row > 0 && column + 1 < columns ? c - 64 * columns + 64 : kNone;
                near.above2 = row > 1 ? c - 128 * columns : kNone;
                near.left_mask = left_mask;
                near.above_mask = here.mask;
                near.left_count = left_count;
                near.left2_count = left2_count;
                near.above_count = here.count;
                near.above_left_count = above_left_count;
                near.above_right_count = column + 1 < columns ? memory[column + 1].count : 0;
                near.above2_count = here.count2;
                const int16_t* const d = dc + ptrdiff_t{row} * columns + column;
                for (int i = 0; i < 8; ++i) {
                    constexpr int8_t kDown[8] = {0, -1, -1, -1, 0, 1, 1, 1};
                    constexpr int8_t kAcross[8] = {-1, 0, -1, 1, 1, -1, 0, 1};
                    const int y = picture_row + kDown[i], x = column + kAcross[i];
                    if (y >= 0 && y < own.all_rows && x >= 0 && x < columns)
                        near.dc_differences[i] =
                            weighed(d[kDown[i] * ptrdiff_t{columns} + kAcross[i]] - *d, own.plan.step[0]);
                }
                look_beside(work, k, row, column, near, kNone, luma_size, luma_weighed, previous_weighed);
                uint32_t count;
                const uint64_t mask = block.code(c, near, &count);
                keep_dc(c[0], *d);
                left2_count = left_count;
                left_count = count;
                left_mask = mask;
                above_left_count = here.count;
                here.count2 = here.count;
                here.count = static_cast<uint8_t>(count);
                here.mask = mask;
            }
        }
    }
}

}  // namespace residua::jpeg::RESIDUA_SIMD
