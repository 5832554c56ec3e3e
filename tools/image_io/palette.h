// Pictures that name their colours by numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace image_io {

// Up to 2^16 colours of three samples or, with alpha, four: bytes, or uint16_t where `wide`. A number beyond them is black
// without transparency, as viewers show it.
class Palette {
  public:
    explicit Palette(bool alpha, bool wide = false) : channels_(alpha ? 4 : 3), alpha_(alpha), wide_(wide) {}

    void add(uint16_t red, uint16_t green, uint16_t blue, uint16_t alpha = 0);
    size_t size() const { return colours_.size() / channels_; }
    bool alpha() const { return alpha_; }

    // The colours of `count` numbers.
    void expand(const uint8_t* numbers, size_t count, uint8_t* samples) const;
    void expand(const uint16_t* numbers, size_t count, uint8_t* samples) const;

  private:
    template <typename Number>
    void expand_any(const Number* numbers, size_t count, uint8_t* samples) const;

    uint32_t channels_;
    bool alpha_, wide_;
    std::vector<uint16_t> colours_;
};

}  // namespace image_io
