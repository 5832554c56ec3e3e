#include "codec/jpeg_lattice.h"

namespace residua::codec {

namespace {

constexpr int kBits = LatticeTables::kGreenBits;
constexpr int32_t kHalf = 1 << (kBits - 1);

constexpr LatticeTables make_tables(int32_t red, int32_t blue, int32_t green_cb, int32_t green_cr) {
    LatticeTables tables{};
    for (int i = 0; i < 256; ++i) {
        const int32_t chroma = i - 128;
        const auto at = static_cast<size_t>(i);
        tables.red_from_cr[at] = static_cast<int16_t>((red * chroma + kHalf) >> kBits);
        tables.blue_from_cb[at] = static_cast<int16_t>((blue * chroma + kHalf) >> kBits);
        tables.green_from_cb[at] = kHalf - green_cb * chroma;
        tables.green_from_cr[at] = -green_cr * chroma;
    }
    return tables;
}

// 1.402, 1.772, 0.34414 and 0.71414 in libjpeg's units of 2^-16, times 16: the same results.
constexpr LatticeTables kTables = make_tables(16 * 91881, 16 * 116130, 16 * 22554, 16 * 46802);

}  // namespace

const LatticeTables& lattice_tables() { return kTables; }

}  // namespace residua::codec
