// What the test of the vocabulary gives to each instruction set, and what it compares. Plain data only.
#pragma once

#include <cstdint>

namespace residua::simd {

struct TestInputs {
    int32_t a[16], b[16], count[16], large_count[16];  // a is nowhere 0
    int32_t top[16];                                   // highest six bits not 0
    float x[16], y[16];
    float strange[16], stranger[16];  // infinities and no numbers among them
    float small[16];                  // below 2^22
    int first, end;
    int32_t table[1024];
    uint16_t neighbours[65];
    int16_t words[32], more_words[32];
    uint8_t bytes[64];
    int pitch;
    int16_t rows[16 * 40];
};

// clang-format off
#define RESIDUA_INT_RESULTS(X) \
    X(sum) X(difference) X(product) X(both) X(either) X(left_each) X(right_each) \
    X(right_unsigned_each) X(left) X(right) X(right_unsigned) X(smaller) X(larger) X(clamped) \
    X(absolute) X(leading_zeros) X(greater) X(equal) X(not_equal) X(mask_and) X(mask_or_not) \
    X(range) X(gathered) X(looked_up) X(high_unsigned) X(quotient) X(truncated) X(rounded) X(bits) \
    X(negative) X(high) X(high_rounded) X(words) X(bytes) X(neighbours) X(pairs) X(pairs_of_ints) \
    X(lanes) X(added_pairs)
#define RESIDUA_FLOAT_RESULTS(X) \
    X(float_sum) X(float_difference) X(float_product) X(float_quotient) X(not_contracted) \
    X(float_smaller) X(float_larger) X(float_absolute) X(float_selected) X(converted) X(from_bits) \
    X(moved_on) X(last_lane) X(strange_smaller) X(strange_larger) X(strange_selected)
// clang-format on
#define RESIDUA_WORD_RESULTS(X) \
    X(word_sum)                 \
    X(word_difference)          \
    X(word_product) X(word_right) X(word_larger) X(word_saturated) X(word_bytes) X(packed) X(interleaved)

struct TestResults {
#define RESIDUA_FIELD(name) int32_t name[16];
    RESIDUA_INT_RESULTS(RESIDUA_FIELD)
#undef RESIDUA_FIELD
#define RESIDUA_FIELD(name) float name[16];
    RESIDUA_FLOAT_RESULTS(RESIDUA_FIELD)
#undef RESIDUA_FIELD
#define RESIDUA_FIELD(name) int16_t name[32];
    RESIDUA_WORD_RESULTS(RESIDUA_FIELD)
#undef RESIDUA_FIELD
    uint8_t saturated[32];
    int8_t packed_words[64], packed_twice[64], byte_larger[64];
    int32_t columns[16 * 17];
    int32_t total;
    int32_t any[2];
};

using TestRun = void (*)(const TestInputs&, TestResults&);
extern const TestRun kRunFour, kRunAvx2, kRunAvx512, kRunNeon, kRunSimd128;

}  // namespace residua::simd
