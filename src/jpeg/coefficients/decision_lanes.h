// One kind of binary decisions: the log odds of several contexts are mixed by sets of weights; at more than fast
// effort the sets' results are mixed again, and what comes out is corrected by two maps.
// docs/format-jpeg-coefficients.md, 4.
#pragma once

#include "jpeg/coefficients/levels.h"
#include "jpeg/coefficients/range.h"

namespace residua::jpeg::RESIDUA_SIMD {

using namespace simd::RESIDUA_SIMD;

RESIDUA_INLINE int32_t clamp_logit(int32_t logit) { return limited(logit, -kMaxLogit, kMaxLogit); }

// How fast slots that were met n times learn: floor(131072 / (2n + 3)), n ≤ 1023. The quotient's error is too small to
// reach an integer.
RESIDUA_INLINE Ints slot_rates(Ints n) {
    return truncate(Floats::all(131072.0f) / to_float((n << 1) + Ints::all(3)));
}

// C contexts, a multiple of 8; S sets of weights that vote. Rich: with the probabilities themselves as further
// inputs, and with maps.
template <int C, int S, bool Rich>
struct Decision {
    static constexpr int kInputs = Rich ? 2 * C : C;
    static constexpr int kSetSize = kInputs + 8;  // the weights, then how often the set was used

    const Tables& tables;
    Bank& bank;
    int32_t most_count;
    // Of the decision at hand.
    alignas(64) int32_t slot[C];  // which slots
    int32_t set[S];
    int32_t final_set = 0;
    int32_t map[2] = {0, 0};

    RESIDUA_INLINE Decision(const Tables& tables_in, Bank& bank_in, int32_t most)
        : tables(tables_in), bank(bank_in), most_count(most) {}

    // A bit of which little can be known: a slot by itself says its probability.
    template <class Coder>
    RESIDUA_INLINE int code_alone(Coder& coder, int32_t at, int bit) {
        const auto s = static_cast<uint32_t>(bank.slots[at]) ^ kSlotStart;
        const auto share = static_cast<int32_t>(s >> 16);
        bit = coder.code(static_cast<uint32_t>(limited(share, kLeastShare, 65536 - kLeastShare)), bit);
        const int32_t goal = -bit & ((1 << 22) - 1);
        const auto p = static_cast<int32_t>(s >> 10), n = static_cast<int32_t>(s & 1023);
        const int32_t moved = p + ((((goal - p) >> 7) * tables.slot_rate[n]) >> 9);
        bank.slots[at] = static_cast<int32_t>(
            (static_cast<uint32_t>(moved) << 10 | static_cast<uint32_t>(least(n + 1, most_count))) ^
            kSlotStart);
        return bit;
    }

