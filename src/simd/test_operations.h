// Every operation of the vocabulary on the same numbers. Each instruction set's test_operations_<name>.cc
// includes this behind its header; simd_test.cc compares the results with those of plain C++.
#pragma once

#include "simd/test_results.h"

namespace residua::simd::RESIDUA_SIMD {

namespace {

void run_pairs(const TestInputs& in, TestResults& out) {
    using I = Int32<16>;
    using F = Float32<16>;
    using M = Mask32<16>;
    const I a = I::load(in.a), b = I::load(in.b), count = I::load(in.count);
    (a + b).store(out.sum);
    (a - b).store(out.difference);
    (a * b).store(out.product);
    (a & b).store(out.both);
    (a | b).store(out.either);
    (a << count).store(out.left_each);
    (a >> count).store(out.right_each);
    shift_right_unsigned(a, I::load(in.large_count)).store(out.right_unsigned_each);
    (a << in.count[0]).store(out.left);
    (a >> in.count[0]).store(out.right);
    shift_right_unsigned(a, in.count[0]).store(out.right_unsigned);
    min(a, b).store(out.smaller);
    max(a, b).store(out.larger);
    clamp(a, -1000, 70000).store(out.clamped);
    abs(a).store(out.absolute);
    leading_zeros(a).store(out.leading_zeros);
    const I yes = I::all(1), no = I::all(0);
    select(a > b, yes, no).store(out.greater);
    select(a == b, yes, no).store(out.equal);
    select(a != b, yes, no).store(out.not_equal);
    select((a > b) & (a > 0), yes, no).store(out.mask_and);
    select((a > b) | ~(a > 0), yes, no).store(out.mask_or_not);
    select(M::range(in.first, in.end), a, b).store(out.range);
    out.any[0] = any(a == b);
    out.any[1] = any(M::range(in.first, in.end));
    out.total = simd::RESIDUA_SIMD::sum(a);
    gather(in.table, a & 1023).store(out.gathered);
    look_up_32(in.table, a & 31).store(out.looked_up);
    multiply_high_unsigned(a, b).store(out.high_unsigned);
    // A divisor of at least 2^16 keeps the quotient below 2^31.
    divide_unsigned(0x1p46, max(abs(b), I::all(1 << 16)), 1.0).store(out.quotient);

    const F x = F::load(in.x), y = F::load(in.y);
    (x + y).store(out.float_sum);
    (x - y).store(out.float_difference);
    (x * y).store(out.float_product);
    (x / y).store(out.float_quotient);
    (x * y + x).store(out.not_contracted);
    min(x, y).store(out.float_smaller);
    max(x, y).store(out.float_larger);
    abs(x).store(out.float_absolute);
    select(a > b, x, y).store(out.float_selected);
    const F strange = F::load(in.strange), stranger = F::load(in.stranger);
    min(strange, stranger).store(out.strange_smaller);
    max(strange, stranger).store(out.strange_larger);
    select(a > b, strange, stranger).store(out.strange_selected);
    to_float(a).store(out.converted);
    const F small = F::load(in.small);
    truncate(small).store(out.truncated);
    round(small).store(out.rounded);
    bits(x).store(out.bits);
    from_bits(a & 0x3FFFFFFF).store(out.from_bits);
}

// Whole arrays, register by register.
void run_registers(const TestInputs& in, TestResults& out) {
    for (int l = 0; l < 16; l += kNative) {
        const Ints a = Ints::load(in.a + l), b = Ints::load(in.b + l), count = Ints::load(in.count + l);
        select_negative(a, b, count).store(out.negative + l);
        from_lanes(in.a + l).store(out.lanes + l);
        high_halves(a * factor(b)).store(out.high + l);
        high_halves(a * factor(b) + shift_left_wide(int64_t{1} << 31, count)).store(out.high_rounded + l);
        Ints::load(in.words + l).store(out.words + l);
        Ints::load(in.bytes + l).store(out.bytes + l);
        Neighbours64(in.neighbours).at_top_bits(Ints::load(in.top + l)).store(out.neighbours + l);
        const Int16 words = Int16::load(in.words + 2 * l), more = Int16::load(in.more_words + 2 * l);
        multiply_pairs(words, more).store(out.pairs + l);
        multiply_pairs(as_words(a), as_words(b)).store(out.pairs_of_ints + l);
        add_pairs(a, words, more).store(out.added_pairs + l);
        (words + more).store(out.word_sum + 2 * l);
        (words - more).store(out.word_difference + 2 * l);
        (words * more).store(out.word_product + 2 * l);
        shift_right_unsigned(words, in.count[0] & 15).store(out.word_right + 2 * l);
        max(words, more).store(out.word_larger + 2 * l);
        subtract_saturated(words, more).store(out.word_saturated + 2 * l);
        Int16::load(in.bytes + 2 * l).store(out.word_bytes + 2 * l);
        shift_right_unsigned(words, 1).store_saturated(out.saturated + 2 * l);
        packed_once(pack(a, b)).store(out.packed + 2 * l);
        // Interleaved words that are packed again lie as before.
        pack(multiply_pairs(interleave_low(words, more), Int16::all(1)),
             multiply_pairs(interleave_high(words, more), Int16::all(1)))
            .store(out.interleaved + 2 * l);
        packed_once(pack(words, more)).store(out.packed_words + 4 * l);
        packed_twice(pack(pack(a, b), pack(b, count))).store(out.packed_twice + 4 * l);
        max_unsigned(packed_once(pack(words, more)) ^ Int8::all(0x85), Int8::all(0x90))
            .store(out.byte_larger + 4 * l);
    }
}

void run(const TestInputs& in, TestResults& out) {
    run_pairs(in, out);
    run_registers(in, out);
    transpose_16x16(in.rows, in.pitch, out.columns, 17);
    Floats before = Floats::all(in.y[0]);
    for (int l = 0; l < 16; l += kNative) {
        const Floats x = Floats::load(in.x + l);
        moved_on(before, x).store(out.moved_on + l);
        before = x;
    }
    out.last_lane[0] = last_lane(before);
}

}  // namespace

}  // namespace residua::simd::RESIDUA_SIMD
