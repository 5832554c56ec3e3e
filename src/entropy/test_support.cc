#include "entropy/test_support.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace residua::entropy::testing {

namespace {

int16_t saturate(double value) {
    return static_cast<int16_t>(std::clamp(std::lround(value), -32768l, 32767l));
}

double sigma_of(int log_sigma) { return std::exp2(std::clamp(log_sigma, -160, 255) / 32.0); }

double origin_of(const Parameters& parameters, size_t pixel, int c) {
    if (parameters.origin.empty()) return 0;
    return std::clamp<int>(parameters.origin[pixel * parameters.origin_channels + c], -kMaxOrigin,
                           kMaxOrigin) /
           64.0;
}

// RC paper Eq. 4 with λ = tanh, mean and values counted from the origins; `values` are those of the pixel.
double coupled_mean(const Parameters& parameters, size_t pixel, int c, int k, const int16_t* values) {
    const int k_count = parameters.components;
    double mean = origin_of(parameters, pixel, c) +
                  parameters.mu[(pixel * parameters.channels + c) * k_count + k] / 64.0;
    if (parameters.lambda.empty()) return mean;
    const int16_t* lambda = &parameters.lambda[pixel * 3 * k_count + k];
    const auto deviation = [&](int j) { return values[j] - origin_of(parameters, pixel, j); };
    if (c == 1) mean += std::tanh(lambda[0] / 256.0) * deviation(0);
    if (c == 2)
        mean += std::tanh(lambda[k_count] / 256.0) * deviation(0) +
                std::tanh(lambda[2 * k_count] / 256.0) * deviation(1);
    return mean;
}

double logistic(double t) { return 1.0 / (1.0 + std::exp(-t)); }

}  // namespace

RowParameters Parameters::row(int y) const {
    const size_t offset = static_cast<size_t>(y) * width * channels * components;
    const size_t lambda_offset = static_cast<size_t>(y) * width * 3 * components;
    return {mu.data() + offset, log_sigma.data() + offset, weight.data() + offset,
            lambda.empty() ? nullptr : lambda.data() + lambda_offset,
            origin.empty() ? nullptr : origin.data() + static_cast<size_t>(y) * width * origin_channels};
}

DistributionTables random_tables(std::mt19937& random, int components, int channels, bool coupled) {
    DistributionTables tables;
    tables.components = components;
    tables.channels = channels;
    tables.v_min = static_cast<int>(random() % 400) - 300;
    tables.v_max = tables.v_min + static_cast<int>(random() % 500);
    tables.base_shift = static_cast<int>(random() % 17 * (random() % 2));
    for (uint16_t& value : tables.multiplier) value = static_cast<uint16_t>(1 + random() % 16384);
    for (uint16_t& value : tables.exp2) value = static_cast<uint16_t>(random() % 32769);
    tables.exp2[0] = static_cast<uint16_t>(1 + random() % 32768);
    const uint32_t steepest = 1 + static_cast<uint32_t>(random() % (4096u >> (random() % 8)));
    tables.logistic[0] = static_cast<uint32_t>(random() % 3);
    for (int i = 0; i < kLogisticCells; ++i)
        tables.logistic[i + 1] =
            std::min(kLogisticOne, tables.logistic[i] + static_cast<uint32_t>(random() % steepest));
    if (coupled) {
        tables.lambda.resize(2 * (1 + random() % kMaxLambdaLimit) + 1);
        for (int16_t& value : tables.lambda)
            value = static_cast<int16_t>(static_cast<int>(random() % (2 * kMaxLambda + 1)) - kMaxLambda);
    }
    tables.check();
    return tables;
}

Parameters random_parameters(std::mt19937& random, int width, int height, const DistributionTables& tables) {
    Parameters parameters{width, tables.components, tables.channels, {}, {}, {}, {}};
    const size_t count = static_cast<size_t>(width) * height * tables.channels * tables.components;
    for (auto* plane : {&parameters.mu, &parameters.log_sigma, &parameters.weight}) {
        plane->resize(count);
        // Mostly of a plausible size, sometimes anything.
        for (int16_t& value : *plane) {
            const int bits = static_cast<int>(random() % 17);
            value = static_cast<int16_t>(static_cast<int32_t>(random()) >> (31 - std::min(bits, 15)));
        }
    }
    if (tables.coupled()) {
        parameters.lambda.resize(static_cast<size_t>(width) * height * 3 * tables.components);
        for (int16_t& value : parameters.lambda) value = static_cast<int16_t>(random());
    }
    return parameters;
}

void add_origins(std::mt19937& random, int height, int coded_channels, Parameters& parameters) {
    parameters.origin_channels = coded_channels;
    parameters.origin.resize(static_cast<size_t>(parameters.width) * height * coded_channels);
    for (int16_t& value : parameters.origin) {
        const int kind = static_cast<int>(random() % 8);
        value = static_cast<int16_t>(static_cast<int>(random() % 129) - 64);
        if (kind == 0) value = static_cast<int16_t>(random());
        if (kind == 1) value = value < 0 ? -64 : 64;
    }
}

