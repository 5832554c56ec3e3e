// What the head is told must be, to the last bit, what a second implementation from the format's text says.
#include <gtest/gtest.h>

#include <cstring>

#include "olm/test_stranger.h"

namespace residua::olm {
namespace {

// Which sample of its plane each call of visit_training_samples is about: the wavefront's order.
std::vector<std::pair<int, int>> order_of(int width, int height) {
    const Parameters parameters = default_parameters();
    Allocator allocator;
    TileArrays arrays(width, height, 1, allocator);
    TileState places(parameters, arrays, 0, {}, {}, allocator);
    std::vector<std::pair<int, int>> order;
    alignas(64) float unused[kLanes];
    for (int t = 0; t < places.wave().steps; ++t) {
        places.begin_step(t, unused);
        for (int l = 0; l < kLanes; ++l)
            if (places.active(l)) order.emplace_back(places.row(l), places.column(l));
    }
    return order;
}

// expected: by plane, [y · width of the plane + x].
void expect_told(const TileShape& shape, const TileSource& samples,
                 const std::vector<std::vector<Told>>& expected) {
    Allocator allocator;
    size_t seen = 0, in_plane = 0, different = 0;
    int plane = -1;
    std::vector<std::pair<int, int>> order;
    const bool smaller = shape.chroma.width > 0;
    visit_training_samples(default_parameters(), shape, samples, allocator, [&](const TrainingSample& s) {
        const int width = smaller && s.plane > 0 ? shape.chroma.width : shape.width;
        if (s.plane != plane) {
            plane = s.plane;
            in_plane = 0;
            order = order_of(width, smaller && plane > 0 ? shape.chroma.height : shape.height);
        }
        const auto& place = order.at(in_plane++);
        const int y = place.first, x = place.second;
        const auto p = static_cast<size_t>(plane);
        const Told& told = expected[p][static_cast<size_t>(y * width + x)];
        const bool same = told.centre == s.whole_centre && told.scale == s.whole_scale &&
                          told.log_scale == s.log_scale && s.sample == samples[p].at(y, x) &&
                          std::memcmp(told.inputs.data(), s.inputs, told.inputs.size()) == 0;
        different += !same;
        ++seen;
    });
    EXPECT_EQ(seen, shape.samples());
    EXPECT_EQ(different, 0U);
}

// Pictures whose rows wrap around the wavefront's groups, wider than its shortest period, and tiny.
TEST(OlmFormat, AStrangerHasTheSameExperts) {
    struct Case {
        int width, height, planes;
        Traces traces;
    };
    for (const Case& test : {Case{41, 37, 3, {64, true}}, Case{265, 18, 3, {}}, Case{1, 1, 3, {}},
                             Case{600, 49, 1, {64, false}}}) {
        SCOPED_TRACE(std::to_string(test.width) + "x" + std::to_string(test.height));
        const TestPlanes picture = test_planes(test.width, test.height, test.planes, 5);
        TileShape shape = picture.shape();
        shape.traces = test.traces;
        const Parameters parameters = default_parameters();
        expect_told(shape, picture.source(),
                    Stranger(parameters, picture, test.traces.lattice, test.traces.blocks).run());
    }
}

TEST(OlmFormat, AStrangerHasTheSameOfSmallerChroma) {
    for (const ChromaShape& chroma : {ChromaShape{21, 35, 2, 2, 0, 0}, ChromaShape{21, 35, 2, 2, 1, 1},
                                      ChromaShape{21, 69, 2, 1, 0, 0}}) {
        SCOPED_TRACE(std::to_string(chroma.step_y) + std::to_string(chroma.offset_x));
        const TestPlanes luma = test_planes(41, 69, 1, 6);
        TestPlanes small = test_planes(chroma.width, chroma.height, 3, 7);
        for (int y = 0; y < small.height; ++y)
            for (int x = 0; x < small.width; ++x) {
                int sum = 0;
                for (int v = 0; v < chroma.step_y; ++v)
                    for (int u = 0; u < chroma.step_x; ++u)
                        sum +=
                            luma.at(Stranger::covered(y, chroma.step_y, chroma.offset_y, v, luma.height),
                                    Stranger::covered(x, chroma.step_x, chroma.offset_x, u, luma.width), 0);
                const int count = chroma.step_x * chroma.step_y;
                small.samples[static_cast<size_t>(3 * (y * small.width + x))] =
                    static_cast<uint8_t>((sum + count / 2) / count);
            }
        const Parameters parameters = default_parameters();
        Stranger first(parameters, luma, 64, true), rest(parameters, small, 112, true);
        auto expected = first.run();
        rest.take_errors(first, chroma);
        const auto of_chroma = rest.run();
        expected.insert(expected.end(), of_chroma.begin() + 1, of_chroma.end());
        TileShape shape = luma.shape();
        shape.set_plain_planes(3);
        shape.traces = {64, true};
        shape.chroma = chroma;
        const TileSource from_small = small.source();
        expect_told(shape, {luma.source()[0], from_small[1], from_small[2]}, expected);
    }
}

}  // namespace
}  // namespace residua::olm
