#include "nn/executor.h"

#include <gtest/gtest.h>

#include "nn/test_graphs.h"
#include "nn/test_reference.h"

namespace residua::nn {
namespace {

using reference::Tensor;

std::vector<Isa> available_isas() {
    std::vector<Isa> isas;
    for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512Vnni})
        if (isa_available(isa)) isas.push_back(isa);
    return isas;
}

std::vector<Tensor> random_inputs(const Graph& graph, int width, int height, unsigned seed) {
    Random random(seed);
    std::vector<Tensor> inputs;
    for (const Node& node : graph.nodes) {
        if (const auto* input = std::get_if<Input>(&node.layer)) {
            Tensor tensor(height >> input->downscale, width >> input->downscale, input->channels);
            for (int& value : tensor.values) {
                // Extremes are frequent: saturation must be met.
                const unsigned byte = random() % 3 ? random() % 256 : random() % 2 * 255;
                value = static_cast<int>(byte) - zero_point(input->kind);
            }
            inputs.push_back(std::move(tensor));
        }
    }
    return inputs;
}

std::vector<Tensor> run(const Network& network, int width, int height, const std::vector<Tensor>& inputs,
                        int threads, int band_rows) {
    Allocator allocator;
    ThreadPool pool(threads);
    Executor executor(network, width, height, allocator, pool, band_rows);
    EXPECT_EQ(allocator.used(), Executor::memory_bytes(network, width, height, threads, band_rows));

    std::vector<Executor::InputRow> readers;
    std::vector<int> next_row(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
        readers.push_back([&inputs, &next_row, &network, i](int y, uint8_t* row) {
            EXPECT_EQ(y, next_row[i]++);
            ElementKind kind = ElementKind::kQ8;
            size_t index = 0;
            for (const Node& node : network.graph().nodes)
                if (const auto* input = std::get_if<Input>(&node.layer))
                    if (index++ == i) kind = input->kind;
            const Tensor& tensor = inputs[i];
            for (int k = 0; k < tensor.width * tensor.channels; ++k)
                row[k] = static_cast<uint8_t>(
                    tensor.values[static_cast<size_t>(y * tensor.width * tensor.channels + k)] +
                    zero_point(kind));
        });
    }

    const auto& outputs = network.graph().outputs;
    std::vector<Tensor> results;
    for (const Output& output : outputs) {
        const TensorType& type = network.type(output.node);
        results.emplace_back(static_cast<int>(type.extent(height)), static_cast<int>(type.extent(width)),
                             type.channels);
    }
    std::vector<int> next_output(outputs.size());
    int next = 0;
    executor.run(readers, [&](const Executor::OutputRows& rows) {
        EXPECT_EQ(rows.first_row, next);
        next += rows.row_count;
        for (size_t i = 0; i < outputs.size(); ++i) {
            const int output = static_cast<int>(i);
            const ElementKind kind = network.type(outputs[i].node).kind;
            Tensor& result = results[i];
            EXPECT_EQ(rows.first_row_of(output), next_output[i]);
            EXPECT_EQ(rows.width(output), result.width);
            next_output[i] = rows.end_row_of(output);
            for (int y = rows.first_row_of(output); y < rows.end_row_of(output); ++y)
                for (int x = 0; x < result.width; ++x)
                    for (int c = 0; c < result.channels; ++c)
                        result.at(y, x, c) =
                            kind == ElementKind::kI16
                                ? rows.row(output, y)[x * result.channels + c]
                                : rows.bytes(output, y)[x * rows.pixel_bytes(output) + c] - zero_point(kind);
        }
    });
    for (size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(next_output[i], results[i].height);
    for (size_t i = 0; i < inputs.size(); ++i) EXPECT_EQ(next_row[i], inputs[i].height);
    return results;
}

void expect_equal_to_reference(const Graph& graph, int width, int height, unsigned seed, int threads,
                               int band_rows) {
    const std::vector<Tensor> inputs = random_inputs(graph, width, height, seed);
    const std::vector<Tensor> expected = reference::evaluate(graph, inputs);
    for (Isa isa : available_isas()) {
        const Network network(graph, isa);
        const std::vector<Tensor> results = run(network, width, height, inputs, threads, band_rows);
        for (size_t i = 0; i < results.size(); ++i) {
            const Tensor& wanted = expected[static_cast<size_t>(graph.outputs[i].node)];
            ASSERT_EQ(results[i].height, wanted.height);
            ASSERT_EQ(results[i].width, wanted.width);
            ASSERT_EQ(results[i].values, wanted.values)
                << isa_name(isa) << " seed " << seed << " " << width << "x" << height << " threads "
                << threads << " band " << band_rows << " " << graph.outputs[i].name;
        }
    }
}

// One layer on a picture of any odd size, which a first 1×1 convolution with kernel 2 or more cuts out of an
// even one.
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

TEST(Executor, TwelveMegapixelsNeedLittleMemory) {
    const Network network(rc_graph(64, 8, false), Isa::kScalar);
    EXPECT_LT(Executor::memory_bytes(network, 4000, 3000, 2), 150u << 20);
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
