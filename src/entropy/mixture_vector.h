// The mixture kernels written once over vectors of 16 pixels (src/simd), however many registers these are.
// Equal to mixture_scalar.cc, which explains the steps. Not a general header: mixture_<name>.cc and the
// test of four lanes include it through adaptation_vector.h, behind the header of their instruction set, and
// it must not use the standard library, whose inline functions would be compiled for the wrong processor.
#pragma once

#include "entropy/mixture_kernels.h"

namespace residua::entropy::RESIDUA_SIMD {

using namespace simd::RESIDUA_SIMD;

namespace {

using Int = Int32<kGroupPixels>;
using Float = Float32<kGroupPixels>;
using Mask = Mask32<kGroupPixels>;

Int load(const PixelGroup& group) { return Int::load(group); }

// Transposes 16 pixels of `columns` int16 each into groups of int32, `step` groups apart.
void load_columns(const int16_t* pixels, int pitch, int columns, PixelGroup* out, int step) {
    for (int first = 0; first < columns; first += 16)
        transpose_16x16(pixels + first, pitch, out[first * step], ptrdiff_t{step} * kGroupPixels);
}

void scale_weights(const MixtureTables& tables, MixtureComponent* component) {
    Int largest = load(component[0].weight);
    for (int k = 1; k < tables.components; ++k) largest = max(largest, load(component[k].weight));
    Int sum = Int::all(0);
    Int raw[kMaxComponents];
    for (int k = 0; k < tables.components; ++k) {
        const Int below = largest - load(component[k].weight);
        // Shifts of 32 and more give 0 here, as min(…, 31) does in the scalar kernel: entries are below 2^16.
        raw[k] = shift_right_unsigned(look_up_32(tables.exp2, below & 31), shift_right_unsigned(below, 5));
        sum = sum + raw[k];
    }
    const Int scale = divide_unsigned(static_cast<double>(uint32_t{16383} << 17), sum, 0.0);
    for (int k = 0; k < tables.components; ++k)
        shift_right_unsigned(raw[k] * scale, 17).store(component[k].weight);
}

void prepare(const MixtureTables& tables, const GroupParameters& parameters, int, MixtureGroup& group) {
    constexpr int kStep = sizeof(MixtureComponent) / sizeof(PixelGroup);
    const int columns = tables.coded_channels * tables.components;
    load_columns(parameters.mu, parameters.pitch, columns, &group.component[0].mean, kStep);
    load_columns(parameters.log_sigma, parameters.pitch, columns, &group.component[0].log_sigma, kStep);
    load_columns(parameters.weight, parameters.pitch, columns, &group.component[0].weight, kStep);
    for (int i = 0; i < columns; ++i) {
        const Int given = load(group.component[i].log_sigma) + tables.tau[i];
        const Int v = clamp(given, tables.v_min, tables.v_max);
        v.store(group.component[i].log_sigma);
        const Int index = v - tables.v_min;
        look_up_32(tables.multiplier, index & 31).store(group.component[i].multiplier);
        (shift_right_unsigned(index, 5) + tables.base_shift).store(group.component[i].shift);
    }
    for (int c = 0; c < tables.coded_channels; ++c)
        scale_weights(tables, group.component + c * tables.components);
    if (tables.lambda_limit == 0 || tables.coded_channels == 1) return;
    load_columns(parameters.lambda, parameters.lambda_pitch, 3 * tables.components, group.lambda, 1);
    const Int limit = Int::all(tables.lambda_limit);
    for (int i = 0; i < 3 * tables.components; ++i) {
        const Int a = min(max(load(group.lambda[i]), 0 - limit), limit);
        gather(tables.lambda, a + limit).store(group.lambda[i]);
    }
}

// 32 · 1024 · (t / 1024 + 16) of one component.
Int scaled_distance(const MixtureGroup& group, int i, Int edge) {
    const Int distance = edge - load(group.component[i].mean);
    const Int t = (distance * load(group.component[i].multiplier)) >> load(group.component[i].shift);
    return clamp(t, -16384, 16383) + 16384;
}

// w · S(t).
Int weighted_logistic(const MixtureTables& tables, const MixtureGroup& group, int i, Int u) {
    const Int cell = gather(tables.logistic, shift_right_unsigned(u, 5));
    const Int rise = (cell & 4095) * (u & 31);
    const Int logistic = shift_right_unsigned(cell, 12) + shift_right_unsigned(rise, 5);
    return logistic * load(group.component[i].weight);
}

Int cumulative(const MixtureTables& tables, const MixtureGroup& group, int c, Int x) {
    const Int edge = (x << 6) - 32;
    const int first = c * tables.components;
    Int sum = Int::all(0);
    for (int i = first; i < first + tables.components; ++i)
        sum = sum + weighted_logistic(tables, group, i, scaled_distance(group, i, edge));
    return sum;
}

// The alphabets of 16 pixels: one of their channel, or one of each.
struct OfChannel {
    static constexpr bool kEach = false;
    static Int low(const MixtureTables& tables, const MixtureGroup&, int c) {
        return Int::all(tables.low[c]);
    }
    static Int high(const MixtureTables& tables, const MixtureGroup&, int c) {
        return Int::all(tables.high[c]);
    }
};
struct OfEach {
    static constexpr bool kEach = true;
    static Int low(const MixtureTables&, const MixtureGroup& group, int) { return load(group.low); }
    static Int high(const MixtureTables&, const MixtureGroup& group, int) { return load(group.high); }
};

// cumulative() at an end of the alphabet, where most components have left the table: no look-up for those
// that have done so for all pixels. cell: the table's first or last.
Int cumulative_at_end(const MixtureTables& tables, const MixtureGroup& group, int c, Int x, int u_at_end) {
    const int first = c * tables.components;
    const uint32_t cell = static_cast<uint32_t>(tables.logistic[u_at_end >> 5]);
    const Int logistic_at_end = Int::all(
        static_cast<int>((cell >> 12) + (((cell & 4095) * static_cast<uint32_t>(u_at_end & 31)) >> 5)));
    const Int edge = (x << 6) - 32;
    Int sum = Int::all(0);
    for (int i = first; i < first + tables.components; ++i) {
        const Int u = scaled_distance(group, i, edge);
        if (any(u != u_at_end)) {
            sum = sum + weighted_logistic(tables, group, i, u);
        } else {
            sum = sum + logistic_at_end * load(group.component[i].weight);
        }
    }
    return sum;
}

template <typename Alphabet>
Int share(const MixtureTables& tables, const MixtureGroup& group, int c, Int x) {
    const Int d = (cumulative(tables, group, c, x) - load(group.origin)) << load(group.normalisation);
    return (x - Alphabet::low(tables, group, c)) * load(group.step) +
           multiply_high_unsigned(d, load(group.scale));
}

Int deviation(const MixtureGroup& group, int c) {
    return (load(group.value[c]) << 6) - load(group.offset[c]);
}

void move_means(const MixtureTables& tables, int c, int, MixtureGroup& group) {
    const int components = tables.components;
    const bool coupled = tables.lambda_limit > 0;
    const Int offset = load(group.offset[c]);
    const Int first = coupled && c > 0 ? deviation(group, 0) : Int::all(0);
    const Int second = coupled && c == 2 ? deviation(group, 1) : Int::all(0);
    for (int k = 0; k < components; ++k) {
        Int sum = Int::all(512);
        if (coupled && c > 0) sum = sum + load(group.lambda[c == 1 ? k : components + k]) * first;
        if (coupled && c == 2) sum = sum + load(group.lambda[2 * components + k]) * second;
        PixelGroup& mean = group.component[c * components + k].mean;
        const Int moved = load(mean) + offset + (sum >> 10);
        clamp(moved, -65536, 65535).store(mean);
    }
}

template <typename Alphabet>
void begin_shares(const MixtureTables& tables, int c, int, MixtureGroup& group) {
    const int symbols = Alphabet::kEach ? static_cast<int>(kWideSymbols) : tables.high[c] - tables.low[c] + 1;
    const Int origin = cumulative_at_end(tables, group, c, Alphabet::low(tables, group, c), 0);
    const Int total =
        cumulative_at_end(tables, group, c, Alphabet::high(tables, group, c) + 1, 32767) - origin;
    origin.store(group.origin);
    total.store(group.total);
    const Int zeros = leading_zeros(total);
    const Mask empty = shift_right_unsigned(total, 16) == 0;
    const Int scale = divide_unsigned(
        static_cast<double>(static_cast<uint64_t>(kProbabilityOne - symbols) << 32), total << zeros, 1.0);
    select(empty, Int::all(0), zeros).store(group.normalisation);
    select(empty, Int::all(0), scale).store(group.scale);
    select(empty, Int::all(static_cast<int>(kProbabilityOne) / symbols), Int::all(1)).store(group.step);
}

template <typename Alphabet>
void intervals(const MixtureTables& tables, int c, int, const MixtureGroup& group, uint32_t* start,
               uint32_t* frequency) {
    const Int x = load(group.value[c]);
    const Int from = share<Alphabet>(tables, group, c, x);
    const Int next = x + 1;
    const Int to =
        select(next > Alphabet::high(tables, group, c), Int::all(static_cast<int>(kProbabilityOne)),
               share<Alphabet>(tables, group, c, next));
    from.store(reinterpret_cast<int32_t*>(start));
    (to - from).store(reinterpret_cast<int32_t*>(frequency));
}

Float rough_logit(Int f) {
    const Float half = Float::all(0.5f);
    const Int below = bits(to_float(f) + half);
    const Int above = bits(to_float(static_cast<int>(kProbabilityOne) - f) + half);
    return to_float(below - above) * 0x1p-23f;
}

struct Guess {
    Float position;
    Float spread;
};

// Where a single logistic with the mixture's mean and central density would have the slot.
Guess first_guess(const MixtureTables& tables, const MixtureGroup& group, int c, Float target) {
    Float mean = Float::all(0.0f);
    Float density = Float::all(1e-3f);
    const int first = c * tables.components;
    for (int i = first; i < first + tables.components; ++i) {
        const Float weight = to_float(load(group.component[i].weight));
        mean = mean + weight * to_float(load(group.component[i].mean));
        const Float power = from_bits((127 - load(group.component[i].shift)) << 23);
        density = density + weight * power * to_float(load(group.component[i].multiplier));
    }
    const Float spread = Float::all(16383 * 16 * 0.693f) / density;
    const Float centre = mean * (1.0f / (64 * 16383)) + 0.5f;
    return {centre + target * spread, spread};
}

// The edge nearest below `guess` that lies inside (low, high); low where there is none.
Int next_edge(Float guess, Int low, Int high) {
    const Float inside = min(max(guess, to_float(low + 1)), to_float(high - 1));
    return truncate(inside + 1024.0f) - 1024;
}

template <typename Alphabet>
void search(const MixtureTables& tables, int c, int first, int end, const uint32_t* slots,
            MixtureGroup& group, uint32_t* start, uint32_t* frequency) {
    const Int slot = Int::load(reinterpret_cast<const int32_t*>(slots));
    const Mask active = Mask::range(first, end);
    const Float target = rough_logit(slot);
    Guess guess = first_guess(tables, group, c, target);
    Int low = Alphabet::low(tables, group, c);
    Int high = select(active, Alphabet::high(tables, group, c), low) + 1;
    Int low_share = Int::all(0);
    Int high_share = Int::all(static_cast<int>(kProbabilityOne));
    Float low_logit = Float::all(0.0f);
    Float high_logit = Float::all(0.0f);
    Mask low_known = Mask::range(0, 0);
    Mask high_known = Mask::range(0, 0);
    for (int round = 0; any(high - low > 1); ++round) {
        if (round >= 8) guess.position = to_float(low + high) * 0.5f;
        const Int x = next_edge(guess.position, low, high);
        const Int f = share<Alphabet>(tables, group, c, x);
        const Float logit = rough_logit(f);
        const Mask above = f > slot;
        low = select(above, low, x);
        low_share = select(above, low_share, f);
        low_logit = select(above, low_logit, logit);
        low_known = low_known | ~above;
        high = select(above, x, high);
        high_share = select(above, f, high_share);
        high_logit = select(above, logit, high_logit);
        high_known = high_known | above;
        const Float between =
            to_float(low) + to_float(high - low) * (target - low_logit) / (high_logit - low_logit);
        const Float beyond = to_float(x) + (target - logit) * guess.spread;
        guess.position = select(low_known & high_known, between, beyond);
        guess.spread = guess.spread + guess.spread;
    }
    select(active, low, load(group.value[c])).store(group.value[c]);
    low_share.store(reinterpret_cast<int32_t*>(start));
    (high_share - low_share).store(reinterpret_cast<int32_t*>(frequency));
}

}  // namespace

}  // namespace residua::entropy::RESIDUA_SIMD
