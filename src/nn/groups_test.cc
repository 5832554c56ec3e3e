#include "nn/groups.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "nn/test_graphs.h"

namespace residua::nn {
namespace {

constexpr ElementKind kQ8 = ElementKind::kQ8, kI16 = ElementKind::kI16;

Groups groups_of(const Graph& graph) { return group_layers(graph, infer_types(graph)); }

std::vector<int> first_nodes(const Groups& groups) {
    std::vector<int> nodes;
    for (const Group& group : groups.groups) nodes.push_back(group.first);
    return nodes;
}
std::vector<int> local_nodes(const Groups& groups) {
    std::vector<int> nodes;
    for (size_t i = 0; i < groups.members.size(); ++i)
        if (groups.members[i].local) nodes.push_back(static_cast<int>(i));
    return nodes;
}

using Nodes = std::vector<int>;

TEST(Groups, WhatReadsPixelByPixelJoins) {
    Random random(1);
    Graph graph;
    const int picture = graph.add(Input{});
    const int a = graph.add(random_convolution(random, 3, 16, 3, kI16), {picture});
    const int b = graph.add(random_requantise(random, 16, kI16, kQ8), {a});
    const int c = graph.add(random_convolution(random, 16, 16, 1, kI16), {b});
    const int d = graph.add(Add{1, 1, 1, kI16}, {a, c});
    const int e = graph.add(random_requantise(random, 16, kI16, kQ8), {d});
    const int f = graph.add(random_convolution(random, 16, 16, 3, kI16), {e});  // reads neighbours of e
    const int g = graph.add(Add{1, 1, 1, kI16}, {f, d});
    graph.outputs.push_back({"out", g});
    const Groups groups = groups_of(graph);
    EXPECT_EQ(first_nodes(groups), (Nodes{picture, a, f}));
    // d is read by g, e by f, g is the output.
    EXPECT_EQ(local_nodes(groups), (Nodes{a, b, c, f}));
}

TEST(Groups, LayersOfTheSameSizeReadingOtherGroupsJoin) {
    Random random(1);
    Graph graph;
    graph.align = 2;
    const int picture = graph.add(Input{});
    const int features = graph.add(random_convolution(random, 3, 16, 3, kQ8), {picture});
    const int a = graph.add(random_convolution(random, 16, 16, 3, kQ8), {features});
    const int b = graph.add(random_convolution(random, 16, 16, 5, kQ8), {features});
    const int both = graph.add(Concat{}, {a, b});
    Convolution half = random_convolution(random, 32, 4, 1, kQ8);
    half.stride = 2;
    graph.outputs.push_back({"half", graph.add(half, {both})});
    const Groups groups = groups_of(graph);
    EXPECT_EQ(first_nodes(groups), (Nodes{picture, features, a, both + 1}));
    EXPECT_EQ(local_nodes(groups), (Nodes{a, b}));
}

TEST(Groups, DoubledSizesStayWithWhatTheyAreMadeOf) {
    Random random(1);
    Graph graph;
    graph.align = 2;
    const int coarse = graph.add(Input{4, kQ8, 1});
    const int fine = graph.add(Input{4, kQ8, 0});
    const int conv = graph.add(random_convolution(random, 4, 16, 3, kQ8), {coarse});
    const int shuffle = graph.add(PixelShuffle{}, {conv});
    const int sum = graph.add(Add{1, 1, 1, kQ8}, {shuffle, fine});
    const int up = graph.add(random_transposed(random, 4, 4, kQ8), {coarse});
    const int up_again = graph.add(random_transposed(random, 4, 4, kQ8), {up});
    graph.outputs = {{"sum", sum}, {"up", up_again}};
    const Groups groups = groups_of(graph);
    EXPECT_EQ(first_nodes(groups), (Nodes{coarse, fine, conv, up_again}));
    EXPECT_EQ(local_nodes(groups), (Nodes{conv, shuffle}));
    for (int node : {shuffle, sum, up}) EXPECT_EQ(groups.members[static_cast<size_t>(node)].scale_log2, 1);
    EXPECT_EQ(groups.groups[2].reference, conv);
    EXPECT_EQ(groups.groups[3].reference, up);
}

TEST(Groups, AreOfLimitedSize) {
    Random random(1);
    Graph graph;
    int last = graph.add(Input{});
    for (int i = 0; i < 1000; ++i) last = graph.add(random_requantise(random, 3, kQ8, kQ8), {last});
    graph.outputs.push_back({"out", last});
    const Groups groups = groups_of(graph);
    EXPECT_GT(groups.groups.size(), 20u);
}

TEST(Groups, FollowEachOther) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        const Graph graph = random_graph(seed, 25);
        int next = 0;
        for (const Group& group : groups_of(graph).groups) {
            EXPECT_EQ(group.first, next);
            next = group.end;
        }
        EXPECT_EQ(next, static_cast<int>(graph.nodes.size()));
    }
}

}  // namespace
}  // namespace residua::nn
