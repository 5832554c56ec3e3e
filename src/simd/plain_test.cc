// What the operations mean, in numbers: simd_test.cc compares all instruction sets with plain C++, and this
// plain C++ with what was worked out by hand.
#include <gtest/gtest.h>

#include <array>
#include <climits>
#include <cmath>
#include <cstring>

#include "simd/test_four.h"

namespace residua::simd::four {
namespace {

using Four = std::array<int32_t, 4>;
using FourFloats = std::array<float, 4>;
using Words = std::array<int16_t, 8>;
using Bytes = std::array<int8_t, 16>;

Ints ints(const Four& lanes) { return Ints::load(lanes.data()); }
Floats floats(const FourFloats& lanes) { return Floats::load(lanes.data()); }
Int16 words(const Words& lanes) { return Int16::load(lanes.data()); }

template <typename Lanes, typename Vector>
Lanes lanes_of(const Vector& vector) {
    Lanes lanes;
    vector.store(lanes.data());
    return lanes;
}
Four of(Ints a) { return lanes_of<Four>(a); }
Words of(Int16 a) { return lanes_of<Words>(a); }
Bytes of(Int8 a) { return lanes_of<Bytes>(a); }

// Whether they are the same, the sign of zeros too.
Four bits_of(Floats a) { return of(bits(a)); }
Four bits_of(const FourFloats& lanes) { return of(bits(floats(lanes))); }

TEST(Plain, Shifts) {
    EXPECT_EQ(of(ints({1, -1, 3, INT_MIN}) << ints({31, 4, 30, 1})), (Four{INT_MIN, -16, -1073741824, 0}));
    EXPECT_EQ(of(ints({-1, -7, INT_MIN, 255}) >> ints({31, 1, 31, 4})), (Four{-1, -4, -1, 15}));
    EXPECT_EQ(of(ints({-3, 5, INT_MAX, -1}) << 1), (Four{-6, 10, -2, -2}));
    EXPECT_EQ(of(ints({-3, 5, INT_MAX, INT_MIN}) >> 1), (Four{-2, 2, 1073741823, -1073741824}));
    EXPECT_EQ(of(shift_right_unsigned(ints({-1, INT_MIN, 5, -1}), 31)), (Four{1, 1, 0, 1}));
    EXPECT_EQ(of(shift_right_unsigned(ints({-1, -1, -1, INT_MIN}), ints({0, 28, 31, 4}))),
              (Four{-1, 15, 1, 0x08000000}));
    EXPECT_EQ(of(shift_right_unsigned(ints({-1, -1, INT_MAX, -1}), ints({32, 33, 64, INT_MIN}))),
              (Four{0, 0, 0, 0}));
    EXPECT_EQ(of(shift_right_unsigned(words({-1, -1, -32768, 32767, 256, 1, 0, -2}), 8)),
              (Words{255, 255, 128, 127, 1, 0, 0, 255}));
}

TEST(Plain, OrderOfIntegers) {
    EXPECT_EQ(of(min(ints({INT_MIN, -1, 5, 0}), ints({INT_MAX, 0, -5, 0}))), (Four{INT_MIN, -1, -5, 0}));
    EXPECT_EQ(of(max(ints({INT_MIN, -1, 5, 0}), ints({INT_MAX, 0, -5, 0}))), (Four{INT_MAX, 0, 5, 0}));
    EXPECT_EQ(of(select_negative(ints({-1, 0, 1, INT_MIN}), Ints::all(7), Ints::all(8))), (Four{7, 8, 8, 7}));
    EXPECT_EQ(of(select(Masks::range(1, 3), Ints::all(7), Ints::all(8))), (Four{8, 7, 7, 8}));
}

// The second operand where there is no smaller or larger one.
TEST(Plain, OrderOfFloats) {
    const FourFloats a = {0.0F, -0.0F, NAN, 1.0F}, b = {-0.0F, 0.0F, 2.0F, NAN};
    EXPECT_EQ(bits_of(min(floats(a), floats(b))), bits_of(b));
    EXPECT_EQ(bits_of(max(floats(a), floats(b))), bits_of(b));
    const FourFloats c = {INFINITY, -INFINITY, -1.0F, 0x1p-149F}, d = {1.0F, 1.0F, -2.0F, 0.0F};
    EXPECT_EQ(bits_of(min(floats(c), floats(d))), bits_of(FourFloats{1.0F, -INFINITY, -2.0F, 0.0F}));
    EXPECT_EQ(bits_of(max(floats(c), floats(d))), bits_of(FourFloats{INFINITY, 1.0F, -1.0F, 0x1p-149F}));
}

TEST(Plain, FloatsAndIntegers) {
    EXPECT_EQ(bits_of(to_float(ints({INT_MIN, INT_MAX, 16777217, -3}))),
              bits_of(FourFloats{-0x1p31F, 0x1p31F, 16777216.0F, -3.0F}));
    EXPECT_EQ(of(truncate(floats({1.9F, -1.9F, -0.0F, -0x1.fffffep30F}))), (Four{1, -1, 0, -2147483520}));
    EXPECT_EQ(of(round(floats({0.5F, 1.5F, -2.5F, -0.75F}))), (Four{0, 2, -2, -1}));
    EXPECT_EQ(of(bits(floats({1.0F, -0.0F, INFINITY, 0x1p-149F}))),
              (Four{0x3F800000, INT_MIN, 0x7F800000, 1}));
    EXPECT_EQ(bits_of(moved_on(floats({1, 2, 3, 4}), floats({5, 6, 7, 8}))), bits_of(FourFloats{4, 5, 6, 7}));
    EXPECT_EQ(last_lane(floats({5, 6, 7, 8})), 8.0F);
}

TEST(Plain, Integers) {
    EXPECT_EQ(of(leading_zeros(ints({1, -1, 65535, INT_MAX}))), (Four{31, 0, 16, 1}));
    EXPECT_EQ(sum(ints({INT_MAX, INT_MAX, 1, 5})), 4);
    EXPECT_EQ(of(multiply_high_unsigned(ints({-1, INT_MIN, 65536, 65535}), ints({-1, 2, 65536, 65537}))),
              (Four{-2, 1, 1, 0}));
    EXPECT_EQ(of(divide_unsigned(0x1p46, ints({65536, 65535, INT_MIN, -1}), 1.0)),
              (Four{1073725440, 1073741824, 32767, 16384}));
    // Of 7 / 4 and 8 / 4 the floor; then the largest quotient.
    EXPECT_EQ(of(divide_unsigned(7.0, ints({4, 7, 8, 1}), 0.0)), (Four{1, 1, 0, 7}));
    EXPECT_EQ(of(divide_unsigned(2147483647.0, ints({1, 2, INT_MAX, 0}), 0.5)),
              (Four{1431655764, 858993458, 0, -2}));
}

TEST(Plain, WideProducts) {
    const auto high = [](const Four& a, const Four& b) { return of(high_halves(ints(a) * factor(ints(b)))); };
    EXPECT_EQ(high({-1, 65536, INT_MIN, INT_MAX}, {1, 65536, INT_MIN, INT_MAX}),
              (Four{-1, 1, 1073741824, 1073741823}));
    EXPECT_EQ(high({INT_MIN, -65536, -1, 0}, {1, 65536, -1, 5}), (Four{-1, -1, 0, 0}));
    // Half of the last bit that stays, at any count, rounds up.
    EXPECT_EQ(of(high_halves(shift_left_wide(int64_t{1} << 31, ints({0, 1, 2, 31})))),
              (Four{0, 1, 2, 1073741824}));
    EXPECT_EQ(of(high_halves(ints({INT_MAX, -1, 3, -3}) * factor(ints({2, 1, INT_MIN, INT_MIN})) +
                             shift_left_wide(int64_t{1} << 31, Ints::all(0)))),
              (Four{1, 0, -1, 2}));
}

TEST(Plain, Words) {
    const Words a = {32767, -32768, 0, 1, -1, 100, 300, -300};
    const Words b = {-1, 1, -32768, 32767, 1, -5, 300, 300};
    EXPECT_EQ(of(subtract_saturated(words(a), words(b))),
              (Words{32767, -32768, 32767, -32766, -2, 105, 0, -600}));
    EXPECT_EQ(of(words(a) - words(b)), (Words{-32768, 32767, -32768, -32766, -2, 105, 0, -600}));
    EXPECT_EQ(of(words(a) + words(b)), (Words{32766, -32767, -32768, -32768, 0, 95, 600, 0}));
    EXPECT_EQ(of(words(a) * words(b)), (Words{-32767, -32768, 0, 32767, -1, -500, 24464, -24464}));
    EXPECT_EQ(of(max(words(a), words(b))), (Words{32767, 1, 0, 32767, 1, 100, 300, 300}));
    const Words first = {0, 1, 2, 3, 4, 5, 6, 7}, second = {10, 11, 12, 13, 14, 15, 16, 17};
    EXPECT_EQ(of(interleave_low(words(first), words(second))), (Words{0, 10, 1, 11, 2, 12, 3, 13}));
    EXPECT_EQ(of(interleave_high(words(first), words(second))), (Words{4, 14, 5, 15, 6, 16, 7, 17}));
    EXPECT_EQ(of(as_words(ints({0x12345678, -1, 65535, INT_MIN}))),
              (Words{0x5678, 0x1234, -1, -1, -1, 0, 0, -32768}));
    EXPECT_EQ(of(multiply_pairs(words({-32768, -32768, 1, 2, -1, 3, 0, 0}),
                                words({-32768, -32768, 3, 4, 5, -6, 7, 8}))),
              (Four{INT_MIN, 11, -23, 0}));
    EXPECT_EQ(of(add_pairs(ints({-1, 5, INT_MAX, 7}), words({-32768, -32768, 1, 2, 1, 0, 0, 0}),
                           words({-32768, -32768, 3, 4, 1, -6, 7, 8}))),
              (Four{INT_MAX, 16, INT_MIN, 7}));
    std::array<uint8_t, 8> saturated;
    words({0, 1, 254, 255, 256, 32767, 300, 128}).store_saturated(saturated.data());
    EXPECT_EQ(saturated, (std::array<uint8_t, 8>{0, 1, 254, 255, 255, 255, 255, 128}));
}

// Narrower lanes are widened with their sign, bytes without.
TEST(Plain, Loads) {
    const int16_t narrow[] = {-1, 32767, -32768, 5};
    EXPECT_EQ(of(Ints::load(narrow)), (Four{-1, 32767, -32768, 5}));
    const uint8_t bytes[] = {0, 127, 128, 255, 1, 2, 3, 4};
    EXPECT_EQ(of(Ints::load(bytes)), (Four{0, 127, 128, 255}));
    EXPECT_EQ(of(Int16::load(bytes)), (Words{0, 127, 128, 255, 1, 2, 3, 4}));
}

TEST(Plain, Packs) {
    EXPECT_EQ(of(packed_once(pack(ints({32767, 32768, INT_MAX, 5}), ints({-32768, -32769, INT_MIN, -5})))),
              (Words{32767, 32767, 32767, 5, -32768, -32768, -32768, -5}));
    const Int16 first = words({127, 128, 32767, 255, -1, 0, 1, 2});
    const Int16 second = words({-128, -129, -32768, -255, 3, 4, 5, 6});
    EXPECT_EQ(of(packed_once(pack(first, second))),
              (Bytes{127, 127, 127, 127, -1, 0, 1, 2, -128, -128, -128, -128, 3, 4, 5, 6}));
    EXPECT_EQ(of(packed_twice(pack(pack(ints({1, 2, 3, 4}), ints({5, 6, 7, 8})),
                                   pack(ints({-1, -2, -300, 300}), ints({INT_MIN, INT_MAX, 0, 9}))))),
              (Bytes{1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -128, 127, -128, 127, 0, 9}));
    EXPECT_EQ(of(max_unsigned(Int8::all(-1), Int8::all(1)))[0], -1);
    EXPECT_EQ(of(Int8::all(0x55) ^ Int8::all(-1))[15], ~0x55);
}

}  // namespace
}  // namespace residua::simd::four
