// WebAssembly's vectors of 128 bits. For files compiled with -msimd128 (residua_kernel_sources in CMake) only. The
// standard defines every operation used here exactly (but for the bits of what is not a number, which no decoder
// sees); those of "relaxed SIMD" it leaves to the engine, and they have no place here.
#pragma once

#include <wasm_simd128.h>

#define RESIDUA_SIMD simd128
#include "simd/vectors.h"

namespace residua::simd::simd128 {

constexpr int kNative = 4;      // lanes of 32 bits in a register
constexpr int kRegisters = 16;  // of vectors, on the poorer processors that engines compile for

template <>
struct Int32<4> {
    v128_t v;

    static RESIDUA_INLINE Int32 load(const int32_t* from) { return {wasm_v128_load(from)}; }
    static RESIDUA_INLINE Int32 load(const int16_t* from) { return {wasm_i32x4_load16x4(from)}; }
    static RESIDUA_INLINE Int32 load(const uint8_t* from) {
        return {wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(from)))};
    }
    static RESIDUA_INLINE Int32 all(int32_t value) { return {wasm_i32x4_splat(value)}; }
    RESIDUA_INLINE void store(int32_t* to) const { wasm_v128_store(to, v); }
};

template <>
struct Float32<4> {
    v128_t v;

    static RESIDUA_INLINE Float32 load(const float* from) { return {wasm_v128_load(from)}; }
    static RESIDUA_INLINE Float32 all(float value) { return {wasm_f32x4_splat(value)}; }
    RESIDUA_INLINE void store(float* to) const { wasm_v128_store(to, v); }
};

// All bits of a lane, or none.
template <>
struct Mask32<4> {
    v128_t v;

    static RESIDUA_INLINE Mask32 range(int first, int end) {
        const v128_t lane = wasm_i32x4_const(0, 1, 2, 3);
        return {wasm_v128_and(wasm_i32x4_ge(lane, wasm_i32x4_splat(first)),
                              wasm_i32x4_lt(lane, wasm_i32x4_splat(end)))};
    }
};

using Ints = Int32<kNative>;
using Floats = Float32<kNative>;
using Masks = Mask32<kNative>;

RESIDUA_INLINE Ints operator+(Ints a, Ints b) { return {wasm_i32x4_add(a.v, b.v)}; }
RESIDUA_INLINE Ints operator-(Ints a, Ints b) { return {wasm_i32x4_sub(a.v, b.v)}; }
RESIDUA_INLINE Ints operator*(Ints a, Ints b) { return {wasm_i32x4_mul(a.v, b.v)}; }
RESIDUA_INLINE Ints operator&(Ints a, Ints b) { return {wasm_v128_and(a.v, b.v)}; }
RESIDUA_INLINE Ints operator|(Ints a, Ints b) { return {wasm_v128_or(a.v, b.v)}; }
RESIDUA_INLINE Ints operator<<(Ints a, int count) {
    return {wasm_i32x4_shl(a.v, static_cast<uint32_t>(count))};
}
RESIDUA_INLINE Ints operator>>(Ints a, int count) {
    return {wasm_i32x4_shr(a.v, static_cast<uint32_t>(count))};
}
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, int count) {
    return {wasm_u32x4_shr(a.v, static_cast<uint32_t>(count))};
}

