// Codes the DC coefficients of one band. docs/format-jpeg-coefficients.md, 9.
#pragma once

#include "jpeg/coefficients/decision_lanes.h"
#include "jpeg/coefficients/model.h"

namespace residua::jpeg::RESIDUA_SIMD {

// The DC guessed as a weighted sum whose weights are learned (normalised LMS).
struct DcGuess {
    static constexpr int kInputs = 10;
    int32_t weight[kInputs];  // 2^-16
    int32_t input[kInputs];
    int32_t base = 0, guess = 0;
    int64_t power = 1;

    RESIDUA_INLINE DcGuess() {
        constexpr int32_t kStart[kInputs] = {42000, -24000, 14000, -3000, -2000, 0, 0, 0, 0, 0};
        for (int i = 0; i < kInputs; ++i) weight[i] = kStart[i];
    }
    RESIDUA_INLINE int32_t predict() {
        int64_t dot = 0;
        power = 64;
        for (int i = 0; i < kInputs; ++i) {
            input[i] = limited(input[i], -16383, 16383);
            dot += int64_t{weight[i]} * input[i];
            power += int64_t{input[i]} * input[i];
        }
        guess = limited(base + static_cast<int32_t>((dot + 32768) >> 16), -32768, 32767);
        return guess;
    }
    RESIDUA_INLINE void learn(int32_t value) {
        const int64_t step = (int64_t{value - guess} * 2048 * 256) / power;
        for (int i = 0; i < kInputs; ++i)
            weight[i] = static_cast<int32_t>(
                limited(weight[i] + ((step * input[i]) >> 8), int64_t{-(1 << 18)}, int64_t{1 << 18}));
    }
};

template <class Coder>
class DcCoder {
  public:
    RESIDUA_INLINE DcCoder(const Tables& tables, Bank& bank, Coder& coder)
        : coder_(coder), decision_(tables, bank, kDcMost) {}

    // x: the contexts. Returns the error, −32768 … 32767 or 32768.
    RESIDUA_INLINE int32_t code(const uint32_t (&x)[8], uint32_t activity, uint32_t errors, int32_t error) {
        x_ = x;
        activity_ = activity;
        errors_ = errors;
        if (!node(0, error != 0)) return 0;
        const bool negative = node(1, error < 0);
        const uint32_t size = size_of(error);
        uint32_t n = 1;
        while (n < 16 && node((negative ? 17 : 1) + n, size > (1u << (n - 1)))) ++n;
        uint32_t less = 1;
        if (n == 1) less = 0;
        if (n > 2)
            for (int b = static_cast<int>(n) - 3; b >= 0; --b) {
                const int below = static_cast<int>(n) - 3 - b;
                const uint32_t at = below == 0   ? 32 + n
                                    : below == 1 ? 48 + 2 * least(n - 4, 3u) + (less & 1)
                                                 : 56 + least(static_cast<uint32_t>(b), 7u);
                less = less << 1 | (node(at, (((size - 1) >> b) & 1) != 0) ? 1u : 0u);
            }
        const auto coded = static_cast<int32_t>(less + 1);
        return negative ? -coded : coded;
    }

  private:
    RESIDUA_INLINE bool node(uint32_t n, bool bit) {
        for (int i = 0; i < 8; ++i) decision_.slot[i] = static_cast<int32_t>(kDcBase[i] + (x_[i] << 6 | n));
        decision_.set[0] = static_cast<int32_t>(n);
        decision_.set[1] = static_cast<int32_t>(activity_ << 6 | n);
        decision_.final_set = static_cast<int32_t>(n);
        decision_.map[0] = static_cast<int32_t>(activity_ << 6 | n);
        decision_.map[1] = static_cast<int32_t>(errors_ << 6 | n);
        return decision_.code(coder_, bit) != 0;
    }