Parameters smooth_parameters(std::mt19937& random, int width, int height, const DistributionTables& tables,
                             double sigma_low, double sigma_high) {
    Parameters parameters = random_parameters(random, width, height, tables);
    std::normal_distribution<double> normal;
    const int k_count = tables.components;
    std::vector<double> mu_offset, sigma_offset, logit;
    for (int i = 0; i < tables.channels * k_count; ++i) {
        mu_offset.push_back(normal(random));
        sigma_offset.push_back(0.5 * normal(random));
        logit.push_back(normal(random));
    }
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double wave =
                0.5 + 0.25 * (std::sin(x * 0.031 + y * 0.017) + std::sin(y * 0.043 - x * 0.011));
            const double octave =
                std::log2(sigma_low) + wave * (std::log2(sigma_high) - std::log2(sigma_low));
            const double sigma = std::exp2(octave);
            for (int i = 0; i < tables.channels * k_count; ++i) {
                const size_t at = (static_cast<size_t>(y) * width + x) * tables.channels * k_count + i;
                parameters.mu[at] = saturate(64 * sigma * (mu_offset[i] + 0.1 * normal(random)));
                parameters.log_sigma[at] = saturate(32 * (octave + sigma_offset[i] + 0.1 * normal(random)));
                parameters.weight[at] = saturate(32 * (logit[i] + 0.3 * normal(random)));
            }
            for (int i = 0; i < 3 * k_count && tables.coupled(); ++i)
                parameters.lambda[(static_cast<size_t>(y) * width + x) * 3 * k_count + i] =
                    saturate(256 * (0.4 + 0.1 * normal(random)));
        }
    }
    return parameters;
}

std::vector<int16_t> draw_values(std::mt19937& random, const Parameters& parameters, int height,
                                 const Alphabet& alphabet, int coded_channels) {
    std::vector<int16_t> values(static_cast<size_t>(parameters.width) * height * coded_channels);
    std::uniform_real_distribution<double> uniform(1e-12, 1 - 1e-12);
    const int k_count = parameters.components;
    for (size_t pixel = 0; pixel < static_cast<size_t>(parameters.width) * height; ++pixel) {
        int16_t* pixel_values = &values[pixel * coded_channels];
        for (int c = 0; c < coded_channels; ++c) {
            const size_t at = (pixel * parameters.channels + c) * k_count;
            double sum = 0;
            for (int k = 0; k < k_count; ++k) sum += std::exp2(parameters.weight[at + k] / 32.0);
            double value = 0;
            for (int attempt = 0; attempt < 100; ++attempt) {
                double rest = uniform(random) * sum;
                int k = 0;
                while (k < k_count - 1 && (rest -= std::exp2(parameters.weight[at + k] / 32.0)) > 0) ++k;
                const double u = uniform(random);
                value = std::round(coupled_mean(parameters, pixel, c, k, pixel_values) +
                                   sigma_of(parameters.log_sigma[at + k]) * std::log(u / (1 - u)));
                if (value >= alphabet.low[c] && value <= alphabet.high[c]) break;
            }
            pixel_values[c] = saturate(std::clamp<double>(value, alphabet.low[c], alphabet.high[c]));
        }
    }
    return values;
}

std::vector<uint8_t> random_stream(std::mt19937& random, int lanes, size_t words) {
    std::vector<uint8_t> stream;
    stream.push_back(
        static_cast<uint8_t>(lanes == 1 ? 8 << 3 : std::countr_zero(static_cast<unsigned>(lanes))));
    for (int i = 0; i < lanes / 2; ++i) stream.push_back(0x88);  // 8 bytes of state each
    for (int i = 0; i < lanes; ++i) {
        for (int byte = 0; byte < 7; ++byte) stream.push_back(static_cast<uint8_t>(random()));
        stream.push_back(0x41);
    }
    for (size_t i = 0; i < 4 * words; ++i) stream.push_back(static_cast<uint8_t>(random()));
    return stream;
}

Alphabet same_alphabet(int low, int high) {
    Alphabet alphabet{};
    std::fill_n(alphabet.low, kMaxChannels, low);
    std::fill_n(alphabet.high, kMaxChannels, high);
    return alphabet;
}

std::vector<Interval> tile_intervals(MixtureCoder& coder, const Parameters& parameters, int height,
                                     int coded_channels, const std::vector<int16_t>& values) {
    const size_t row = static_cast<size_t>(parameters.width) * coded_channels;
    std::vector<Interval> intervals(row * height);
    for (int y = 0; y < height; ++y)
        coder.intervals(parameters.row(y), parameters.width, values.data() + row * y,
                        intervals.data() + row * y);
    return intervals;
}

double float_code_length(const Parameters& parameters, int height, const Alphabet& alphabet,
                         int coded_channels, const std::vector<int16_t>& values) {
    double bits = 0;
    const int k_count = parameters.components;
    for (size_t pixel = 0; pixel < static_cast<size_t>(parameters.width) * height; ++pixel) {
        for (int c = 0; c < coded_channels; ++c) {
            const int value = values[pixel * coded_channels + c];
            double probability = 0;
            double total = 0;
            for (int k = 0; k < k_count; ++k) {
                const size_t at = (pixel * parameters.channels + c) * k_count + k;
                const double mu = coupled_mean(parameters, pixel, c, k, &values[pixel * coded_channels]);
                const double sigma = sigma_of(parameters.log_sigma[at]);
                const double weight = std::exp2(parameters.weight[at] / 32.0);
                const auto mass = [&](double low, double high) {
                    // The smaller tail, so that no difference of two ones loses all digits.
                    return low > mu ? logistic((mu - low) / sigma) - logistic((mu - high) / sigma)
                                    : logistic((high - mu) / sigma) - logistic((low - mu) / sigma);
                };
                probability += weight * mass(value - 0.5, value + 0.5);
                total += weight * mass(alphabet.low[c] - 0.5, alphabet.high[c] + 0.5);
            }
            bits -= std::log2(probability / total);
        }
    }
    return bits;
}

}  // namespace residua::entropy::testing
