#include "nn/executor.h"

#include <gtest/gtest.h>

#include "nn/test_executor.h"
#include "nn/test_graphs.h"

namespace residua::nn {
namespace {

// One layer on a picture of any odd size, which a first 1×1
// convolution with kernel 2 or more cuts out of an even one.
TEST(Executor, EveryLayerAtEverySmallSize) {
    for (int height = 1; height <= 9; ++height) {
        for (int width = 1; width <= 9; ++width) {
            Random random(static_cast<unsigned>(height * 10 + width));
            Graph graph;
            const int picture = graph.add(Input{});
            const int narrow = graph.add(random_convolution(random, 3, 17, 3, ElementKind::kQ8), {picture});
            const int wide = graph.add(random_convolution(random, 3, 17, 1, ElementKind::kI16), {picture});
            Convolution dilated =
                random_convolution(random, 17, 5, 3, ElementKind::kI16, Activation::kLeakyRelu);
            for (int dilation : {2, 4}) {
                dilated.dilation = dilated.padding = dilation;
                graph.outputs.push_back(
                    {"dilated " + std::to_string(dilation), graph.add(dilated, {narrow})});
            }
            graph.outputs.push_back(
                {"5x5", graph.add(random_convolution(random, 17, 33, 5, ElementKind::kU8, Activation::kRelu),
                                  {narrow})});
            graph.outputs.push_back(
                {"7x7", graph.add(random_convolution(random, 3, 3, 7, ElementKind::kQ8), {picture})});
            graph.outputs.push_back(
                {"transposed", graph.add(random_transposed(random, 17, 60, ElementKind::kQ8), {narrow})});
            graph.outputs.push_back(
                {"gdn", graph.add(random_gdn(random, 17, ElementKind::kI16, Activation::kRelu), {narrow})});
            graph.outputs.push_back({"add", graph.add(Add{-3, 16384, 9, ElementKind::kU8}, {narrow, wide})});
            const int concat = graph.add(Concat{}, {wide, wide});
            const int four = graph.add(random_convolution(random, 17, 20, 1, ElementKind::kI16), {narrow});
            graph.outputs.push_back({"concat", concat});
            graph.outputs.push_back({"shuffle", graph.add(PixelShuffle{}, {four})});
            expect_equal_to_reference(graph, width, height, static_cast<unsigned>(width), 1, 1);
        }
    }
}

TEST(Executor, StridesAndPaddingsOnOddSizes) {
    for (int size = 2; size <= 18; size += 2) {
        for (int kernel = 1; kernel <= 7; ++kernel) {
            for (int padding = 0; padding <= kernel - 1; ++padding) {
                Random random(static_cast<unsigned>(size * 100 + kernel * 10 + padding));
                Graph graph;
                graph.align = 2;
                int x = graph.add(Input{3, ElementKind::kU8, 0});
                // Kernel 2 without padding makes the size odd; padding 1 as well, but larger.
                Convolution odd = random_convolution(random, 3, 4, 2, ElementKind::kQ8);
                odd.padding = static_cast<int>(random() % 2);
                x = graph.add(odd, {x});
                Convolution strided = random_convolution(random, 4, 5, kernel, ElementKind::kI16);
                strided.stride = 2;
                strided.padding = padding;
                if (std::min(size, 20 - size) - 1 + 2 * odd.padding + 2 * padding < kernel) continue;
                graph.outputs.push_back({"strided", graph.add(strided, {x})});
                expect_equal_to_reference(graph, size, 20 - size, static_cast<unsigned>(size), 1, 2);
            }
        }
    }
}

TEST(Executor, RandomGraphsAnyThreadsAnyBand) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        Random random(seed);
        const Graph graph = random_graph(seed, 4 + static_cast<int>(random() % 20));
        const int width = 4 * static_cast<int>(8 + random() % 30),
                  height = 4 * static_cast<int>(8 + random() % 10);
        expect_equal_to_reference(graph, width, height, seed, 1 + static_cast<int>(seed % 3),
                                  static_cast<int>(random() % 20));
    }
}

