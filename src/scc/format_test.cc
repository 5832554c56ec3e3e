// The document of the format is enough to decode it: a second decoder, written from it alone, reads what the
// encoder writes.
#include <gtest/gtest.h>

#include <algorithm>

#include "scc/dec_tile.h"
#include "scc/enc_tile.h"
#include "scc/test_pictures.h"
#include "scc/test_reference.h"

namespace residua::scc {
namespace {

constexpr Effort kAllEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense, Effort::kLevels,
                                  Effort::kDenseLevels};
constexpr Content kAllContents[] = {Content::kFlat,     Content::kText,  Content::kSmoothText,
                                    Content::kGradient, Content::kNoise, Content::kMixed};

void ignore(int) {}

reference::Shape shape_of(const TileView& view) {
    return {view.width, view.height, view.channels, view.bits, static_cast<int>(view.effort)};
}

// The form of its stream.
int check(TestTile& tile) {
    const TileView view = tile.view();
    SCOPED_TRACE(testing::Message() << view.width << "x" << view.height << ", " << view.channels
                                    << " channels, " << view.bits << " bits, effort "
                                    << static_cast<int>(view.effort));
    Allocator allocator;
    const std::vector<uint8_t> stream = encode_tile(view, allocator, ignore);
    TestTile again = tile.empty_one();
    decode_tile(stream, again.view(), allocator, ignore);  // throws where something is left
    EXPECT_EQ(again.samples(), tile.samples());
    const reference::Decoded decoded = reference::decode(stream, shape_of(view));
    const bool same = decoded.samples == tile.samples();
    EXPECT_TRUE(same);
    EXPECT_TRUE(decoded.whole);
    if (!same && decoded.samples.size() == tile.samples().size()) {
        const auto all = tile.samples();
        const auto at = std::mismatch(all.begin(), all.end(), decoded.samples.begin()).first - all.begin();
        const auto pixel = at / view.channels;
        ADD_FAILURE() << "first at row " << pixel / view.width << ", column " << pixel % view.width
                      << ", channel " << at % view.channels;
    }
    return stream[0];
}

TEST(SccFormat, EveryWidth) {
    for (const Effort effort : kAllEfforts)
        for (int width = 1; width <= 48; ++width) {
            TestTile tile(width, 1 + width * 5 % 13, 1 + width % kMostChannels, 1 + width * 7 % 16, effort);
            draw(tile, width % 2 != 0 ? Content::kFlat : Content::kMixed, static_cast<uint32_t>(width));
            check(tile);
        }
}

TEST(SccFormat, EveryContentAndEffort) {
    for (const Effort effort : kAllEfforts)
        for (const Content content : kAllContents) {
            TestTile tile(97, 61, 3, 8, effort);
            draw(tile, content, 7);
            check(tile);
        }
}

// Colours beyond those that other sets of tests have, each of them new: grey noise in three channels.
TEST(SccFormat, ManyColours) {
    TestTile tile(120, 90, 3, 16, Effort::kDense);
    Sequence sequence(3);
    for (int y = 0; y < 90; ++y)
        for (int x = 0; x < 120; ++x) {
            const int grey = sequence.below(1 << 16);
            for (int c = 0; c < 3; ++c) tile.put(y, x, c, grey);
        }
    EXPECT_EQ(check(tile), 1);
}

TEST(SccFormat, EveryDepthAndNumberOfChannels) {
    for (const Effort effort : kAllEfforts)
        for (int bits = 1; bits <= 16; ++bits) {
            const int channels = 1 + bits * 3 % 5;
            TestTile tile(40 + bits, 33, channels, bits, effort);
            draw(tile, Content::kMixed, static_cast<uint32_t>(bits));
            check(tile);
        }
}

// More colours than have numbers: those beyond are met again, too.
TEST(SccFormat, ColoursWithoutNumbers) {
    TestTile tile(515, 513, 2, 10, Effort::kFast);
    for (int y = 0; y < 513; ++y)
        for (int x = 0; x < 515; ++x) {
            const int number = y * 515 + x - (y > 510 ? 515 : 0);
            tile.put(y, x, 0, number >> 9);
            tile.put(y, x, 1, number & 511);
        }
    EXPECT_EQ(check(tile), 1);
}

// Bytes that nobody wrote lead where no encoder does: colours that were excluded, samples of colours that are known.
// What is behind their end is an error, but the tile is filled before.
TEST(SccFormat, RandomBytes) {
    Sequence sequence(12);
    for (const Effort effort : kAllEfforts)
        for (const int bits : {1, 2, 7, 8, 12, 16})
            for (const int width : {1, 17, 64}) {
                TestTile tile(width, 40, 1 + sequence.below(kMostChannels), bits, effort);
                std::vector<uint8_t> stream = {static_cast<uint8_t>(Form::kCoded)};
                while (stream.size() < 40000) stream.push_back(static_cast<uint8_t>(sequence.below(256)));
                Allocator allocator;
                EXPECT_THROW(decode_tile(stream, tile.view(), allocator, ignore), Error);
                const reference::Decoded decoded = reference::decode(stream, shape_of(tile.view()));
                EXPECT_TRUE(decoded.samples == tile.samples()) << width << " columns, " << bits << " bits";
                EXPECT_FALSE(decoded.whole);
            }
}

}  // namespace
}  // namespace residua::scc
