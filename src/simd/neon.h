// NEON of 64-bit Arm: registers of 128 bits. Every such processor has it: no options of the compiler are needed.
#pragma once

#include <arm_neon.h>

#define RESIDUA_SIMD neon
#include "simd/vectors.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "simd/neon.h counts lanes and bytes from the lowest address: little-endian Arm only"
#endif

namespace residua::simd::neon {

constexpr int kNative = 4;      // lanes of 32 bits in a register
constexpr int kRegisters = 32;  // of vectors

RESIDUA_INLINE uint8x16_t load_128(const void* from) { return vld1q_u8(static_cast<const uint8_t*>(from)); }
RESIDUA_INLINE uint8x8_t load_64(const void* from) { return vld1_u8(static_cast<const uint8_t*>(from)); }
RESIDUA_INLINE void store_128(void* to, uint8x16_t v) { vst1q_u8(static_cast<uint8_t*>(to), v); }

template <>
struct Int32<4> {
    int32x4_t v;

    static RESIDUA_INLINE Int32 load(const int32_t* from) { return {vreinterpretq_s32_u8(load_128(from))}; }
    static RESIDUA_INLINE Int32 load(const int16_t* from) {
        return {vmovl_s16(vreinterpret_s16_u8(load_64(from)))};
    }
    static RESIDUA_INLINE Int32 load(const uint8_t* from) {
        uint32_t four;
        __builtin_memcpy(&four, from, sizeof four);
        const uint8x8_t bytes = vreinterpret_u8_u32(vdup_n_u32(four));
        return {vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(bytes))))};
    }
    static RESIDUA_INLINE Int32 all(int32_t value) { return {vdupq_n_s32(value)}; }
    RESIDUA_INLINE void store(int32_t* to) const { store_128(to, vreinterpretq_u8_s32(v)); }
};

template <>
struct Float32<4> {
    float32x4_t v;

    static RESIDUA_INLINE Float32 load(const float* from) { return {vreinterpretq_f32_u8(load_128(from))}; }
    static RESIDUA_INLINE Float32 all(float value) { return {vdupq_n_f32(value)}; }
    RESIDUA_INLINE void store(float* to) const { store_128(to, vreinterpretq_u8_f32(v)); }
};

// All bits of a lane, or none.
template <>
struct Mask32<4> {
    uint32x4_t v;

    static RESIDUA_INLINE Mask32 range(int first, int end) {
        const int32x4_t lane = {0, 1, 2, 3};
        return {vandq_u32(vcgeq_s32(lane, vdupq_n_s32(first)), vcltq_s32(lane, vdupq_n_s32(end)))};
    }
};

using Ints = Int32<kNative>;
using Floats = Float32<kNative>;
using Masks = Mask32<kNative>;

RESIDUA_INLINE uint32x4_t without_sign(Ints a) { return vreinterpretq_u32_s32(a.v); }
RESIDUA_INLINE Ints with_sign(uint32x4_t v) { return {vreinterpretq_s32_u32(v)}; }

