#include <gtest/gtest.h>

#include <cmath>

#include "nn/graph_io.h"
#include "nn/shapes.h"
#include "nn/test_graphs.h"
#include "nn/validate.h"

namespace residua::nn {
namespace {

std::vector<uint8_t> bytes_of(const Graph& graph) {
    ByteWriter writer;
    serialise_graph(graph, writer);
    return writer.bytes;
}
Graph parse(const std::vector<uint8_t>& bytes) {
    ByteReader reader(bytes, "network");
    return parse_graph(reader);
}
bool is_valid(const Graph& graph) {
    try {
        validate(graph);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
        return false;
    }
    return true;
}

// A graph of one layer on an input of `channels`.
template <typename L>
Graph single(const L& layer, int channels = 3, ElementKind kind = ElementKind::kQ8) {
    Graph graph;
    graph.align = 2;
    const int input = graph.add(Input{channels, kind, 0});
    graph.outputs.push_back({"out", graph.add(layer, {input})});
    return graph;
}

TEST(Graph, RsqrtTableIsRounded) {
    const RsqrtTable table = default_rsqrt_table();
    for (int i = 16; i <= 64; ++i)
        EXPECT_EQ(table[static_cast<size_t>(i)], std::lround(32768.0 / std::sqrt(i / 16.0))) << i;
}

TEST(Graph, ReadsBackWhatItWrote) {
    for (unsigned seed = 1; seed < 100; ++seed) {
        const Graph graph = random_graph(seed, 1 + static_cast<int>(seed) / 3);
        const std::vector<uint8_t> bytes = bytes_of(graph);
        ByteReader reader(bytes, "network");
        const Graph again = parse_graph(reader);
        EXPECT_TRUE(reader.at_end());
        ASSERT_EQ(bytes_of(again), bytes);
        ASSERT_EQ(infer_types(again), infer_types(graph));
    }
}

// The bytes of docs/format-network.md's example.
TEST(Graph, BytesAreAsDocumented) {
    Graph graph;
    const int input = graph.add(Input{1, ElementKind::kQ8, 0});
    Convolution conv;
    conv.kernel = 1;
    conv.padding = 0;
    conv.out_channels = 1;
    conv.weights = {-2};
    conv.bias = {5};
    conv.out = {ElementKind::kI16, Activation::kLeakyRelu, {0x40000000}, {0x10000000}, {32}};
    graph.outputs.push_back({"mu", graph.add(conv, {input})});
    const std::vector<uint8_t> expected = {
        2,                                      // layers
        0,    1, 0,   0,                        // input: 1 channel, q8, not downscaled
        1,    0,                                // convolution of layer 0
        1,    1, 1,   0,    1,                  // kernel, stride, dilation, padding, 1 output channel
        0xfe,                                   // weight
        5,    0, 0,   0,                        // bias
        2,    2,                                // i16, LeakyReLU
        0,    0, 0,   0x40, 0, 0, 0, 0x10, 32,  // multiplier, negative multiplier, shift
        1,    2, 'm', 'u',  1,                  // one output
        1};                                     // align
    EXPECT_EQ(bytes_of(graph), expected);
}

TEST(Graph, TruncatedIsRefused) {
    const std::vector<uint8_t> bytes = bytes_of(random_graph(5, 12));
    for (size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
        EXPECT_THROW(parse({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}), Error) << size;
    }
}

TEST(Graph, FlippedOrRandomBytesGiveAValidGraphOrAnError) {
    Random random(9);
    int valid = 0, refused = 0;
    const auto attempt = [&](const std::vector<uint8_t>& bytes) {
        try {
            const Graph graph = parse(bytes);
            ASSERT_TRUE(is_valid(graph));
            ++valid;
        } catch (const Error& error) {
            ASSERT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated);
            ++refused;
        }
    };
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const std::vector<uint8_t> original = bytes_of(random_graph(seed, 6));
        for (int round = 0; round < 500; ++round) {
            std::vector<uint8_t> bytes = original;
            for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
                // Half of the flips hit the beginning, where little is weights.
                const size_t at =
                    random() % (random() % 2 ? bytes.size() : std::min<size_t>(bytes.size(), 16));
                bytes[at] = static_cast<uint8_t>(random() % 2 ? random() : bytes[at] ^ (1u << random() % 8));
            }
            attempt(bytes);
        }
    }
    for (int round = 0; round < 2000; ++round) {
        std::vector<uint8_t> bytes(random() % 200);
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random() % (round % 2 ? 256 : 9));
        attempt(bytes);
    }
    EXPECT_GT(valid, 100);
    EXPECT_GT(refused, 1000);
}

