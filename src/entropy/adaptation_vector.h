// The adaptation's kernels over a vector of 16 samples. Each mixture_<isa>.cc includes this file, and by it
// mixture_vector.h, whose rules hold here, too. Equal to adaptation_scalar.cc, which explains the steps.

#include "entropy/adaptation.h"
#include "entropy/mixture_vector.h"

namespace residua::entropy {

namespace {

Int limited(Int value, int low, int high) {
    return Simd::min(Simd::max(value, constant(low)), constant(high));
}

Int magnitude_of(Int value) { return Simd::max(value, Simd::sub(constant(0), value)); }

Int rough_log2(Int x) { return Simd::template shift_right<18>(Simd::bits(Simd::to_float(x))); }

Int spread_of(const MixtureTables& tables, const MixtureComponent* component, Int centre) {
    Int expected = constant(0);
    for (int k = 0; k < tables.components; ++k) {
        const Int v = load(component[k].log_sigma);
        const Int octaves = limited(Simd::sub(constant(9), Simd::template shift_right_signed<5>(v)), 0, 31);
        const Int sigma =
            Simd::shift_right(Simd::lookup_32(tables.sigma, Simd::bits_and(v, constant(31))), octaves);
        const Int own = Simd::template shift_right<6>(Simd::multiply(sigma, constant(89)));
        const Int term = Simd::min(Simd::add(own, magnitude_of(Simd::sub(load(component[k].mean), centre))),
                                   constant(65535));
        expected = Simd::add(expected, Simd::multiply(load(component[k].weight), term));
    }
    return Simd::add(Simd::template shift_right<14>(expected), constant(16));
}

Int position_of(const AdaptationInputs& inputs, Int spread) {
    Int was = Simd::multiply(spread, constant(kOwnWeight)), should = was;
    for (int i = 0; i < inputs.neighbours; ++i) {
        const Int weight = constant(inputs.weight[i]);
        was = Simd::add(was, Simd::multiply(weight, Simd::load_unaligned(inputs.magnitude[i])));
        should = Simd::add(should, Simd::multiply(weight, Simd::load_unaligned(inputs.spread[i])));
    }
    const Int ratio = Simd::sub(rough_log2(was), rough_log2(should));
    return limited(Simd::sub(ratio, constant(kLowestRatio)), 0, kLastPosition);
}

Int reciprocal_of(const MixtureTables& tables, Int spread, Int position) {
    const Int ratio = Simd::add(position, constant(kLowestRatio));
    const Int factor =
        Simd::template shift_right<3>(Simd::lookup_32(tables.sigma, Simd::bits_and(ratio, constant(31))));
    const Int octaves = Simd::sub(constant(12), Simd::template shift_right_signed<5>(ratio));
    const Int error = Simd::add(Simd::shift_right(Simd::multiply(spread, factor), octaves), constant(19));
    return Simd::divide(static_cast<double>(1 << 22), error, 0.0);
}

Int prediction_of(const AdaptationInputs& inputs, const AdaptationModel& model) {
    Int moved = constant(8192);
    for (int i = 0; i < inputs.features; ++i)
        moved = Simd::add(moved, Simd::multiply(constant((model.weight[i] + 128) >> 8),
                                                Simd::load_unaligned(inputs.error[i])));
    return limited(Simd::template shift_right_signed<14>(moved), -kMaxError, kMaxError);
}

Int delta_of(const AdaptationModel& model, Int position) {
    const Int bin = Simd::template shift_right<3>(position);
    const Int part = Simd::bits_and(position, constant(7));
    const Int here = Simd::multiply(Simd::gather(model.delta, bin), Simd::sub(constant(8), part));
    const Int next = Simd::multiply(Simd::gather(model.delta, Simd::add(bin, constant(1))), part);
    return Simd::template shift_right_signed<13>(Simd::add(Simd::add(here, next), constant(4096)));
}

void adapt(const MixtureTables& tables, int c, const AdaptationInputs& inputs, const AdaptationModel& model,
           MixtureGroup& group, AdaptationStep& step) {
    MixtureComponent* const component = group.component + c * tables.components;
    const Int from = load(component[0].mean);
    Int sum = constant(8192);
    for (int k = 1; k < tables.components; ++k) {
        const Int distance = limited(Simd::sub(load(component[k].mean), from), -65535, 65535);
        sum = Simd::add(sum, Simd::multiply(load(component[k].weight), distance));
    }
    const Int centre = Simd::add(from, Simd::template shift_right_signed<14>(sum));
    const Int spread = spread_of(tables, component, centre);
    const Int position = position_of(inputs, spread);
    const Int prediction = prediction_of(inputs, model);
    const Int delta = delta_of(model, position);
    const Int factor =
        Simd::template shift_right<3>(Simd::lookup_32(tables.sigma, Simd::bits_and(delta, constant(31))));
    const Int octaves = Simd::sub(constant(12), Simd::template shift_right_signed<5>(delta));
    const Int middle = Simd::add(centre, prediction);
    for (int k = 0; k < tables.components; ++k) {
        const Int offset = Simd::shift_right_signed(
            Simd::multiply(Simd::sub(load(component[k].mean), centre), factor), octaves);
        Simd::store(component[k].mean, limited(Simd::add(middle, offset), -65536, 65535));
        const Int v =
            Simd::sub(limited(Simd::add(load(component[k].log_sigma), delta), tables.v_min, tables.v_max),
                      constant(tables.v_min));
        Simd::store(component[k].multiplier,
                    Simd::lookup_32(tables.multiplier, Simd::bits_and(v, constant(31))));
        Simd::store(component[k].shift,
                    Simd::add(Simd::template shift_right<5>(v), constant(tables.base_shift)));
    }
    Simd::store(step.centre, limited(centre, 64 * tables.low[c], 64 * tables.high[c]));
    Simd::store(step.spread, spread);
    Simd::store(step.prediction, prediction);
    Simd::store(step.position, position);
    Simd::store(step.reciprocal, reciprocal_of(tables, spread, position));
}

Int relative(Int error, Int reciprocal) {
    return limited(Simd::template shift_right_signed<16>(Simd::multiply(error, reciprocal)), -128, 128);
}

void learn(const MixtureGroup& group, int c, int first, int end, const AdaptationInputs& inputs,
           AdaptationModel& model, AdaptationStep& step) {
    const Mask there = Simd::range(first, end);
    const Int zero = constant(0);
    const Int error =
        limited(Simd::sub(Simd::template shift_left<6>(load(group.value[c])), load(step.centre)), -kMaxError,
                kMaxError);
    const Int left = Simd::sub(error, load(step.prediction));
    const Int reciprocal = load(step.reciprocal);
    const Int rate = Simd::select(there, relative(left, reciprocal), zero);
    Simd::store(step.error, Simd::select(there, error, zero));
    Simd::store(step.magnitude, Simd::select(there, magnitude_of(left), zero));
    Simd::store(step.spread, Simd::select(there, load(step.spread), zero));
    for (int i = 0; i < inputs.features; ++i) {
        const Int feature = relative(Simd::load_unaligned(inputs.error[i]), reciprocal);
        const int weight = model.weight[i] + Simd::sum(Simd::multiply(rate, feature));
        model.weight[i] = weight < -kWeightLimit  ? -kWeightLimit
                          : weight > kWeightLimit ? kWeightLimit
                                                  : weight;
    }
}

}  // namespace

}  // namespace residua::entropy
