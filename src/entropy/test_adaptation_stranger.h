// A second implementation of docs/format-adaptation.md, written from the document alone: whole planes, 64-bit
// numbers, one sample at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "entropy/adaptive_coder.h"
#include "entropy/test_support.h"

namespace residua::entropy::testing {

class AdaptationStranger {
  public:
    AdaptationStranger(const DistributionTables& tables, const Alphabet& alphabet,
                       std::span<const int8_t> tau, int coded_channels)
        : tables_(tables), alphabet_(alphabet), tau_(tau), channels_(coded_channels) {}

    // Of all samples of a tile, in coding order; values at [y][x][c].
    std::vector<Interval> intervals(const Parameters& parameters, int height,
                                    const std::vector<int16_t>& values) {
        width_ = parameters.width;
        const size_t samples = static_cast<size_t>(width_ * height * channels_);
        e_.assign(samples, 0), a_ = s_ = e_;
        w_.assign(static_cast<size_t>(channels_), {}), d_.assign(static_cast<size_t>(channels_), {});
        std::vector<Interval> all;
        for (int top = 0; top < height; top += 16) {
            const int rows = std::min(16, height - top);
            for (int t = 0; t < width_ + 3 * 15; ++t)
                for (int c = 0; c < channels_; ++c) {
                    std::vector<Sample> step;
                    for (int r = 0; r < rows; ++r) {
                        const int x = t - 3 * r;
                        if (x < 0 || x >= width_) continue;
                        step.push_back(code(parameters, values, x, top + r, c));
                        all.push_back(step.back().interval);
                    }
                    learn(step, c);
                }
        }
        return all;
    }

  private:
    struct Feature {
        int dx, dy, channel, n;
    };
    struct Sample {
        int64_t e, a, s, prediction, r;
        int b, j;
        int64_t u, v;
        std::vector<int64_t> features;
        size_t place;
        Interval interval;
    };

    static int64_t clamp(int64_t value, int64_t low, int64_t high) { return std::clamp(value, low, high); }
    static int64_t lg(int64_t x) {
        int j = 0;
        while (int64_t{2} << j <= x) ++j;
        return 32 * j + 32 * (x - (int64_t{1} << j)) / (int64_t{1} << j);
    }
    static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

    int64_t power(int64_t i) const {
        const auto mod = static_cast<size_t>(i & 31);
        return mod == 0 ? tables_.exp2[0] : 2 * tables_.exp2[32 - mod];
    }

    std::vector<Feature> features(int c) const {
        std::vector<Feature> list = {{-1, 0, c, 4}, {0, -1, c, 4},  {1, -1, c, 3}, {-1, -1, c, 3},
                                     {-2, 0, c, 2}, {0, -2, c, 2},  {2, -1, c, 2}, {-2, -1, c, 2},
                                     {1, -2, c, 0}, {-1, -2, c, 0}, {-3, 0, c, 0}};
        for (int other : {1, 2}) {
            if (c - other >= 0)
                for (const Feature& f :
                     {Feature{0, 0, c - other, 4}, Feature{-1, 0, c - other, 0}, Feature{0, -1, c - other, 0},
                      Feature{1, -1, c - other, 0}, Feature{-1, -1, c - other, 0}})
                    list.push_back(f);
            if (c + other < channels_)
                for (const Feature& f : {Feature{-1, 0, c + other, 0}, Feature{0, -1, c + other, 0}})
                    list.push_back(f);
        }
        return list;
    }

    int64_t seen(const std::vector<int64_t>& of, int x, int y, int c) const {
        if (x < 0 || x >= width_ || y < 0) return 0;
        return of[static_cast<size_t>((y * width_ + x) * channels_ + c)];
    }

