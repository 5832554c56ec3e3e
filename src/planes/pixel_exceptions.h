// Pixels that are something else than what the planes give, and how they are written. docs/format-planes.md,
// 4.2 and 4.3, defines both ways.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/memory.h"
#include "dct/probability.h"

namespace residua::codec {

struct PixelException {
    enum Kind : uint8_t {
        kStep,        // −1, 0 or 1 (as a byte) is added to each sample; a sum outside 0 … 255 is damage
        kDifference,  // these are added, modulo 256
        kExplicit,    // these are the samples
    };

    uint32_t position;  // y · width + x
    Kind kind;
    std::array<uint8_t, 3> values;  // R, G, B, or the one sample of a grey picture and zeros
};

// The list: a byte 28 · min(gap, 8) + difference, then what does not fit into it.
constexpr int kExceptionCodes = 28;
constexpr int kLongGap = 8;
constexpr int kExplicitCode = 27;
constexpr int kNoDifference = 13;

// Throw kCorrupt or kTruncated. What the first one allocates is at most eight bytes for each byte that `in`
// has; the second one eight for each exception, as many as the file says, and some rows.
Buffer<PixelException> parse_exception_list(ByteReader& in, uint64_t pixels, Allocator& allocator);
Buffer<PixelException> parse_coded_exceptions(ByteReader& in, int width, int height, int samples,
                                              Allocator& allocator);

// Codes the exceptions of a picture row by row: which cells of 8 × 8 pixels have any, which pixels of these
// are some, and what they are. All with probabilities that adapt, as exceptions come in clusters: a block
// that was not found, a text over the picture, a line along its border.
class ExceptionCoder {
  public:
    ExceptionCoder(int width, int samples, Allocator& allocator)
        : width_(width),
          samples_(static_cast<size_t>(samples)),
          cells_above_(allocator, static_cast<size_t>(cells()) + 2, 0),
          cells_(allocator, static_cast<size_t>(cells()) + 2, 0),
          rows_(allocator, 3 * (static_cast<size_t>(width) + 2 * kMargin), Place()) {}

    // Rows 8 · band … of `height`. has(y, x): whether a pixel is one; take(y, x, exception): as it was coded,
    // all but its position. Encoders give it before in give(y, x).
    template <typename Bits, typename Has, typename Give, typename Take>
    void code_band(Bits& bits, int first, int end, const Has& has, const Give& give, const Take& take) {
        std::swap(cells_, cells_above_);
        cells_[0] = 0;
        for (int i = 0; i < cells(); ++i) {
            const auto at = static_cast<size_t>(i) + 1;
            bool any = false;
            for (int y = first; y < end && !any; ++y)
                for (int x = kCell * i; x < std::min(width_, kCell * (i + 1)); ++x) any |= has(y, x);
            const int context = cells_[at - 1] + 2 * cells_above_[at] + 4 * cells_above_[at + 1] +
                                8 * (i > 1 ? cells_[at - 2] : 0);
            cells_[at] =
                static_cast<uint8_t>(dct::code_alone(bits, cell_slots_[static_cast<size_t>(context)], any));
        }
        for (int y = first; y < end; ++y) {
            begin_row();
            for (int i = 0; i < cells(); ++i)
                if (cells_[static_cast<size_t>(i) + 1])
                    for (int x = kCell * i; x < std::min(width_, kCell * (i + 1)); ++x)
                        if (dct::code_alone(bits, pixel_slots_[pixel_context(x)], has(y, x)))
                            take(y, x, code_value(bits, x, give(y, x)));
        }
    }

    static constexpr int kCell = 8;

  private:
    static constexpr int kMargin = 2, kSizes = 9;

    // What is known of a pixel.
    struct Place {
        uint8_t state = 0;  // 0: no exception, 1: a difference, 2: explicit
        uint8_t size = 0;   // of the difference, in binary digits
        std::array<uint8_t, 3> values = {};
    };

    int cells() const { return (width_ + kCell - 1) / kCell; }
    Place* row(size_t back) {
        return rows_.data() + ((row_ + back) % 3) * (static_cast<size_t>(width_) + 2 * kMargin) + kMargin;
    }
    void begin_row() {
        row_ = (row_ + 2) % 3;
        std::fill_n(row(0) - kMargin, width_ + 2 * kMargin, Place());
    }
    size_t pixel_context(int x) {
        const Place *now = row(0) + x, *above = row(1) + x, *above2 = row(2) + x;
        const auto is = [](const Place& place) { return size_t{place.state != 0}; };
        return is(now[-1]) | is(above[0]) << 1 | is(above[-1]) << 2 | is(above[1]) << 3 | is(now[-2]) << 4 |
               is(above2[0]) << 5 | size_t(x % kCell == 0) << 6;
    }

