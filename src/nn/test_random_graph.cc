#include <initializer_list>
#include <string>

#include "nn/shapes.h"
#include "nn/test_graphs.h"

namespace residua::nn {

namespace {

int between(Random& random, int low, int high) {
    return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

template <typename T>
T one_of(Random& random, std::initializer_list<T> choices) {
    return choices.begin()[random() % choices.size()];
}

constexpr ElementKind kQ8 = ElementKind::kQ8, kU8 = ElementKind::kU8, kI16 = ElementKind::kI16;

}  // namespace

Graph random_graph(unsigned seed, int layers) {
    Random random(seed);
    Graph graph;
    graph.align = 4;
    graph.add(Input{between(random, 1, 5), one_of(random, {kQ8, kU8}), 0});
    std::vector<TensorType> types = infer_types(graph);
    const auto channels = [&] { return one_of(random, {1, 3, 5, 15, 16, 17, 33, 48, 60, 64, 80}); };
    const auto kind = [&] { return one_of(random, {kQ8, kU8, kI16}); };
    const auto activation = [&] {
        return one_of(random, {Activation::kNone, Activation::kRelu, Activation::kLeakyRelu});
    };
    while (static_cast<int>(graph.nodes.size()) < layers) {
        // Mostly the newest node, so that the graph gets deep.
        const int last = static_cast<int>(types.size()) - 1;
        const int a = random() % 3 ? last : between(random, 0, last);
        const TensorType& type = types[static_cast<size_t>(a)];
        const auto partner = [&](bool same_kind) {
            for (int b = last; b >= 0; --b) {
                const TensorType& other = types[static_cast<size_t>(b)];
                if (b != a && other.channels == type.channels && other.scale_log2 == type.scale_log2 &&
                    other.offset == type.offset && (!same_kind || other.kind == type.kind))
                    return b;
            }
            return a;
        };
        const bool narrow = type.kind != kI16;
        int added = -1;
        switch (between(random, 0, 9)) {
            case 0:
            case 1:
            case 2:
            case 3: {
                if (!narrow) break;
                Convolution layer = random_convolution(random, type.channels, channels(),
                                                       between(random, 1, 5), kind(), activation());
                layer.dilation = one_of(random, {1, 1, 2, 4});
                layer.padding = between(random, 0, layer.dilation * (layer.kernel - 1));
                // Keeps sizes near the picture's, so that small pictures do not vanish.
                if (2 * layer.padding < layer.dilation * (layer.kernel - 1) || type.offset > 8)
                    layer.padding = layer.dilation * (layer.kernel - 1) / 2;
                if (type.scale_log2 > -2 && random() % 3 == 0) layer.stride = 2;
                added = graph.add(layer, {a});
                break;
            }
            case 4:
                if (narrow && type.scale_log2 < 1)
                    added = graph.add(random_transposed(random, type.channels, channels(), kind()), {a});
                break;
            case 5:
                if (type.channels % 4 == 0 && type.scale_log2 < 1) added = graph.add(PixelShuffle{}, {a});
                break;
            case 6:
                added = graph.add(Add{between(random, -16384, 16384), between(random, -16384, 16384),
                                      between(random, 1, 30), kind()},
                                  {a, partner(false)});
                break;
            case 7:
                if (type.channels < 100) added = graph.add(Concat{}, {a, partner(true)});
                break;
            case 8:
                if (type.kind == kQ8)
                    added = graph.add(random_gdn(random, type.channels, kind(),
                                                 one_of(random, {Activation::kNone, Activation::kRelu})),
                                      {a});
                break;
            default:
                added =
                    graph.add(random_requantise(random, type.channels, type.kind, kind(), activation()), {a});
        }
        if (added >= 0) types = infer_types(graph);
    }
    std::vector<bool> used(graph.nodes.size());
    for (const Node& node : graph.nodes)
        for (int id : node.inputs) used[static_cast<size_t>(id)] = true;
    for (size_t i = 0; i < used.size(); ++i)
        if (!used[i]) graph.outputs.push_back({"output " + std::to_string(i), static_cast<int>(i)});
    return graph;
}

}  // namespace residua::nn
