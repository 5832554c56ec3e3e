#include "stages/rc/network_input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace residua::codec {
namespace {

struct Fine {
    int width, height, channels;
    std::vector<uint16_t> samples;

    Fine(int w, int h, int c) : width(w), height(h), channels(c), samples(static_cast<size_t>(w * h * c)) {
        std::mt19937 random(static_cast<unsigned>(w * 100 + h));
        for (uint16_t& sample : samples) sample = static_cast<uint16_t>(random() % (64 * 255 + 1));
    }
    FineView view() { return {samples.data(), width, height, channels}; }
    int at(int x, int y, int c) const {
        x = std::clamp(x, 0, width - 1);
        y = std::clamp(y, 0, height - 1);
        return samples[static_cast<size_t>((y * width + x) * channels + c % channels)];
    }
};

int mirror(int i, int n) {
    while (n > 1 && (i < 0 || i >= n)) i = i < 0 ? -i : 2 * (n - 1) - i;
    return n == 1 ? 0 : i;
}

// The definition in network_input.h, sample by sample.
int expected(const Fine& fine, int x, int y, int channel) {
    x = mirror(x, fine.width);
    y = mirror(y, fine.height);
    const int c = channel % 3;
    if (channel < 3) return (fine.at(x, y, c) + 32) / 64;
    const int taps[] = {1, 4, 6, 4, 1};
    int sum = 0;
    for (int dy = -2; dy <= 2; ++dy)
        for (int dx = -2; dx <= 2; ++dx) sum += taps[dy + 2] * taps[dx + 2] * fine.at(x + dx, y + dy, c);
    const int numerator = 256 * fine.at(x, y, c) - sum + 1024;
    const int floor = numerator >= 0 ? numerator / 2048 : -((-numerator + 2047) / 2048);
    return std::clamp(floor, -128, 127) + 128;
}

TEST(NetworkInput, EqualsItsDefinition) {
    for (const int width : {1, 2, 3, 7, 30}) {
        for (const int height : {1, 2, 5}) {
            for (const int colors : {1, 3}) {
                for (const auto conditioning : {models::Conditioning::kPaper, models::Conditioning::kFine}) {
                    const int channels = input_channels(conditioning);
                    for (const int align : {1, 2, 8}) {
                        Fine fine(width, height, colors);
                        NetworkInput input(fine.view(), conditioning, align);
                        ASSERT_EQ(input.width() % align, 0);
                        ASSERT_EQ(input.height() % align, 0);
                        std::vector<uint8_t> row(static_cast<size_t>(input.width() * channels));
                        for (int y = 0; y < input.height(); ++y) {
                            input.row(y, row.data());
                            for (int x = 0; x < input.width(); ++x)
                                for (int c = 0; c < channels; ++c)
                                    ASSERT_EQ(row[static_cast<size_t>(x * channels + c)],
                                              expected(fine, x, y, c))
                                        << width << "x" << height << " at " << x << "," << y << "," << c;
                        }
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace residua::codec
