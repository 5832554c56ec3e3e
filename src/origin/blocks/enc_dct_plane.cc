#include "origin/blocks/enc_dct_plane.h"

#include <algorithm>
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
    QuantTable quant;
    CoefficientEnergies energies;
};

Statistics measure(const PlaneSamples& plane, const DctPlane& dct, const QuantTable* other,
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
    const QuantTable quant = estimate_quant_table(lively[0], calm[0], other);
    calm[0].add(lively[0]);
    return {quant, calm[0].energies()};
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

// Fills the coefficients. False: this is no JPEG, as soon as some of the rows show it.
bool solve_rows(const PlaneSamples& plane, const CoefficientEnergies& energies, DctPlane& dct,
                Session& session) {
    const BlockSolver solver(dct.quant, energies);
    Outcome all;
    for (const bool first : {true, false}) {
        std::vector<int> rows;
        for (int row = 0; row < dct.rows(); ++row)
            if ((row % kFirstRows == kFirstRows / 2) == first) rows.push_back(row);
        std::vector<Outcome> outcomes(rows.size());
        session.threads.parallel_for(static_cast<int64_t>(rows.size()), [&](int64_t i, int) {
            const auto index = static_cast<size_t>(i);
            for (int column = 0; column < dct.columns(); ++column) {
                const BlockSamples block = samples_of(plane, dct, rows[index], column);
                const int differing = solver.solve(block, dct.block(rows[index], column));
                if (block.is_exact()) outcomes[index].add({kBlockSize, differing});
            }
        });
        for (const Outcome& outcome : outcomes) all.add(outcome);
        if (!all.is_good()) return false;
    }
    return all.samples > 0;
}

}  // namespace

std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::optional<BlockGrid> known, const QuantTable* other) {
    const std::optional<BlockGrid> grid = known ? known : find_block_grid(plane);
    if (!grid) return std::nullopt;
    DctPlane dct;
    dct.width = plane.width();
    dct.height = plane.height();
    dct.offset_x = grid->offset_x;
    dct.offset_y = grid->offset_y;
    const Statistics statistics = measure(plane, dct, other, session);
    dct.quant = statistics.quant;
    dct.coefficients = Buffer<int16_t>(session.allocator, product(dct.rows(), dct.columns(), kBlockSize));
    if (!solve_rows(plane, statistics.energies, dct, session)) return std::nullopt;
    return dct;
}

}  // namespace residua::codec
