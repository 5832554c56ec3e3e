#include "data/deep_photo.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace residua::train {

namespace {

using Random = std::mt19937_64;

// One channel, or three interleaved ones, of light: 0 … 1.
struct Light {
    int width = 0, height = 0, channels = 0;
    std::vector<float> values;

    Light(int width_, int height_, int channels_)
        : width(width_),
          height(height_),
          channels(channels_),
          values(static_cast<size_t>(width_) * static_cast<size_t>(height_) *
                 static_cast<size_t>(channels_)) {}
    float* pixel(int y, int x) {
        return values.data() +
               (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) *
                   static_cast<size_t>(channels);
    }
    const float* pixel(int y, int x) const { return const_cast<Light*>(this)->pixel(y, x); }
};

double uniform(Random& random, double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
}
double power(Random& random, double low, double high) { return std::pow(10.0, uniform(random, low, high)); }
float normal(Random& random) { return std::normal_distribution<float>()(random); }

double linear_of(double srgb) {
    return srgb <= 0.04045 ? srgb / 12.92 : std::pow((srgb + 0.055) / 1.055, 2.4);
}
float srgb_of(float light) {
    const float l = std::clamp(light, 0.0F, 1.0F);
    return l <= 0.0031308F ? l * 12.92F : 1.055F * std::pow(l, 1 / 2.4F) - 0.055F;
}

// Resampled along one axis: `reach` 3 is Lanczos-3, whose window grows with the factor where it downscales.
Light resampled_rows(const Light& from, int height) {
    constexpr double kPi = 3.14159265358979;
    Light to(from.width, height, from.channels);
    const double factor = static_cast<double>(from.height) / height, widen = std::max(1.0, factor);
    const int row = from.width * from.channels;
    for (int y = 0; y < height; ++y) {
        const double centre = (y + 0.5) * factor - 0.5;
        const int first = static_cast<int>(std::ceil(centre - 3 * widen)),
                  last = static_cast<int>(std::floor(centre + 3 * widen));
        std::vector<double> weights;
        double sum = 0;
        for (int i = first; i <= last; ++i) {
            const double t = (i - centre) / widen * kPi;
            weights.push_back(std::abs(t) < 1e-9 ? 1 : 3 * std::sin(t) * std::sin(t / 3) / (t * t));
            sum += weights.back();
        }
        for (int i = first; i <= last; ++i) {
            const float* source = from.pixel(std::clamp(i, 0, from.height - 1), 0);
            const auto weight = static_cast<float>(weights[static_cast<size_t>(i - first)] / sum);
            float* out = to.pixel(y, 0);
            for (int x = 0; x < row; ++x) out[x] += weight * source[x];
        }
    }
    return to;
}
Light transposed(const Light& from) {
    Light to(from.height, from.width, from.channels);
    for (int y = 0; y < from.height; ++y)
        for (int x = 0; x < from.width; ++x) std::copy_n(from.pixel(y, x), from.channels, to.pixel(x, y));
    return to;
}
Light resampled(const Light& from, int width, int height) {
    return transposed(resampled_rows(transposed(resampled_rows(from, height)), width));
}
// Without what is finer than about `factor` pixels.
Light blurred(const Light& from, double factor) {
    const auto smaller = [factor](int side) { return std::max(8, static_cast<int>(side / factor)); };
    return resampled(resampled(from, smaller(from.width), smaller(from.height)), from.width, from.height);
}

// A random part of the photograph in linear light, downscaled by the factor.
Light part_of(const Photo& photo, double factor, int window, Random& random) {
    const int wanted = static_cast<int>(window * factor);
    const int width = std::min(photo.width, wanted), height = std::min(photo.height, wanted);
    const auto start = [&](int space) { return static_cast<int>(uniform(random, 0, space + 0.999)); };
    const int left = start(photo.width - width), top = start(photo.height - height);
    std::array<float, 256> table{};
    for (size_t i = 0; i < table.size(); ++i)
        table[i] = static_cast<float>(linear_of(static_cast<double>(i) / 255));
    Light light(width, height, 3);
    for (int y = 0; y < height; ++y)
        for (int i = 0; i < 3 * width; ++i)
            light.pixel(y, 0)[i] =
                table[photo.rgb[(static_cast<size_t>(top + y) * static_cast<size_t>(photo.width) +
                                 static_cast<size_t>(left)) *
                                    3 +
                                static_cast<size_t>(i)]];
    const auto smaller = [factor](int side) { return std::max(16, static_cast<int>(side / factor)); };
    Light result = resampled(light, smaller(width), smaller(height));
    for (float& value : result.values) value = std::clamp(value, 0.0F, 1.0F);
    return result;
}

Light grey_of(const Light& from) {
    Light grey(from.width, from.height, 1);
    for (int y = 0; y < from.height; ++y)
        for (int x = 0; x < from.width; ++x) {
            const float* p = from.pixel(y, x);
            *grey.pixel(y, x) = (p[0] + p[1] + p[2]) / 3;
        }
    return grey;
}

// Values of the full scale 1.
DeepPhoto quantised(const Light& from, int bits, double scale, double offset = 0) {
    DeepPhoto deep = {from.width, from.height, from.channels, bits, {}};
    const double largest = (1 << bits) - 1;
    for (const float value : from.values)
        deep.samples.push_back(static_cast<uint16_t>(
            std::lround(std::clamp(static_cast<double>(value) * scale + offset, 0.0, largest))));
    return deep;
}

int one_of(Random& random, std::initializer_list<int> numbers) {
    return numbers.begin()[random() % numbers.size()];
}

// A camera: noise of photons and of reading before white balance and colour matrix.
DeepPhoto camera(Light light, Random& random) {
    const auto full = static_cast<float>(power(random, 3, 5)),
               read = static_cast<float>(power(random, 0, 1.3));
    const float balance[3] = {static_cast<float>(uniform(random, 1.2, 2.4)), 1,
                              static_cast<float>(uniform(random, 1.2, 2.2))};
    const auto saturation = static_cast<float>(uniform(random, 0, 0.5));
    const auto exposure = static_cast<float>(uniform(random, 0.7, 1.3));
    const bool curve = uniform(random, 0, 1) < 0.6;
    for (int y = 0; y < light.height; ++y)
        for (int x = 0; x < light.width; ++x) {
            float* p = light.pixel(y, x);
            float noisy[3], mean = 0;
            for (int c = 0; c < 3; ++c) {
                const float electrons = p[c] / balance[c] * full;
                const float noise = std::sqrt(electrons + read * read) * normal(random);
                noisy[c] = std::max(0.0F, (electrons + noise) / full * balance[c]);
                mean += noisy[c] / 3;
            }
            for (int c = 0; c < 3; ++c) {
                const float value = (noisy[c] * (1 + saturation) - mean * saturation) * exposure;
                p[c] = curve ? srgb_of(value) : value;
            }
        }
    const int bits = one_of(random, {12, 14, 16, 16});
    return quantised(light, bits, (1 << bits) - 1);
}

// Other curves, exposures and saturations; in half of them parts without colour.
DeepPhoto toned(Light light, Random& random) {
    const auto saturation = static_cast<float>(uniform(random, 0.2, 1.3)),
               exposure = static_cast<float>(uniform(random, 0.4, 1.6)),
               gamma = static_cast<float>(1 / uniform(random, 1, 2.6));
    const bool grey_parts = uniform(random, 0, 1) < 0.5;
    const double across = uniform(random, 2, 9), down = uniform(random, 2, 9), phase = uniform(random, 0, 6),
                 bound = uniform(random, -0.5, 0.8);
    for (int y = 0; y < light.height; ++y)
        for (int x = 0; x < light.width; ++x) {
            float* p = light.pixel(y, x);
            const float mean = (p[0] + p[1] + p[2]) / 3;
            float sum = 0;
            for (int c = 0; c < 3; ++c) {
                p[c] =
                    std::pow(std::clamp((mean + (p[c] - mean) * saturation) * exposure, 0.0F, 1.0F), gamma);
                sum += p[c];
            }
            const bool grey =
                grey_parts &&
                std::sin(x * across / light.width + phase) + std::cos(y * down / light.height) > bound;
            if (grey) std::fill_n(p, 3, sum / 3);
        }
    return quantised(light, 16, 65535);
}

// A microscope: blurred by its optics, few photons, a black level.
DeepPhoto microscope(const Light& light, Random& random) {
    Light grey = blurred(grey_of(light), uniform(random, 0.8, 3));
    const auto full = static_cast<float>(power(random, 2, 4.3)),
               read = static_cast<float>(power(random, 0, 1.2));
    const auto exposure = static_cast<float>(uniform(random, 0.2, 1));
    for (float& value : grey.values) {
        const float electrons = std::clamp(value, 0.0F, 1.0F) * full * exposure;
        value = electrons + std::sqrt(electrons + read * read) * normal(random);
    }
    const double gain = uniform(random, 600, 3400) / full, offset = std::floor(uniform(random, 0, 600));
    return quantised(grey, 12, gain, offset);
}

// A scanner of medicine: noise that depends on the neighbour's, and a background without any.
DeepPhoto scanner(const Light& light, Random& random) {
    Light grey = grey_of(light);
    const auto gamma = static_cast<float>(uniform(random, 0.5, 1.5));
    for (float& value : grey.values) value = std::pow(value, gamma);
    Light noise(grey.width, grey.height, 1);
    for (float& value : noise.values) value = normal(random);
    if (uniform(random, 0, 1) < 0.7) noise = blurred(noise, uniform(random, 1, 2.2));
    const auto size = static_cast<float>(power(random, -3.2, -1.3));
    const bool masked = uniform(random, 0, 1) < 0.7;
    const float background = one_of(random, {0, 0, 1}) != 0 ? size * 0.5F : 0;
    const double tall = uniform(random, 0.35, 0.6), wide = uniform(random, 0.35, 0.6);
    for (int y = 0; y < grey.height; ++y)
        for (int x = 0; x < grey.width; ++x) {
            float& value = *grey.pixel(y, x);
            value += size * *noise.pixel(y, x) * (0.3F + value);
            const double from_middle_y = (static_cast<double>(y) / grey.height - 0.5) / tall,
                         from_middle_x = (static_cast<double>(x) / grey.width - 0.5) / wide;
            if (masked && from_middle_y * from_middle_y + from_middle_x * from_middle_x > 1)
                value = background * std::abs(normal(random));
        }
    const int bits = one_of(random, {10, 12, 12, 14});
    return quantised(grey, bits, ((1 << bits) - 1) * uniform(random, 0.3, 1));
}

// Heights, smooth where they are interpolated.
DeepPhoto elevation(const Light& light, Random& random) {
    Light grey = grey_of(light);
    for (float& value : grey.values) value = std::sqrt(value);
    return quantised(blurred(grey, uniform(random, 1, 1.8)), 16, uniform(random, 300, 3000), 200);
}

}  // namespace

DeepPhoto make_deep_photo(const Photo& photo, int window, Random& random) {
    const double kind = uniform(random, 0, 1);
    const double factor = kind < 0.3 ? one_of(random, {2, 3, 4, 4, 4}) : uniform(random, 2, 4);
    Light light = part_of(photo, factor, window, random);
    if (kind < 0.3) {
        for (float& value : light.values) value = srgb_of(value);
        return quantised(light, 16, 65535);
    }
    if (kind < 0.5) return camera(std::move(light), random);
    if (kind < 0.62) return toned(std::move(light), random);
    if (kind < 0.8) return microscope(light, random);
    if (kind < 0.93) return scanner(light, random);
    return elevation(light, random);
}

}  // namespace residua::train
