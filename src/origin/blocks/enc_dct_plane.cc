#include "origin/blocks/enc_dct_plane.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "origin/blocks/enc_block_solver.h"
#include "origin/blocks/enc_forward_dct.h"
#include "origin/blocks/enc_quant_table.h"

namespace residua::codec {

namespace {

// Of the samples of blocks that are known: steps of 1 everywhere leave up to 1.1 % that the search did not
// get right, and some may be wrong themselves. Where there was no JPEG, 8 % and more differ.
constexpr double kMostDiffering = 0.025;
constexpr int kFirstRows = 16;  // one of so many rows of blocks is looked at first
// Where more of a row's samples than this share differ after so many blocks, the rest of it is not looked at.
constexpr double kHopeless = 0.2;
constexpr int kHopelessBlocks = 16;
// Tables with fewer blocks that need no search than this share of the best one's are not tried.
constexpr double kAsManyRounded = 0.9;
constexpr double kDifferingBits = 20;  // that a sample costs which comes out otherwise

// Samples of a block beyond the plane are those at its border, and nothing is known of them.
BlockSamples samples_of(const PlaneSamples& plane, int left, int top) {
    BlockSamples block;
    for (int y = 0; y < kBlockSide; ++y)
        for (int x = 0; x < kBlockSide; ++x) {
            const int from_x = std::clamp(left + x, 0, plane.width() - 1);
            const int from_y = std::clamp(top + y, 0, plane.height() - 1);
            const bool inside = from_x == left + x && from_y == top + y;
            const uint8_t value = plane.sample(from_x, from_y);
            const auto i = static_cast<size_t>(kBlockSide * y + x);
            block.values[i] = value;
            block.known[i] = !inside || !plane.is_trusted(from_x, from_y) ? BlockSamples::kNothing
                             : value == 0                                 ? BlockSamples::kAtMostZero
                             : value == 255                               ? BlockSamples::kAtLeast255
                                                                          : BlockSamples::kExact;
        }
    return block;
}

BlockSamples samples_of(const PlaneSamples& plane, const DctPlane& dct, int row, int column) {
    return samples_of(plane, kBlockSide * column - dct.offset_x, kBlockSide * row - dct.offset_y);
}

// Of the 112 pairs of neighbours in a block: in calmer ones the errors of rounding hang together.
constexpr int kMostEqual = 40;

int equal_neighbours(const BlockSamples& block) {
    int count = 0;
    for (size_t i = 0; i < kBlockSize; ++i) {
        if (i % kBlockSide > 0) count += block.values[i] == block.values[i - 1];
        if (i >= kBlockSide) count += block.values[i] == block.values[i - kBlockSide];
    }
    return count;
}

struct Statistics {
    std::vector<QuantTable> tables;  // that may be the plane's
    CoefficientEnergies energies;
};

Statistics measure(const PlaneSamples& plane, const DctPlane& dct, std::span<const QuantTable> others,
                   Session& session) {
    std::vector<CoefficientHistogram> lively, calm;  // of each thread
    for (int i = 0; i < session.threads.size(); ++i) {
        lively.emplace_back(session.allocator);
        calm.emplace_back(session.allocator);
    }
    session.threads.parallel_for(dct.rows(), [&](int64_t row, int thread) {
        for (int column = 0; column < dct.columns(); ++column) {
            const BlockSamples block = samples_of(plane, dct, static_cast<int>(row), column);
            if (!block.is_exact()) continue;
            float values[kBlockSize];
            for (size_t i = 0; i < kBlockSize; ++i) values[i] = static_cast<float>(block.values[i]) - 128;
            forward_dct(values, values);
            (equal_neighbours(block) > kMostEqual ? calm : lively)[static_cast<size_t>(thread)].add(values);
        }
    });
    for (size_t i = 1; i < lively.size(); ++i) {
        lively[0].add(lively[i]);
        calm[0].add(calm[i]);
    }
    std::vector<QuantTable> tables = possible_quant_tables(lively[0], calm[0], others, session.allocator);
    calm[0].add(lively[0]);
    return {std::move(tables), calm[0].energies()};
}

// How well blocks come out whose samples are all known.
struct Outcome {
    int64_t samples = 0, differing = 0;

