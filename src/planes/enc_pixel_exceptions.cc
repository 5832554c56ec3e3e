#include "planes/enc_pixel_exceptions.h"

#include "entropy/enc_bits.h"
#include "entropy/enc_rans.h"

namespace residua::codec {

void write_coded_exceptions(std::span<const PixelException> list, int width, int height, int samples,
                            Allocator& allocator, ByteWriter& out) {
    out.varint(list.size());
    if (list.empty()) return;
    constexpr int kCell = ExceptionCoder::kCell;
    // Of a band's pixels: the number of its exception, from 1; 0: none.
    Buffer<uint32_t> numbers(allocator, product(width, kCell));
    std::vector<entropy::Interval> intervals;
    entropy::BitWriter bits{intervals};
    ExceptionCoder coder(width, samples, allocator);
    size_t next = 0;
    for (int first = 0; first < height; first += kCell) {
        const int end = std::min(first + kCell, height);
        const uint64_t begins = product(first, width), ends = product(end, width);
        std::ranges::fill(numbers.span(), 0);
        for (; next < list.size() && list[next].position < ends; ++next)
            numbers[static_cast<size_t>(list[next].position - begins)] = static_cast<uint32_t>(next + 1);
        const auto number = [&](int y, int x) {
            return numbers[static_cast<size_t>(y - first) * static_cast<size_t>(width) +
                           static_cast<size_t>(x)];
        };
        coder.code_band(
            bits, first, end, [&](int y, int x) { return number(y, x) != 0; },
            [&](int y, int x) {
                const uint32_t i = number(y, x);
                return i > 0 ? list[i - 1] : PixelException{};
            },
            [](int, int, const PixelException&) {});
    }
    const std::vector<uint8_t> positions(intervals.size(), 0);
    const std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, 1);
    out.varint(stream.size());
    out.put(stream);
}

}  // namespace residua::codec
