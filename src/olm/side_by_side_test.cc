// Planes that are coded at the same time give what planes give that follow each other.
#include <gtest/gtest.h>

#include "base/error.h"
#include "entropy/enc_rans.h"
#include "olm/test_tiles.h"

namespace residua::olm {
namespace {

struct Coded {
    std::vector<entropy::Interval> intervals;  // plane after plane
    std::vector<size_t> parts;                 // planes, in the order of their parts
};

// The part of the plane that `choose` picks among those that are ready comes next.
template <typename Choose>
Coded coded_by(const Model& model, const TileShape& shape, const TileSource& source, const Choose& choose) {
    Allocator allocator;
    std::vector<entropy::SymbolList> lists;
    std::vector<entropy::SymbolList*> places;
    lists.reserve(static_cast<size_t>(shape.planes));
    places.reserve(static_cast<size_t>(shape.planes));
    for (int p = 0; p < shape.planes; ++p) lists.emplace_back(allocator, shape.plane_samples(p));
    for (entropy::SymbolList& list : lists) places.push_back(&list);
    TileCoder coder(model, shape, allocator);
    coder.begin_encoding(source, places);
    Coded coded;
    for (;;) {
        std::vector<int> ready;
        for (int p = 0; p < shape.planes; ++p)
            if (coder.ready(p)) ready.push_back(p);
        if (ready.empty()) break;
        const int plane = choose(ready);
        coded.parts.push_back(static_cast<size_t>(plane));
        coder.advance(plane);
    }
    EXPECT_EQ(coder.share(), 1);
    for (const entropy::SymbolList& list : lists)
        coded.intervals.insert(coded.intervals.end(), list.intervals().begin(), list.intervals().end());
    return coded;
}

int last(const std::vector<int>& ready) { return ready.back(); }
int first(const std::vector<int>& ready) { return ready.front(); }

void expect_same(const Coded& a, const Coded& b) {
    ASSERT_EQ(a.intervals.size(), b.intervals.size());
    for (size_t i = 0; i < a.intervals.size(); ++i) {
        ASSERT_EQ(a.intervals[i].start, b.intervals[i].start) << i;
        ASSERT_EQ(a.intervals[i].frequency, b.intervals[i].frequency) << i;
    }
}

// As close behind each other as they may be: what is read too early would be another sample.
TEST(OlmSideBySide, PlanesCloseBehindEachOtherSeeWhatTheyMust) {
    const Model model = test_model();
    for (const int width : {1, 40, 249, 300})
        for (const int height : {1, 2, 14, 15, 16, 17, 18, 31, 32, 33, 47, 48, 49}) {
            SCOPED_TRACE(std::to_string(width) + "x" + std::to_string(height));
            const TestPlanes picture = test_planes(width, height, 3, 5);
            const Coded close = coded_by(model, picture.shape(), picture.source(), last);
            expect_same(close, coded_by(model, picture.shape(), picture.source(), first));
        }
}

TEST(OlmSideBySide, PlanesAreAtWorkTogether) {
    const TestPlanes picture = test_planes(300, 100, 3);
    const Coded close = coded_by(test_model(), picture.shape(), picture.source(), last);
    // The last one begins when the first two have come no further than the lags.
    const auto begin = std::find(close.parts.begin(), close.parts.end(), size_t{2});
    EXPECT_LT(begin - close.parts.begin(), static_cast<ptrdiff_t>(close.parts.size()) / 3);
}

// Alpha that sees nothing waits for nothing; a plane in other units waits for the end of those that it sees.
TEST(OlmSideBySide, PlanesWaitForWhatTheySee) {
    const TestPlanes picture = test_planes(30, 60, 2);
    const Model model = test_model();
    TileShape shape = picture.shape();
    shape.plane[1] = {};
    Coded coded = coded_by(model, shape, picture.source(), last);
    EXPECT_EQ(coded.parts.front(), 1u);
    shape = picture.shape();
    coded = coded_by(model, shape, picture.source(), last);
    EXPECT_EQ(coded.parts.front(), 0u);
    EXPECT_FALSE(std::is_sorted(coded.parts.begin(), coded.parts.end()));
    shape.plane[1].exponent = 1;
    coded = coded_by(model, shape, picture.source(), last);
    EXPECT_TRUE(std::is_sorted(coded.parts.begin(), coded.parts.end()));
    expect_same(coded, coded_by(model, shape, picture.source(), first));
}

TEST(OlmSideBySide, PlanesThatShareAListFollowEachOther) {
    const TestPlanes picture = test_planes(30, 60, 3);
    const Model model = test_model();
    Allocator allocator;
    entropy::SymbolList list(allocator, picture.samples.size());
    entropy::SymbolList* const one[] = {&list};
    TileCoder coder(model, picture.shape(), allocator);
    coder.begin_encoding(picture.source(), one);
    for (int plane = 0; plane < 3; ++plane) do
            for (int other = 0; other < 3; ++other) ASSERT_EQ(coder.ready(other), other == plane);
        while (!coder.advance(plane));
}

}  // namespace
}  // namespace residua::olm
