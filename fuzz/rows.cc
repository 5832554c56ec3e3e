// A file that comes in pieces, decoded by rows. The first byte says how long the pieces are, and whether the
// file's size is known.
#include <algorithm>
#include <cstring>

#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context decoder = fuzz::make_context();
    if (size == 0) return 0;
    const size_t piece = 1 + (data[0] & 0x7f) * 37U;
    const bool size_known = data[0] & 0x80;
    ++data, --size;
    size_t position = 0;
    uint32_t height = 0, next = 0;
    fuzz::may_fail([&] {
        decoder.decode_rows(
            [&](void* to, size_t most) {
                const size_t count = std::min({most, piece, size - position});
                std::memcpy(to, data + position, count);
                position += count;
                return count;
            },
            size_known ? size : 0,
            [&](const residua_image& picture) {
                if (height > 0) fuzz::finding("a picture that begins twice");
                height = picture.height;
            },
            [&](uint32_t y, uint32_t rows, const void*) {
                if (y != next || rows > height - next) fuzz::finding("rows out of order");
                next += rows;
            });
        if (next != height) fuzz::finding("a picture without its last rows");
    });
    return 0;
}
