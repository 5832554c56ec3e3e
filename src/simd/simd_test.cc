// Every operation of every instruction set that this processor has gives what plain C++ gives, on random and
// extreme numbers. The plain one has four lanes, and so orders packed registers otherwise: those are compared
// with what they are made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <cstring>
#include <ostream>
#include <random>

#include "simd/test_results.h"

#include "base/cpu.h"

namespace residua::simd {
namespace {

using Random = std::mt19937;

int32_t any_number(Random& random) {
    static constexpr int32_t kExtremes[] = {INT_MIN, INT_MIN + 1, -65536, -32769,      -32768,
                                            -1,      1,           255,    256,         32767,
                                            32768,   65535,       65536,  INT_MAX - 1, INT_MAX};
    switch (random() % 3) {
        case 0:
            return kExtremes[random() % std::size(kExtremes)];
        case 1:
            return static_cast<int32_t>(random()) >> random() % 31;
        default:
            return static_cast<int32_t>(random());
    }
}

float any_float(Random& random) {
    static constexpr float kExtremes[] = {0.0F, -0.0F, 1.0F, -1.0F, 0x1p-126F, 0x1.fffffep127F, 0x1p-30F};
    if (random() % 4 == 0) return kExtremes[random() % std::size(kExtremes)];
    return std::ldexp(static_cast<float>(static_cast<int32_t>(random())),
                      static_cast<int>(random() % 60) - 60);
}

float any_strange(Random& random) {
    static constexpr float kStrange[] = {NAN, -NAN, INFINITY, -INFINITY, 0.0F, -0.0F};
    return random() % 3 ? kStrange[random() % std::size(kStrange)] : any_float(random);
}

TestInputs inputs(Random& random) {
    TestInputs in{};
    for (int i = 0; i < 16; ++i) {
        in.a[i] = any_number(random);
        if (in.a[i] == 0) in.a[i] = 7;
        in.b[i] = random() % 4 ? any_number(random) : in.a[i];
        in.count[i] = static_cast<int32_t>(random() % 32);
        in.large_count[i] = static_cast<int32_t>(random() % 2 ? random() % 34 : random() % 2048);
        in.top[i] = static_cast<int32_t>(random() | 1U << (26 + random() % 6));
        in.x[i] = any_float(random);
        in.y[i] = any_float(random);
        in.strange[i] = any_strange(random);
        in.stranger[i] = any_strange(random);
        in.small[i] = static_cast<float>(static_cast<int32_t>(random() % 8388607) - 4194303) /
                      static_cast<float>(1 << random() % 16);
    }
    in.first = static_cast<int>(random() % 17);
    in.end = in.first + static_cast<int>(random() % static_cast<unsigned>(17 - in.first));
    for (int32_t& value : in.table) value = any_number(random);
    for (uint16_t& value : in.neighbours) value = static_cast<uint16_t>(any_number(random));
    for (int16_t& value : in.words) value = static_cast<int16_t>(any_number(random));
    for (int16_t& value : in.more_words) value = static_cast<int16_t>(any_number(random));
    for (uint8_t& value : in.bytes) value = static_cast<uint8_t>(random());
    for (int16_t& value : in.rows) value = static_cast<int16_t>(any_number(random));
    in.pitch = 16 + static_cast<int>(random() % 24);
    return in;
}

// Of packs whose halves alternate by registers of `lanes`: element i of a pack of whole arrays.
template <typename To, typename From, size_t N>
void pack_by_registers(const From (&first)[N], const From (&second)[N], int lanes, To* out, int low,
                       int high) {
    for (int start = 0; start < static_cast<int>(N); start += lanes)
        for (const From* source : {first + start, second + start})
            for (int i = 0; i < lanes; ++i) *out++ = static_cast<To>(std::clamp<int>(source[i], low, high));
}

struct Set {
    const char* name;
    Isa isa;
    TestRun run;
    int native;
};
void PrintTo(const Set& set, std::ostream* to) { *to << set.name; }

class Vocabulary : public testing::TestWithParam<Set> {};

TEST_P(Vocabulary, EqualsPlainCode) {
    if (!isa_available(GetParam().isa)) GTEST_SKIP() << GetParam().name << " is not available";
    const int native = GetParam().native;
    Random random(1);
    for (int round = 0; round < 3000; ++round) {
        const TestInputs in = inputs(random);
        TestResults expected{}, result{};
        kRunFour(in, expected);
        GetParam().run(in, result);
        pack_by_registers(in.a, in.b, native, expected.packed, -32768, 32767);
        pack_by_registers(in.words, in.more_words, 2 * native, expected.packed_words, -128, 127);
        for (int start = 0, i = 0; start < 16; start += native)
            for (const int32_t* source : {in.a, in.b, in.b, in.count})
                for (int l = start; l < start + native; ++l)
                    expected.packed_twice[i++] = static_cast<int8_t>(std::clamp(source[l], -128, 127));
        for (int i = 0; i < 64; ++i)
            expected.byte_larger[i] = static_cast<int8_t>(
                std::max(static_cast<uint8_t>(expected.packed_words[i] ^ 0x85), uint8_t{0x90}));
#define RESIDUA_COMPARE(name) \
    ASSERT_EQ(std::memcmp(expected.name, result.name, sizeof expected.name), 0) << #name;
        RESIDUA_INT_RESULTS(RESIDUA_COMPARE)
        RESIDUA_FLOAT_RESULTS(RESIDUA_COMPARE)
        RESIDUA_WORD_RESULTS(RESIDUA_COMPARE)
        RESIDUA_COMPARE(saturated)
        RESIDUA_COMPARE(packed_words)
        RESIDUA_COMPARE(packed_twice)
        RESIDUA_COMPARE(byte_larger)
        RESIDUA_COMPARE(columns)
        RESIDUA_COMPARE(any)
#undef RESIDUA_COMPARE
        ASSERT_EQ(expected.total, result.total);
    }
}

INSTANTIATE_TEST_SUITE_P(Sets, Vocabulary,
                         testing::Values(Set{"four", Isa::kScalar, kRunFour, 4}
#ifdef RESIDUA_X86_KERNELS
                                         ,
                                         Set{"avx2", Isa::kAvx2, kRunAvx2, 8},
                                         Set{"avx512", Isa::kAvx512Vnni, kRunAvx512, 16}
#endif
#ifdef RESIDUA_ARM_KERNELS
                                         ,
                                         Set{"neon", Isa::kNeon, kRunNeon, 4}
#endif
#ifdef RESIDUA_WASM_KERNELS
                                         ,
                                         Set{"simd128", Isa::kSimd128, kRunSimd128, 4}
#endif
                                         ),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace residua::simd
