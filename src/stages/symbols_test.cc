#include "stages/symbols.h"

#include <gtest/gtest.h>

#include <vector>

namespace residua::codec {
namespace {

TEST(Symbols, AreCountedFromTheMiddleOrFromTheLossyLayer) {
    std::vector<uint16_t> fine = {0, 31, 32, 6400, 16320, 8191};  // x_l = 0, 0, 1, 100, 255, 128
    const FineView lossy = {fine.data(), 1, 2, 3};
    const uint8_t samples[] = {9, 255, 0};
    int16_t symbols[3];
    SymbolBase().to_symbols(samples, 1, 0, 3, symbols);
    EXPECT_EQ(symbols[0], -119);
    EXPECT_EQ(symbols[1], 127);
    EXPECT_EQ(symbols[2], -128);
    SymbolBase(lossy).to_symbols(samples, 1, 0, 3, symbols);
    EXPECT_EQ(symbols[0], -91);
    EXPECT_EQ(symbols[1], 0);
    EXPECT_EQ(symbols[2], -128);
    SymbolBase(lossy).to_symbols(samples + 1, 0, 1, 2, symbols);
    EXPECT_EQ(symbols[0], 255);
    EXPECT_EQ(symbols[1], -1);
}

TEST(Symbols, OutsideTheRangeOfSamplesAreClampedAndSeen) {
    std::vector<uint16_t> fine = {6400, 6400};
    const SymbolBase lossy(FineView{fine.data(), 2, 1, 1});
    uint8_t samples[2];
    const int16_t inside[] = {155, -100}, above[] = {0, 156}, below[] = {-101, 0};
    EXPECT_TRUE(lossy.to_samples(inside, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 255);
    EXPECT_EQ(samples[1], 0);
    EXPECT_FALSE(lossy.to_samples(above, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 100);
    EXPECT_EQ(samples[1], 255);
    EXPECT_FALSE(lossy.to_samples(below, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 0);
    const int16_t centred[] = {-128, 127};
    EXPECT_TRUE(SymbolBase().to_samples(centred, 0, 0, 2, samples));
    EXPECT_EQ(samples[0], 0);
    EXPECT_EQ(samples[1], 255);
}

}  // namespace
}  // namespace residua::codec
