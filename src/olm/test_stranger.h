// OLM's experts a second time, as docs/format-olm.md tells it: whole planes in memory, one sample after the
// other, nothing shared with the wavefront's code.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

#include "olm/test_tiles.h"

namespace residua::olm {

inline float largest(float a, float b) { return a > b ? a : b; }
inline float smallest(float a, float b) { return a < b ? a : b; }
inline float limited(float a, float low, float high) { return smallest(largest(a, low), high); }
inline float log_line(float a) {
    return static_cast<float>(static_cast<int32_t>(std::bit_cast<uint32_t>(a)) - (127 << 23)) *
           (1.0F / 8388608.0F);
}
inline int nearest(float a) { return static_cast<int>(std::nearbyint(a)); }
inline float clean(float a) { return std::fabs(a) < 1.0F / 1099511627776.0F ? 0.0F : a; }

struct Told {
    std::vector<uint8_t> inputs;
    int centre = 0, scale = 0, log_scale = 0;
};

// One number for each sample of a plane, and one for all places without a sample.
class Field {
  public:
    Field(int width, int height, float outside)
        : width_(width),
          height_(height),
          outside_(outside),
          values_(static_cast<size_t>(width * height), outside) {}
    float at(int y, int x) const { return inside(y, x) ? values_[index(y, x)] : outside_; }
    void set(int y, int x, float value) { values_[index(y, x)] = value; }

  private:
    bool inside(int y, int x) const { return y >= 0 && y < height_ && x >= 0 && x < width_; }
    size_t index(int y, int x) const { return static_cast<size_t>(y * width_ + x); }
    int width_, height_;
    float outside_;
    std::vector<float> values_;
};

class Stranger {
  public:
    // lattice: as an input of the head.
    Stranger(const Parameters& parameters, const TestPlanes& picture, float lattice, bool blocks)
        : parameters_(parameters),
          picture_(picture),
          lattice_(lattice),
          blocks_(blocks),
          W(picture.width),
          H(picture.height),
          P(std::max(8 * ((W + 8 + 7) / 8), 256)) {}

    // [plane][y · W + x]
    std::vector<std::vector<Told>> run() {
        for (int plane = static_cast<int>(told_.size()); plane < picture_.planes; ++plane) run_plane(plane);
        return told_;
    }

    // 1.1: plane 0 is known, not coded. luma: has run; its plane 0 lies under this picture's.
    void take_errors(const Stranger& luma, const ChromaShape& chroma) {
        told_.emplace_back();
        errors_.emplace_back(W, H, 0.0F);
        for (int y = 0; y < H; ++y)
            for (int x = 0; x < W; ++x) {
                float sum = 0;
                for (int v = 0; v < chroma.step_y; ++v)
                    for (int u = 0; u < chroma.step_x; ++u)
                        sum = sum + luma.errors_[0].at(covered(y, chroma.step_y, chroma.offset_y, v, luma.H),
                                                       covered(x, chroma.step_x, chroma.offset_x, u, luma.W));
                errors_[0].set(y, x, sum / static_cast<float>(chroma.step_x * chroma.step_y));
            }
    }
    // Row (column) of luma under a sample of chroma.
    static int covered(int place, int step, int offset, int i, int size) {
        return std::min(std::max(step * place - offset + i, 0), size - 1);
    }

  private:
    struct Sums {  // of one pair of inputs, or of an input and the target: R by row and block, and one
                   // expert's U, Q
        std::vector<float> R, F, U, Q;
    };

    // 1: samples around.
    float sample(int plane, int y, int x) const {
        if (y >= H) y = H - 1;
        if (y < 0) return 128;
        if (x < 0) return y == 0 ? 128.0F : sample(plane, y - 1, 0);
        return static_cast<float>(picture_.at(y, std::min(x, W - 1), plane));
    }
    float mean(int plane, int y, int x) const {
        return (((sample(plane, y, x - 1) + sample(plane, y - 1, x)) + sample(plane, y - 1, x - 1)) +
                sample(plane, y - 1, x + 1)) *
               0.25F;
    }

