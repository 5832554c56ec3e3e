// The specification of the adaptation, one sample at a time. Symbols as in docs/format-adaptation.md.
#include <algorithm>
#include <bit>
#include <cstdlib>

#include "entropy/adaptation.h"

namespace residua::entropy {

namespace {

// log2 in 1/32 octave, linear between powers of two, plus a constant; 0 < x < 2^24.
int rough_log2(int32_t x) { return std::bit_cast<int32_t>(static_cast<float>(x)) >> 18; }

void adapt_sample(const MixtureTables& tables, int c, int p, const AdaptationInputs& inputs,
                  const AdaptationModel& model, MixtureGroup& group, AdaptationStep& step) {
    MixtureComponent* const component = group.component + c * tables.components;
    // From the first mean on: the weights' sum is a little less than 2^14.
    const int32_t from = component[0].mean[p];
    int32_t sum = 8192;
    for (int k = 1; k < tables.components; ++k)
        sum += component[k].weight[p] * std::clamp(component[k].mean[p] - from, -65535, 65535);
    const int32_t centre = from + (sum >> 14);

    uint32_t expected = 0;
    for (int k = 0; k < tables.components; ++k) {
        const int v = component[k].log_sigma[p];
        const int sigma = tables.sigma[v & 31] >> std::clamp(9 - (v >> 5), 0, 31);
        const int term = std::min(((sigma * 89) >> 6) + std::abs(component[k].mean[p] - centre), 65535);
        expected += static_cast<uint32_t>(component[k].weight[p]) * static_cast<uint32_t>(term);
    }
    const int32_t spread = static_cast<int32_t>(expected >> 14) + 16;

    int32_t was = kOwnWeight * spread, should = was;
    for (int i = 0; i < inputs.neighbours; ++i) {
        was += inputs.weight[i] * inputs.magnitude[i][p];
        should += inputs.weight[i] * inputs.spread[i][p];
    }
    const int position = std::clamp(rough_log2(was) - rough_log2(should) - kLowestRatio, 0, kLastPosition);
    const int ratio = position + kLowestRatio;
    const int32_t error = ((spread * (tables.sigma[ratio & 31] >> 3)) >> (12 - (ratio >> 5))) + 19;
    step.reciprocal[p] = (1 << 22) / error;

    int32_t moved = 8192;
    for (int i = 0; i < inputs.features; ++i) moved += ((model.weight[i] + 128) >> 8) * inputs.error[i][p];
    const int32_t prediction = std::clamp(moved >> 14, -kMaxError, kMaxError);

    const int bin = position >> 3, part = position & 7;
    const int delta = (model.delta[bin] * (8 - part) + model.delta[bin + 1] * part + 4096) >> 13;
    // The distribution as a whole becomes wider or narrower. If only the sigmas did, a narrow mixture would
    // become one of separate peaks.
    const int32_t factor = tables.sigma[delta & 31] >> 3;
    for (int k = 0; k < tables.components; ++k) {
        int32_t& mean = component[k].mean[p];
        const int32_t offset = ((mean - centre) * factor) >> (12 - (delta >> 5));
        mean = std::clamp(centre + offset + prediction, -65536, 65535);
        const int v =
            std::clamp(component[k].log_sigma[p] + delta, tables.v_min, tables.v_max) - tables.v_min;
        component[k].multiplier[p] = tables.multiplier[v & 31];
        component[k].shift[p] = tables.base_shift + (v >> 5);
    }
    // A mean may lie beyond the alphabet, as those of saturated pixels do: that is no error.
    step.centre[p] = std::clamp(centre, 64 * tables.low[c], 64 * tables.high[c]);
    step.spread[p] = spread;
    step.prediction[p] = prediction;
    step.position[p] = position;
}

void adapt(const MixtureTables& tables, int c, const AdaptationInputs& inputs, const AdaptationModel& model,
           MixtureGroup& group, AdaptationStep& step) {
    for (int p = 0; p < kGroupPixels; ++p) adapt_sample(tables, c, p, inputs, model, group, step);
}

// In 1/64 of the error to be expected.
int32_t relative(int32_t error, int32_t reciprocal) {
    return std::clamp((error * reciprocal) >> 16, -128, 128);
}

void learn(const MixtureGroup& group, int c, int first, int end, const AdaptationInputs& inputs,
           AdaptationModel& model, AdaptationStep& step) {
    int32_t gradient[kMaxFeatures] = {};
    for (int p = 0; p < kGroupPixels; ++p) {
        if (p < first || p >= end) {
            step.error[p] = step.magnitude[p] = step.spread[p] = 0;
            continue;
        }
        step.error[p] = std::clamp(64 * group.value[c][p] - step.centre[p], -kMaxError, kMaxError);
        const int32_t left = step.error[p] - step.prediction[p];
        step.magnitude[p] = std::abs(left);
        const int32_t rate = relative(left, step.reciprocal[p]);
        for (int i = 0; i < inputs.features; ++i)
            gradient[i] += rate * relative(inputs.error[i][p], step.reciprocal[p]);
    }
    for (int i = 0; i < inputs.features; ++i)
        model.weight[i] = std::clamp(model.weight[i] + gradient[i], -kWeightLimit, kWeightLimit);
}

}  // namespace

const AdaptationKernels kAdaptationScalar = {adapt, learn};

}  // namespace residua::entropy
