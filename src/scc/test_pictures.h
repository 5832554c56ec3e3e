// Pictures as screens and drawings have them, for the tests of their codec.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "scc/tile_memory.h"

namespace residua::scc {

// Numbers of a fixed sequence, the same everywhere.
class Sequence {
  public:
    explicit Sequence(uint32_t seed) : state_(seed) {}
    uint32_t next() {
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 8;
    }
    int below(int limit) { return static_cast<int>(next() % static_cast<uint32_t>(limit)); }

  private:
    uint32_t state_;
};

// A tile of its own. Samples of up to 8 bits are bytes.
class TestTile {
  public:
    TestTile(int width, int height, int channels, int bits, Effort effort)
        : view_{nullptr, 0, width, height, channels, bits, bits > 8 ? 2 : 1, effort} {
        view_.stride = ptrdiff_t{width} * channels * view_.sample_bytes;
        bytes_.resize(static_cast<size_t>(view_.stride) * static_cast<size_t>(height));
    }

    TileView view() {
        view_.samples = bytes_.data();
        return view_;
    }
    TestTile empty_one() const {
        return {view_.width, view_.height, view_.channels, view_.bits, view_.effort};
    }
    int most() const { return (1 << view_.bits) - 1; }

    int sample(int y, int x, int channel) const {
        if (view_.sample_bytes == 1) return bytes_[place(y, x, channel)];
        uint16_t value;
        std::memcpy(&value, &bytes_[place(y, x, channel)], sizeof(value));
        return value;
    }
    void put(int y, int x, int channel, int value) {
        const auto wide = static_cast<uint16_t>(value);
        if (view_.sample_bytes == 1)
            bytes_[place(y, x, channel)] = static_cast<uint8_t>(value);
        else
            std::memcpy(&bytes_[place(y, x, channel)], &wide, sizeof(wide));
    }
    std::vector<int> samples() const {
        std::vector<int> all;
        for (int y = 0; y < view_.height; ++y)
            for (int x = 0; x < view_.width; ++x)
                for (int c = 0; c < view_.channels; ++c) all.push_back(sample(y, x, c));
        return all;
    }

  private:
    size_t place(int y, int x, int channel) const {
        return ((static_cast<size_t>(y) * static_cast<size_t>(view_.width) + static_cast<size_t>(x)) *
                    static_cast<size_t>(view_.channels) +
                static_cast<size_t>(channel)) *
               static_cast<size_t>(view_.sample_bytes);
    }

    TileView view_;
    std::vector<uint8_t> bytes_;
};

enum class Content { kFlat, kText, kSmoothText, kGradient, kNoise, kMixed };

// Glyphs, rectangles, gradients and noise, on grounds that are flat.
void draw(TestTile& tile, Content content, uint32_t seed);

}  // namespace residua::scc