    void run_plane(int plane) {
        const PlaneParameters& of = parameters_.planes[static_cast<size_t>(plane)];
        const int n = static_cast<int>(of.inputs.size()), blocks = P / 8;
        const int solvers = static_cast<int>(of.experts.size());
        told_.emplace_back(static_cast<size_t>(W * H));
        errors_.emplace_back(W, H, 0.0F);
        std::vector<Field> misses(static_cast<size_t>(solvers + 2), Field(W, H, 2.0F));
        // R(y, b) of each row that is needed, by entry: triangle(n) pairs, then n with the target.
        const size_t entries = static_cast<size_t>(triangle(n) + n);
        std::vector<std::vector<float>> R(static_cast<size_t>(H * blocks), std::vector<float>(entries, 0.0F));
        const auto r = [&](int y, int b) -> std::vector<float>& {
            return R[static_cast<size_t>(y * blocks + b)];
        };
        // F and U of each expert, entry, row and block, found
        // when asked for: all they need is complete by then.
        std::vector<std::vector<std::vector<float>>> F(of.experts.size()), U = F;
        for (size_t e = 0; e < of.experts.size(); ++e) {
            F[e].resize(static_cast<size_t>(H * blocks));
            U[e].resize(static_cast<size_t>(H * blocks));
        }
        const auto entry_of = [&](size_t e, int i) {  // of an expert's i-th sum among the plane's
            const int m = of.experts[e].inputs;
            return static_cast<size_t>(i < triangle(m) ? i : triangle(n) + i - triangle(m));
        };
        const auto sums = [&](int m) { return static_cast<size_t>(triangle(m) + m); };
        std::function<const std::vector<float>&(size_t, int, int)> f_of =
            [&](size_t e, int y, int b) -> const std::vector<float>& {
            std::vector<float>& result = F[e][static_cast<size_t>(y * blocks + b)];
            if (!result.empty()) return result;
            const LeastSquares& expert = of.experts[e];
            std::vector<float> sum(sums(expert.inputs));
            for (size_t i = 0; i < sum.size(); ++i) {
                const float before = b > 0 ? f_of(e, y, b - 1)[i] : 0.0F;
                sum[i] =
                    clean((b > 0 ? expert.along : 0.0F) * before + r(y, b)[entry_of(e, static_cast<int>(i))]);
            }
            return result = sum;
        };
        std::function<const std::vector<float>&(size_t, int, int)> u_of =
            [&](size_t e, int y, int b) -> const std::vector<float>& {
            std::vector<float>& result = U[e][static_cast<size_t>(y * blocks + b)];
            if (!result.empty()) return result;
            const LeastSquares& expert = of.experts[e];
            std::vector<float> sum(sums(expert.inputs), 0.0F);
            for (size_t i = 0; y > 0 && i < sum.size(); ++i) {
                const float Q = u_of(e, y - 1, b)[i] + f_of(e, y - 1, b)[i];
                const bool last = b + 1 == blocks;
                const float next =
                    last ? 0.0F : expert.along * r(y - 1, b + 1)[entry_of(e, static_cast<int>(i))];
                sum[i] = clean((Q + next) * expert.down);
            }
            return result = sum;
        };
        std::vector<std::vector<std::vector<float>>> weights(
            16, std::vector<std::vector<float>>(of.experts.size()));
        std::vector<float> bias_sum(kContexts, 0.0F), bias_count(kContexts, 0.0F);
        float habit[3] = {1, 1, 0.25F};

        const int groups = (H + 15) / 16;
        for (int t = 0; t < groups * P + 240; ++t) {
            struct Step {
                int lane, y, x, context;
                float first, centre, sigma, share;
                std::vector<float> f, predictions;
            };
            std::vector<Step> active;
            for (int lane = 0; lane < 16; ++lane) {
                const int q = t - 16 * lane;
                if (q < 0) continue;
                const int y = 16 * (q / P) + lane, x = q % P - 4;
                if (y >= H) continue;
                const int b = (x + 4) / 8;
                // The weights are made anew at all places of a row's way, with a sample or without.
                if (t % parameters_.solve_every == 0)
                    for (size_t e = 0; e < of.experts.size(); ++e)
                        weights[static_cast<size_t>(lane)][e] = solve(
                            of, e, u_of(e, y, b), b > 0 ? &f_of(e, y, b - 1) : nullptr, r(y, b), entry_of);
                if (x < 0 || x >= W) continue;
                Step s{lane, y, x, 0, 0, 0, 0, 0, {}, {}};
                for (const Input& input : of.inputs) {
                    const int from = plane - input.plane;
                    s.f.push_back(sample(from, y + input.dy, x + input.dx) - mean(from, y, x));
                }
                for (size_t e = 0; e < of.experts.size(); ++e) {
                    float prediction = mean(plane, y, x);
                    for (size_t i = 0; i < static_cast<size_t>(of.experts[e].inputs); ++i)
                        prediction = prediction + weights[static_cast<size_t>(lane)][e][i] * s.f[i];
                    s.predictions.push_back(limited(prediction, 0, 255));
                }
                s.predictions.push_back(median(plane, y, x));
                s.first = s.predictions[0];
                const Field& m0 = misses[0];
                const float E =
                    (m0.at(y, x - 1) + m0.at(y - 1, x)) + (m0.at(y - 1, x - 1) + m0.at(y - 1, x + 1)) * 0.5F;
                const int places[6][2] = {{0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}};
                for (int i = 0; i < 6; ++i)
                    if (sample(plane, y + places[i][0], x + places[i][1]) > s.first) s.context |= 1 << i;
                for (const float bound : {2.0F, 5.0F, 9.0F, 15.0F, 25.0F, 40.0F})
                    s.context += E >= bound ? 64 : 0;
                const auto c = static_cast<size_t>(s.context);
                s.centre = limited(s.first + bias_sum[c] / (bias_count[c] + 4.0F), 0, 255);
                s.predictions.push_back(s.centre);
                const Field& M = misses.back();
                const auto miss = [&](int dy, int dx) { return M.at(y + dy, x + dx); };
                s.sigma = (((miss(0, -1) + miss(-1, 0)) * 2.0F +
                            (((miss(-1, -1) + miss(-1, 1)) + miss(0, -2)) + miss(-2, 0))) +
                           (miss(-1, 2) + miss(-1, -2)) * 0.5F) *
                              (0.55F / 9) +
                          0.12F;
                const float u = s.sigma + 0.15F;
                s.share = 5.0F / (u * u);
                Told& told = told_.back()[static_cast<size_t>(y * W + x)];
                told.inputs = head_bytes(plane, y, x, s.predictions, s.sigma, misses, habit);
                told.centre = nearest(s.centre * 64.0F);
                told.scale = nearest(s.sigma * 64.0F);
                told.log_scale = nearest(log_line(s.sigma) * 32.0F);
                active.push_back(std::move(s));
            }
            float g[3] = {0, 0, 0}, count = 0;
            for (const Step& s : active) {
                const float value = sample(plane, s.y, s.x), error = value - s.centre;
                errors_.back().set(s.y, s.x, error);
                for (size_t e = 0; e < s.predictions.size(); ++e)
                    misses[e].set(s.y, s.x, std::fabs(value - s.predictions[e]));
                const auto c = static_cast<size_t>(s.context);
                bias_sum[c] += value - s.first;
                bias_count[c] += 1;
                if (bias_count[c] > 200) {
                    bias_sum[c] *= 0.5F;
                    bias_count[c] *= 0.5F;
                }
                g[0] += std::fabs(error) / s.sigma;
                g[1] += log_line(s.sigma);
                g[2] += std::fabs(error) < 0.5F ? 1.0F : 0.0F;
                count += 1;
                std::vector<float>& block = r(s.y, (s.x + 4) / 8);
                const float target = value - mean(plane, s.y, s.x);
                size_t at = 0;
                for (size_t i = 0; i <= s.f.size(); ++i) {
                    const float row = s.share * (i < s.f.size() ? s.f[i] : target);
                    for (size_t j = 0; j < std::min(i + 1, s.f.size()); ++j, ++at)
                        block[at] = block[at] + row * s.f[j];
                }
            }
            for (int i = 0; i < 3; ++i) habit[i] = habit[i] + (g[i] - count * habit[i]) * (1.0F / 4096);
        }
    }

