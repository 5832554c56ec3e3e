// The mixture kernels written once over a vector of 16 pixels; each instruction set includes this file with
// its own `Simd`. Equal to mixture_scalar.cc, which explains the steps. Not a general header: only
// mixture_<isa>.cc include it, and it must not use the standard library, whose inline functions would be
// compiled for the wrong processor.

#include "entropy/mixture_kernels.h"

namespace residua::entropy {

namespace {

using Int = Simd::Int;      // 16 × int32
using Float = Simd::Float;  // 16 × float
using Mask = Simd::Mask;

Int load(const PixelGroup& group) { return Simd::load(group); }
Int constant(int value) { return Simd::set(value); }

// Transposes 16 pixels of `columns` int16 each into groups of int32, `step` groups apart.
void load_columns(const int16_t* pixels, int pitch, int columns, PixelGroup* out, int step) {
    for (int first = 0; first < columns; first += 16)
        transpose_16x16(pixels + first, pitch, out + first * step, step);
}

void scale_weights(const MixtureTables& tables, MixtureComponent* component) {
    Int largest = load(component[0].weight);
    for (int k = 1; k < tables.components; ++k) largest = Simd::max(largest, load(component[k].weight));
    Int sum = constant(0);
    Int raw[kMaxComponents];
    for (int k = 0; k < tables.components; ++k) {
        const Int below = Simd::sub(largest, load(component[k].weight));
        // Shifts of 32 and more give 0 here, as min(…, 31) does in the scalar kernel: entries are below 2^16.
        raw[k] = Simd::shift_right(Simd::lookup_32(tables.exp2, Simd::bits_and(below, constant(31))),
                                   Simd::template shift_right<5>(below));
        sum = Simd::add(sum, raw[k]);
    }
    const Int scale = Simd::divide(static_cast<double>(uint32_t{16383} << 17), sum, 0.0);
    for (int k = 0; k < tables.components; ++k)
        Simd::store(component[k].weight, Simd::template shift_right<17>(Simd::multiply(raw[k], scale)));
}

void prepare(const MixtureTables& tables, const GroupParameters& parameters, int, MixtureGroup& group) {
    constexpr int kStep = sizeof(MixtureComponent) / sizeof(PixelGroup);
    const int columns = tables.coded_channels * tables.components;
    load_columns(parameters.mu, parameters.pitch, columns, &group.component[0].mean, kStep);
    load_columns(parameters.log_sigma, parameters.pitch, columns, &group.component[0].log_sigma, kStep);
    load_columns(parameters.weight, parameters.pitch, columns, &group.component[0].weight, kStep);
    for (int i = 0; i < columns; ++i) {
        const Int given = Simd::add(load(group.component[i].log_sigma), constant(tables.tau[i]));
        const Int v = Simd::min(Simd::max(given, constant(tables.v_min)), constant(tables.v_max));
        Simd::store(group.component[i].log_sigma, v);
        const Int index = Simd::sub(v, constant(tables.v_min));
        Simd::store(group.component[i].multiplier,
                    Simd::lookup_32(tables.multiplier, Simd::bits_and(index, constant(31))));
        Simd::store(group.component[i].shift,
                    Simd::add(Simd::template shift_right<5>(index), constant(tables.base_shift)));
    }
    for (int c = 0; c < tables.coded_channels; ++c)
        scale_weights(tables, group.component + c * tables.components);
    if (tables.lambda_limit == 0 || tables.coded_channels == 1) return;
    load_columns(parameters.lambda, parameters.lambda_pitch, 3 * tables.components, group.lambda, 1);
    const Int limit = constant(tables.lambda_limit);
    for (int i = 0; i < 3 * tables.components; ++i) {
        const Int a = Simd::min(Simd::max(load(group.lambda[i]), Simd::sub(constant(0), limit)), limit);
        Simd::store(group.lambda[i], Simd::gather(tables.lambda, Simd::add(a, limit)));
    }
}

// 32 · 1024 · (t / 1024 + 16) of one component.
Int scaled_distance(const MixtureGroup& group, int i, Int edge) {
    const Int distance = Simd::sub(edge, load(group.component[i].mean));
    const Int t = Simd::shift_right_signed(Simd::multiply(distance, load(group.component[i].multiplier)),
                                           load(group.component[i].shift));
    return Simd::add(Simd::min(Simd::max(t, constant(-16384)), constant(16383)), constant(16384));
}

// w · S(t).
Int weighted_logistic(const MixtureTables& tables, const MixtureGroup& group, int i, Int u) {
    const Int cell = Simd::gather(tables.logistic, Simd::template shift_right<5>(u));
    const Int rise = Simd::multiply(Simd::bits_and(cell, constant(4095)), Simd::bits_and(u, constant(31)));
    const Int logistic = Simd::add(Simd::template shift_right<12>(cell), Simd::template shift_right<5>(rise));
    return Simd::multiply(logistic, load(group.component[i].weight));
}

Int cumulative(const MixtureTables& tables, const MixtureGroup& group, int c, Int x) {
    const Int edge = Simd::sub(Simd::template shift_left<6>(x), constant(32));
    const int first = c * tables.components;
    Int sum = constant(0);
    for (int i = first; i < first + tables.components; ++i)
        sum = Simd::add(sum, weighted_logistic(tables, group, i, scaled_distance(group, i, edge)));
    return sum;
}

// cumulative() at an end of the alphabet, where most components have left the table: no look-up for those
// that have done so for all pixels. cell: the table's first or last.
Int cumulative_at_end(const MixtureTables& tables, const MixtureGroup& group, int c, int x, int u_at_end) {
    const int first = c * tables.components;
    const uint32_t cell = static_cast<uint32_t>(tables.logistic[u_at_end >> 5]);
    const Int logistic_at_end = constant(
        static_cast<int>((cell >> 12) + (((cell & 4095) * static_cast<uint32_t>(u_at_end & 31)) >> 5)));
    Int sum = constant(0);
    for (int i = first; i < first + tables.components; ++i) {
        const Int u = scaled_distance(group, i, constant(64 * x - 32));
        if (Simd::any(Simd::not_equal(u, constant(u_at_end)))) {
            sum = Simd::add(sum, weighted_logistic(tables, group, i, u));
        } else {
            sum = Simd::add(sum, Simd::multiply(logistic_at_end, load(group.component[i].weight)));
        }
    }
    return sum;
}

Int share(const MixtureTables& tables, const MixtureGroup& group, int c, Int x) {
    const Int d = Simd::shift_left(Simd::sub(cumulative(tables, group, c, x), load(group.origin)),
                                   load(group.normalisation));
    return Simd::add(Simd::multiply(Simd::sub(x, constant(tables.low[c])), load(group.step)),
                     Simd::multiply_high(d, load(group.scale)));
}

Int deviation(const MixtureGroup& group, int c) {
    return Simd::sub(Simd::template shift_left<6>(load(group.value[c])), load(group.offset[c]));
}

void move_means(const MixtureTables& tables, int c, int, MixtureGroup& group) {
    const int components = tables.components;
    const bool coupled = tables.lambda_limit > 0;
    const Int offset = load(group.offset[c]);
    const Int first = coupled && c > 0 ? deviation(group, 0) : constant(0);
    const Int second = coupled && c == 2 ? deviation(group, 1) : constant(0);
    for (int k = 0; k < components; ++k) {
        Int sum = constant(512);
        if (coupled && c > 0)
            sum = Simd::add(sum, Simd::multiply(load(group.lambda[c == 1 ? k : components + k]), first));
        if (coupled && c == 2)
            sum = Simd::add(sum, Simd::multiply(load(group.lambda[2 * components + k]), second));
        PixelGroup& mean = group.component[c * components + k].mean;
        const Int moved =
            Simd::add(Simd::add(load(mean), offset), Simd::template shift_right_signed<10>(sum));
        Simd::store(mean, Simd::min(Simd::max(moved, constant(-65536)), constant(65535)));
    }
}

void begin_shares(const MixtureTables& tables, int c, int, MixtureGroup& group) {
    const int symbols = tables.high[c] - tables.low[c] + 1;
    const Int origin = cumulative_at_end(tables, group, c, tables.low[c], 0);
    const Int total = Simd::sub(cumulative_at_end(tables, group, c, tables.high[c] + 1, 32767), origin);
    Simd::store(group.origin, origin);
    Simd::store(group.total, total);
    const Int zeros = Simd::leading_zeros(total);
    const Mask empty = Simd::equal(Simd::template shift_right<16>(total), constant(0));
    const Int scale =
        Simd::divide(static_cast<double>(static_cast<uint64_t>(kProbabilityOne - symbols) << 32),
                     Simd::shift_left(total, zeros), 1.0);
    Simd::store(group.normalisation, Simd::select(empty, constant(0), zeros));
    Simd::store(group.scale, Simd::select(empty, constant(0), scale));
    Simd::store(group.step,
                Simd::select(empty, constant(static_cast<int>(kProbabilityOne) / symbols), constant(1)));
}

void intervals(const MixtureTables& tables, int c, int, const MixtureGroup& group, uint32_t* start,
               uint32_t* frequency) {
    const Int x = load(group.value[c]);
    const Int from = share(tables, group, c, x);
    const Int next = Simd::add(x, constant(1));
    const Int to = Simd::select(Simd::greater(next, constant(tables.high[c])),
                                constant(static_cast<int>(kProbabilityOne)), share(tables, group, c, next));
    Simd::store(reinterpret_cast<int32_t*>(start), from);
    Simd::store(reinterpret_cast<int32_t*>(frequency), Simd::sub(to, from));
}

Float rough_logit(Int f) {
    const Float half = Simd::set(0.5f);
    const Int below = Simd::bits(Simd::add(Simd::to_float(f), half));
    const Int above = Simd::bits(
        Simd::add(Simd::to_float(Simd::sub(constant(static_cast<int>(kProbabilityOne)), f)), half));
    return Simd::multiply(Simd::to_float(Simd::sub(below, above)), Simd::set(0x1p-23f));
}

struct Guess {
    Float position;
    Float spread;
};

// Where a single logistic with the mixture's mean and central density would have the slot.
Guess first_guess(const MixtureTables& tables, const MixtureGroup& group, int c, Float target) {
    Float mean = Simd::set(0.0f);
    Float density = Simd::set(1e-3f);
    const int first = c * tables.components;
    for (int i = first; i < first + tables.components; ++i) {
        const Float weight = Simd::to_float(load(group.component[i].weight));
        mean = Simd::add(mean, Simd::multiply(weight, Simd::to_float(load(group.component[i].mean))));
        const Float power = Simd::from_bits(
            Simd::template shift_left<23>(Simd::sub(constant(127), load(group.component[i].shift))));
        density = Simd::add(density, Simd::multiply(Simd::multiply(weight, power),
                                                    Simd::to_float(load(group.component[i].multiplier))));
    }
    const Float spread = Simd::divide(Simd::set(16383 * 16 * 0.693f), density);
    const Float centre = Simd::add(Simd::multiply(mean, Simd::set(1.0f / (64 * 16383))), Simd::set(0.5f));
    return {Simd::add(centre, Simd::multiply(target, spread)), spread};
}

// The edge nearest below `guess` that lies inside (low, high); low where there is none.
Int next_edge(Float guess, Int low, Int high) {
    const Int one = constant(1);
    const Float inside = Simd::min(Simd::max(guess, Simd::to_float(Simd::add(low, one))),
                                   Simd::to_float(Simd::sub(high, one)));
    return Simd::sub(Simd::truncate(Simd::add(inside, Simd::set(1024.0f))), constant(1024));
}

void search(const MixtureTables& tables, int c, int first, int end, const uint32_t* slots,
            MixtureGroup& group, uint32_t* start, uint32_t* frequency) {
    const Int slot = Simd::load(reinterpret_cast<const int32_t*>(slots));
    const Mask active = Simd::range(first, end);
    const Float target = rough_logit(slot);
    Guess guess = first_guess(tables, group, c, target);
    Int low = constant(tables.low[c]);
    Int high = Simd::select(active, constant(tables.high[c] + 1), constant(tables.low[c] + 1));
    Int low_share = constant(0);
    Int high_share = constant(static_cast<int>(kProbabilityOne));
    Float low_logit = Simd::set(0.0f);
    Float high_logit = Simd::set(0.0f);
    Mask low_known = Simd::range(0, 0);
    Mask high_known = Simd::range(0, 0);
    for (int round = 0; Simd::any(Simd::greater(Simd::sub(high, low), constant(1))); ++round) {
        if (round >= 8)
            guess.position = Simd::multiply(Simd::to_float(Simd::add(low, high)), Simd::set(0.5f));
        const Int x = next_edge(guess.position, low, high);
        const Int f = share(tables, group, c, x);
        const Float logit = rough_logit(f);
        const Mask above = Simd::greater(f, slot);
        low = Simd::select(above, low, x);
        low_share = Simd::select(above, low_share, f);
        low_logit = Simd::select(above, low_logit, logit);
        low_known = Simd::either(low_known, Simd::negate(above));
        high = Simd::select(above, x, high);
        high_share = Simd::select(above, f, high_share);
        high_logit = Simd::select(above, logit, high_logit);
        high_known = Simd::either(high_known, above);
        const Float between = Simd::add(
            Simd::to_float(low),
            Simd::divide(Simd::multiply(Simd::to_float(Simd::sub(high, low)), Simd::sub(target, low_logit)),
                         Simd::sub(high_logit, low_logit)));
        const Float beyond =
            Simd::add(Simd::to_float(x), Simd::multiply(Simd::sub(target, logit), guess.spread));
        guess.position = Simd::select(Simd::both(low_known, high_known), between, beyond);
        guess.spread = Simd::add(guess.spread, guess.spread);
    }
    Simd::store(group.value[c], Simd::select(active, low, load(group.value[c])));
    Simd::store(reinterpret_cast<int32_t*>(start), low_share);
    Simd::store(reinterpret_cast<int32_t*>(frequency), Simd::sub(high_share, low_share));
}

}  // namespace

}  // namespace residua::entropy
