#include "planes/pixel_exceptions.h"

#include <string>
#include <utility>

#include "entropy/dec_bits.h"

namespace residua::codec {

namespace {

constexpr uint64_t kFirstExceptions = 1024;

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::kCorrupt, std::string("the file's plane transform has ") + what);
}

uint8_t as_byte(int value) { return static_cast<uint8_t>(value); }

}  // namespace

Buffer<PixelException> parse_exception_list(ByteReader& in, uint64_t pixels, Allocator& allocator) {
    const uint64_t count = in.varint_in(0, pixels, "number of exceptions");
    if (count > in.remaining())  // each takes a byte at least
        throw Error(ErrorCode::kTruncated, "the file's plane transform ends too early");
    if (count == 0) return {};
    Buffer<PixelException> list(allocator, static_cast<size_t>(count));
    uint64_t next = 0;
    for (PixelException& exception : list.span()) {
        const int code = in.u8();
        uint64_t gap = static_cast<uint64_t>(code / kExceptionCodes);
        if (gap > kLongGap) corrupt("an unknown kind of exception");
        if (next >= pixels) corrupt("an exception beyond the last pixel");
        if (gap == kLongGap) gap += in.varint_in(0, pixels, "position");
        if (gap >= pixels - next) corrupt("an exception beyond the last pixel");
        exception.position = static_cast<uint32_t>(next + gap);
        next += gap + 1;
        const int difference = code % kExceptionCodes;
        if (difference == kNoDifference) corrupt("an exception that is none");
        if (difference == kExplicitCode) {
            exception.kind = PixelException::kExplicit;
            for (uint8_t& value : exception.values) value = in.u8();
        } else {
            exception.kind = PixelException::kStep;
            exception.values = {as_byte(difference / 9 - 1), as_byte(difference / 3 % 3 - 1),
                                as_byte(difference % 3 - 1)};
        }
    }
    return list;
}

Buffer<PixelException> parse_coded_exceptions(ByteReader& in, int width, int height, int samples,
                                              Allocator& allocator) {
    const uint64_t pixels = product(width, height);
    const uint64_t count = in.varint_in(0, pixels, "number of exceptions");
    if (count == 0) return {};
    const auto stream = in.take(in.varint());
    entropy::RansDecoder decoder(stream);
    if (decoder.lanes() != 1) corrupt("exceptions of several lanes");
    entropy::BitReader bits{decoder};
    // Grows with what has been decoded, as the count alone proves nothing.
    Buffer<PixelException> list(allocator, std::min<uint64_t>(count, kFirstExceptions));
    ExceptionCoder coder(width, samples, allocator);
    size_t next = 0;
    for (int first = 0; first < height; first += ExceptionCoder::kCell)
        coder.code_band(
            bits, first, std::min(first + ExceptionCoder::kCell, height), [](int, int) { return false; },
            [](int, int) { return PixelException{}; },
            [&](int y, int x, PixelException exception) {
                if (next == count) corrupt("more exceptions than it says");
                if (exception.kind == PixelException::kDifference &&
                    std::ranges::all_of(exception.values, [](uint8_t value) { return value == 0; }))
                    corrupt("an exception that is none");
                exception.position = static_cast<uint32_t>(product(y, width) + static_cast<uint64_t>(x));
                if (next == list.size()) {
                    Buffer<PixelException> larger(allocator, std::min<uint64_t>(count, 2 * product(next)));
                    std::ranges::copy(list.span(), larger.data());
                    list = std::move(larger);
                }
                list[next++] = exception;
            });
    if (next != count) corrupt("fewer exceptions than it says");
    decoder.finish();
    return list;
}

}  // namespace residua::codec