// Minimal filtering: of every number of rows that a band leaves, of widths that are no multiple of a tile,
// with all dilations, with more and less padding than keeps the size, and beside a tensor of twice the size.
TEST(Executor, MinimalFilteringEqualsTheReference) {
    const auto filtered = [](Random& random, int out, int dilation, int padding, ElementKind kind) {
        Convolution layer = random_convolution(random, 32, out, 3, kind);
        layer.dilation = dilation;
        layer.padding = padding;
        return layer;
    };
    const int bands[] = {16, 1, 4, 7, 2, 40};
    for (unsigned seed = 1; seed <= 6; ++seed) {
        Random random(seed);
        Graph graph;
        graph.align = 2;
        const int picture = graph.add(Input{});
        const int wide = graph.add(random_convolution(random, 3, 32, 2 + static_cast<int>(random() % 2),
                                                      seed % 2 ? ElementKind::kU8 : ElementKind::kQ8),
                                   {picture});
        const int one = graph.add(filtered(random, 20, 1, 1, ElementKind::kQ8), {wide});
        const int two = graph.add(filtered(random, 16, 2, 2, ElementKind::kQ8), {wide});
        const int both = graph.add(Concat{}, {one, two});
        const int four = graph.add(filtered(random, 16, 4, 4, ElementKind::kQ8), {wide});
        const int all = graph.add(Concat{}, {both, four});
        graph.outputs.push_back(
            {"point", graph.add(random_convolution(random, 52, 3, 1, ElementKind::kI16), {all})});
        graph.outputs.push_back({"three", graph.add(filtered(random, 8, 3, 3, ElementKind::kQ8), {wide})});
        graph.outputs.push_back({"less", graph.add(filtered(random, 5, 2, 0, ElementKind::kI16), {wide})});
        graph.outputs.push_back({"more", graph.add(filtered(random, 5, 1, 2, ElementKind::kI16), {wide})});
        const int up = graph.add(filtered(random, 128, 1, 1, ElementKind::kQ8), {wide});
        const int doubled = graph.add(PixelShuffle{}, {up});
        const int fine = graph.add(filtered(random, 16, 1, 1, ElementKind::kQ8), {doubled});
        graph.outputs.push_back({"fine", fine});
        const int width = 64 + 2 * static_cast<int>(random() % 20),
                  height = 64 + 2 * static_cast<int>(random() % 10);
        expect_equal_to_reference(graph, width, height, seed, 1 + static_cast<int>(seed % 3),
                                  bands[seed % std::size(bands)]);
    }
}

TEST(Executor, SeveralInputsAndResolutions) {
    Random random(7);
    Graph graph;
    graph.align = 4;
    const int coarse = graph.add(Input{5, ElementKind::kU8, 1});
    const int features = graph.add(Input{16, ElementKind::kQ8, 2});
    const int up = graph.add(random_transposed(random, 16, 5, ElementKind::kU8), {features});
    const int sum = graph.add(Add{100, 28, 7, ElementKind::kQ8}, {coarse, up});
    const int fine = graph.add(random_transposed(random, 5, 17, ElementKind::kI16), {sum});
    graph.outputs = {{"fine", fine}, {"sum", sum}, {"features", features}};
    for (int band : {0, 1, 7}) expect_equal_to_reference(graph, 40, 36, 3, 2, band);
}

TEST(Executor, RcNetworkEqualsTheReferenceForAnyThreadsAndBand) {
    const Graph graph = rc_graph(16, 3, true);
    const std::vector<Tensor> inputs = random_inputs(graph, 90, 70, 5);
    const std::vector<Tensor> expected = reference::evaluate(graph, inputs);
    for (Isa isa : available_isas()) {
        const Network network(graph, isa);
        for (int threads : {1, 2, 3})
            for (int band : {0, 2, 5, 64}) {
                const std::vector<Tensor> results = run(network, 90, 70, inputs, threads, band);
                for (size_t i = 0; i < results.size(); ++i)
                    ASSERT_EQ(results[i].values, expected[static_cast<size_t>(graph.outputs[i].node)].values);
            }
    }
}

// D of every place in L3C: coarsest, in between, and of the picture.
TEST(Executor, L3cPredictorsEqualTheReferenceForAnyThreadsAndBand) {
    const L3cShape shape{.channels = 16, .blocks = 2, .components = 4, .z_channels = 5};
    const std::pair<int, int> sizes[] = {{2, 2}, {6, 2}, {2, 10}, {46, 38}, {130, 22}};
    int threads = 0;
    for (const auto& [picture, coarser_features] :
         {std::pair(true, true), std::pair(false, true), std::pair(false, false)})
        for (const auto& [width, height] : sizes)
            for (int band : {0, 1, 6}) {
                threads = threads % 5 + 1;
                expect_equal_to_reference(l3c_predictor_graph(shape, picture, coarser_features), width,
                                          height, static_cast<unsigned>(threads), threads, band);
            }
}

