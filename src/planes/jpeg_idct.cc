#include "planes/jpeg_idct.h"

#include <algorithm>
#include <cstring>

namespace residua::codec {

namespace {

constexpr int kSide = 8, kSize = kSide * kSide;
constexpr int kConstantBits = 13;
constexpr int kPassBits = 2;  // more bits between the passes
constexpr int kFirstShift = kConstantBits - kPassBits, kSecondShift = kConstantBits + kPassBits + 3;

int16_t wrapped(int32_t value) { return static_cast<int16_t>(value); }
int16_t limited(int32_t value) {
    return static_cast<int16_t>(std::clamp<int32_t>(value, INT16_MIN, INT16_MAX));
}
uint8_t sample_of(int32_t value) { return static_cast<uint8_t>(std::clamp(value + 128, 0, 255)); }
constexpr int32_t rounding(int shift) { return 1 << (shift - 1); }

// Eight transforms of eight values side by side: in[8·frequency + lane] to out[8·position + lane], shifted
// down and rounded. Products of 16 bits each, so that compilers find the processor's instruction for them. Sums
// stay below 2^15 · (8192 + 15137 + 41241) + 2^17 < 2^31: constants of c0 ± c4, of the other even frequencies, of
// the odd ones.
template <int kShift>
void inverse_pass(const int16_t* __restrict in, int16_t* __restrict out) {
    for (int i = 0; i < kSide; ++i) {
        const int16_t c0 = in[i], c1 = in[8 + i], c2 = in[16 + i], c3 = in[24 + i], c4 = in[32 + i],
                      c5 = in[40 + i], c6 = in[48 + i], c7 = in[56 + i];
        const int32_t low = c2 * 4433 + c6 * (4433 - 15137), high = c2 * (4433 + 6270) + c6 * 4433;
        const int32_t sum = wrapped(c0 + c4) * (1 << kConstantBits) + rounding(kShift);
        const int32_t difference = wrapped(c0 - c4) * (1 << kConstantBits) + rounding(kShift);
        const int32_t e0 = sum + high, e3 = sum - high, e1 = difference + low, e2 = difference - low;
        const int16_t c73 = wrapped(c7 + c3), c51 = wrapped(c5 + c1);
        const int32_t s73 = c73 * (9633 - 16069) + c51 * 9633, s51 = c73 * 9633 + c51 * (9633 - 3196);
        const int32_t o0 = c7 * -7373 + c1 * (12299 - 7373) + s51;
        const int32_t o1 = c5 * -20995 + c3 * (25172 - 20995) + s73;
        const int32_t o2 = c5 * (16819 - 20995) + c3 * -20995 + s51;
        const int32_t o3 = c7 * (2446 - 7373) + c1 * -7373 + s73;
        out[i] = limited((e0 + o0) >> kShift);
        out[56 + i] = limited((e0 - o0) >> kShift);
        out[8 + i] = limited((e1 + o1) >> kShift);
        out[48 + i] = limited((e1 - o1) >> kShift);
        out[16 + i] = limited((e2 + o2) >> kShift);
        out[40 + i] = limited((e2 - o2) >> kShift);
        out[24 + i] = limited((e3 + o3) >> kShift);
        out[32 + i] = limited((e3 - o3) >> kShift);
    }
}

// Three perfect shuffles turn six bits of an index by three: rows become columns. Unlike loops over both, these
// become a processor's own instructions.
template <typename T>
void shuffle(const T* __restrict from, T* __restrict to) {
    for (int i = 0; i < kSize / 2; ++i) {
        to[2 * i] = from[i];
        to[2 * i + 1] = from[kSize / 2 + i];
    }
}
template <typename T>
void transpose(const T* __restrict from, T* __restrict to) {
    T other[kSize];
    shuffle(from, to);
    shuffle(to, other);
    shuffle(other, to);
}

bool all_zero(const int16_t* coefficients, int first, int end) {
    int any = 0;
    for (int i = first; i < end; ++i) any |= coefficients[i];
    return any == 0;
}

}  // namespace

void jpeg_block_samples(const int16_t* coefficients, const jpeg::Steps& steps, uint8_t* to,
                        ptrdiff_t stride) {
    const auto whole = [&](size_t i) { return wrapped(coefficients[i] * int32_t{steps[i]}); };
    int16_t in[kSize], out[kSize];
    if (all_zero(coefficients, kSide, kSize)) {
        // The first pass is a shift, which wraps, too.
        for (size_t u = 0; u < kSide; ++u) out[u] = wrapped(whole(u) * (1 << kPassBits));
        if (all_zero(coefficients, 1, kSide)) {
            constexpr int kShift = kSecondShift - kConstantBits;
            const uint8_t sample = sample_of((out[0] + rounding(kShift)) >> kShift);
            for (int y = 0; y < kSide; ++y) std::memset(to + y * stride, sample, kSide);
            return;
        }
        for (size_t u = 0; u < kSide; ++u) std::fill_n(in + kSide * u, kSide, out[u]);
    } else {
        for (size_t i = 0; i < kSize; ++i) in[i] = whole(i);
        inverse_pass<kFirstShift>(in, out);
        transpose(out, in);
    }
    inverse_pass<kSecondShift>(in, out);
    uint8_t columns[kSize], rows[kSize];
    for (size_t i = 0; i < kSize; ++i) columns[i] = sample_of(out[i]);
    transpose(columns, rows);
    for (int y = 0; y < kSide; ++y) std::memcpy(to + y * stride, rows + kSide * y, kSide);
}

}  // namespace residua::codec