    Sample code(const Parameters& parameters, const std::vector<int16_t>& values, int x, int y, int c) {
        const int K = tables_.components;
        const RowParameters row = parameters.row(y);
        std::vector<int64_t> m, v, w;
        const auto value = [&](int channel) {
            return int64_t{values[static_cast<size_t>((y * width_ + x) * channels_ + channel)]};
        };
        const auto origin = [&](int channel) {
            return row.origin ? clamp(row.origin[x * channels_ + channel], -16384, 16384) : int64_t{0};
        };
        const auto lambda = [&](int j, int k) {
            const int64_t limit = tables_.lambda_limit();
            return int64_t{tables_.lambda[static_cast<size_t>(
                clamp(row.lambda[(x * 3 + j) * K + k], -limit, limit) + limit)]};
        };
        int64_t largest = -100000, sum_e = 0;
        for (int k = 0; k < K; ++k)
            largest = std::max<int64_t>(largest, row.weight[(x * tables_.channels + c) * K + k]);
        for (int k = 0; k < K; ++k) {
            const int at = (x * tables_.channels + c) * K + k;
            int64_t g = 0;
            if (tables_.coupled() && c == 1) g = lambda(0, k) * (64 * value(0) - origin(0));
            if (tables_.coupled() && c == 2)
                g = lambda(1, k) * (64 * value(0) - origin(0)) + lambda(2, k) * (64 * value(1) - origin(1));
            m.push_back(clamp(row.mu[at] + origin(c) + ((g + 512) >> 10), -65536, 65535));
            const int t = tau_.empty() ? 0 : tau_[static_cast<size_t>(c * K + k)];
            v.push_back(clamp(row.log_sigma[at] + t, tables_.v_min, tables_.v_max));
            const int64_t b = largest - row.weight[at];
            w.push_back(tables_.exp2[static_cast<size_t>(b % 32)] >> std::min<int64_t>(b / 32, 31));
            sum_e += w.back();
        }
        for (int64_t& weight : w) weight = (weight * ((int64_t{16383} << 17) / sum_e)) >> 17;

        int64_t centre = 8192, expected = 0;
        for (int k = 1; k < K; ++k) centre += w[at(k)] * clamp(m[at(k)] - m[0], -65535, 65535);
        centre = m[0] + (centre >> 14);
        for (int k = 0; k < K; ++k) {
            const int64_t sigma = power(v[at(k)]) >> clamp(9 - floor_div(v[at(k)], 32), 0, 31);
            expected += w[at(k)] * std::min<int64_t>((89 * sigma >> 6) + std::abs(m[at(k)] - centre), 65535);
        }
        Sample sample{};
        sample.s = (expected >> 14) + 16;
        int64_t was = 4 * sample.s, should = was, moved = 8192;
        const auto& weights = w_[static_cast<size_t>(c)];
        for (const Feature& f : features(c)) {
            was += f.n * seen(a_, x + f.dx, y + f.dy, f.channel);
            should += f.n * seen(s_, x + f.dx, y + f.dy, f.channel);
            sample.features.push_back(seen(e_, x + f.dx, y + f.dy, f.channel));
            moved += ((weights[sample.features.size() - 1] + 128) >> 8) * sample.features.back();
        }
        const int64_t p = clamp(lg(was) - lg(should) + 96, 0, 247), q = p - 96;
        sample.r = (1 << 22) / (((sample.s * (power(q) >> 3)) >> (12 - floor_div(q, 32))) + 19);
        sample.prediction = clamp(moved >> 14, -4095, 4095);
        sample.b = static_cast<int>(p >> 3), sample.j = static_cast<int>(p & 7);
        const auto& d = d_[static_cast<size_t>(c)];
        const int64_t delta =
            (d[at(sample.b)] * (8 - sample.j) + d[at(sample.b + 1)] * sample.j + 4096) >> 13;
        for (int k = 0; k < K; ++k) {
            const int64_t offset = ((m[at(k)] - centre) * (power(delta) >> 3)) >> (12 - floor_div(delta, 32));
            m[at(k)] = clamp(centre + sample.prediction + offset, -65536, 65535);
            v[at(k)] = clamp(v[at(k)] + delta, tables_.v_min, tables_.v_max) - tables_.v_min;
        }
        shares(m, v, w, c, value(c), sample);
        sample.place = static_cast<size_t>((y * width_ + x) * channels_ + c);
        sample.e =
            clamp(64 * value(c) - clamp(centre, 64 * alphabet_.low[c], 64 * alphabet_.high[c]), -4095, 4095);
        sample.a = std::abs(sample.e - sample.prediction);
        return sample;
    }

    static size_t at(int k) { return static_cast<size_t>(k); }

