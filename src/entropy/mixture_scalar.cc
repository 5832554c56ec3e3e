// The specification of the distribution, one pixel at a time. Symbols as in docs/format-entropy.md.
#include <algorithm>
#include <bit>

#include "entropy/mixture_kernels.h"

namespace residua::entropy {

namespace {

void prepare(const MixtureTables& tables, const GroupParameters& parameters, int count, MixtureGroup& group) {
    const int components = tables.components;
    for (int p = 0; p < count; ++p) {
        for (int c = 0; c < tables.coded_channels; ++c) {
            const int first = c * components;
            const int16_t* logits = parameters.weight + p * parameters.pitch + first;
            const int largest = *std::max_element(logits, logits + components);
            uint32_t sum = 0;
            for (int i = first; i < first + components; ++i) {
                const int at = p * parameters.pitch + i;
                group.component[i].mean[p] = parameters.mu[at];
                const int v = parameters.log_sigma[at] + tables.tau[i];
                group.component[i].log_sigma[p] = std::clamp(v, tables.v_min, tables.v_max);
                const int v_index = group.component[i].log_sigma[p] - tables.v_min;
                group.component[i].multiplier[p] = tables.multiplier[v_index & 31];
                group.component[i].shift[p] = tables.base_shift + (v_index >> 5);
                const int below = largest - parameters.weight[at];
                group.component[i].weight[p] = tables.exp2[below & 31] >> std::min(below >> 5, 31);
                sum += static_cast<uint32_t>(group.component[i].weight[p]);
            }
            const uint32_t scale = (uint32_t{16383} << 17) / sum;
            for (int i = first; i < first + components; ++i)
                group.component[i].weight[p] =
                    static_cast<int32_t>((static_cast<uint32_t>(group.component[i].weight[p]) * scale) >> 17);
        }
        if (tables.lambda_limit == 0) continue;
        for (int i = 0; i < 3 * components; ++i) {
            const int a = parameters.lambda[p * parameters.lambda_pitch + i];
            group.lambda[i][p] =
                tables.lambda[std::clamp(a, -tables.lambda_limit, tables.lambda_limit) + tables.lambda_limit];
        }
    }
}

// C(x): the mixture's CDF at the lower edge x − ½ of symbol x, in units of 2^−32.
uint32_t cumulative(const MixtureTables& tables, const MixtureGroup& group, int c, int p, int x) {
    const int edge = 64 * x - 32;
    const int first = c * tables.components;
    uint32_t sum = 0;
    for (int i = first; i < first + tables.components; ++i) {
        const int distance = edge - group.component[i].mean[p];
        const int t = (distance * group.component[i].multiplier[p]) >> group.component[i].shift[p];
        const int u = std::clamp(t, -16384, 16383) + 16384;
        const uint32_t cell = static_cast<uint32_t>(tables.logistic[u >> 5]);
        const uint32_t logistic = (cell >> 12) + (((cell & 4095) * static_cast<uint32_t>(u & 31)) >> 5);
        sum += logistic * static_cast<uint32_t>(group.component[i].weight[p]);
    }
    return sum;
}

// The alphabet of a pixel: that of its channel, or its own.
struct OfChannel {
    static constexpr bool kEach = false;
    static int low(const MixtureTables& tables, const MixtureGroup&, int c, int) { return tables.low[c]; }
    static int high(const MixtureTables& tables, const MixtureGroup&, int c, int) { return tables.high[c]; }
};
struct OfEach {
    static constexpr bool kEach = true;
    static int low(const MixtureTables&, const MixtureGroup& group, int, int p) { return group.low[p]; }
    static int high(const MixtureTables&, const MixtureGroup& group, int, int p) { return group.high[p]; }
};

// F(x), for x in the alphabet.
template <typename Alphabet>
uint32_t share(const MixtureTables& tables, const MixtureGroup& group, int c, int p, int x) {
    const uint32_t d = (cumulative(tables, group, c, p, x) - static_cast<uint32_t>(group.origin[p]))
                       << group.normalisation[p];
    return static_cast<uint32_t>((x - Alphabet::low(tables, group, c, p)) * group.step[p]) +
           static_cast<uint32_t>((static_cast<uint64_t>(d) * static_cast<uint32_t>(group.scale[p])) >> 32);
}

// F(x), for x up to one above the alphabet.
template <typename Alphabet>
uint32_t share_or_end(const MixtureTables& tables, const MixtureGroup& group, int c, int p, int x) {
    return x > Alphabet::high(tables, group, c, p) ? kProbabilityOne
                                                   : share<Alphabet>(tables, group, c, p, x);
}

// What channel c turned out to be, in 1/64 symbol, counted from its origin.
int deviation(const MixtureGroup& group, int c, int p) { return 64 * group.value[c][p] - group.offset[c][p]; }

void move_means_of(const MixtureTables& tables, int c, int p, MixtureGroup& group) {
    const int components = tables.components;
    for (int k = 0; k < components; ++k) {
        // RC paper Eq. 4: α for c = 1; β and γ for c = 2.
        int sum = 0;
        if (tables.lambda_limit > 0 && c > 0)
            sum = group.lambda[c == 1 ? k : components + k][p] * deviation(group, 0, p);
        if (tables.lambda_limit > 0 && c == 2)
            sum += group.lambda[2 * components + k][p] * deviation(group, 1, p);
        int32_t& mean = group.component[c * components + k].mean[p];
        mean = std::clamp(mean + group.offset[c][p] + ((sum + 512) >> 10), -65536, 65535);
    }
}

void move_means(const MixtureTables& tables, int c, int count, MixtureGroup& group) {
    for (int p = 0; p < count; ++p) move_means_of(tables, c, p, group);
}

template <typename Alphabet>
void begin_shares(const MixtureTables& tables, int c, int count, MixtureGroup& group) {
    for (int p = 0; p < count; ++p) {
        const int low = Alphabet::low(tables, group, c, p), high = Alphabet::high(tables, group, c, p);
        const uint32_t symbols = Alphabet::kEach ? kWideSymbols : static_cast<uint32_t>(high - low + 1);
        const uint32_t origin = cumulative(tables, group, c, p, low);
        const uint32_t total = cumulative(tables, group, c, p, high + 1) - origin;
        group.origin[p] = static_cast<int32_t>(origin);
        group.total[p] = static_cast<int32_t>(total);
        if (total < 65536) {
            // Next to none of the mixture lies in the alphabet: all symbols are equal.
            group.normalisation[p] = 0;
            group.scale[p] = 0;
            group.step[p] = static_cast<int32_t>(kProbabilityOne / symbols);
        } else {
            const int zeros = std::countl_zero(total);
            group.normalisation[p] = zeros;
            group.scale[p] = static_cast<int32_t>((static_cast<uint64_t>(kProbabilityOne - symbols) << 32) /
                                                  ((static_cast<uint64_t>(total) << zeros) + 1));
            group.step[p] = 1;
        }
    }
}

template <typename Alphabet>
void intervals(const MixtureTables& tables, int c, int count, const MixtureGroup& group, uint32_t* start,
               uint32_t* frequency) {
    for (int p = 0; p < count; ++p) {
        const int x = group.value[c][p];
        start[p] = share<Alphabet>(tables, group, c, p, x);
        frequency[p] = share_or_end<Alphabet>(tables, group, c, p, x + 1) - start[p];
    }
}

// About log2(F / (2^20 − F)), from the bits of two floats. Only steers the search.
float rough_logit(uint32_t f) {
    const int32_t below = std::bit_cast<int32_t>(static_cast<float>(f) + 0.5f);
    const int32_t above = std::bit_cast<int32_t>(static_cast<float>(kProbabilityOne - f) + 0.5f);
    return static_cast<float>(below - above) * 0x1p-23f;
}

// The only symbol with F(x) ≤ slot < F(x + 1). For a single logistic, x is
// linear in logit F, so steps in the logit domain arrive soon. Floats choose
// where to look; integers decide, so the answer depends on no rounding.
template <typename Alphabet>
int find(const MixtureTables& tables, const MixtureGroup& group, int c, int p, uint32_t slot, uint32_t* start,
         uint32_t* frequency) {
    const int first = c * tables.components;
    float mean = 0;
    float density = 0;  // Σ w / σ
    for (int i = first; i < first + tables.components; ++i) {
        const float weight = static_cast<float>(group.component[i].weight[p]);
        mean += weight * static_cast<float>(group.component[i].mean[p]);
        density += weight * static_cast<float>(group.component[i].multiplier[p]) *
                   std::bit_cast<float>((127 - group.component[i].shift[p]) << 23);
    }
    const float target = rough_logit(slot);
    // Symbols per unit of the base-2 logit: σ · ln 2, σ = 16 / (multiplier · 2^−shift).
    float spread = 16383 * 16 * 0.693f / (density + 1e-3f);
    float guess = mean * (1.0f / (64 * 16383)) + 0.5f + target * spread;
    int low = Alphabet::low(tables, group, c, p);
    int high = Alphabet::high(tables, group, c, p) + 1;
    uint32_t low_share = 0;
    uint32_t high_share = kProbabilityOne;
    float low_logit = 0;
    float high_logit = 0;
    bool low_known = false;
    bool high_known = false;
    for (int round = 0; high - low > 1; ++round) {
        if (round >= 8) guess = static_cast<float>(low + high) * 0.5f;
        const float inside = std::clamp(guess, static_cast<float>(low + 1), static_cast<float>(high - 1));
        const int x = static_cast<int>(inside + 1024) - 1024;  // floor
        const uint32_t f = share<Alphabet>(tables, group, c, p, x);
        const float logit = rough_logit(f);
        if (f <= slot) {
            low = x;
            low_share = f;
            low_logit = logit;
            low_known = true;
        } else {
            high = x;
            high_share = f;
            high_logit = logit;
            high_known = true;
        }
        if (low_known && high_known) {
            guess = static_cast<float>(low) +
                    static_cast<float>(high - low) * (target - low_logit) / (high_logit - low_logit);
        } else {
            guess = static_cast<float>(x) + (target - logit) * spread;
            spread *= 2;
        }
    }
    *start = low_share;
    *frequency = high_share - low_share;
    return low;
}

template <typename Alphabet>
void search(const MixtureTables& tables, int c, int first, int end, const uint32_t* slot, MixtureGroup& group,
            uint32_t* start, uint32_t* frequency) {
    for (int p = first; p < end; ++p)
        group.value[c][p] = find<Alphabet>(tables, group, c, p, slot[p], &start[p], &frequency[p]);
}

}  // namespace

const MixtureKernels kMixtureScalar = {
    prepare,           move_means,           begin_shares<OfChannel>, intervals<OfChannel>,
    search<OfChannel>, begin_shares<OfEach>, intervals<OfEach>,       search<OfEach>};

}  // namespace residua::entropy