TEST(Graph, AccumulatorsThatCouldOverflowAreRefused) {
    Random random(3);
    // 2^31 / (127·128) < 132105 inputs: 1024 channels under a 7×7 kernel fit with small weights only.
    Convolution layer = random_convolution(random, 3, 2, 3, ElementKind::kQ8);
    std::fill(layer.weights.begin(), layer.weights.end(), int8_t{-127});
    const int32_t largest = INT32_MAX - 27 * 127 * 128;
    for (int32_t bias : {largest, -largest}) {
        layer.bias[1] = bias;
        EXPECT_TRUE(is_valid(single(layer)));
        EXPECT_FALSE(is_valid(single(layer, 3, ElementKind::kU8)));
        layer.bias[1] += bias > 0 ? 1 : -1;
        EXPECT_FALSE(is_valid(single(layer)));
    }
    layer.bias[1] = INT32_MIN;
    EXPECT_FALSE(is_valid(single(layer)));

    TransposedConvolution transposed = random_transposed(random, 3, 2, ElementKind::kQ8);
    transposed.bias[0] = INT32_MAX;
    EXPECT_FALSE(is_valid(single(transposed)));

    Gdn gdn = random_gdn(random, 3, ElementKind::kQ8, Activation::kNone);
    std::fill(gdn.gamma.begin(), gdn.gamma.end(), int8_t{127});
    gdn.beta[2] = INT32_MAX - 3 * 127 * 255;
    EXPECT_TRUE(is_valid(single(gdn)));
    ++gdn.beta[2];
    EXPECT_FALSE(is_valid(single(gdn)));
}

TEST(Graph, EveryParameterIsChecked) {
    Random random(4);
    const Convolution conv = random_convolution(random, 3, 2, 3, ElementKind::kQ8, Activation::kLeakyRelu);
    ASSERT_TRUE(is_valid(single(conv)));
    const auto refuse_conv = [&](auto&& damage) {
        Convolution damaged = conv;
        damage(damaged);
        EXPECT_FALSE(is_valid(single(damaged)));
    };
    refuse_conv([](Convolution& c) { c.kernel = 0; });
    refuse_conv([](Convolution& c) { c.kernel = 8; });
    refuse_conv([](Convolution& c) { c.stride = 3; });
    refuse_conv([](Convolution& c) { c.dilation = 5; });
    refuse_conv([](Convolution& c) { c.padding = 3; });
    refuse_conv([](Convolution& c) { c.padding = -1; });
    refuse_conv([](Convolution& c) { c.out_channels = 3; });
    refuse_conv([](Convolution& c) { c.out_channels = -1; });
    refuse_conv([](Convolution& c) { c.weights[5] = -128; });
    refuse_conv([](Convolution& c) { c.weights.pop_back(); });
    refuse_conv([](Convolution& c) { c.bias.pop_back(); });
    refuse_conv([](Convolution& c) { c.out.shift[0] = 31; });
    refuse_conv([](Convolution& c) { c.out.shift[0] = 63; });
    refuse_conv([](Convolution& c) { c.out.multiplier[1] = -1; });
    refuse_conv([](Convolution& c) { c.out.negative_multiplier[1] = -1; });
    refuse_conv([](Convolution& c) { c.out.negative_multiplier.clear(); });
    refuse_conv([](Convolution& c) { c.out.activation = static_cast<Activation>(3); });
    refuse_conv([](Convolution& c) { c.out.kind = static_cast<ElementKind>(3); });

    const Gdn gdn = random_gdn(random, 3, ElementKind::kU8, Activation::kRelu);
    ASSERT_TRUE(is_valid(single(gdn)));
    EXPECT_FALSE(is_valid(single(gdn, 3, ElementKind::kU8)));
    const auto refuse_gdn = [&](auto&& damage) {
        Gdn damaged = gdn;
        damage(damaged);
        EXPECT_FALSE(is_valid(single(damaged)));
    };
    refuse_gdn([](Gdn& g) { g.beta[0] = 0; });
    refuse_gdn([](Gdn& g) { g.gamma[0] = -1; });
    refuse_gdn([](Gdn& g) { g.gamma.push_back(1); });
    refuse_gdn([](Gdn& g) {
        g.out.activation = Activation::kLeakyRelu;
        g.out.negative_multiplier = g.out.multiplier;
    });

    EXPECT_FALSE(is_valid(single(PixelShuffle{}, 3)));
    EXPECT_TRUE(is_valid(single(PixelShuffle{}, 4)));

    Graph sum = single(conv);
    sum.outputs[0].node = sum.add(Add{16384, -16384, 30, ElementKind::kU8}, {1, 1});
    ASSERT_TRUE(is_valid(sum));
    const auto refuse_sum = [&](const Add& layer, std::vector<int> inputs) {
        Graph damaged = sum;
        damaged.nodes[2] = {layer, std::move(inputs)};
        EXPECT_FALSE(is_valid(damaged));
    };
    refuse_sum(Add{16385, 1, 1, ElementKind::kU8}, {1, 1});
    refuse_sum(Add{1, -16385, 1, ElementKind::kU8}, {1, 1});
    refuse_sum(Add{1, 1, 0, ElementKind::kU8}, {1, 1});
    refuse_sum(Add{1, 1, 31, ElementKind::kU8}, {1, 1});
    refuse_sum(Add{1, 1, 1, ElementKind::kU8}, {1, 0});   // other channels
    refuse_sum(Add{1, 1, 1, ElementKind::kU8}, {1, 2});   // itself
    refuse_sum(Add{1, 1, 1, ElementKind::kU8}, {1, -1});  // nothing
    refuse_sum(Add{1, 1, 1, ElementKind::kU8}, {1});
}