    template <typename EntryOf>
    static std::vector<float> solve(const PlaneParameters& of, size_t e, const std::vector<float>& U,
                                    const std::vector<float>* before, const std::vector<float>& block,
                                    const EntryOf& entry_of) {
        const LeastSquares& expert = of.experts[e];
        const int n = expert.inputs;
        const auto A = [&](int i, int j) {
            const int at = i < n ? triangle(i) + j : triangle(n) + j;
            const float keep = before ? expert.along : 0.0F;
            const float sum =
                U[static_cast<size_t>(at)] + keep * (before ? (*before)[static_cast<size_t>(at)] : 0.0F);
            const float all = sum + block[entry_of(e, at)];
            return i < n ? all : all + expert.ridge * of.prior[static_cast<size_t>(j)];
        };
        const auto size = static_cast<size_t>(n);
        std::vector<std::vector<float>> L(size + 1, std::vector<float>(size, 0.0F));
        std::vector<float> C(size, 0.0F), D(size, 0.0F), w(size, 0.0F);
        for (int i = 0; i <= n; ++i) {
            const auto row = static_cast<size_t>(i);
            for (int j = 0; j < i; ++j) {
                float sum = A(i, j);
                for (size_t k = 0; k < static_cast<size_t>(j); ++k)
                    sum = sum - C[k] * L[static_cast<size_t>(j)][k];
                C[static_cast<size_t>(j)] = sum;
                L[row][static_cast<size_t>(j)] = sum * D[static_cast<size_t>(j)];
            }
            if (i == n) break;
            float d = A(i, i) + expert.ridge;
            for (size_t k = 0; k < row; ++k) d = d - C[k] * L[row][k];
            D[row] = 1.0F / largest(d, 0.5F * expert.ridge);
        }
        for (int i = n - 1; i >= 0; --i) {
            float sum = L[size][static_cast<size_t>(i)];
            for (int k = n - 1; k > i; --k)
                sum = sum - w[static_cast<size_t>(k)] * L[static_cast<size_t>(k)][static_cast<size_t>(i)];
            w[static_cast<size_t>(i)] = sum;
        }
        return w;
    }

