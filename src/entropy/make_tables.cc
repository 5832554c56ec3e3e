#include "entropy/make_tables.h"

#include <cmath>

namespace residua::entropy {

namespace {

// Pre-activations beyond it change nothing: tanh(4) and S(8) are 1 to three digits.
int lambda_limit(LambdaActivation activation) { return activation == LambdaActivation::kTanh ? 1024 : 2048; }

double activate(LambdaActivation activation, double a) {
    return activation == LambdaActivation::kTanh ? std::tanh(a) : 1.0 / (1.0 + std::exp(-a));
}

}  // namespace

DistributionTables make_tables(LambdaActivation activation, int components, int channels) {
    DistributionTables tables;
    tables.components = components;
    tables.channels = channels;
    tables.v_min = -160;
    tables.v_max = 255;
    // t = 1024 · (d / 64) / 2^(v/32) = d · 2^(4 + 5 − v'/32); the multipliers carry 14 bits of it.
    tables.base_shift = 5;
    for (int i = 0; i < kOctave; ++i) {
        const double power = std::exp2(-i / static_cast<double>(kOctave));
        tables.multiplier[i] = static_cast<uint16_t>(std::lround(16384 * power));
        tables.exp2[i] = static_cast<uint16_t>(std::lround(32768 * power));
    }
    for (int i = 0; i <= kLogisticCells; ++i) {
        const double t = -16.0 + i / 32.0;
        tables.logistic[i] = static_cast<uint32_t>(std::lround(kLogisticOne / (1.0 + std::exp(-t))));
    }
    const int limit = lambda_limit(activation);
    if (activation != LambdaActivation::kNone)
        for (int a = -limit; a <= limit; ++a)
            tables.lambda.push_back(
                static_cast<int16_t>(std::lround(1024 * activate(activation, a / 256.0))));
    tables.check();
    return tables;
}

}  // namespace residua::entropy
