// A guess as a weighted sum of inputs whose weights are learned
// while coding (normalised LMS), in integers. docs/format-dct.md, 4.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace residua::dct {

// Most: inputs are clamped to ±Most, at most 2^14. Rate:
// 2^16 times the share of an error that one step removes.
template <int Inputs, int Most, int Rate>
class LinearGuess {
  public:
    using Weights = std::array<int32_t, Inputs>;  // 2^-16
    Weights* weights = nullptr;                   // of the context at hand
    std::array<int32_t, Inputs> input{};

    int guess() {
        int64_t dot = 0;
        power_ = 1024;
        for (size_t i = 0; i < Inputs; ++i) {
            input[i] = std::clamp(input[i], -Most, Most);
            dot += int64_t{(*weights)[i]} * input[i];
            power_ += int64_t{input[i]} * input[i];
        }
        guess_ = static_cast<int>(std::clamp<int64_t>(dot >> 16, -16384, 16384));
        return guess_;
    }

    // `target` is what it should have been, within ±2^15.
    void learn(int target) {
        const int64_t step = (int64_t{target - guess_} * Rate * 256) / power_;
        for (size_t i = 0; i < Inputs; ++i) {
            const int64_t w = (*weights)[i] + ((step * input[i]) >> 8);
            (*weights)[i] = static_cast<int32_t>(std::clamp<int64_t>(w, -(1 << 19), 1 << 19));
        }
    }

  private:
    int64_t power_ = 1;
    int guess_ = 0;
};

}  // namespace residua::dct