TEST(Graph, StructureIsChecked) {
    Random random(5);
    const Graph graph = single(random_convolution(random, 3, 2, 3, ElementKind::kI16));
    const auto refuse = [&](auto&& damage) {
        Graph damaged = graph;
        damage(damaged);
        EXPECT_FALSE(is_valid(damaged));
    };
    ASSERT_TRUE(is_valid(graph));
    refuse([](Graph& g) { g.outputs.clear(); });
    refuse([](Graph& g) { g.outputs.push_back(g.outputs[0]); });
    refuse([](Graph& g) { g.outputs[0].name.clear(); });
    refuse([](Graph& g) { g.outputs[0].name.assign(65, 'x'); });
    refuse([](Graph& g) { g.outputs[0].node = 2; });
    refuse([](Graph& g) { g.outputs[0].node = 0; });  // the convolution is never used
    refuse([](Graph& g) { g.align = 3; });
    refuse([](Graph& g) { g.align = 128; });
    refuse([](Graph& g) { g.rsqrt[20] = 28000; });
    refuse([](Graph& g) { g.rsqrt[64] = 16383; });
    refuse([](Graph& g) { g.nodes.clear(); });
    refuse([](Graph& g) { g.nodes[0].layer = Input{0, ElementKind::kQ8, 0}; });
    refuse([](Graph& g) { g.nodes[0].layer = Input{3, ElementKind::kI16, 0}; });
    refuse([](Graph& g) { g.nodes[0].layer = Input{3, ElementKind::kQ8, 2}; });
    refuse([](Graph& g) {
        // The output is of 16 bits.
        g.outputs[0].node = g.add(g.nodes[1].layer, {1});
    });
    // More halvings than align allows, more doublings than a picture may grow.
    Graph halved = graph;
    Convolution half = random_convolution(random, 3, 3, 3, ElementKind::kQ8);
    half.stride = 2;
    halved.outputs.push_back({"half", halved.add(half, {0})});
    EXPECT_TRUE(is_valid(halved));
    halved.outputs.push_back({"quarter", halved.add(half, {2})});
    EXPECT_FALSE(is_valid(halved));
    Graph doubled = graph;
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(is_valid(doubled));
        const int last = doubled.add(random_transposed(random, 3, 3, ElementKind::kQ8), {i == 0 ? 0 : i + 1});
        doubled.outputs.push_back({"double " + std::to_string(i), last});
    }
    EXPECT_FALSE(is_valid(doubled));
}

TEST(Graph, CountsMultiplyAdds) {
    // Table of the design: RC as in the paper costs 3.08 million per pixel and has 7.4 million parameters.
    const Graph paper = rc_graph(128, 16, true);
    EXPECT_NEAR(multiply_adds_per_pixel(paper), 3.08e6, 0.03e6);
    EXPECT_NEAR(static_cast<double>(weight_count(paper)), 7.4e6, 0.1e6);
    Random random(1);
    EXPECT_EQ(multiply_adds_per_pixel(single(random_gdn(random, 3, ElementKind::kU8, Activation::kNone))), 9);
}

}  // namespace
}  // namespace residua::nn
