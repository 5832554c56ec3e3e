#include "origin/blocks/enc_dct_plane.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "origin/blocks/enc_block_solver.h"
#include "origin/blocks/enc_forward_dct.h"
#include "origin/blocks/enc_quant_table.h"
#include "origin/blocks/enc_settled_table.h"

namespace residua::codec {

namespace {

// Of the samples of blocks that are known: steps of 1 everywhere leave up to 1.1 % that the search did not
// get right, and some may be wrong themselves. Where there was no JPEG, 8 % and more differ.
constexpr double kMostDiffering = 0.025;
// So many may differ where so many blocks come out whole without any search. No JPEG has 1 % of these.
constexpr double kMostDifferingElsewhere = 0.15, kSurelyBlocks = 0.3;
// One of so many rows of blocks is looked at first; more where these have fewer blocks that are known.
constexpr int kFirstRows = 16;
constexpr size_t kFewBlocks = 256;
// Where more of a row's samples than this share differ after so many blocks, the rest of it is not looked at.
constexpr double kHopeless = 0.2;
constexpr int kHopelessBlocks = 16;
// Tables with fewer blocks that need no search than this share of the best one's are not tried.
constexpr double kAsManyRounded = 0.9;
// Below this share of these, the usual tables are compared on so many blocks, and the best are tried.
constexpr double kMostlyRounded = 0.8;
constexpr size_t kComparedBlocks = 64, kUsualTables = 3;
constexpr double kDifferingBits = 20;  // that a sample costs which comes out otherwise

// Samples of a block beyond the plane are those at its border, and nothing is known of them.
BlockSamples samples_of(const PlaneSamples& plane, int left, int top) {
    BlockSamples block;
    for (int y = 0; y < kBlockSide; ++y)
        for (int x = 0; x < kBlockSide; ++x) {
            const int from_x = std::clamp(left + x, -plane.before_x, plane.width() - 1 + plane.behind_x);
            const int from_y = std::clamp(top + y, -plane.before_y, plane.height() - 1 + plane.behind_y);
            const bool there = from_x == left + x && from_y == top + y;
            const bool inside =
                from_x >= 0 && from_x < plane.width() && from_y >= 0 && from_y < plane.height();
            const uint8_t value = plane.sample(from_x, from_y);
            const auto i = static_cast<size_t>(kBlockSide * y + x);
            block.values[i] = value;
            block.known[i] = !there                              ? BlockSamples::kNothing
                             : !inside                           ? BlockSamples::kNear
                             : !plane.is_trusted(from_x, from_y) ? BlockSamples::kNothing
                             : value == 0                        ? BlockSamples::kAtMostZero
                             : value == 255                      ? BlockSamples::kAtLeast255
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
    for (auto* parts : {&lively, &calm}) parts->front().add(std::span(*parts).subspan(1), session.threads);
    std::vector<QuantTable> tables = possible_quant_tables(lively[0], calm[0], others, session);
    calm[0].add(std::span(lively).first(1), session.threads);
    return {std::move(tables), calm[0].energies(session.threads)};
}

// How well blocks come out whose samples are all known.
struct Outcome {
    int64_t samples = 0, differing = 0;

    void add(const Outcome& other) {
        samples += other.samples;
        differing += other.differing;
    }
    // rounded: the share of blocks that need no search.
    bool is_good(double rounded) const {
        const double most = rounded >= kSurelyBlocks ? kMostDifferingElsewhere : kMostDiffering;
        return samples > 0 && static_cast<double>(differing) <= most * static_cast<double>(samples);
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

std::vector<BlockSamples> exact_blocks(const PlaneSamples& plane, const DctPlane& dct,
                                       std::span<const int> rows) {
    std::vector<BlockSamples> blocks;
    for (const int row : rows)
        for (int column = 0; column < dct.columns(); ++column) {
            const BlockSamples block = samples_of(plane, dct, row, column);
            if (block.is_exact()) blocks.push_back(block);
        }
    return blocks;
}

double rounded_share(const BlockSolver& solver, std::span<const BlockSamples> blocks) {
    const auto count =
        std::ranges::count_if(blocks, [&](const BlockSamples& block) { return solver.is_rounded(block); });
    return blocks.empty() ? 0 : static_cast<double>(count) / static_cast<double>(blocks.size());
}

// Of the usual tables those that explain most of the liveliest blocks.
std::vector<QuantTable> best_usual_tables(std::span<const BlockSamples> blocks,
                                          const CoefficientEnergies& energies, ThreadPool& threads) {
    std::vector<size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::vector<int> equal;
    for (const BlockSamples& block : blocks) equal.push_back(equal_neighbours(block));
    std::ranges::stable_sort(order, {}, [&](size_t i) { return equal[i]; });
    std::vector<BlockSamples> liveliest;
    for (size_t i = 0; i < std::min(order.size(), kComparedBlocks); ++i)
        liveliest.push_back(blocks[order[i]]);
    std::vector<QuantTable> tables = usual_tables();
    std::vector<double> shares(tables.size());
    threads.parallel_for(static_cast<int64_t>(tables.size()), [&](int64_t i, int) {
        const auto at = static_cast<size_t>(i);
        shares[at] = rounded_share(BlockSolver(tables[at], energies), liveliest);
    });
    std::vector<size_t> best(tables.size());
    std::iota(best.begin(), best.end(), size_t{0});
    std::ranges::stable_sort(best, std::greater(), [&](size_t i) { return shares[i]; });
    std::vector<QuantTable> chosen;
    for (size_t i = 0; i < kUsualTables; ++i)
        if (shares[best[i]] > 0) chosen.push_back(tables[best[i]]);
    return chosen;
}

DctPlane empty_plane(const PlaneSamples& plane, const BlockGrid& grid) {
    DctPlane dct;
    dct.width = plane.width();
    dct.height = plane.height();
    dct.offset_x = grid.offset_x;
    dct.offset_y = grid.offset_y;
    return dct;
}

// A grid that is tried on some rows.
struct Trial {
    BlockGrid grid;
    Statistics statistics;
    int row_step;  // of the rows
    std::vector<int> rows;
    std::vector<double> rounded;  // by table
};

Trial make_trial(const PlaneSamples& plane, const BlockGrid& grid, std::span<const QuantTable> others,
                 Session& session) {
    const DctPlane dct = empty_plane(plane, grid);
    Trial trial = {grid, measure(plane, dct, others, session), 2 * kFirstRows, {}, {}};
    std::vector<BlockSamples> blocks;
    while (blocks.size() < kFewBlocks && trial.row_step > 1) {
        trial.row_step /= 2;
        trial.rows.clear();
        for (int row = std::min(trial.row_step / 2, dct.rows() / 2); row < dct.rows(); row += trial.row_step)
            trial.rows.push_back(row);
        blocks = exact_blocks(plane, dct, trial.rows);
    }
    auto& tables = trial.statistics.tables;
    const auto count = [&] {
        for (size_t i = trial.rounded.size(); i < tables.size(); ++i)
            trial.rounded.push_back(rounded_share(BlockSolver(tables[i], trial.statistics.energies), blocks));
    };
    count();
    if (*std::ranges::max_element(trial.rounded) < kMostlyRounded) {
        for (const QuantTable& table : best_usual_tables(blocks, trial.statistics.energies, session.threads))
            if (std::ranges::find(tables, table) == tables.end()) tables.push_back(table);
        count();
    }
    return trial;
}

struct Choice {
    const Trial* trial;
    size_t table;
};

// The grid and table whose coefficients cost least in the rows that are looked at first. Nothing: this is no
// JPEG, as these rows show.
std::optional<Choice> choose(const PlaneSamples& plane, std::span<const Trial> trials, Session& session) {
    double most = 0;
    for (const Trial& trial : trials) most = std::max(most, *std::ranges::max_element(trial.rounded));
    std::optional<Choice> best;
    double least = 0;
    for (const Trial& trial : trials)
        for (size_t i = 0; i < trial.rounded.size(); ++i) {
            // A search with wrong steps takes long.
            if (trial.rounded[i] < kAsManyRounded * most) continue;
            DctPlane dct = empty_plane(plane, trial.grid);
            dct.quant = trial.statistics.tables[i];
            dct.coefficients =
                Buffer<int16_t>(session.allocator, product(dct.rows(), dct.columns(), kBlockSize), 0);
            const BlockSolver solver(dct.quant, trial.statistics.energies);
            const Outcome outcome = solve_rows(plane, solver, trial.rows, true, dct, session.threads);
            if (!outcome.is_good(trial.rounded[i])) continue;
            const double cost = (coefficient_cost(dct, trial.rows.front(), trial.row_step, session.threads) +
                                 kDifferingBits * static_cast<double>(outcome.differing)) /
                                static_cast<double>(product(trial.rows.size(), dct.columns()));
            if (best && cost >= least) continue;
            best = Choice{&trial, i};
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
    // Of a block, by how much its left neighbour holds: large pictures have calm and lively parts.
    constexpr size_t kClasses = 12;
    constexpr int kMost = 2 * kMostCoefficient;  // of a difference of two
    std::vector<uint8_t> classes;
    for (int row = first; row < plane.rows(); row += step)
        for (int column = 0; column < plane.columns(); ++column) {
            const int16_t* left = plane.block(row, std::max(column - 1, 0));
            uint32_t sum = 0;
            for (int k = 1; k < kBlockSize; ++k) sum += static_cast<uint32_t>(std::abs(left[k]));
            classes.push_back(static_cast<uint8_t>(
                column == 0 ? 0 : std::min<size_t>(kClasses - 1, 1 + std::bit_width(sum))));
        }
    std::array<double, kBlockSize> bits{};
    threads.parallel_for(kBlockSize, [&](int64_t frequency, int) {
        std::vector<uint32_t> counts(kClasses * (2 * kMost + 1));
        std::array<double, kClasses> blocks{};
        size_t next = 0;
        for (int row = first; row < plane.rows(); row += step)
            for (int column = 0; column < plane.columns(); ++column, ++next) {
                int value = plane.block(row, column)[frequency];
                if (frequency == 0 && column > 0) value -= plane.block(row, column - 1)[0];
                ++counts[classes[next] * size_t{2 * kMost + 1} + static_cast<size_t>(value + kMost)];
                ++blocks[classes[next]];
            }
        double sum = 0;
        for (size_t i = 0; i < counts.size(); ++i)
            if (counts[i] > 0) sum += counts[i] * std::log2(blocks[i / (2 * kMost + 1)] / counts[i]);
        bits[static_cast<size_t>(frequency)] = sum;
    });
    return std::accumulate(bits.begin(), bits.end(), 0.0);
}

std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::span<const BlockGrid> grids, std::span<const QuantTable> others) {
    const std::vector<BlockGrid> found =
        grids.empty() ? find_block_grids(plane, session.threads) : std::vector<BlockGrid>();
    std::vector<Trial> trials;
    for (const BlockGrid& grid : grids.empty() ? std::span(found) : grids)
        trials.push_back(make_trial(plane, grid, others, session));
    const auto choice = choose(plane, trials, session);
    if (!choice) return std::nullopt;
    const Trial& trial = *choice->trial;
    DctPlane dct = empty_plane(plane, trial.grid);
    dct.quant = trial.statistics.tables[choice->table];
    dct.coefficients = Buffer<int16_t>(session.allocator, product(dct.rows(), dct.columns(), kBlockSize), 0);
    const BlockSolver solver(dct.quant, trial.statistics.energies);
    std::vector<int> rows(static_cast<size_t>(dct.rows()));
    std::iota(rows.begin(), rows.end(), 0);
    const Outcome all = solve_rows(plane, solver, rows, false, dct, session.threads);
    if (!all.is_good(trial.rounded[choice->table])) return std::nullopt;
    enlarge_steps(dct);
    return dct;
}

}  // namespace residua::codec