TEST(Executor, L3cEncoderEqualsTheReferenceForAnyThreadsAndBand) {
    const L3cShape shape{.channels = 16, .blocks = 2, .components = 4, .z_channels = 5};
    const std::pair<int, int> sizes[] = {{8, 8}, {24, 8}, {8, 40}, {72, 56}};
    int threads = 0;
    for (int scales : {1, 3})
        for (const auto& [width, height] : sizes)
            for (int band : {0, 1, 12}) {
                threads = threads % 5 + 1;
                expect_equal_to_reference(l3c_encoder_graph(shape, scales), width, height,
                                          static_cast<unsigned>(threads), threads, band);
            }
}

// The paper's width, which the kernels' fast paths are made for.
TEST(Executor, L3cOf64ChannelsEqualsTheReference) {
    const L3cShape shape{.blocks = 1};
    expect_equal_to_reference(l3c_predictor_graph(shape, true, true), 54, 14, 1, 2, 4);
    expect_equal_to_reference(l3c_predictor_graph(shape, false, true), 26, 10, 2, 3, 0);
    expect_equal_to_reference(l3c_encoder_graph(shape, 2), 44, 24, 3, 2, 4);
}

TEST(Executor, TwelveMegapixelsNeedLittleMemory) {
    const auto mebibytes = [](Graph graph) {
        return Executor::memory_bytes(Network(std::move(graph), Isa::kScalar), 4000, 3000, 2) >> 20;
    };
    EXPECT_LT(mebibytes(rc_graph(64, 8, false)), 60u);
    EXPECT_LT(mebibytes(l3c_predictor_graph({}, true, true)), 40u);
    EXPECT_LT(mebibytes(l3c_encoder_graph({}, 3)), 70u);
}

TEST(Executor, RefusesWhatItCannotRun) {
    const Network network(rc_graph(16, 1, false), Isa::kScalar);
    Allocator allocator, small(1 << 16);
    ThreadPool pool(1);
    const auto code = [&](int width, int height, Allocator& from) {
        try {
            Executor(network, width, height, from, pool);
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    };
    EXPECT_EQ(code(64, 64, allocator), ErrorCode::kOk);
    EXPECT_EQ(code(63, 64, allocator), ErrorCode::kInvalidArgument);
    EXPECT_EQ(code(0, 64, allocator), ErrorCode::kInvalidArgument);
    EXPECT_EQ(code(1 << 26, 64, allocator), ErrorCode::kInvalidArgument);
    EXPECT_EQ(code(640, 64, small), ErrorCode::kMemoryLimit);
}

TEST(Executor, RefusesRowsThatCannotBeAddressed) {
    const Network network(rc_graph(512, 1, false), Isa::kScalar);
    constexpr int kWide = 1 << 24;  // 512 channels of half of it: 4 GiB
    ErrorCode code = ErrorCode::kOk;
    try {
        EXPECT_GT(Executor::memory_bytes(network, kWide, 64, 1), uint64_t{1} << 32);
    } catch (const Error& error) {
        code = error.code();
    }
    EXPECT_EQ(code, sizeof(size_t) > 4 ? ErrorCode::kOk : ErrorCode::kMemoryLimit);
}

TEST(Executor, AnErrorInACallbackLeavesItUsable) {
    const Network network(rc_graph(16, 1, false));
    Allocator allocator;
    ThreadPool pool(2);
    Executor executor(network, 32, 32, allocator, pool);
    const auto read = [](int, uint8_t* row) { std::memset(row, 100, 32 * 3); };
    EXPECT_THROW(executor.run(read, [](const auto&) { throw Error(ErrorCode::kCancelled, "stop"); }), Error);
    int rows_seen = 0;
    executor.run(read, [&](const Executor::OutputRows& rows) { rows_seen += rows.row_count; });
    EXPECT_EQ(rows_seen, 32);
}

}  // namespace
}  // namespace residua::nn
