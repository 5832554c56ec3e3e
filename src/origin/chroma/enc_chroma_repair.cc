#include "origin/chroma/enc_chroma_repair.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <utility>

namespace residua::codec {

namespace {

constexpr int kTriple = 3, kPair = 2;
constexpr int kPasses = 16;  // at most, as long as each mends one misfit in kWorthwhile
constexpr int kWorthwhile = 16;
// What a pixel with two known samples allows are islands: first the next ones, then beyond what lies between.
constexpr int kNear = 1, kFar = 4;
constexpr int kMostSteps = 64;  // of one sample in one pass
// Of pixels, mended one after the other. A pixel's samples and all that decides about them lie within eight rows.
constexpr int kBandRows = 64;

class Repair {
  public:
    Repair(const PictureView& x, const LatticeInverse& lattice, const ChromaGrid& grid, Picture& chroma)
        : x_(x),
          lattice_(lattice),
          grid_(grid),
          filter_(upsampling_filter(grid.upsampling)),
          chroma_(chroma) {}

    float misfit(int y, int x) const {
        const Part rows = rows_of(y), columns = columns_of(x);
        int sum[kPair];
        for (int& value : sum) value = filter_.rounding[rows.parity][columns.parity];
        for (size_t v = 0; v < 2; ++v)
            for (size_t u = 0; u < 2; ++u) {
                const uint8_t* sample = chroma_.row(rows.at[v]) + kPair * columns.at[u];
                const int weight = rows.weight[v] * columns.weight[u];
                for (int c = 0; c < kPair; ++c) sum[c] += weight * sample[c];
            }
        return lattice_.misfit(x_.row(y) + kTriple * x, sum[0] >> filter_.shift, sum[1] >> filter_.shift);
    }

    // Changes the samples that make a pixel, by at most `reach`
    // at once, as long as the pixels around fit better.
    void mend(int y, int x, int reach) {
        const Part rows = rows_of(y), columns = columns_of(x);
        for (size_t v = 0; v < 2; ++v)
            for (size_t u = 0; u < 2; ++u)
                if (rows.weight[v] * columns.weight[u] > 0)
                    for (int i = 0; i < kMostSteps && step(rows.at[v], columns.at[u], reach); ++i) continue;
    }

  private:
    // What a pixel has of its two samples along an axis.
    struct Part {
        int at[2], weight[2], parity;
    };

    static Part part_of(int place, bool halved, const UpsamplingTap* taps, int samples) {
        const int parity = halved ? place & 1 : 0, near = halved ? place >> 1 : place;
        const UpsamplingTap& tap = taps[parity];
        return {{near, std::clamp(near + tap.step, 0, samples - 1)}, {tap.near, tap.other}, parity};
    }
    Part rows_of(int y) const {
        return part_of(y + grid_.offset_y, grid_.halves_y(), filter_.y, chroma_.height);
    }
    Part columns_of(int x) const {
        return part_of(x + grid_.offset_x, grid_.halves_x(), filter_.x, chroma_.width);
    }

    // Of the pixels that a sample has a part in.
    float misfit_around(int row, int column) const {
        const auto range = [](int at, bool halved, int offset, int size) {
            const int first = halved ? 2 * at - 1 - offset : at - 1, last = halved ? first + 3 : at + 1;
            return std::pair(std::max(first, 0), std::min(last, size - 1));
        };
        const auto [top, bottom] = range(row, grid_.halves_y(), grid_.offset_y, x_.height);
        const auto [left, right] = range(column, grid_.halves_x(), grid_.offset_x, x_.width);
        float sum = 0;
        for (int y = top; y <= bottom; ++y)
            for (int x = left; x <= right; ++x) sum += misfit(y, x);
        return sum;
    }

    // The best step of a sample, if one is better than none.
    bool step(int row, int column, int reach) {
        uint8_t* sample = chroma_.row(row) + kPair * column;
        const int before[] = {sample[0], sample[1]};
        uint8_t best[] = {sample[0], sample[1]};
        const float now = misfit_around(row, column);
        float least = now;
        for (int u = -reach; u <= reach; ++u)
            for (int v = -reach; v <= reach; ++v) {
                if (u == 0 && v == 0) continue;
                sample[0] = static_cast<uint8_t>(std::clamp(before[0] + u, 0, 255));
                sample[1] = static_cast<uint8_t>(std::clamp(before[1] + v, 0, 255));
                const float misfit = misfit_around(row, column);
                if (misfit >= least) continue;
                least = misfit;
                best[0] = sample[0];
                best[1] = sample[1];
            }
        sample[0] = best[0];
        sample[1] = best[1];
        return least < now;
    }

    const PictureView& x_;
    const LatticeInverse& lattice_;
    const ChromaGrid& grid_;
    const UpsamplingFilter& filter_;
    Picture& chroma_;
};

}  // namespace

void repair_chroma(const PictureView& x, const LatticeInverse& lattice, const ChromaGrid& grid,
                   Picture& chroma, Session& session) {
    Repair repair(x, lattice, grid, chroma);
    Buffer<uint8_t> fits(session.allocator, product(x.width, x.height));
    const auto row_of = [&](int64_t y) { return fits.data() + y * x.width; };
    int reach = kNear;
    int64_t before = std::numeric_limits<int64_t>::max();
    for (int pass = 0; pass < kPasses && before > 0; ++pass) {
        std::atomic<int64_t> misfits{0};
        session.threads.parallel_for(x.height, [&](int64_t y, int) {
            int64_t count = 0;
            for (int i = 0; i < x.width; ++i) {
                row_of(y)[i] = repair.misfit(static_cast<int>(y), i) == 0;
                count += !row_of(y)[i];
            }
            misfits += count;
        });
        if (misfits > before - before / kWorthwhile) {
            if (reach == kFar) break;
            reach = kFar;
        }
        before = misfits;
        // What two bands of the same parity look at and change lies apart.
        const int bands = (x.height + kBandRows - 1) / kBandRows;
        for (const int parity : {0, 1})
            session.threads.parallel_for((bands + 1 - parity) / 2, [&](int64_t band, int) {
                const int first = (2 * static_cast<int>(band) + parity) * kBandRows;
                for (int y = first; y < std::min(first + kBandRows, x.height); ++y)
                    for (int i = 0; i < x.width; ++i)
                        if (!row_of(y)[i] && repair.misfit(y, i) > 0) repair.mend(y, i, reach);
            });
    }
}

}  // namespace residua::codec
