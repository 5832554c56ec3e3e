// A second decoder of a tile of screen content, written from docs/format-scc.md alone, plain and slow.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace residua::scc::reference {

struct Shape {
    int width, height, channels, bits;
    int effort;  // 0 fast, 1 default, 2 dense, 3 and 4 the same with levels
};

using Colour = std::vector<int>;

// What is known of the pixels so far. docs/format-scc.md, 2.
class Known {
  public:
    explicit Known(const Shape& shape);

    const Shape& shape() const { return shape_; }
    int number(int y, int x) const;
    int sample(int y, int x, int channel) const;
    // Places go along rows, with four of number 0 on either side.
    size_t place(int y, int x) const;
    int number_at(size_t place) const { return numbers_[place]; }
    const Colour& colour(int number) const { return colours_[static_cast<size_t>(number)]; }

    void put_sample(int y, int x, int channel, int value);
    void put_number(int y, int x, int number);  // the samples of its colour, too
    int name(int y, int x);                     // the number of the colour whose samples have been put there

    const std::vector<int>& samples() const { return samples_; }

  private:
    Shape shape_;
    std::vector<int> numbers_, samples_;
    std::vector<Colour> colours_;
    std::map<Colour, int> names_;
};

int bits_of(uint64_t number);

struct Decoded {
    std::vector<int> samples;  // row after row, the channels of a pixel beside each other
    bool whole;                // the stream ended where the tile did
};

Decoded decode(std::span<const uint8_t> stream, const Shape& shape);

}  // namespace residua::scc::reference
