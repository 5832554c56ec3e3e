#include "origin/blocks/enc_quant_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "origin/blocks/enc_settled_table.h"

namespace residua::codec {

namespace {

constexpr double kParts = CoefficientHistogram::kParts;
// Rounding samples adds noise of this variance to each coefficient.
constexpr double kNoiseVariance = 1.0 / 12;
// In nats, for a coefficient that no multiple explains.
constexpr double kMostCost = 12;
// Beyond what noise makes of zero but once in 60000 times.
constexpr double kSurelyNotZero = 1.25;
// What a step may cost more than the best, in nats: of each coefficient that is not zero, and in all. A step
// with more divisors gets near to wrong samples and such by chance.
constexpr double kSlackOfOne = 0.1, kSlack = 4;
// A JPEG with a step of 1 that was one with this step before has few coefficients that are no multiples of
// it, and these hide in the noise of the others.
constexpr int kMostDoubted = 16;
// Share of these. Noise moves some between neighbours of steps below 4.
constexpr double kMostBeside = 0.04, kMostBesideSmall = 0.07;
constexpr double kLeastDoubted = 150;  // coefficients
constexpr int kMaximisations = 12;
constexpr double kLeastLikelihood = 1e-12;

struct Bin {
    double value;  // |coefficient|
    double count;
};

std::vector<Bin> bins_of(const uint32_t* counts) {
    std::vector<Bin> bins;
    for (int i = 0; i < CoefficientHistogram::kValues; ++i)
        if (counts[i] > 0) bins.push_back({i / kParts, static_cast<double>(counts[i])});
    return bins;
}

// Of coding each coefficient as a multiple of the step and Gaussian noise, in nats, but for what does not
// depend on the step.
double cost_of(int step, std::span<const Bin> bins) {
    double cost = 0, total = 0, in_level = 0;
    int level = 0;
    const auto end_level = [&] {
        if (in_level > 0) cost -= in_level * std::log(in_level);
        total += in_level;
        in_level = 0;
    };
    for (const Bin& bin : bins) {
        const int nearest = static_cast<int>(bin.value / step + 0.5);
        if (nearest != level) {
            end_level();
            level = nearest;
        }
        const double distance = bin.value - static_cast<double>(nearest) * step;
        cost += bin.count * std::min(kMostCost, distance * distance / (2 * kNoiseVariance));
        in_level += bin.count;
    }
    end_level();
    return total > 0 ? cost + total * std::log(total) : 0;
}

// Of the coefficients from 2 on, the share of those that are whole numbers but no multiples of `step`. The
// noise reaches over from one whole number to the next, so that shares are found by expectation and
// maximisation.
double share_beside(int step, std::span<const Bin> bins) {
    constexpr int kOne = CoefficientHistogram::kParts;
    std::array<double, kOne + 1> noise;  // by distance in eighths
    for (size_t i = 0; i < noise.size(); ++i) {
        const double distance = static_cast<double>(i) / kParts;
        noise[i] = std::exp(-distance * distance / (2 * kNoiseVariance));
    }
    std::vector<double> counts(static_cast<size_t>(bins.back().value) + 2, 1), sums(counts.size());
    for (int i = 0; i < kMaximisations; ++i) {
        std::ranges::fill(sums, 0);
        for (const Bin& bin : bins) {
            const int eighths = static_cast<int>(bin.value * kParts);
            const auto below = static_cast<size_t>(eighths / kOne),
                       rest = static_cast<size_t>(eighths % kOne);
            const double from_below = counts[below] * noise[rest];
            const double from_above = counts[below + 1] * noise[kOne - rest];
            const double share = from_below / (from_below + from_above + kLeastLikelihood);
            sums[below] += bin.count * share;
            sums[below + 1] += bin.count * (1 - share);
        }
        counts = sums;
    }
    double all = 0, beside = 0;
    for (size_t value = 2; value < counts.size(); ++value) {
        all += counts[value];
        if (value % static_cast<size_t>(step) != 0) beside += counts[value];
    }
    return all > 0 ? beside / all : 0;
}

// 0: nothing is known.
int estimate_step(std::span<const Bin> bins) {
    double known = 0, largest = 0;
    for (const Bin& bin : bins)
        if (bin.value >= kSurelyNotZero) {
            known += bin.count;
            largest = bin.value;
        }
    if (known == 0) return 0;
    const int most = static_cast<int>(largest + 1);
    std::vector<double> costs;
    for (int step = 1; step <= most; ++step) costs.push_back(cost_of(step, bins));
    const double least = *std::ranges::min_element(costs);
    const double slack = kSlackOfOne * known + kSlack;
    int step = most;
    while (costs[static_cast<size_t>(step - 1)] > least + slack) --step;
    // Few coefficients leave several neighbours.
    int best = step;
    for (int near = step; near >= 1 && near >= step - 1 - step / 8; --near)
        if (costs[static_cast<size_t>(near - 1)] < costs[static_cast<size_t>(best - 1)]) best = near;
    if (best > 1 && best <= kMostDoubted && known > kLeastDoubted &&
        share_beside(best, bins) > (best < 4 ? kMostBesideSmall : kMostBeside))
        return 1;
    return best;
}

// What an unknown step gets: the larger one of its neighbours of lower frequency.
void fill_unknown(QuantTable& table) {
    if (table[0] == 0) table[0] = 1;
    for (size_t i = 1; i < kBlockSize; ++i) {
        if (table[i] != 0) continue;
        const uint16_t left = i % kBlockSide > 0 ? table[i - 1] : uint16_t{0};
        const uint16_t above = i >= kBlockSide ? table[i - kBlockSide] : uint16_t{0};
        table[i] = std::max(left, above);
    }
}

}  // namespace

void CoefficientHistogram::add(const float* coefficients) {
    for (int k = 0; k < kBlockSize; ++k) {
        const int value = static_cast<int>(std::fabs(coefficients[k]) * kParts + 0.5F);
        ++counts_[static_cast<size_t>(k) * kValues + static_cast<size_t>(std::min(value, kValues - 1))];
    }
}

void CoefficientHistogram::add(std::span<const CoefficientHistogram> others, ThreadPool& threads) {
    threads.parallel_for(kBlockSize, [&](int64_t k, int) {
        const size_t first = static_cast<size_t>(k) * kValues;
        for (const CoefficientHistogram& other : others)
            for (size_t i = first; i < first + kValues; ++i) counts_[i] += other.counts_[i];
    });
}

CoefficientEnergies CoefficientHistogram::energies(ThreadPool& threads) const {
    CoefficientEnergies energies;
    threads.parallel_for(kBlockSize, [&](int64_t frequency, int) {
        const auto k = static_cast<int>(frequency);
        double sum = kNoiseVariance, count = 1;
        for (const Bin& bin : bins_of(counts(k))) {
            sum += bin.count * bin.value * bin.value;
            count += bin.count;
        }
        energies[static_cast<size_t>(k)] = static_cast<float>(sum / count);
    });
    return energies;
}

QuantTable estimate_quant_table(const CoefficientHistogram& lively, const CoefficientHistogram& calm,
                                ThreadPool& threads, const QuantTable* other) {
    QuantTable table;
    threads.parallel_for(kBlockSize, [&](int64_t frequency, int) {
        const auto k = static_cast<int>(frequency);
        int step = estimate_step(bins_of(lively.counts(k)));
        if (step == 0) step = estimate_step(bins_of(calm.counts(k)));
        table[static_cast<size_t>(k)] = static_cast<uint16_t>(step);
    });
    fill_unknown(table);
    std::array<uint64_t, kBlockSize> known{};
    uint64_t blocks = 0;
    for (int i = 0; i < CoefficientHistogram::kValues; ++i) blocks += lively.counts(0)[i];
    for (int k = 0; k < kBlockSize; ++k)
        for (int i = static_cast<int>(kSurelyNotZero * kParts); i < CoefficientHistogram::kValues; ++i)
            known[static_cast<size_t>(k)] += lively.counts(k)[i];
    return settled_table(table, known, blocks, other);
}

std::vector<QuantTable> possible_quant_tables(const CoefficientHistogram& lively,
                                              const CoefficientHistogram& calm,
                                              std::span<const QuantTable> others, Session& session) {
    std::vector<QuantTable> tables;
    const auto add = [&](const QuantTable& table) {
        if (std::ranges::find(tables, table) == tables.end()) tables.push_back(table);
    };
    const QuantTable* first = others.empty() ? nullptr : &others.front();
    add(estimate_quant_table(lively, calm, session.threads, first));
    CoefficientHistogram all(session.allocator);
    for (const CoefficientHistogram* part : {&lively, &calm}) all.add({part, 1}, session.threads);
    add(estimate_quant_table(all, all, session.threads, first));
    for (const QuantTable& other : others) add(other);
    return tables;
}

}  // namespace residua::codec
