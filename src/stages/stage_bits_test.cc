#include "stages/stage_bits.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "entropy/code_length.h"

namespace residua::codec {
namespace {

constexpr int kWidth = 5, kHeight = 3;

class Bits : public ::testing::Test {
  protected:
    // `bits` whole bits of channel c.
    void add(int left, int top, int columns, int rows, int c, uint32_t bits) {
        stage_.add(left, top, columns, rows, c, bits << entropy::kBitUnitsLog2);
    }
    float at(int x, int y, int c) const { return stage_.data()[(y * kWidth + x) * 2 + c]; }
    double sum() const {
        double sum = 0;
        for (int i = 0; i < kWidth * kHeight * 2; ++i) sum += static_cast<double>(stage_.data()[i]);
        return sum;
    }

    Allocator allocator_;
    StageBits stage_{allocator_, kWidth, kHeight, 2};
};

TEST_F(Bits, AreSharedByThePixelsOfASymbol) {
    add(1, 1, 2, 2, 1, 8);
    add(2, 2, 1, 1, 1, 3);
    add(2, 2, 1, 1, 0, 7);
    EXPECT_EQ(at(1, 1, 1), 2);
    EXPECT_EQ(at(2, 1, 1), 2);
    EXPECT_EQ(at(1, 2, 1), 2);
    EXPECT_EQ(at(2, 2, 1), 5);
    EXPECT_EQ(at(2, 2, 0), 7);
    EXPECT_EQ(sum(), 18);
}

TEST_F(Bits, BelongToThePixelsWithinThePicture) {
    add(4, 2, 8, 8, 0, 6);  // one pixel
    EXPECT_EQ(at(4, 2, 0), 6);
    add(-1, -1, 2, 2, 0, 5);  // the first one
    EXPECT_EQ(at(0, 0, 0), 5);
    add(-7, 1, 8, 1, 1, 9);
    EXPECT_EQ(at(0, 1, 1), 9);
    EXPECT_EQ(sum(), 20);
}

TEST_F(Bits, GoToTheNearestPixelWhereAllAreOutside) {
    add(6, 1, 2, 2, 0, 4);  // beyond the right edge: its last column
    EXPECT_EQ(at(4, 1, 0), 2);
    EXPECT_EQ(at(4, 2, 0), 2);
    add(8, 8, 4, 4, 1, 11);
    EXPECT_EQ(at(4, 2, 1), 11);
    add(-4, -4, 2, 2, 1, 1);
    EXPECT_EQ(at(0, 0, 1), 1);
    EXPECT_EQ(sum(), 16);
}

TEST_F(Bits, MayBeKnownAsASumOnly) {
    stage_.spread(60);
    EXPECT_EQ(at(0, 0, 0), 4);
    EXPECT_EQ(at(4, 2, 0), 4);
}

TEST_F(Bits, OfPlanesHaveTheirNames) {
    PlaneTransform transform;
    transform.width = kWidth;
    transform.height = kHeight;
    transform.planes = 3;
    transform.order = 1;  // G, B, R
    std::bitset<256> few;
    few.set(3).set(77);
    transform.maps[1] = ValueMap(few);
    StageBits bits(allocator_, kWidth, kHeight, 3);
    EXPECT_EQ(bits.names[2], std::string("channel 3"));
    bits.describe(transform);
    EXPECT_EQ(bits.names[0], std::string("green"));
    EXPECT_EQ(bits.names[1], std::string("blue"));
    EXPECT_EQ(bits.names[2], std::string("red"));
    EXPECT_EQ(bits.value_counts[0], 256u);
    EXPECT_EQ(bits.value_counts[1], 2u);
    transform.order = 0;
    transform.colours = PlaneColours::kJpeg;
    transform.chroma = {Upsampling::kTriangle12, 0, 1};
    transform.blocks.emplace();
    bits.describe(transform);
    EXPECT_EQ(bits.names[1], std::string("Cb"));
    EXPECT_EQ(bits.chroma_columns, 1);
    EXPECT_EQ(bits.chroma_rows, 2);
    EXPECT_TRUE(bits.blocks);
}

TEST(StageBits, CountsAgainstTheLimit) {
    Allocator allocator(1000);
    EXPECT_THROW(StageBits(allocator, 10, 10, 3), Error);
    const StageBits small(allocator, 5, 5, 3);
    EXPECT_EQ(allocator.used(), 300u);
}

}  // namespace
}  // namespace residua::codec
