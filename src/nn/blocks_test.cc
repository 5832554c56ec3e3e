#include "nn/blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "nn/test_graphs.h"

namespace residua::nn {
namespace {

constexpr ElementKind kQ8 = ElementKind::kQ8, kU8 = ElementKind::kU8;

// The best set here that has minimal filtering from few pixels on; kScalar where there is none.
Isa filtering_isa() {
    Isa best = Isa::kScalar;
    for (Isa isa : kAllIsas)
        if (isa_available(isa) && kernels(isa).convolve_winograd && kernels(isa).winograd_pixels <= 4096)
            best = isa;
    return best;
}

Graph one_convolution(int in, int out, int dilation, int8_t weight) {
    Random random(1);
    Convolution conv = random_convolution(random, in, out, 3, kQ8);
    conv.dilation = conv.padding = dilation;
    std::fill(conv.weights.begin(), conv.weights.end(), weight);
    Graph graph;
    const int input = graph.add(Input{in, kU8, 0});
    graph.outputs.push_back({"out", graph.add(conv, {input})});
    return graph;
}

int tile_rows(const Graph& graph, int width, int height, int band_rows) {
    const Network network(graph, filtering_isa());
    return plan_blocks(network, Schedule(network, width, height, band_rows)).nodes[1].tile_rows;
}

TEST(Blocks, MinimalFilteringWhereItIsExactAndPays) {
    if (filtering_isa() == Isa::kScalar) GTEST_SKIP() << "no instruction set here filters so";
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 1, 127), 256, 256, 16), 4);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 1, 127), 256, 256, 2), 2);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 4, 127), 256, 256, 16), 4);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 4, 127), 256, 256, 8), 2);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 4, 127), 256, 256, 4), 1);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 3, 127), 256, 256, 16), 0);
    EXPECT_EQ(tile_rows(one_convolution(48, 64, 1, 127), 256, 256, 16), 0);
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 1, 127), 64, 48, 16), 0);    // few pixels
    EXPECT_EQ(tile_rows(one_convolution(64, 64, 1, 127), 32, 4096, 16), 0);  // narrow
    // 128 · 9 · 127 · 255 is more than 2^25, 128 · 9 · 114 · 255 is not.
    EXPECT_EQ(tile_rows(one_convolution(128, 64, 1, 127), 256, 256, 16), 0);
    EXPECT_EQ(tile_rows(one_convolution(128, 64, 1, 115), 256, 256, 16), 0);
    EXPECT_EQ(tile_rows(one_convolution(128, 64, 1, -114), 256, 256, 16), 4);
}

TEST(Blocks, AreOfLimitedSize) {
    Random random(1);
    Graph graph;
    int last = graph.add(Input{});
    for (int i = 0; i < 1000; ++i) last = graph.add(random_requantise(random, 3, kQ8, kQ8), {last});
    graph.outputs.push_back({"out", last});
    const Network network(graph, Isa::kScalar);
    for (const Block& block : plan_blocks(network, Schedule(network, 64, 64, 16)).groups)
        EXPECT_LT(block.local_bytes, 64u << 10);
}

TEST(Blocks, LocalTensorsDoNotOverlap) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        const Network network(random_graph(seed, 25), filtering_isa());
        const Blocks blocks = plan_blocks(network, Schedule(network, 256, 256, 16));
        for (size_t i = 0; i < blocks.groups.size(); ++i) {
            const Group& group = network.groups()[i];
            const Block& block = blocks.groups[i];
            EXPECT_GE(block.columns, block.column_unit);
            EXPECT_EQ(block.columns % block.column_unit, 0);
            size_t end = 0;
            for (int node = group.first; node < group.end; ++node) {
                const GroupMember& member = network.member(node);
                if (!member.local) continue;
                const size_t offset = blocks.nodes[static_cast<size_t>(node)].local_offset;
                EXPECT_GE(offset, end);
                end = offset + static_cast<size_t>(block.rows * block.columns << 2 * member.scale_log2) *
                                   static_cast<size_t>(pixel_bytes(network.type(node)));
            }
            EXPECT_LE(end, block.local_bytes);
        }
    }
}

}  // namespace
}  // namespace residua::nn
