#include "scc/test_reference.h"

#include <algorithm>
#include <array>
#include <bit>

#include "scc/test_reference_colours.h"
#include "scc/test_reference_samples.h"

namespace residua::scc::reference {
namespace {

constexpr int kBeside = 4;
constexpr size_t kMaxColours = (1 << 18) - 1;

class Pixels {
  public:
    Pixels(std::span<const uint8_t> stream, const Shape& shape)
        : reader_(stream), known_(shape), colours_(known_), samples_(known_) {}

    Decoded decode() {
        const Shape& shape = known_.shape();
        for (int y = 0; y < shape.height; ++y) {
            colours_.end_match();
            int no_leap_before = 0;
            for (int x = 0; x < shape.width;) {
                if (x >= no_leap_before && may_leap(y, x)) {
                    if (leap(y, x)) {
                        x += 16;
                        continue;
                    }
                    no_leap_before = x + 16;
                }
                pixel(y, x);
                ++x;
            }
        }
        return {known_.samples(), reader_.at_end()};
    }

  private:
    bool may_leap(int y, int x) const {
        const int w = known_.number(y, x - 1);
        if (x + 22 > known_.shape().width || w == 0 || w != known_.number(y, x - 2)) return false;
        for (int i = x - 2; i <= x + 21; ++i)
            if (known_.number(y - 1, i) != w || known_.number(y - 2, i) != w) return false;
        return true;
    }

    bool leap(int y, int x) {
        if (!alone(reader_, leap_slots_[static_cast<size_t>(calmness())])) return false;
        const int w = known_.number(y, x - 1);
        for (int i = 0; i < 16; ++i) known_.put_number(y, x + i, w);
        calm_ += 16;
        misses_ = std::max(misses_ - 16, 0);
        colours_.end_match();
        return true;
    }

    int calmness() const { return std::min(bits_of(static_cast<uint64_t>(calm_)), 31); }

    bool may_be_flat(int y, int x) const {
        const int w = known_.number(y, x - 1);
        if (w == 0 || known_.number(y - 2, x) != w) return false;
        for (int i = -2; i <= 2; ++i)
            if (known_.number(y - 1, x + i) != w) return false;
        return known_.number(y, x - 2) == w && known_.number(y - 2, x + 1) == w &&
               known_.number(y - 2, x - 1) == w;
    }

    bool flat(int y, int x) {
        const int w = known_.number(y, x - 1);
        const bool neee = known_.number(y - 1, x + 3) == w;
        const bool neeee = neee && known_.number(y - 1, x + 4) == w;
        const size_t slot = static_cast<size_t>(calmness()) * 16 + neee * 8u + neeee * 4u +
                            (known_.number(y - 3, x) == w) * 2u + (known_.number(y, x - 3) == w) * 1u;
        if (!alone(reader_, flat_slots_[slot])) return false;
        known_.put_number(y, x, w);
        ++calm_;
        misses_ = std::max(misses_ - 1, 0);
        colours_.end_match();
        return true;
    }

    void pixel(int y, int x) {
        std::vector<int> excluded;
        int question = 0;
        if (may_be_flat(y, x)) {
            if (flat(y, x)) return;
            calm_ = 0;
            excluded.push_back(known_.number(y, x - 1));
            question = 1;
        }
        colours_.look(y, x);
        int found = 0, first = 0;
        for (; question < 4; ++question) {
            const int candidate = colours_.candidate(excluded);
            if (candidate == 0) break;
            if (first == 0) first = candidate;
            if (colours_.ask(reader_, question, candidate, excluded, misses_)) {
                found = candidate;
                break;
            }
            excluded.push_back(candidate);
        }
        if (found != 0) {
            known_.put_number(y, x, found);
            if (question == 0) misses_ = std::max(misses_ - 1, 0);
        } else {
            samples_.decode(reader_, known_, y, x, first, question, misses_);
            misses_ = std::min(misses_ + 2, 15);
            found = known_.name(y, x);
        }
        colours_.learn(found);
    }

    Reader reader_;
    Known known_;
    Colours colours_;
    Samples samples_;
    int calm_ = 0, misses_ = 0;
    std::array<Slot, 32> leap_slots_;
    std::array<Slot, 32 * 16> flat_slots_;
};

Decoded unpacked(std::span<const uint8_t> bytes, const Shape& shape) {
    size_t next = 0;
    const auto bit = [&] {
        const int value = next / 8 < bytes.size() ? bytes[next / 8] >> (7 - next % 8) & 1 : 0;
        ++next;
        return value;
    };
    Decoded decoded;
    const auto samples = static_cast<size_t>(shape.width) * static_cast<size_t>(shape.height) *
                         static_cast<size_t>(shape.channels);
    for (size_t i = 0; i < samples; ++i) {
        int sample = 0;
        for (int b = 0; b < shape.bits; ++b) sample = 2 * sample + bit();
        decoded.samples.push_back(sample);
    }
    bool zeros = true;
    while (next % 8 != 0) zeros = bit() == 0 && zeros;
    decoded.whole = zeros && next / 8 == bytes.size();
    return decoded;
}

}  // namespace

int bits_of(uint64_t number) { return static_cast<int>(std::bit_width(number)); }

Known::Known(const Shape& shape)
    : shape_(shape),
      numbers_(static_cast<size_t>(shape.height) * static_cast<size_t>(shape.width + 2 * kBeside)),
      samples_(static_cast<size_t>(shape.height) * static_cast<size_t>(shape.width) *
               static_cast<size_t>(shape.channels)),
      colours_(1) {}

size_t Known::place(int y, int x) const {
    return static_cast<size_t>(y) * static_cast<size_t>(shape_.width + 2 * kBeside) +
           static_cast<size_t>(x + kBeside);
}

int Known::number(int y, int x) const {
    return y < 0 || x < 0 || x >= shape_.width ? 0 : numbers_[place(y, x)];
}

int Known::sample(int y, int x, int channel) const {
    if (y < 0) return 0;
    if (x < 0) return sample(y - 1, 0, channel);
    x = std::min(x, shape_.width - 1);
    return samples_[(static_cast<size_t>(y) * static_cast<size_t>(shape_.width) + static_cast<size_t>(x)) *
                        static_cast<size_t>(shape_.channels) +
                    static_cast<size_t>(channel)];
}

void Known::put_sample(int y, int x, int channel, int value) {
    samples_[(static_cast<size_t>(y) * static_cast<size_t>(shape_.width) + static_cast<size_t>(x)) *
                 static_cast<size_t>(shape_.channels) +
             static_cast<size_t>(channel)] = value;
}

void Known::put_number(int y, int x, int number) {
    numbers_[place(y, x)] = number;
    for (int c = 0; c < shape_.channels; ++c) put_sample(y, x, c, colour(number)[static_cast<size_t>(c)]);
}

int Known::name(int y, int x) {
    Colour colour;
    for (int c = 0; c < shape_.channels; ++c) colour.push_back(sample(y, x, c));
    if (const auto found = names_.find(colour); found != names_.end())
        return numbers_[place(y, x)] = found->second;
    if (colours_.size() > kMaxColours) return 0;
    const int number = static_cast<int>(colours_.size());
    names_.emplace(colour, number);
    colours_.push_back(std::move(colour));
    return numbers_[place(y, x)] = number;
}

Decoded decode(std::span<const uint8_t> stream, const Shape& shape) {
    if (stream.empty() || stream[0] > 1) return {{}, false};
    if (stream[0] == 0) return unpacked(stream.subspan(1), shape);
    return Pixels(stream.subspan(1), shape).decode();
}

}  // namespace residua::scc::reference
