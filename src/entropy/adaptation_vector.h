// The adaptation's kernels over vectors of 16 samples. Each mixture_<name>.cc includes this file, and by it
// mixture_vector.h, whose rules hold here, too. Equal to adaptation_scalar.cc, which explains the steps.
#pragma once

#include "entropy/adaptation.h"
#include "entropy/mixture_vector.h"

namespace residua::entropy::RESIDUA_SIMD {

namespace {

Int rough_log2(Int x) { return shift_right_unsigned(bits(to_float(x)), 18); }

Int spread_of(const MixtureTables& tables, const MixtureComponent* component, Int centre) {
    Int expected = Int::all(0);
    for (int k = 0; k < tables.components; ++k) {
        const Int v = load(component[k].log_sigma);
        const Int octaves = clamp(9 - (v >> 5), 0, 31);
        const Int sigma = shift_right_unsigned(look_up_32(tables.sigma, v & 31), octaves);
        const Int own = shift_right_unsigned(sigma * 89, 6);
        const Int term = min(own + abs(load(component[k].mean) - centre), Int::all(65535));
        expected = expected + load(component[k].weight) * term;
    }
    return shift_right_unsigned(expected, 14) + 16;
}

Int position_of(const AdaptationInputs& inputs, Int spread) {
    Int was = spread * kOwnWeight, should = was;
    for (int i = 0; i < inputs.neighbours; ++i) {
        const Int weight = Int::all(inputs.weight[i]);
        was = was + weight * Int::load(inputs.magnitude[i]);
        should = should + weight * Int::load(inputs.spread[i]);
    }
    const Int ratio = rough_log2(was) - rough_log2(should);
    return clamp(ratio - kLowestRatio, 0, kLastPosition);
}

Int reciprocal_of(const MixtureTables& tables, Int spread, Int position) {
    const Int ratio = position + kLowestRatio;
    const Int factor = shift_right_unsigned(look_up_32(tables.sigma, ratio & 31), 3);
    const Int octaves = 12 - (ratio >> 5);
    const Int error = shift_right_unsigned(spread * factor, octaves) + 19;
    return divide_unsigned(static_cast<double>(1 << 22), error, 0.0);
}

Int prediction_of(const AdaptationInputs& inputs, const AdaptationModel& model) {
    Int moved = Int::all(8192);
    for (int i = 0; i < inputs.features; ++i)
        moved = moved + Int::load(inputs.error[i]) * ((model.weight[i] + 128) >> 8);
    return clamp(moved >> 14, -kMaxError, kMaxError);
}

Int delta_of(const AdaptationModel& model, Int position) {
    const Int bin = shift_right_unsigned(position, 3);
    const Int part = position & 7;
    const Int here = gather(model.delta, bin) * (8 - part);
    const Int next = gather(model.delta, bin + 1) * part;
    return (here + next + 4096) >> 13;
}

void adapt(const MixtureTables& tables, int c, const AdaptationInputs& inputs, const AdaptationModel& model,
           MixtureGroup& group, AdaptationStep& step) {
    MixtureComponent* const component = group.component + c * tables.components;
    const Int from = load(component[0].mean);
    Int sum = Int::all(8192);
    for (int k = 1; k < tables.components; ++k) {
        const Int distance = clamp(load(component[k].mean) - from, -65535, 65535);
        sum = sum + load(component[k].weight) * distance;
    }
    const Int centre = from + (sum >> 14);
    const Int spread = spread_of(tables, component, centre);
    const Int position = position_of(inputs, spread);
    const Int prediction = prediction_of(inputs, model);
    const Int delta = delta_of(model, position);
    const Int factor = shift_right_unsigned(look_up_32(tables.sigma, delta & 31), 3);
    const Int octaves = 12 - (delta >> 5);
    const Int middle = centre + prediction;
    for (int k = 0; k < tables.components; ++k) {
        const Int offset = ((load(component[k].mean) - centre) * factor) >> octaves;
        clamp(middle + offset, -65536, 65535).store(component[k].mean);
        const Int v = clamp(load(component[k].log_sigma) + delta, tables.v_min, tables.v_max) - tables.v_min;
        look_up_32(tables.multiplier, v & 31).store(component[k].multiplier);
        (shift_right_unsigned(v, 5) + tables.base_shift).store(component[k].shift);
    }
    clamp(centre, 64 * tables.low[c], 64 * tables.high[c]).store(step.centre);
    spread.store(step.spread);
    prediction.store(step.prediction);
    position.store(step.position);
    reciprocal_of(tables, spread, position).store(step.reciprocal);
}

Int relative(Int error, Int reciprocal) { return clamp((error * reciprocal) >> 16, -128, 128); }

void learn(const MixtureGroup& group, int c, int first, int end, const AdaptationInputs& inputs,
           AdaptationModel& model, AdaptationStep& step) {
    const Mask there = Mask::range(first, end);
    const Int zero = Int::all(0);
    const Int error = clamp((load(group.value[c]) << 6) - load(step.centre), -kMaxError, kMaxError);
    const Int left = error - load(step.prediction);
    const Int reciprocal = load(step.reciprocal);
    const Int rate = select(there, relative(left, reciprocal), zero);
    select(there, error, zero).store(step.error);
    select(there, abs(left), zero).store(step.magnitude);
    select(there, load(step.spread), zero).store(step.spread);
    for (int i = 0; i < inputs.features; ++i) {
        const Int feature = relative(Int::load(inputs.error[i]), reciprocal);
        const int weight = model.weight[i] + sum(rate * feature);
        model.weight[i] = weight < -kWeightLimit  ? -kWeightLimit
                          : weight > kWeightLimit ? kWeightLimit
                                                  : weight;
    }
}

}  // namespace

}  // namespace residua::entropy::RESIDUA_SIMD
