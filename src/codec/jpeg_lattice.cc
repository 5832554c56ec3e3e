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

// libjpeg's are 16 times its own constants of 16 bits, 91881, 116130, 22554 and 46802: the same results.
constexpr std::array<LatticeTables, kLatticeFormulas> kTables = {
    make_tables(1470096, 1858080, 360864, 748832), make_tables(1470104, 1858077, 360853, 748826)};

}  // namespace

const LatticeTables& lattice_tables(LatticeFormula formula) { return kTables[static_cast<size_t>(formula)]; }

}  // namespace residua::codec