    void shares(const std::vector<int64_t>& m, const std::vector<int64_t>& v, const std::vector<int64_t>& w,
                int c, int64_t x, Sample& sample) const {
        const auto cumulative = [&](int64_t symbol) {
            int64_t sum = 0;
            for (size_t k = 0; k < m.size(); ++k) {
                const int64_t t =
                    ((64 * symbol - 32 - m[k]) * tables_.multiplier[static_cast<size_t>(v[k] % 32)]) >>
                    (tables_.base_shift + v[k] / 32);
                const int64_t u = clamp(t, -16384, 16383) + 16384;
                const auto i = static_cast<size_t>(u >> 5);
                const int64_t low = tables_.logistic[i], high = tables_.logistic[i + 1];
                sum += w[k] * (low + (((high - low) * (u & 31)) >> 5));
            }
            return sum;
        };
        const int64_t low = alphabet_.low[c], high = alphabet_.high[c], n = high - low + 1;
        const int64_t start = cumulative(low), total = cumulative(high + 1) - start;
        const auto share = [&](int64_t symbol) -> int64_t {
            if (symbol > high) return 1 << 20;
            if (total < 1 << 16) return (symbol - low) * ((1 << 20) / n);
            int zeros = 0;
            while (total << zeros < int64_t{1} << 31) ++zeros;
            const int64_t scale = (((1 << 20) - n) << 32) / ((total << zeros) + 1);
            return symbol - low +
                   static_cast<int64_t>((static_cast<uint64_t>((cumulative(symbol) - start) << zeros) *
                                         static_cast<uint64_t>(scale)) >>
                                        32);
        };
        const int64_t from = share(x), to = share(x + 1);
        sample.interval = {static_cast<uint32_t>(from), static_cast<uint32_t>(to - from)};
        const auto line = [&](int64_t f) { return (start >> 12) + (((total >> 12) * f) >> 20); };
        const int64_t u = line(from);
        sample.v = std::min<int64_t>(std::max(line(to), u + 16), 1 << 20);
        sample.u = std::min(u, sample.v - 16);
    }

    // T_0 … T_256 are read off the coder's own table: this one is checked by Score.IsThatOfALogistic.
    static int64_t score(int64_t u) {
        const int64_t i = u / 4096;
        const auto table = [](int64_t k) {
            return k <= 128 ? -int64_t{kScore[static_cast<size_t>(k)]}
                            : int64_t{kScore[static_cast<size_t>(256 - k)]};
        };
        if (i == 256) return 0;
        return 4096 * table(i) + (table(i + 1) - table(i)) * (u % 4096);
    }

    void learn(const std::vector<Sample>& step, int c) {
        auto& weights = w_[static_cast<size_t>(c)];
        auto& d = d_[static_cast<size_t>(c)];
        std::array<int64_t, 25> sums{};
        for (const Sample& sample : step) {
            const auto rel = [&](int64_t z) { return clamp((z * sample.r) >> 16, -128, 128); };
            for (size_t i = 0; i < sample.features.size(); ++i)
                sums[i] += rel(sample.e - sample.prediction) * rel(sample.features[i]);
            e_[sample.place] = sample.e, a_[sample.place] = sample.a, s_[sample.place] = sample.s;
        }
        for (size_t i = 0; i < sums.size(); ++i)
            weights[i] = clamp(weights[i] + sums[i], -(1 << 22), 1 << 22);
        for (const Sample& sample : step) {
            const int64_t g = (score(sample.u) - score(sample.v)) / (16 * (sample.v - sample.u));
            d[at(sample.b)] = clamp(d[at(sample.b)] + g * (8 - sample.j), -(1 << 17), 1 << 17);
            d[at(sample.b + 1)] = clamp(d[at(sample.b + 1)] + g * sample.j, -(1 << 17), 1 << 17);
        }
    }

    const DistributionTables& tables_;
    const Alphabet& alphabet_;
    const std::span<const int8_t> tau_;
    const int channels_;
    int width_ = 0;
    std::vector<int64_t> e_, a_, s_;
    std::vector<std::array<int64_t, 25>> w_;
    std::vector<std::array<int64_t, 32>> d_;
};

}  // namespace residua::entropy::testing
