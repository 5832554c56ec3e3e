#include "stages/rc/enc_tau_search.h"

#include <algorithm>
#include <numeric>

namespace residua::codec {

namespace {

constexpr int kLowest = -128, kHighest = 127;
// In 1/32 octave. First all sigmas of a channel move together, which finds most of what there is; then each
// on its own.
constexpr int kFirstStep = 8;
constexpr int kLargestStep = 32;
constexpr int kMaxStrides = 6;
constexpr int kComponentSteps[] = {6, 3};

using Steps = std::array<int, kMaxTauChannels>;

// Where the parabola through the costs at −step, 0 and step is lowest, at most two steps away.
int lowest_point(int step, int64_t below, int64_t here, int64_t above) {
    const int64_t curvature = above + below - 2 * here;
    if (curvature <= 0) return above < below ? 2 * step : -2 * step;
    const int64_t numerator = step * (below - above) + curvature, denominator = 2 * curvature;
    const int64_t rounded = numerator / denominator - (numerator % denominator < 0);
    return static_cast<int>(std::clamp<int64_t>(rounded, -2 * step, 2 * step));
}

class Search {
  public:
    Search(int channels, int components, const TauCost& cost)
        : channels_(channels),
          components_(components),
          cost_(cost),
          tau_(static_cast<size_t>(channels * components)),
          best_(cost(tau_)),
          start_(total()) {}

    FoundTau run() {
        int strides = 0;
        while (strides < kMaxStrides &&
               improve(0, components_, std::min(kFirstStep << strides, kLargestStep)))
            ++strides;
        if (strides > 0) improve(0, components_, kFirstStep);  // large strides end roughly
        for (const int step : kComponentSteps)
            for (int k = 0; k < components_; ++k) improve(k, k + 1, step);
        return {tau_, start_ - total()};
    }

  private:
    int64_t total() const { return std::accumulate(best_.begin(), best_.end(), int64_t{0}); }

    // Components first … end − 1 of each channel, moved by its step.
    std::vector<int8_t> moved(int first, int end, const Steps& steps) const {
        std::vector<int8_t> tau = tau_;
        for (int c = 0; c < channels_; ++c)
            for (int k = first; k < end; ++k) {
                int8_t& number = tau[static_cast<size_t>(c * components_ + k)];
                number = static_cast<int8_t>(
                    std::clamp(number + steps[static_cast<size_t>(c)], kLowest, kHighest));
            }
        return tau;
    }

    // Moves these components of every channel to where it costs least, as far as four trials show. Whether
    // one of the channels went as far as it could.
    bool improve(int first, int end, int step) {
        Steps at_lowest{};
        const Steps up = {step, step, step}, down = {-step, -step, -step};
        const TauCosts above = cost_(moved(first, end, up)), below = cost_(moved(first, end, down));
        for (size_t c = 0; c < static_cast<size_t>(channels_); ++c)
            at_lowest[c] = lowest_point(step, below[c], best_[c], above[c]);
        const TauCosts lowest = cost_(moved(first, end, at_lowest));
        Steps chosen{};
        bool far = false;
        for (size_t c = 0; c < static_cast<size_t>(channels_); ++c) {
            const auto consider = [&](int64_t cost, int by) {
                if (cost >= best_[c]) return;
                best_[c] = cost;
                chosen[c] = by;
            };
            consider(lowest[c], at_lowest[c]);
            consider(above[c], step);
            consider(below[c], -step);
            far |= std::abs(chosen[c]) == 2 * step;
        }
        tau_ = moved(first, end, chosen);
        return far;
    }

    const int channels_, components_;
    const TauCost& cost_;
    std::vector<int8_t> tau_;
    TauCosts best_;  // of tau_
    const int64_t start_;
};

}  // namespace

FoundTau search_tau(int channels, int components, const TauCost& cost) {
    return Search(channels, components, cost).run();
}

}  // namespace residua::codec