RESIDUA_INLINE Ints operator+(Ints a, Ints b) { return {vaddq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator-(Ints a, Ints b) { return {vsubq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator*(Ints a, Ints b) { return {vmulq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator&(Ints a, Ints b) { return {vandq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator|(Ints a, Ints b) { return {vorrq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, Ints count) { return {vshlq_s32(a.v, count.v)}; }
RESIDUA_INLINE Ints operator>>(Ints a, Ints count) { return {vshlq_s32(a.v, vnegq_s32(count.v))}; }
// The instruction takes the lowest byte of a count as a number with a sign.
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, Ints count) {
    const uint32x4_t most = vminq_u32(without_sign(count), vdupq_n_u32(32));
    return with_sign(vshlq_u32(without_sign(a), vnegq_s32(vreinterpretq_s32_u32(most))));
}
// Written as C's shifts, of which the compiler makes those by a constant where it knows the count.
RESIDUA_INLINE Ints operator<<(Ints a, int count) { return {a.v << vdupq_n_s32(count)}; }
RESIDUA_INLINE Ints operator>>(Ints a, int count) { return {a.v >> vdupq_n_s32(count)}; }
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, int count) {
    return with_sign(without_sign(a) >> vdupq_n_u32(static_cast<uint32_t>(count)));
}
RESIDUA_INLINE Ints min(Ints a, Ints b) { return {vminq_s32(a.v, b.v)}; }
RESIDUA_INLINE Ints max(Ints a, Ints b) { return {vmaxq_s32(a.v, b.v)}; }

RESIDUA_INLINE Masks operator>(Ints a, Ints b) { return {vcgtq_s32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator==(Ints a, Ints b) { return {vceqq_s32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator&(Masks a, Masks b) { return {vandq_u32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator|(Masks a, Masks b) { return {vorrq_u32(a.v, b.v)}; }
RESIDUA_INLINE Masks operator~(Masks a) { return {vmvnq_u32(a.v)}; }
RESIDUA_INLINE Masks operator!=(Ints a, Ints b) { return ~(a == b); }
RESIDUA_INLINE bool any(Masks a) { return vmaxvq_u32(a.v) != 0; }
RESIDUA_INLINE Ints select(Masks mask, Ints yes, Ints no) { return {vbslq_s32(mask.v, yes.v, no.v)}; }
RESIDUA_INLINE Floats select(Masks mask, Floats yes, Floats no) { return {vbslq_f32(mask.v, yes.v, no.v)}; }
RESIDUA_INLINE Ints select_negative(Ints a, Ints yes, Ints no) {  // yes where a < 0
    return {vbslq_s32(vcltzq_s32(a.v), yes.v, no.v)};
}

RESIDUA_INLINE Floats operator+(Floats a, Floats b) { return {vaddq_f32(a.v, b.v)}; }
RESIDUA_INLINE Floats operator-(Floats a, Floats b) { return {vsubq_f32(a.v, b.v)}; }
RESIDUA_INLINE Floats operator*(Floats a, Floats b) { return {vmulq_f32(a.v, b.v)}; }
RESIDUA_INLINE Floats operator/(Floats a, Floats b) { return {vdivq_f32(a.v, b.v)}; }
// Not fmin and fmax: these order zeros by their sign, and give what is not a number wherever it stands.
RESIDUA_INLINE Floats min(Floats a, Floats b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
RESIDUA_INLINE Floats max(Floats a, Floats b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
RESIDUA_INLINE Floats to_float(Ints a) { return {vcvtq_f32_s32(a.v)}; }
RESIDUA_INLINE Ints truncate(Floats a) { return {vcvtq_s32_f32(a.v)}; }
RESIDUA_INLINE Ints bits(Floats a) { return {vreinterpretq_s32_f32(a.v)}; }
RESIDUA_INLINE Floats from_bits(Ints a) { return {vreinterpretq_f32_s32(a.v)}; }
RESIDUA_INLINE Floats moved_on(Floats before, Floats a) { return {vextq_f32(before.v, a.v, 3)}; }
RESIDUA_INLINE float last_lane(Floats a) { return vgetq_lane_f32(a.v, 3); }

RESIDUA_INLINE int32_t sum(Ints a) { return vaddvq_s32(a.v); }
RESIDUA_INLINE Ints leading_zeros(Ints a) { return {vclzq_s32(a.v)}; }
RESIDUA_INLINE Ints gather(const int32_t* table, Ints index) {
    const uint64x2_t two = vreinterpretq_u64_s32(index.v);
    const uint64_t low = vgetq_lane_u64(two, 0), high = vgetq_lane_u64(two, 1);
    return {int32x4_t{table[static_cast<uint32_t>(low)], table[low >> 32], table[static_cast<uint32_t>(high)],
                      table[high >> 32]}};
}
RESIDUA_INLINE Ints from_lanes(const int32_t* l) { return {int32x4_t{l[0], l[1], l[2], l[3]}}; }

// A table of 128 bytes in registers; an index beyond a half of it gives 0, or leaves what is there.
struct Bytes128 {
    uint8x16x4_t low, high;

    explicit RESIDUA_INLINE Bytes128(const void* table)
        : low(vld1q_u8_x4(static_cast<const uint8_t*>(table))),
          high(vld1q_u8_x4(static_cast<const uint8_t*>(table) + 64)) {}
    RESIDUA_INLINE Ints at(uint32x4_t byte_indices) const {
        const uint8x16_t index = vreinterpretq_u8_u32(byte_indices);
        return {
            vreinterpretq_s32_u8(vqtbx4q_u8(vqtbl4q_u8(low, index), high, vsubq_u8(index, vdupq_n_u8(64))))};
    }
};
RESIDUA_INLINE Ints look_up_32(const int32_t* table, Ints index) {
    const uint32x4_t first = vdupq_n_u32(0x03020100);
    return Bytes128(table).at(vmlaq_u32(first, without_sign(index), vdupq_n_u32(0x04040404)));
}

RESIDUA_INLINE uint32x2_t divide_two(double numerator, uint32x2_t a, double offset) {
    const float64x2_t divisor = vaddq_f64(vcvtq_f64_u64(vmovl_u32(a)), vdupq_n_f64(offset));
    return vmovn_u64(vcvtq_u64_f64(vdivq_f64(vdupq_n_f64(numerator), divisor)));
}
RESIDUA_INLINE Ints divide_unsigned(double numerator, Ints a, double offset) {
    const uint32x4_t v = without_sign(a);
    return with_sign(vcombine_u32(divide_two(numerator, vget_low_u32(v), offset),
                                  divide_two(numerator, vget_high_u32(v), offset)));
}
RESIDUA_INLINE Ints multiply_high_unsigned(Ints a, Ints b) {
    const uint32x4_t first = without_sign(a), second = without_sign(b);
    return with_sign(vuzp2q_u32(vreinterpretq_u32_u64(vmull_u32(vget_low_u32(first), vget_low_u32(second))),
                                vreinterpretq_u32_u64(vmull_high_u32(first, second))));
}

// Products of 64 bits, of lanes 0, 1 and 2, 3.
struct Wide {
    int64x2_t low, high;
};
struct Factor {
    int32x4_t v;
};
RESIDUA_INLINE Factor factor(Ints a) { return {a.v}; }
RESIDUA_INLINE Wide operator*(Ints a, Factor b) {
    return {vmull_s32(vget_low_s32(a.v), vget_low_s32(b.v)), vmull_high_s32(a.v, b.v)};
}
RESIDUA_INLINE Wide operator+(Wide a, Wide b) { return {vaddq_s64(a.low, b.low), vaddq_s64(a.high, b.high)}; }
RESIDUA_INLINE Wide shift_left_wide(int64_t value, Ints count) {
    const int64x2_t v = vdupq_n_s64(value);
    return {vshlq_s64(v, vmovl_s32(vget_low_s32(count.v))), vshlq_s64(v, vmovl_high_s32(count.v))};
}
RESIDUA_INLINE Ints high_halves(Wide a) {
    return {vuzp2q_s32(vreinterpretq_s32_s64(a.low), vreinterpretq_s32_s64(a.high))};
}

struct Int16 {
    int16x8_t v;

    static RESIDUA_INLINE Int16 load(const int16_t* from) { return {vreinterpretq_s16_u8(load_128(from))}; }
    static RESIDUA_INLINE Int16 load(const uint8_t* from) {
        return {vreinterpretq_s16_u16(vmovl_u8(load_64(from)))};
    }
    static RESIDUA_INLINE Int16 all(int value) { return {vdupq_n_s16(static_cast<int16_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { store_128(to, vreinterpretq_u8_s16(v)); }
    RESIDUA_INLINE void store_saturated(uint8_t* to) const { vst1_u8(to, vqmovun_s16(v)); }
};
RESIDUA_INLINE Int16 operator+(Int16 a, Int16 b) { return {vaddq_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator-(Int16 a, Int16 b) { return {vsubq_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator*(Int16 a, Int16 b) { return {vmulq_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 shift_right_unsigned(Int16 a, int count) {
    return {vreinterpretq_s16_u16(vreinterpretq_u16_s16(a.v) >> vdupq_n_u16(static_cast<uint16_t>(count)))};
}
RESIDUA_INLINE Int16 max(Int16 a, Int16 b) { return {vmaxq_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 subtract_saturated(Int16 a, Int16 b) { return {vqsubq_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_low(Int16 a, Int16 b) { return {vzip1q_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_high(Int16 a, Int16 b) { return {vzip2q_s16(a.v, b.v)}; }
RESIDUA_INLINE Int16 as_words(Ints a) { return {vreinterpretq_s16_s32(a.v)}; }
RESIDUA_INLINE Ints multiply_pairs(Int16 a, Int16 b) {
    return {vpaddq_s32(vmull_s16(vget_low_s16(a.v), vget_low_s16(b.v)), vmull_high_s16(a.v, b.v))};
}
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) { return sum + multiply_pairs(a, b); }

struct Int8 {
    int8x16_t v;

    static RESIDUA_INLINE Int8 all(int value) { return {vdupq_n_s8(static_cast<int8_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { store_128(to, vreinterpretq_u8_s8(v)); }
};
RESIDUA_INLINE Int8 operator^(Int8 a, Int8 b) { return {veorq_s8(a.v, b.v)}; }
RESIDUA_INLINE Int8 max_unsigned(Int8 a, Int8 b) {
    return {vreinterpretq_s8_u8(vmaxq_u8(vreinterpretq_u8_s8(a.v), vreinterpretq_u8_s8(b.v)))};
}

RESIDUA_INLINE Int16 pack(Ints a, Ints b) { return {vqmovn_high_s32(vqmovn_s32(a.v), b.v)}; }
RESIDUA_INLINE Int8 pack(Int16 a, Int16 b) { return {vqmovn_high_s16(vqmovn_s16(a.v), b.v)}; }
RESIDUA_INLINE Int16 packed_once(Int16 a) { return a; }
RESIDUA_INLINE Int8 packed_once(Int8 a) { return a; }
RESIDUA_INLINE Int8 packed_twice(Int8 a) { return a; }

// Words 1…64 in registers: word 0 is never asked for.
class Neighbours64 {
  public:
    explicit RESIDUA_INLINE Neighbours64(const uint16_t* table) : words_(table + 1) {}
    RESIDUA_INLINE Ints at_top_bits(Ints a) const {
        const uint32x4_t word = vsubq_u32(without_sign(a) >> vdupq_n_u32(26), vdupq_n_u32(1));
        return words_.at(vmlaq_u32(vdupq_n_u32(0x03020100), word, vdupq_n_u32(0x02020202)));
    }

  private:
    Bytes128 words_;
};

RESIDUA_INLINE void transpose_words(int16x8_t& a, int16x8_t& b) {
    const int16x8_t first = vtrn1q_s16(a, b);
    b = vtrn2q_s16(a, b);
    a = first;
}
RESIDUA_INLINE void transpose_pairs(int16x8_t& a, int16x8_t& b) {
    const int32x4_t x = vreinterpretq_s32_s16(a), y = vreinterpretq_s32_s16(b);
    a = vreinterpretq_s16_s32(vtrn1q_s32(x, y));
    b = vreinterpretq_s16_s32(vtrn2q_s32(x, y));
}
RESIDUA_INLINE void transpose_fours(int16x8_t& a, int16x8_t& b) {
    const int64x2_t x = vreinterpretq_s64_s16(a), y = vreinterpretq_s64_s16(b);
    a = vreinterpretq_s16_s64(vtrn1q_s64(x, y));
    b = vreinterpretq_s16_s64(vtrn2q_s64(x, y));
}

// Sixteen rows of sixteen int16 become sixteen columns of int32: out[column · step + row], `step` numbers
// from one column to the next. Row r starts at rows + r · pitch. In blocks of 8 × 8.
RESIDUA_INLINE void transpose_16x16(const int16_t* rows, ptrdiff_t pitch, int32_t* out, ptrdiff_t step) {
    for (int block = 0; block < 4; ++block) {
        const int first_row = block % 2 * 8, first_column = block / 2 * 8;
        int16x8_t v[8];
        for (int r = 0; r < 8; ++r) v[r] = Int16::load(rows + (first_row + r) * pitch + first_column).v;
        for (int r = 0; r < 8; r += 2) transpose_words(v[r], v[r + 1]);
        for (int r = 0; r < 6; r += r % 4 == 1 ? 3 : 1) transpose_pairs(v[r], v[r + 2]);
        for (int r = 0; r < 4; ++r) transpose_fours(v[r], v[r + 4]);
        int32_t* to = out + first_column * step + first_row;
        for (int c = 0; c < 8; ++c, to += step) {
            Ints{vmovl_s16(vget_low_s16(v[c]))}.store(to);
            Ints{vmovl_high_s16(v[c])}.store(to + 4);
        }
    }
}

}  // namespace residua::simd::neon
