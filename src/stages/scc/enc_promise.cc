#include "stages/scc/enc_promise.h"

#include <cstring>
#include <vector>

namespace residua::codec {

namespace {

// Of at most about so many pixels, in whole rows from top to bottom.
constexpr int64_t kPixels = 1 << 18;
// Pixels that are as those left of them and above: in one of so many of most photographs' pixels, in far more of drawn
// pictures'.
constexpr int64_t kFlatPart = 10;
// Pictures in which nearly all are, and few colours, are drawn.
constexpr double kSurelyFlat = 0.75, kSurelyFew = 0.02;

uint64_t colour_hash(const uint8_t* pixel, size_t bytes) {
    uint64_t h = 0;
    for (size_t i = 0; i < bytes; ++i) h = (h ^ pixel[i]) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

}  // namespace

Promise scc_promise(const PictureView& x) {
    const auto bytes = static_cast<size_t>(x.channels) * static_cast<size_t>(x.sample_bytes);
    const int64_t rows_apart = std::max<int64_t>(1, int64_t{x.width} * x.height / kPixels);
    std::vector<bool> seen(1 << 20);
    int64_t pixels = 0, flat = 0, colours = 0;
    for (int64_t y = 1; y < x.height; y += rows_apart) {
        const uint8_t *row = x.row(static_cast<int>(y)), *above = x.row(static_cast<int>(y) - 1);
        for (int i = 1; i < x.width; ++i) {
            row += bytes, above += bytes;
            ++pixels;
            if (std::memcmp(row, row - bytes, bytes) == 0) {
                flat += std::memcmp(row, above, bytes) == 0;
                continue;
            }
            const size_t place = colour_hash(row, bytes) % seen.size();
            colours += !seen[place];
            seen[place] = true;
        }
    }
    // Pictures of one row or column are tried, but nothing is left to do where all is one colour.
    if (pixels == 0) return Promise::kPossible;
    if (flat == pixels) return Promise::kNone;
    if (flat * kFlatPart < pixels) return Promise::kNone;
    const auto all = static_cast<double>(pixels);
    return static_cast<double>(flat) > kSurelyFlat * all && static_cast<double>(colours) < kSurelyFew * all
               ? Promise::kSure
               : Promise::kPossible;
}

}  // namespace residua::codec