    Coder& coder_;
    Decision<8, 2, true> decision_;
    const uint32_t* x_ = nullptr;
    uint32_t activity_ = 0, errors_ = 0;
};

RESIDUA_INLINE int32_t wrapped(int32_t x) { return static_cast<int16_t>(static_cast<uint32_t>(x)); }

RESIDUA_INLINE void keep_dc_value(int16_t& to, int32_t value) { to = static_cast<int16_t>(value); }
RESIDUA_INLINE void keep_dc_value(const int16_t&, int32_t) {}

// make(component) gives what codes the errors.
template <class Coder, class Make>
RESIDUA_INLINE void code_dc_band(const DcWork<typename Coder::Dc>& work, const Make& make) {
    using Dc = typename Coder::Dc;
    for (int k = 0; k < work.components; ++k) {
        const DcComponent<Dc>& own = work.component[k];
        const DcComponent<Dc>& luma = work.component[0];
        const DcComponent<Dc>& before = work.component[k > 0 ? k - 1 : 0];
        const bool has_luma = k > 0 && luma.rows > 0 && luma.columns > 0;
        const bool has_before = k > 1 && before.down == own.down && before.across == own.across;
        auto dc = make(own);
        DcGuess guess;
        int16_t* const errors = own.errors;  // of this row, and of those above where it has not come to yet
        for (int i = 0; i < own.columns + 2; ++i) errors[i] = 0;
        for (int row = 0; row < own.rows; ++row) {
            Dc* const line = own.dc + ptrdiff_t{row} * own.columns;
            int32_t error_left = 0, error_above_left = 0;
            for (int column = 0; column < own.columns; ++column) {
                const auto at = [&](int down, int across, int otherwise) -> int32_t {
                    const int y = row + down, x = column + across;
                    return y < 0 || x < 0 || x >= own.columns
                               ? otherwise
                               : line[down * ptrdiff_t{own.columns} + column + across];
                };
                const int32_t first = row > 0 ? at(-1, 0, 0) : 0;
                const int32_t w = at(0, -1, first), n = at(-1, 0, w);
                const int32_t nw = at(-1, -1, n), ne = at(-1, 1, n), ww = at(0, -2, w), nn = at(-2, 0, n);
                const int32_t nne = at(-2, 1, ne);
                guess.base = w;
                int32_t inputs[10] = {n - w, nw - w, ne - w, ww - w, nn - w, nne - w, 0, 0, 0, 0};
                const auto mean_luma = [&](int r, int c) -> int32_t {
                    const int down = luma.down > own.down ? luma.down / own.down : 1;
                    const int across = luma.across > own.across ? luma.across / own.across : 1;
                    const int y0 = r * luma.down / own.down, x0 = c * luma.across / own.across;
                    int32_t total = 0;
                    for (int i = 0; i < down; ++i)
                        for (int j = 0; j < across; ++j)
                            total += luma.dc[ptrdiff_t{least(y0 + i, luma.rows - 1)} * luma.columns +
                                             least(x0 + j, luma.columns - 1)];
                    return total / (down * across);
                };
                int32_t beside = 0;
                if (has_luma) {
                    const int32_t here = mean_luma(row, column);
                    inputs[6] = column > 0 ? here - mean_luma(row, column - 1) : 0;
                    inputs[7] = row > 0 ? here - mean_luma(row - 1, column) : 0;
                    beside = inputs[6] + inputs[7];
                }
                if (has_before && row < before.rows && column < before.columns) {
                    const Dc* const other = before.dc + ptrdiff_t{row} * before.columns + column;
                    inputs[8] = column > 0 ? *other - other[-1] : 0;
                    inputs[9] = row > 0 ? *other - other[-ptrdiff_t{before.columns}] : 0;
                    beside = inputs[8] + inputs[9];
                }
                for (int i = 0; i < 10; ++i) guess.input[i] = inputs[i];
                const int32_t g = guess.predict();
                const uint32_t activity =
                    size_of(w - nw) + size_of(n - nw) + size_of(n - ne) + size_of(w - ww);
                const int32_t above = errors[column + 1], above_right = errors[column + 2];
                const uint32_t missed =
                    size_of(error_left) + size_of(above) + size_of(error_above_left) + size_of(above_right);
                const uint32_t busy = fine_level(activity, 31), off = fine_level(missed, 31);
                const uint32_t x[8] = {busy << 5 | off,
                                       off,
                                       signed_level(w - g, 15) << 5 | busy,
                                       signed_level(n - g, 15) << 5 | off,
                                       signed_level(w + n - nw - g, 15) << 4 | off / 2,
                                       signed_level(ne - g, 15) << 4 | busy / 2,
                                       signed_level(beside, 15) << 4 | off / 2,
                                       signed_level(error_left, 7) << 4 | signed_level(above, 7)};
                const int32_t error = dc.code(x, busy, off, Coder::kWrites ? wrapped(line[column] - g) : 0);
                const int32_t value = wrapped(g + error);
                keep_dc_value(line[column], value);
                guess.learn(value);
                error_above_left = above;
                errors[column + 1] = static_cast<int16_t>(limited(error, -32767, 32767));
                error_left = error;
            }
        }
    }
}

}  // namespace residua::jpeg::RESIDUA_SIMD
