#include "origin/enc_colour_lattice.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <vector>

namespace residua::codec {
namespace {

using Pixel = std::array<uint8_t, 3>;

Pixel image(const LatticeTables& tables, int y, int cb, int cr) {
    const Pixel triple = {static_cast<uint8_t>(y), static_cast<uint8_t>(cb), static_cast<uint8_t>(cr)};
    Pixel rgb;
    tables.to_rgb(triple.data(), rgb.data());
    return rgb;
}

size_t index(const Pixel& rgb) {
    return (static_cast<size_t>(rgb[0]) << 16) | static_cast<size_t>(rgb[1] << 8) | rgb[2];
}

class LatticeInverseOf : public testing::TestWithParam<PlaneColours> {};

TEST_P(LatticeInverseOf, FindsExactlyTheColoursOfTheLattice) {
    const LatticeTables& tables = lattice_tables(GetParam());
    const LatticeInverse lattice(GetParam());
    std::vector<bool> there(1 << 24);
    for (int y = 0; y < 256; ++y)
        for (int cb = 0; cb < 256; ++cb)
            for (int cr = 0; cr < 256; ++cr) there[index(image(tables, y, cb, cr))] = true;
    int wrong = 0;
    for (int i = 0; i < 1 << 24; ++i) {
        const Pixel rgb = {static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8),
                           static_cast<uint8_t>(i)};
        Triple triple{};
        const bool found = lattice.find(rgb.data(), lattice.nearest_triple(rgb.data()), &triple);
        wrong += found != there[static_cast<size_t>(i)] ||
                 (found && image(tables, triple.y, triple.cb, triple.cr) != rgb);
    }
    EXPECT_EQ(wrong, 0);
}

TEST_P(LatticeInverseOf, TakesTheNearestOfMany) {
    const LatticeTables& tables = lattice_tables(GetParam());
    const LatticeInverse lattice(GetParam());
    std::mt19937 random(1);
    const auto any = [&] { return static_cast<int>(random() % 256); };
    int clamped = 0;
    for (int i = 0; i < 30; ++i) {
        const Pixel rgb = image(tables, i % 2 ? any() / 8 : 255 - any() / 8, any(), any());
        const Triple hint = {any(), any(), any()};
        int nearest = 1000, triples = 0;
        for (int y = 0; y < 256; ++y) {
            for (int cb = 0; cb < 256; ++cb) {
                if (tables.blue(y, cb) != rgb[2]) continue;
                for (int cr = 0; cr < 256; ++cr) {
                    if (image(tables, y, cb, cr) != rgb) continue;
                    ++triples;
                    nearest = std::min(
                        nearest, std::abs(y - hint.y) + std::abs(cb - hint.cb) + std::abs(cr - hint.cr));
                }
            }
        }
        Triple found{};
        ASSERT_TRUE(lattice.find(rgb.data(), hint, &found));
        EXPECT_EQ(image(tables, found.y, found.cb, found.cr), rgb);
        EXPECT_EQ(std::abs(found.y - hint.y) + std::abs(found.cb - hint.cb) + std::abs(found.cr - hint.cr),
                  nearest);
        clamped += triples > 1;
    }
    EXPECT_GT(clamped, 20);
}

INSTANTIATE_TEST_SUITE_P(Colours, LatticeInverseOf,
                         testing::Values(PlaneColours::kJpeg, PlaneColours::kPhotoCd), [](const auto& info) {
                             return info.param == PlaneColours::kJpeg ? "Jpeg" : "PhotoCd";
                         });

TEST(LatticeInverse, RowsAreFlatWhereClampingHidesWhatWasThere) {
    const LatticeInverse lattice(PlaneColours::kJpeg);
    // Black and white between pixels of one saturated colour each.
    const std::vector<uint8_t> rgb = {200, 100, 50, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 1, 0};
    std::vector<uint8_t> triples(rgb.size()), below(rgb.size());
    const int missing = lattice.row(rgb.data(), 6, nullptr, triples.data());
    EXPECT_EQ(missing, 0);
    for (const int x : {2, 4})
        EXPECT_EQ(Pixel({triples[3 * x], triples[3 * x + 1], triples[3 * x + 2]}),
                  Pixel({triples[3 * x - 3], triples[3 * x - 2], triples[3 * x - 1]}))
            << x;
    lattice.row(rgb.data(), 6, triples.data(), below.data());
    EXPECT_EQ(below, triples);
}

TEST(LatticeInverse, RowsFollowTheRowAbove) {
    const LatticeTables& tables = lattice_tables(PlaneColours::kJpeg);
    const LatticeInverse lattice(PlaneColours::kJpeg);
    const Triple first = {150, 110, 140};
    const Pixel left = image(tables, first.y, first.cb, first.cr);
    int different = 0;
    // Red is clamped: what it was stands above.
    for (const Triple& hidden : {Triple{200, 100, 190}, Triple{180, 90, 200}, Triple{220, 120, 170}}) {
        const Pixel clamped = image(tables, hidden.y, hidden.cb, hidden.cr);
        const std::vector<uint8_t> rgb = {left[0], left[1], left[2], clamped[0], clamped[1], clamped[2]};
        std::vector<uint8_t> above, triples(6), alone(6);
        for (const int value : {first.y, first.cb, first.cr, hidden.y, hidden.cb, hidden.cr})
            above.push_back(static_cast<uint8_t>(value));
        lattice.row(rgb.data(), 2, above.data(), triples.data());
        EXPECT_EQ(triples, above);
        lattice.row(rgb.data(), 2, nullptr, alone.data());
        different += alone != above;
    }
    EXPECT_GT(different, 0);
}

}  // namespace
}  // namespace residua::codec
