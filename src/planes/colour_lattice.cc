#include "planes/colour_lattice.h"

namespace residua::codec {

namespace {

constexpr int kBits = LatticeTables::kBits;
constexpr int32_t kHalf = 1 << (kBits - 1);

// 1.402, 1.772, 0.34414 and 0.71414 in libjpeg's units of 2^-16, times 16: the same results.
constexpr LatticeTables jpeg_tables() {
    LatticeTables tables{};
    for (int i = 0; i < 256; ++i) {
        const int32_t chroma = i - 128;
        const auto at = static_cast<size_t>(i);
        tables.luma[at] = i << kBits;
        tables.red_from_cr[at] = 16 * 91881 * chroma + kHalf;
        tables.blue_from_cb[at] = 16 * 116130 * chroma + kHalf;
        tables.green_from_cb[at] = kHalf - 16 * 22554 * chroma;
        tables.green_from_cr[at] = -16 * 46802 * chroma;
    }
    return tables;
}

constexpr int64_t floor_quotient(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

// n / 10000, rounded up to units of 2^-20: as a sum of up to three of these is too large by less than
// 1/10000, and multiples of 1/10000 are what it stands for, rounding it down gives what the exact sum would.
constexpr int32_t ten_thousandths(int64_t n) {
    return static_cast<int32_t>(-floor_quotient(-(n << kBits), 10000));
}

constexpr LatticeTables photo_cd_tables() {
    LatticeTables tables{};
    for (int i = 0; i < 256; ++i) {
        const auto at = static_cast<size_t>(i);
        const int64_t blue = 22179 * (i - 156), red = 18215 * (i - 137);
        tables.luma[at] = ten_thousandths(13584 * i);
        tables.red_from_cr[at] = ten_thousandths(red);
        tables.blue_from_cb[at] = ten_thousandths(blue);
        tables.green_from_cb[at] = ten_thousandths(-1940 * floor_quotient(blue, 10000));
        tables.green_from_cr[at] = ten_thousandths(-5090 * floor_quotient(red, 10000));
    }
    return tables;
}

constexpr LatticeTables kJpegTables = jpeg_tables(), kPhotoCdTables = photo_cd_tables();

}  // namespace

const LatticeTables& lattice_tables(PlaneColours colours) {
    return colours == PlaneColours::kPhotoCd ? kPhotoCdTables : kJpegTables;
}

}  // namespace residua::codec