// There are no shifts of each lane by its own count, but products with powers of two.
// 2^exponent, of −1…31; 0 for −1.
RESIDUA_INLINE v128_t power_of_two(v128_t exponent) {
    const v128_t bit = wasm_i8x16_const(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
    const v128_t place = wasm_i32x4_const_splat(0x18100800);  // in the byte of the lane
    const v128_t e =
        wasm_i8x16_shuffle(exponent, exponent, 0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    const v128_t bits = wasm_i8x16_swizzle(bit, wasm_v128_and(e, wasm_i8x16_const_splat(7)));
    return wasm_v128_and(
        bits, wasm_i8x16_eq(wasm_v128_and(e, wasm_i8x16_const_splat(static_cast<char>(0xf8))), place));
}
// The 64-bit products' bits 31…62.
RESIDUA_INLINE v128_t multiply_unsigned_31(v128_t a, v128_t b) {
    return wasm_i32x4_shuffle(wasm_u64x2_shr(wasm_u64x2_extmul_low_u32x4(a, b), 31),
                              wasm_u64x2_shr(wasm_u64x2_extmul_high_u32x4(a, b), 31), 0, 2, 4, 6);
}
RESIDUA_INLINE Ints operator<<(Ints a, Ints count) { return {wasm_i32x4_mul(a.v, power_of_two(count.v))}; }
// Without a sign, 2^31 more shifts to 2^(31−count) more.
RESIDUA_INLINE Ints operator>>(Ints a, Ints count) {
    const v128_t power = power_of_two(wasm_i32x4_sub(wasm_i32x4_const_splat(31), count.v));
    const v128_t more = wasm_v128_xor(a.v, wasm_i32x4_const_splat(INT32_MIN));
    return {wasm_i32x4_sub(multiply_unsigned_31(more, power), power)};
}
RESIDUA_INLINE Ints shift_right_unsigned(Ints a, Ints count) {
    const v128_t most = wasm_u32x4_min(count.v, wasm_i32x4_const_splat(32));
    return {multiply_unsigned_31(a.v, power_of_two(wasm_i32x4_sub(wasm_i32x4_const_splat(31), most)))};
}
RESIDUA_INLINE Ints min(Ints a, Ints b) { return {wasm_i32x4_min(a.v, b.v)}; }
RESIDUA_INLINE Ints max(Ints a, Ints b) { return {wasm_i32x4_max(a.v, b.v)}; }

RESIDUA_INLINE Masks operator>(Ints a, Ints b) { return {wasm_i32x4_gt(a.v, b.v)}; }
RESIDUA_INLINE Masks operator==(Ints a, Ints b) { return {wasm_i32x4_eq(a.v, b.v)}; }
RESIDUA_INLINE Masks operator!=(Ints a, Ints b) { return {wasm_i32x4_ne(a.v, b.v)}; }
RESIDUA_INLINE Masks operator&(Masks a, Masks b) { return {wasm_v128_and(a.v, b.v)}; }
RESIDUA_INLINE Masks operator|(Masks a, Masks b) { return {wasm_v128_or(a.v, b.v)}; }
RESIDUA_INLINE Masks operator~(Masks a) { return {wasm_v128_not(a.v)}; }
RESIDUA_INLINE bool any(Masks a) { return wasm_v128_any_true(a.v); }
RESIDUA_INLINE Ints select(Masks mask, Ints yes, Ints no) {
    return {wasm_v128_bitselect(yes.v, no.v, mask.v)};
}
RESIDUA_INLINE Floats select(Masks mask, Floats yes, Floats no) {
    return {wasm_v128_bitselect(yes.v, no.v, mask.v)};
}
RESIDUA_INLINE Ints select_negative(Ints a, Ints yes, Ints no) {  // yes where a < 0
    return {wasm_v128_bitselect(yes.v, no.v, wasm_i32x4_shr(a.v, 31))};
}

RESIDUA_INLINE Floats operator+(Floats a, Floats b) { return {wasm_f32x4_add(a.v, b.v)}; }
RESIDUA_INLINE Floats operator-(Floats a, Floats b) { return {wasm_f32x4_sub(a.v, b.v)}; }
RESIDUA_INLINE Floats operator*(Floats a, Floats b) { return {wasm_f32x4_mul(a.v, b.v)}; }
RESIDUA_INLINE Floats operator/(Floats a, Floats b) { return {wasm_f32x4_div(a.v, b.v)}; }
// "Pseudo-minimum": the second operand where it is smaller, otherwise the first; ours is the other way round.
RESIDUA_INLINE Floats min(Floats a, Floats b) { return {wasm_f32x4_pmin(b.v, a.v)}; }
RESIDUA_INLINE Floats max(Floats a, Floats b) { return {wasm_f32x4_pmax(b.v, a.v)}; }
RESIDUA_INLINE Floats to_float(Ints a) { return {wasm_f32x4_convert_i32x4(a.v)}; }
RESIDUA_INLINE Ints truncate(Floats a) { return {wasm_i32x4_trunc_sat_f32x4(a.v)}; }
RESIDUA_INLINE Ints bits(Floats a) { return {a.v}; }
RESIDUA_INLINE Floats from_bits(Ints a) { return {a.v}; }
RESIDUA_INLINE Floats moved_on(Floats before, Floats a) {
    return {wasm_i32x4_shuffle(before.v, a.v, 3, 4, 5, 6)};
}
RESIDUA_INLINE float last_lane(Floats a) { return wasm_f32x4_extract_lane(a.v, 3); }

RESIDUA_INLINE int32_t sum(Ints a) {
    const v128_t two = wasm_i32x4_add(a.v, wasm_i32x4_shuffle(a.v, a.v, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(wasm_i32x4_add(two, wasm_i32x4_shuffle(two, two, 1, 0, 3, 2)), 0);
}
// From the exponent of a float; clearing the bit below each leading one keeps the conversion from rounding up
// to the next power of two. A number with the highest bit set converts to a negative one.
RESIDUA_INLINE Ints leading_zeros(Ints a) {
    const v128_t rounded = wasm_f32x4_convert_i32x4(wasm_v128_andnot(a.v, wasm_u32x4_shr(a.v, 1)));
    return max(Ints::all(127 + 31) - Ints{wasm_u32x4_shr(rounded, 23)}, Ints::all(0));
}

// Four numbers of 32 bits, wherever they lie.
RESIDUA_INLINE v128_t load_lanes(const void* a, const void* b, const void* c, const void* d) {
    v128_t v = wasm_v128_load32_zero(a);
    v = wasm_v128_load32_lane(b, v, 1);
    v = wasm_v128_load32_lane(c, v, 2);
    return wasm_v128_load32_lane(d, v, 3);
}
RESIDUA_INLINE Ints gather(const int32_t* table, Ints index) {
    return {
        load_lanes(table + wasm_i32x4_extract_lane(index.v, 0), table + wasm_i32x4_extract_lane(index.v, 1),
                   table + wasm_i32x4_extract_lane(index.v, 2), table + wasm_i32x4_extract_lane(index.v, 3))};
}
RESIDUA_INLINE Ints from_lanes(const int32_t* l) { return {wasm_i32x4_make(l[0], l[1], l[2], l[3])}; }
RESIDUA_INLINE Ints look_up_32(const int32_t* table, Ints index) { return gather(table, index); }

// Of lanes 0 and 1.
RESIDUA_INLINE v128_t divide_two(double numerator, v128_t a, double offset) {
    const v128_t divisor = wasm_f64x2_add(wasm_f64x2_convert_low_u32x4(a), wasm_f64x2_splat(offset));
    return wasm_u32x4_trunc_sat_f64x2_zero(wasm_f64x2_div(wasm_f64x2_splat(numerator), divisor));
}
RESIDUA_INLINE Ints divide_unsigned(double numerator, Ints a, double offset) {
    const v128_t high = wasm_i32x4_shuffle(a.v, a.v, 2, 3, 2, 3);
    return {
        wasm_i64x2_shuffle(divide_two(numerator, a.v, offset), divide_two(numerator, high, offset), 0, 2)};
}
RESIDUA_INLINE Ints multiply_high_unsigned(Ints a, Ints b) {
    return {wasm_i32x4_shuffle(wasm_u64x2_extmul_low_u32x4(a.v, b.v), wasm_u64x2_extmul_high_u32x4(a.v, b.v),
                               1, 3, 5, 7)};
}

// Products of 64 bits, of lanes 0, 1 and 2, 3.
struct Wide {
    v128_t low, high;
};
struct Factor {
    v128_t v;
};
RESIDUA_INLINE Factor factor(Ints a) { return {a.v}; }
RESIDUA_INLINE Wide operator*(Ints a, Factor b) {
    return {wasm_i64x2_extmul_low_i32x4(a.v, b.v), wasm_i64x2_extmul_high_i32x4(a.v, b.v)};
}
RESIDUA_INLINE Wide operator+(Wide a, Wide b) {
    return {wasm_i64x2_add(a.low, b.low), wasm_i64x2_add(a.high, b.high)};
}
RESIDUA_INLINE Wide shift_left_wide(int64_t value, Ints count) {
    const v128_t power = power_of_two(count.v), v = wasm_i64x2_splat(value);
    return {wasm_i64x2_mul(v, wasm_u64x2_extend_low_u32x4(power)),
            wasm_i64x2_mul(v, wasm_u64x2_extend_high_u32x4(power))};
}
RESIDUA_INLINE Ints high_halves(Wide a) { return {wasm_i32x4_shuffle(a.low, a.high, 1, 3, 5, 7)}; }

struct Int16 {
    v128_t v;

    static RESIDUA_INLINE Int16 load(const int16_t* from) { return {wasm_v128_load(from)}; }
    static RESIDUA_INLINE Int16 load(const uint8_t* from) { return {wasm_u16x8_load8x8(from)}; }
    static RESIDUA_INLINE Int16 all(int value) { return {wasm_i16x8_splat(static_cast<int16_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { wasm_v128_store(to, v); }
    RESIDUA_INLINE void store_saturated(uint8_t* to) const {
        wasm_v128_store64_lane(to, wasm_u8x16_narrow_i16x8(v, v), 0);
    }
};
RESIDUA_INLINE Int16 operator+(Int16 a, Int16 b) { return {wasm_i16x8_add(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator-(Int16 a, Int16 b) { return {wasm_i16x8_sub(a.v, b.v)}; }
RESIDUA_INLINE Int16 operator*(Int16 a, Int16 b) { return {wasm_i16x8_mul(a.v, b.v)}; }
RESIDUA_INLINE Int16 shift_right_unsigned(Int16 a, int count) {
    return {wasm_u16x8_shr(a.v, static_cast<uint32_t>(count))};
}
RESIDUA_INLINE Int16 max(Int16 a, Int16 b) { return {wasm_i16x8_max(a.v, b.v)}; }
RESIDUA_INLINE Int16 subtract_saturated(Int16 a, Int16 b) { return {wasm_i16x8_sub_sat(a.v, b.v)}; }
RESIDUA_INLINE Int16 interleave_low(Int16 a, Int16 b) {
    return {wasm_i16x8_shuffle(a.v, b.v, 0, 8, 1, 9, 2, 10, 3, 11)};
}
RESIDUA_INLINE Int16 interleave_high(Int16 a, Int16 b) {
    return {wasm_i16x8_shuffle(a.v, b.v, 4, 12, 5, 13, 6, 14, 7, 15)};
}
RESIDUA_INLINE Int16 as_words(Ints a) { return {a.v}; }
RESIDUA_INLINE Ints multiply_pairs(Int16 a, Int16 b) { return {wasm_i32x4_dot_i16x8(a.v, b.v)}; }
RESIDUA_INLINE Ints add_pairs(Ints sum, Int16 a, Int16 b) { return sum + multiply_pairs(a, b); }

struct Int8 {
    v128_t v;

    static RESIDUA_INLINE Int8 all(int value) { return {wasm_i8x16_splat(static_cast<int8_t>(value))}; }
    RESIDUA_INLINE void store(void* to) const { wasm_v128_store(to, v); }
};
RESIDUA_INLINE Int8 operator^(Int8 a, Int8 b) { return {wasm_v128_xor(a.v, b.v)}; }
RESIDUA_INLINE Int8 max_unsigned(Int8 a, Int8 b) { return {wasm_u8x16_max(a.v, b.v)}; }

RESIDUA_INLINE Int16 pack(Ints a, Ints b) { return {wasm_i16x8_narrow_i32x4(a.v, b.v)}; }
RESIDUA_INLINE Int8 pack(Int16 a, Int16 b) { return {wasm_i8x16_narrow_i16x8(a.v, b.v)}; }
RESIDUA_INLINE Int16 packed_once(Int16 a) { return a; }
RESIDUA_INLINE Int8 packed_once(Int8 a) { return a; }
RESIDUA_INLINE Int8 packed_twice(Int8 a) { return a; }

class Neighbours64 {
  public:
    explicit RESIDUA_INLINE Neighbours64(const uint16_t* table) : table_(table) {}
    // Two words are 32 bits of memory.
    RESIDUA_INLINE Ints at_top_bits(Ints a) const {
        const v128_t index = wasm_u32x4_shr(a.v, 26);
        return {load_lanes(
            table_ + wasm_i32x4_extract_lane(index, 0), table_ + wasm_i32x4_extract_lane(index, 1),
            table_ + wasm_i32x4_extract_lane(index, 2), table_ + wasm_i32x4_extract_lane(index, 3))};
    }

  private:
    const uint16_t* table_;
};

// Sixteen rows of sixteen int16 become sixteen columns of int32: out[column · step + row], `step` numbers
// from one column to the next. Row r starts at rows + r · pitch. In blocks of 8 × 8.
RESIDUA_INLINE void transpose_16x16(const int16_t* rows, ptrdiff_t pitch, int32_t* out, ptrdiff_t step) {
    for (int block = 0; block < 4; ++block) {
        const int first_row = block % 2 * 8, first_column = block / 2 * 8;
        v128_t in[8], other[8];
        for (int r = 0; r < 8; ++r) in[r] = wasm_v128_load(rows + (first_row + r) * pitch + first_column);
        for (int r = 0; r < 8; r += 2) {
            other[r] = wasm_i16x8_shuffle(in[r], in[r + 1], 0, 8, 1, 9, 2, 10, 3, 11);
            other[r + 1] = wasm_i16x8_shuffle(in[r], in[r + 1], 4, 12, 5, 13, 6, 14, 7, 15);
        }
        for (int r = 0; r < 8; r += 4) {
            in[r] = wasm_i32x4_shuffle(other[r], other[r + 2], 0, 4, 1, 5);
            in[r + 1] = wasm_i32x4_shuffle(other[r], other[r + 2], 2, 6, 3, 7);
            in[r + 2] = wasm_i32x4_shuffle(other[r + 1], other[r + 3], 0, 4, 1, 5);
            in[r + 3] = wasm_i32x4_shuffle(other[r + 1], other[r + 3], 2, 6, 3, 7);
        }
        // in[r] and in[r + 4]: columns 2r and 2r + 1, of rows 0…3 and 4…7.
        int32_t* to = out + first_column * step + first_row;
        for (int r = 0; r < 4; ++r, to += 2 * step) {
            Ints{wasm_i32x4_extend_low_i16x8(in[r])}.store(to);
            Ints{wasm_i32x4_extend_low_i16x8(in[r + 4])}.store(to + 4);
            Ints{wasm_i32x4_extend_high_i16x8(in[r])}.store(to + step);
            Ints{wasm_i32x4_extend_high_i16x8(in[r + 4])}.store(to + step + 4);
        }
    }
}

}  // namespace residua::simd::simd128
