#include "planes/enc_plane_cost.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "image/med.h"

namespace residua::codec {

namespace {

constexpr int kBandRows = 16;
constexpr int64_t kSamplePixels = 1 << 17;
constexpr int kContexts = 10;
constexpr int kPredictors = kMostPlanes;  // MED; with the error of plane 0; with that of plane 1

// One sub-pixel: what each predictor says of it.
struct Sample {
    int plane, context, value;
    std::array<int, kPredictors> predictions;
};

template <typename Visit>
void visit_row(const uint8_t* above, const uint8_t* row, int width, int planes, const Visit& visit) {
    for (int x = 1; x < width; ++x) {
        const uint8_t* left = row + (x - 1) * planes;
        const uint8_t* up = above + (x - 1) * planes;
        int errors[kMostPlanes] = {};
        for (int p = 0; p < planes; ++p) {
            const int w = left[p], nw = up[p], n = up[planes + p];
            const int activity = std::abs(w - nw) + std::abs(n - nw) + std::abs(w - n);
            Sample sample = {p,
                             std::min<int>(std::bit_width(static_cast<unsigned>(activity)), kContexts - 1),
                             left[planes + p],
                             {}};
            sample.predictions[0] = med(w, n, nw);
            errors[p] = sample.value - sample.predictions[0];
            for (int earlier = 0; earlier < p; ++earlier)
                sample.predictions[static_cast<size_t>(1 + earlier)] =
                    std::clamp(sample.predictions[0] + errors[earlier], 0, 255);
            visit(sample);
        }
    }
}

// How often each error occurred, by plane, predictor and context.
class Errors {
  public:
    explicit Errors(Allocator& allocator)
        : counts_(allocator, static_cast<size_t>(kMostPlanes * kPredictors * kContexts) * 256, 0) {}

    uint32_t* of(int plane, int predictor, int context) {
        return counts_.data() +
               static_cast<size_t>((plane * kPredictors + predictor) * kContexts + context) * 256;
    }

    void add(const Sample& sample) {
        for (int predictor = 0; predictor <= sample.plane; ++predictor)
            ++of(sample.plane, predictor, sample.context)[error(sample, predictor, sample.value)];
    }

    void add(const Errors& other) {
        for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    }

    // Where a value's count is; errors are taken modulo 256.
    static size_t error(const Sample& sample, int predictor, int value) {
        return static_cast<uint8_t>(value - sample.predictions[static_cast<size_t>(predictor)]);
    }

    double bits(int plane, int predictor) {
        double sum = 0;
        for (int context = 0; context < kContexts; ++context) {
            const uint32_t* counts = of(plane, predictor, context);
            double total = 0, logarithms = 0;
            int used = 0;
            for (int i = 0; i < 256; ++i) {
                if (!counts[i]) continue;
                ++used;
                total += counts[i];
                logarithms += counts[i] * std::log2(counts[i]);
            }
            if (used) sum += total * std::log2(total) - logarithms + used * std::log2(total) / 2;
        }
        return sum;
    }

  private:
    Buffer<uint32_t> counts_;
};

// Rows that follow each other.
struct Run {
    int first, end;
};

// Of the picture's bands, those that are looked at.
std::vector<Run> choose_runs(int width, int height) {
    const int64_t bands = (height + kBandRows - 1) / kBandRows;
    const int64_t used =
        std::clamp<int64_t>(kSamplePixels / (static_cast<int64_t>(width) * kBandRows), 1, bands);
    std::vector<Run> runs;
    for (int64_t i = 0; i < used; ++i) {
        const int first =
            static_cast<int>((2 * i + 1) * bands / (2 * used)) * kBandRows;  // in the middle of its part
        const int end = std::min(first + kBandRows, height);
        if (!runs.empty() && runs.back().end == first)
            runs.back().end = end;
        else
            runs.push_back({first, end});
    }
    return runs;
}

// Calls visit for the samples of a run's bands; returns how many pixels they had. memory: of two rows.
template <typename Visit>
int64_t visit_run(const Run& run, const PlaneRows& rows, int width, int planes, uint8_t* memory,
                  const Visit& visit) {
    uint8_t* above = memory;
    uint8_t* row = memory + static_cast<ptrdiff_t>(width) * planes;
    int64_t pixels = 0;
    for (int y = run.first; y < run.end; ++y) {
        rows(y, row);
        if (y % kBandRows > 0) {
            visit_row(above, row, width, planes, visit);
            pixels += width - 1;
        }
        std::swap(above, row);
    }
    return pixels;
}

}  // namespace

PlaneCosts estimate_plane_costs(const std::function<PlaneRows()>& begin, int width, int height, int planes,
                                Session& session) {
    const std::vector<Run> runs = choose_runs(width, height);
    const auto threads = std::min(static_cast<size_t>(session.threads.size()), runs.size());
    const size_t two_rows = 2 * static_cast<size_t>(width) * static_cast<size_t>(planes);
    Buffer<uint8_t> memory(session.allocator, product(threads, two_rows));
    std::vector<Errors> errors;  // of each thread
    for (size_t i = 0; i < threads; ++i) errors.emplace_back(session.allocator);
    std::atomic<int64_t> pixels{0};
    std::atomic<size_t> next{0};
    session.threads.parallel_for(static_cast<int64_t>(threads), [&](int64_t i, int) {
        const auto own = static_cast<size_t>(i);
        for (size_t run; (run = next++) < runs.size();)
            pixels += visit_run(runs[run], begin(), width, planes, memory.data() + own * two_rows,
                                [&](const Sample& sample) { errors[own].add(sample); });
    });
    for (size_t i = 1; i < threads; ++i) errors[0].add(errors[i]);
    PlaneCosts costs;
    if (pixels == 0) return costs;
    const double scale = static_cast<double>(width) * height / static_cast<double>(pixels);
    for (int p = 0; p < planes; ++p) {
        double bits = errors[0].bits(p, 0);
        for (int predictor = 1; predictor <= p; ++predictor)
            bits = std::min(bits, errors[0].bits(p, predictor));
        costs.bits[static_cast<size_t>(p)] = bits * scale;
    }
    return costs;
}

PlaneCosts estimate_plane_costs(const Picture& planes, Session& session) {
    const auto rows = [&](int y, uint8_t* row) {
        std::memcpy(row, planes.row(y), static_cast<size_t>(planes.stride()));
    };
    return estimate_plane_costs([&] { return PlaneRows(rows); }, planes.width, planes.height, planes.channels,
                                session);
}

}  // namespace residua::codec
