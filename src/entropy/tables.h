// The tables that turn a network's integer outputs into a mixture of logistics. They are part of the model
// file, so that no decoder ever calls a mathematical library. docs/format-entropy.md defines every field.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "entropy/mixture_kernels.h"

namespace residua::entropy {

inline constexpr int kOctave = 32;           // steps of log_sigma and of the weight logits per factor of two
inline constexpr int kLogisticCells = 1024;  // t in [−16, 16), 1/32 each
inline constexpr uint32_t kLogisticOne = 1u << 18;

struct DistributionTables {
    int components = 0;  // K, 1…15
    int channels = 0;    // 1…8
    // log_sigma is clamped to [v_min, v_max] after tau is added. t = (d · multiplier[v' mod 32]) >>
    // (base_shift + v' / 32) with v' = v − v_min is the distance in sigmas, in 1/1024.
    int v_min = 0;
    int v_max = 0;
    int base_shift = 0;
    std::array<uint16_t, kOctave> multiplier{};           // 1…16384
    std::array<uint16_t, kOctave> exp2{};                 // 32768 · 2^(−i/32); the first is positive
    std::array<uint32_t, kLogisticCells + 1> logistic{};  // 2^18 · S(−16 + i/32), steps of 0…4095
    // Coefficient (unit 1/1024) for the pre-activations −limit…limit (unit 1/256), 2 · limit + 1 entries.
    // Empty: the channels are coded independently; otherwise channels is 3.
    std::vector<int16_t> lambda;

    bool coupled() const { return !lambda.empty(); }
    int lambda_limit() const { return static_cast<int>(lambda.size() / 2); }

    // Throws kCorrupt unless every CDF made from these tables is strictly increasing and nothing overflows.
    void check() const;
    void serialise(ByteWriter& writer) const;
    static DistributionTables parse(ByteReader& reader);  // checked
};

}  // namespace residua::entropy
