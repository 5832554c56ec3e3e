#include "codec/enc_dct_plane.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "codec/enc_block_solver.h"
#include "codec/enc_forward_dct.h"
#include "codec/enc_quant_table.h"

namespace residua::codec {

namespace {

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

QuantTable find_quant_table(const PlaneSamples& plane, const DctPlane& dct, Session& session) {
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
    return estimate_quant_table(lively[0], calm[0]);
}

}  // namespace

std::optional<DctPlane> find_dct_plane(const PlaneSamples& plane, Session& session,
                                       std::optional<BlockGrid> known) {
    const std::optional<BlockGrid> grid = known ? known : find_block_grid(plane);
    if (!grid) return std::nullopt;
    DctPlane dct;
    dct.width = plane.width();
    dct.height = plane.height();
    dct.offset_x = grid->offset_x;
    dct.offset_y = grid->offset_y;
    dct.quant = find_quant_table(plane, dct, session);
    dct.coefficients = Buffer<int16_t>(
        session.allocator,
        static_cast<size_t>(dct.rows()) * static_cast<size_t>(dct.columns()) * kBlockSize);
    const BlockSolver solver(dct.quant);
    struct Count { int64_t exact = 0, hist[65] = {}, loose = 0, loose_bad = 0; };
    std::vector<Count> counts(static_cast<size_t>(dct.rows()));
    session.threads.parallel_for(dct.rows(), [&](int64_t row, int) {
        for (int column = 0; column < dct.columns(); ++column) {
            const BlockSamples block = samples_of(plane, dct, static_cast<int>(row), column);
            const int s = solver.solve(block, dct.block(static_cast<int>(row), column));
            Count& c = counts[static_cast<size_t>(row)];
            if (block.is_exact()) ++c.exact, ++c.hist[s]; else ++c.loose, c.loose_bad += s > 0;
        }
    });
#ifdef DEV
    Count t; for (auto& c : counts) { t.exact += c.exact; t.loose += c.loose; t.loose_bad += c.loose_bad; for (int i = 0; i < 65; ++i) t.hist[i] += c.hist[i]; }
    int64_t diff = 0, m2 = 0; for (int i = 0; i < 65; ++i) { diff += i * t.hist[i]; if (i > 2) m2 += t.hist[i]; }
    printf("exact blocks %ld wrong %.3f%% (>2: %.3f%%, samples %.4f%%); loose %ld wrong %.2f%%  ", t.exact, 100. * (t.exact - t.hist[0]) / t.exact, 100. * m2 / t.exact, 100. * diff / (64. * t.exact), t.loose, 100. * t.loose_bad / std::max<int64_t>(1, t.loose));
#endif
    return dct;
}

}  // namespace residua::codec