    // Not inlined: there are many calls, and copies of this for each take minutes to compile with sanitizers.
    template <class Coder>
    __attribute__((noinline)) int code(Coder& coder, int bit) {
        if constexpr (Rich)
            for (int m = 0; m < 2; ++m) {
                // Which point will be needed is known last.
                __builtin_prefetch(bank.maps[m] + map[m] * kMapPoints);
                __builtin_prefetch(bank.maps[m] + map[m] * kMapPoints + kMapPoints - 1);
            }
        alignas(64) int32_t input[kInputs], state[C], rates[C];
        int32_t* const slots = bank.slots;
        RESIDUA_UNROLL
        for (int c = 0; c < C; c += kNative) {
            // One lane after the other, and memory of zeros is a slot at its start.
            int32_t found[kNative], found_logit[kNative];
            RESIDUA_UNROLL
            for (int i = 0; i < kNative; ++i) {
                const auto s = static_cast<uint32_t>(slots[slot[c + i]]) ^ kSlotStart;
                found[i] = static_cast<int32_t>(s);
                found_logit[i] = tables.stretch[s >> 20];
            }
            const Ints s = from_lanes(found), logit = from_lanes(found_logit), rate = slot_rates(s & 1023);
            const Ints p = shift_right_unsigned(s, 20);
            s.store(state + c);
            rate.store(rates + c);
            const Ints high = Ints::all(static_cast<int32_t>(0xffff0000u));
            (((logit * (256 - (rate >> 8))) << 8) & high).store(input + c);
            if constexpr (Rich) (((p - 2048) << 15) & high).store(input + C + c);
        }
        int32_t vote[S];
        int32_t* weights[S];
        int32_t* const finals = bank.finals + final_set * S;
        int64_t total = 0;
        RESIDUA_UNROLL
        for (int k = 0; k < S; ++k) {
            weights[k] = bank.weights[k] + set[k] * kSetSize;
            Ints dot = Ints::all(0);
            RESIDUA_UNROLL
            for (int i = 0; i < kInputs; i += kNative)
                dot = dot +
                      multiply_pairs(as_words(Ints::load(weights[k] + i)), as_words(Ints::load(input + i)));
            vote[k] = clamp_logit(sum(dot) >> kWeightBits);
            if constexpr (S > 1) total += int64_t{finals[k]} * vote[k];
        }
        const int32_t logit = S > 1 ? clamp_logit(static_cast<int32_t>(total >> 16)) : vote[0];
        const auto mixed = static_cast<int32_t>(tables.squash[logit + kMaxLogit]);
        uint16_t* nearest[2];
        int32_t share = mixed;
        if constexpr (Rich) {
            share = 2 * mixed;
            const int32_t at = logit + 2048, weight = at & 127;
            for (int m = 0; m < 2; ++m) {
                uint16_t* const low = bank.maps[m] + map[m] * kMapPoints + (at >> 7);
                share += (low[0] * (128 - weight) + low[1] * weight) >> 7;
                nearest[m] = low + (weight >> 6);
            }
            share >>= 2;
        }
        bit = coder.code(static_cast<uint32_t>(limited(share, kLeastShare, 65536 - kLeastShare)), bit);

        const int32_t target = -bit & 65535;
        RESIDUA_UNROLL
        for (int k = 0; k < S; ++k) {
            int32_t& count = weights[k][kInputs];
            const int32_t rate = tables.weight_rate[count >> 4];
            count += count < 4095;
            const int32_t error =
                limited(((target - static_cast<int32_t>(tables.squash[vote[k] + kMaxLogit])) * rate) >> 11,
                        -32767, 32767);
            const Int16 e = as_words(Ints::all(static_cast<int32_t>(static_cast<uint32_t>(error) << 16)));
            RESIDUA_UNROLL
            for (int i = 0; i < kInputs; i += kNative) {
                const Ints step = multiply_pairs(as_words(Ints::load(input + i)), e);
                clamp(Ints::load(weights[k] + i) + step, -kMostWeight, kMostWeight).store(weights[k] + i);
            }
        }
        if constexpr (S > 1) {
            const int32_t error = (target - mixed) >> 3;
            for (int k = 0; k < S; ++k)
                finals[k] = limited(finals[k] + ((vote[k] * error + 32768) >> 16), -kMostFinal, kMostFinal);
        }
        if constexpr (Rich)
            for (int m = 0; m < 2; ++m)
                *nearest[m] = static_cast<uint16_t>(*nearest[m] + ((target - *nearest[m]) >> 6));

        alignas(64) int32_t updated[C];
        const Ints goal = Ints::all(-bit & ((1 << 22) - 1));
        RESIDUA_UNROLL
        for (int c = 0; c < C; c += kNative) {
            const Ints s = Ints::load(state + c);
            const Ints p = shift_right_unsigned(s, 10);
            const Ints moved = p + ((((goal - p) >> 7) * Ints::load(rates + c)) >> 9);
            (((moved << 10) | min((s & 1023) + 1, Ints::all(most_count))) + static_cast<int32_t>(kSlotStart))
                .store(updated + c);
        }
        RESIDUA_UNROLL
        for (int c = 0; c < C; ++c) slots[slot[c]] = updated[c];
        return bit;
    }
};

}  // namespace residua::jpeg::RESIDUA_SIMD
