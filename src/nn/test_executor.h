// Runs a network and compares with test_reference.h, on
// every instruction set of this processor. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nn/executor.h"
#include "nn/test_graphs.h"
#include "nn/test_reference.h"

namespace residua::nn {

using reference::Tensor;

inline std::vector<Isa> available_isas() {
    std::vector<Isa> isas;
    for (Isa isa : kAllIsas)
        if (isa_available(isa)) isas.push_back(isa);
    return isas;
}

inline std::vector<Tensor> random_inputs(const Graph& graph, int width, int height, unsigned seed) {
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

inline std::vector<Tensor> run(const Network& network, int width, int height,
                               const std::vector<Tensor>& inputs, int threads, int band_rows) {
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

inline void expect_equal_to_reference(const Graph& graph, int width, int height, unsigned seed, int threads,
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

}  // namespace residua::nn
