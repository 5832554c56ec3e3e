// Pictures and models for OLM's tests.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "entropy/make_tables.h"
#include "nn/graph.h"
#include "olm/tile_coder.h"

namespace residua::olm {

struct TestPlanes {
    int width, height, planes;
    std::vector<uint8_t> samples;  // [y][x][plane]

    ptrdiff_t stride() const { return ptrdiff_t{width} * planes; }
    int at(int y, int x, int plane) const {
        return samples[static_cast<size_t>((y * width + x) * planes + plane)];
    }
    TileShape shape() const {
        TileShape shape{};
        shape.width = width, shape.height = height;
        shape.set_plain_planes(planes);
        shape.low.fill(-128), shape.high.fill(127);
        return shape;
    }
    TileSource source() const {
        TileSource source;
        for (int p = 0; p < planes; ++p)
            source[static_cast<size_t>(p)] = {samples.data() + p, stride(), ptrdiff_t{planes}};
        return source;
    }
};

// Slopes, edges and noise; planes that resemble each other.
inline TestPlanes test_planes(int width, int height, int planes, unsigned seed = 1) {
    std::mt19937 random(seed);
    TestPlanes result{width, height, planes, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int p = 0; p < planes; ++p) {
                const int edge = (x / 9 + y / 7) % 3 == 0 ? 60 : 0;
                const int noise = static_cast<int>(random() % 8);
                result.samples.push_back(static_cast<uint8_t>((3 * x + 2 * y + edge + noise + 20 * p) % 256));
            }
    return result;
}

// A head with random weights whose outputs are small.
// hidden: kU8 of 8 bits, kQ8 of 7.
inline nn::Graph test_head(int inputs, int components, unsigned seed,
                           nn::ElementKind hidden = nn::ElementKind::kU8) {
    std::mt19937 random(seed);
    nn::Graph graph;
    int from = inputs;
    int node = graph.add(nn::Input{inputs, nn::ElementKind::kQ8, 0});
    for (const int width : {24, 3 * components}) {
        const bool last = width == 3 * components;
        nn::Convolution layer;
        layer.kernel = 1;
        layer.padding = 0;
        layer.out_channels = width;
        for (int i = 0; i < width * from; ++i)
            layer.weights.push_back(static_cast<int8_t>(static_cast<int>(random() % 41) - 20));
        for (int i = 0; i < width; ++i) layer.bias.push_back(static_cast<int>(random() % 2001) - 1000);
        layer.out.kind = last ? nn::ElementKind::kI16 : hidden;
        layer.out.activation = last ? nn::Activation::kNone : nn::Activation::kRelu;
        layer.out.multiplier.assign(static_cast<size_t>(width), 1 << 30);
        layer.out.shift.assign(static_cast<size_t>(width), last ? 38 : 37);
        node = graph.add(layer, {node});
        from = width;
    }
    graph.outputs.push_back({"mixture", node});
    return graph;
}

inline Model test_model(Isa isa = active_isa(), int components = 3) {
    Model model;
    model.parameters = default_parameters();
    for (int p = 0; p < kPlanes; ++p) {
        const auto i = static_cast<size_t>(p);
        const int inputs = head_inputs(p, static_cast<int>(model.parameters.planes[i].experts.size()));
        model.heads[i] = std::make_shared<const Head>(
            test_head(inputs, components, 7U + static_cast<unsigned>(p)), inputs, components, isa);
        model.tables[i] = std::make_shared<const entropy::DistributionTables>(
            entropy::make_tables(entropy::LambdaActivation::kNone, components, 1));
    }
    return model;
}

}  // namespace residua::olm
