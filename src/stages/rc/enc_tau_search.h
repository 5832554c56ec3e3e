// The search for tau (RC paper, section 4.5): per image, one factor for each sigma of each channel's mixture.
// The paper descends on the gradient of the cross-entropy; here the true code length, a whole number, is
// followed along parabolas, so that every machine finds the same tau.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace residua::codec {

constexpr int kMaxTauChannels = 3;
using TauCosts = std::array<int64_t, kMaxTauChannels>;  // of the coded channels; 0 for the others

// What each channel costs under a tau: one number per coded channel c and component k, at c · K + k. A
// channel's cost must depend on its own numbers only: all channels are searched at once.
using TauCost = std::function<TauCosts(std::span<const int8_t> tau)>;

struct FoundTau {
    std::vector<int8_t> tau;
    int64_t saved;  // of all channels' costs, against a tau of zeros; ≥ 0
};

FoundTau search_tau(int channels, int components, const TauCost& cost);

}  // namespace residua::codec