    void add(const Outcome& other) {
        samples += other.samples;
        differing += other.differing;
    }
    bool is_good() const {
        return static_cast<double>(differing) <= kMostDiffering * static_cast<double>(samples);
    }
};

// Fills the coefficients of rows first, first + step … Nothing is left out unless `may_give_up`.
Outcome solve_rows(const PlaneSamples& plane, const BlockSolver& solver, std::span<const int> rows,
                   bool may_give_up, DctPlane& dct, ThreadPool& threads) {
    std::vector<Outcome> outcomes(rows.size());
    threads.parallel_for(static_cast<int64_t>(rows.size()), [&](int64_t i, int) {
        const auto index = static_cast<size_t>(i);
        Outcome& outcome = outcomes[index];
        for (int column = 0; column < dct.columns(); ++column) {
            const BlockSamples block = samples_of(plane, dct, rows[index], column);
            const int differing = solver.solve(block, dct.block(rows[index], column));
            if (block.is_exact()) outcome.add({kBlockSize, differing});
            if (may_give_up && outcome.samples >= kHopelessBlocks * kBlockSize &&
                static_cast<double>(outcome.differing) > kHopeless * static_cast<double>(outcome.samples))
                return;
        }
    });
    Outcome all;
    for (const Outcome& outcome : outcomes) all.add(outcome);
    return all;
}

// Of the blocks of these rows: how many of the table's multiples need no search.
int64_t count_rounded(const PlaneSamples& plane, const BlockSolver& solver, std::span<const int> rows,
                      const DctPlane& dct, ThreadPool& threads) {
    std::vector<int64_t> counts(rows.size());
    threads.parallel_for(static_cast<int64_t>(rows.size()), [&](int64_t i, int) {
        const auto index = static_cast<size_t>(i);
        for (int column = 0; column < dct.columns(); ++column) {
            const BlockSamples block = samples_of(plane, dct, rows[index], column);
            counts[index] += block.is_exact() && solver.is_rounded(block);
        }
    });
    return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

// The table whose coefficients cost least in the rows that are looked at first. Nothing: this is no JPEG, as
// these rows show.
std::optional<QuantTable> choose_table(const PlaneSamples& plane, const Statistics& statistics,
                                       std::span<const int> rows, DctPlane& dct, ThreadPool& threads) {
    std::vector<int64_t> rounded;
    for (const QuantTable& table : statistics.tables)
        rounded.push_back(count_rounded(plane, BlockSolver(table, statistics.energies), rows, dct, threads));
    const int64_t most = *std::ranges::max_element(rounded);
    std::optional<QuantTable> best;
    double least = 0;
    for (size_t i = 0; i < rounded.size(); ++i) {
        // A search with wrong steps takes long.
        if (static_cast<double>(rounded[i]) < kAsManyRounded * static_cast<double>(most)) continue;
        dct.quant = statistics.tables[i];
        const BlockSolver solver(dct.quant, statistics.energies);
        const Outcome outcome = solve_rows(plane, solver, rows, true, dct, threads);
        if (!outcome.is_good()) continue;
        const double cost = coefficient_cost(dct, rows.front(), kFirstRows, threads) +
                            kDifferingBits * static_cast<double>(outcome.differing);
        if (best && cost >= least) continue;
        best = dct.quant;
        least = cost;
    }
    return best;
}

// Where all coefficients of a frequency are multiples of something, the step was that much larger.
void enlarge_steps(DctPlane& dct) {
    std::array<int, kBlockSize> divisors = {};
    for (size_t i = 0; i < dct.coefficients.size(); ++i)
        divisors[i % kBlockSize] = std::gcd(divisors[i % kBlockSize], int{dct.coefficients[i]});
    for (size_t k = 0; k < kBlockSize; ++k) {
        constexpr int kMostStep = 65535;
        if (divisors[k] <= 1 || divisors[k] * dct.quant[k] > kMostStep) {
            divisors[k] = 1;
            continue;
        }
        dct.quant[k] = static_cast<uint16_t>(divisors[k] * dct.quant[k]);
    }
    if (std::ranges::all_of(divisors, [](int divisor) { return divisor == 1; })) return;
    for (size_t i = 0; i < dct.coefficients.size(); ++i)
        dct.coefficients[i] = static_cast<int16_t>(dct.coefficients[i] / divisors[i % kBlockSize]);
}

}  // namespace

double coefficient_cost(const DctPlane& plane, int first, int step, ThreadPool& threads) {
    std::array<double, kBlockSize> bits{};
    threads.parallel_for(kBlockSize, [&](int64_t frequency, int) {
        std::vector<uint32_t> counts(2 * kMostCoefficient + 1);
        double blocks = 0;
        for (int row = first; row < plane.rows(); row += step)
            for (int column = 0; column < plane.columns(); ++column, ++blocks)
                ++counts[static_cast<size_t>(plane.block(row, column)[frequency] + kMostCoefficient)];
        double sum = 0;
        for (const uint32_t count : counts)
            if (count > 0) sum += count * std::log2(blocks / count);
        bits[static_cast<size_t>(frequency)] = sum;
    });
    return std::accumulate(bits.begin(), bits.end(), 0.0);
}

std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::optional<BlockGrid> known, std::span<const QuantTable> others) {
    const std::optional<BlockGrid> grid = known ? known : find_block_grid(plane);
    if (!grid) return std::nullopt;
    DctPlane dct;
    dct.width = plane.width();
    dct.height = plane.height();
    dct.offset_x = grid->offset_x;
    dct.offset_y = grid->offset_y;
    const Statistics statistics = measure(plane, dct, others, session);
    dct.coefficients = Buffer<int16_t>(session.allocator, product(dct.rows(), dct.columns(), kBlockSize), 0);
    std::vector<int> first, rest;
    const int start = std::min(kFirstRows / 2, dct.rows() / 2);
    for (int row = 0; row < dct.rows(); ++row) (row % kFirstRows == start ? first : rest).push_back(row);
    const auto table = choose_table(plane, statistics, first, dct, session.threads);
    if (!table) return std::nullopt;
    dct.quant = *table;
    const BlockSolver solver(dct.quant, statistics.energies);
    Outcome all = solve_rows(plane, solver, first, false, dct, session.threads);
    all.add(solve_rows(plane, solver, rest, false, dct, session.threads));
    if (all.samples == 0 || !all.is_good()) return std::nullopt;
    enlarge_steps(dct);
    return dct;
}

}  // namespace residua::codec