    template <typename Bits>
    PixelException code_value(Bits& bits, int x, PixelException exception) {
        Place &now = row(0)[x], left = row(0)[x - 1], above = row(1)[x];
        const size_t around = left.state + size_t{3} * above.state;
        const bool is_explicit =
            dct::code_alone(bits, kind_slots_[around], exception.kind == PixelException::kExplicit);
        exception.kind = is_explicit ? PixelException::kExplicit : PixelException::kDifference;
        if (is_explicit) {
            code_explicit(bits, above, around, exception.values);
            now = {2, 0, exception.values};
            return exception;
        }
        const size_t sizes = std::max(left.size, above.size);
        size_t before = 0, most = 0;  // digits of this pixel's sample before, of all
        for (size_t c = 0; c < samples_; ++c) {
            const size_t context =
                (c * kSizes + (c == 0 ? sizes : before)) * kSizes + (c == 0 ? last_size_ : sizes);
            exception.values[c] = code_difference(bits, difference_slots_, context, exception.values[c]);
            before = digits(exception.values[c]);
            most = std::max(most, before);
        }
        last_size_ = most;
        now = {1, static_cast<uint8_t>(most), exception.values};
        return exception;
    }

    // As the last explicit one, as the one above, or what each sample is more than the last one's.
    template <typename Bits>
    void code_explicit(Bits& bits, const Place& above, size_t around, std::array<uint8_t, 3>& values) {
        if (dct::code_alone(bits, same_slots_[around], values == last_explicit_)) {
            values = last_explicit_;
            return;
        }
        if (above.state == 2 && above.values != last_explicit_ &&
            dct::code_alone(bits, above_slots_[around], values == above.values)) {
            last_explicit_ = values = above.values;
            return;
        }
        for (size_t c = 0; c < samples_; ++c) {
            const auto more = static_cast<uint8_t>(values[c] - last_explicit_[c]);
            values[c] =
                static_cast<uint8_t>(code_difference(bits, explicit_slots_, c, more) + last_explicit_[c]);
        }
        last_explicit_ = values;
    }

    static size_t magnitude(uint8_t difference) {
        return difference < 128 ? difference : size_t{256} - difference;
    }
    static size_t digits(uint8_t difference) {
        return static_cast<size_t>(std::bit_width(magnitude(difference)));
    }

    // −128 … 127: digits of the magnitude, the digits below the first, the sign.
    template <typename Bits>
    static uint8_t code_difference(Bits& bits, std::vector<dct::Slot>& slots, size_t context,
                                   uint8_t difference) {
        dct::Slot* own = &slots[context * kNodes];
        const size_t wanted = digits(difference), size_of = magnitude(difference);
        size_t size = 0;
        while (size < 8 && dct::code_alone(bits, own[size], wanted > size)) ++size;
        if (size == 0) return 0;
        size_t result = 1;
        for (size_t bit = size - 1; bit-- > 0;) {
            dct::Slot& slot = own[8 + (size < 5 ? (size - 2) * 8 + result : 24 + bit)];
            result = result << 1 | static_cast<size_t>(dct::code_alone(bits, slot, size_of >> bit & 1));
        }
        // +128 is −128.
        if (!dct::code_alone(bits, own[kNodes - 1], difference >= 128)) return static_cast<uint8_t>(result);
        return static_cast<uint8_t>(256 - result);
    }

    static constexpr size_t kNodes = 48;

    const int width_;
    const size_t samples_;
    Buffer<uint8_t> cells_above_, cells_;  // of each cell, one more at both ends
    Buffer<Place> rows_;
    size_t row_ = 0;
    size_t last_size_ = 0;
    std::array<uint8_t, 3> last_explicit_ = {};
    std::vector<dct::Slot> cell_slots_ = std::vector<dct::Slot>(16);
    std::vector<dct::Slot> pixel_slots_ = std::vector<dct::Slot>(128);
    std::vector<dct::Slot> kind_slots_ = std::vector<dct::Slot>(9), same_slots_ = kind_slots_,
                           above_slots_ = kind_slots_;
    std::vector<dct::Slot> difference_slots_ = std::vector<dct::Slot>(3 * kSizes * kSizes * kNodes);
    std::vector<dct::Slot> explicit_slots_ = std::vector<dct::Slot>(3 * kNodes);
};

}  // namespace residua::codec