    float median(int plane, int y, int x) const {
        const auto med = [](float a, float b, float c) {
            return largest(smallest(a, b), smallest(largest(a, b), (a + b) - c));
        };
        const float a = sample(plane, y, x - 1), b = sample(plane, y - 1, x), c = sample(plane, y - 1, x - 1);
        if (plane == 0) return limited(med(a, b, c), 0, 255);
        const int p = plane - 1;
        return limited(sample(p, y, x) +
                           med(a - sample(p, y, x - 1), b - sample(p, y - 1, x), c - sample(p, y - 1, x - 1)),
                       0, 255);
    }

    // 4.
    std::vector<uint8_t> head_bytes(int plane, int y, int x, const std::vector<float>& predictions,
                                    float sigma, const std::vector<Field>& misses, const float* habit) const {
        std::vector<uint8_t> bytes;
        const float per_scale = 16.0F / sigma, centre = predictions.back();
        const auto byte = [&](float a) {
            bytes.push_back(static_cast<uint8_t>(nearest(limited(a, -127, 127)) + 128));
        };
        const auto ratio = [&](float d) { byte(d * per_scale); };
        const auto level = [&](float b, float o) { byte((log_line(b + o) - 2.0F) * 20.0F); };
        const size_t solvers = predictions.size() - 2;
        const Field& own = errors_.back();
        const auto error = [&](int dy, int dx) { return own.at(y + dy, x + dx); };
        for (size_t e = 0; e <= solvers; ++e) ratio(predictions[e] - centre);
        for (size_t e = 1; e < solvers; ++e) level(std::fabs(predictions[e] - predictions[0]), 0.1F);
        const int eight[8][2] = {{0, -1}, {-1, 0}, {-1, -1}, {-1, 1}, {0, -2}, {-2, 0}, {-1, 2}, {-1, -2}};
        for (const auto& place : eight) ratio(error(place[0], place[1]));
        for (const auto& place : eight) level(std::fabs(error(place[0], place[1])), 0.3F);
        for (const auto& place : eight) ratio(sample(plane, y + place[0], x + place[1]) - centre);
        for (const Field& M : misses)
            level((((M.at(y, x - 1) + M.at(y - 1, x)) + M.at(y - 1, x - 1)) + M.at(y - 1, x + 1)) * 0.25F,
                  0.2F);
        float wide = (std::fabs(error(0, -1)) + std::fabs(error(0, -2))) + std::fabs(error(0, -3));
        for (int dy = -3; dy < 0; ++dy)
            for (int dx = -3; dx <= 3; ++dx) wide = wide + std::fabs(error(dy, dx));
        level(wide * (1.0F / 24), 0.2F);
        byte((log_line(sigma) - 2.0F) * 20.0F);
        byte(centre - 127.5F);
        byte((centre - static_cast<float>(nearest(centre))) * 200.0F);
        byte(lattice_);
        byte((habit[0] - 1.0F) * 64.0F);
        byte((habit[1] - 2.0F) * 20.0F);
        byte((habit[2] - 0.5F) * 200.0F);
        for (const bool edge : {x % 8 == 0, x % 8 == 7, y % 8 == 0, y % 8 == 7})
            byte(blocks_ && edge ? 64.0F : 0.0F);
        for (int p = plane - 1; p >= 0; --p) {
            const Field& before = errors_[static_cast<size_t>(p)];
            const auto e = [&](int dy, int dx) { return before.at(y + dy, x + dx); };
            const auto four = [&](int ay, int ax, int by, int bx, int cy, int cx, int dy, int dx) {
                return (((std::fabs(e(ay, ax)) + std::fabs(e(by, bx))) + std::fabs(e(cy, cx))) +
                        std::fabs(e(dy, dx))) *
                       0.25F;
            };
            ratio(e(0, 0));
            level(std::fabs(e(0, 0)), 0.3F);
            level(four(0, 1, 1, 0, 0, -1, -1, 0), 0.3F);
            level(four(1, 1, 1, -1, -1, 1, -1, -1), 0.3F);
            ratio(e(0, 1));
            ratio(e(1, 0));
            const float m = mean(p, y, x);
            const int patch[7][2] = {{0, 0}, {0, 1}, {1, 0}, {1, -1}, {1, 1}, {0, -1}, {-1, 0}};
            for (const auto& place : patch) ratio(sample(p, y + place[0], x + place[1]) - m);
        }
        while (bytes.size() % 4) bytes.push_back(128);
        return bytes;
    }

    const Parameters& parameters_;
    const TestPlanes& picture_;
    const float lattice_;
    const bool blocks_;
    const int W, H, P;
    std::vector<std::vector<Told>> told_;
    std::vector<Field> errors_;
};

}  // namespace residua::olm
