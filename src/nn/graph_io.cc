#include "nn/graph_io.h"

#include <algorithm>
#include <span>
#include <string>

#include "nn/validate.h"

namespace residua::nn {

namespace {

constexpr int kFirstRsqrtEntry = 16;

class Parser {
  public:
    explicit Parser(ByteReader& reader) : reader_(reader) {}

    Graph parse() {
        const uint64_t count = reader_.varint_in(1, kMaxNodes, "number of layers");
        for (uint64_t i = 0; i < count; ++i) {
            node_ = Node{};
            const uint8_t opcode = reader_.u8();
            node_.layer = parse_layer(opcode);
            graph_.nodes.push_back(std::move(node_));
        }
        const uint64_t outputs = reader_.varint_in(1, kMaxOutputs, "number of outputs");
        for (uint64_t i = 0; i < outputs; ++i) {
            const auto name = reader_.take(reader_.varint_in(1, kMaxNameLength, "length of a name"));
            const uint64_t node = reader_.varint_in(0, count - 1, "output");
            graph_.outputs.push_back({std::string(name.begin(), name.end()), static_cast<int>(node)});
        }
        graph_.align = static_cast<int>(reader_.varint_in(1, kMaxAlign, "alignment"));
        if (has_gdn_)
            for (size_t i = kFirstRsqrtEntry; i < kRsqrtEntries; ++i) graph_.rsqrt[i] = reader_.u16();
        validate(graph_);
        return std::move(graph_);
    }

  private:
    Layer parse_layer(uint8_t opcode) {
        switch (opcode) {
            case 0: {
                Input layer;
                layer.channels = parse_channels();
                layer.kind = parse_kind();
                layer.downscale = reader_.u8();
                channels_.push_back(layer.channels);
                return layer;
            }
            case 1: {
                const int in = parse_input();
                Convolution layer;
                layer.kernel = static_cast<int>(reader_.varint_in(1, 7, "kernel size"));
                layer.stride = reader_.u8();
                layer.dilation = reader_.u8();
                layer.padding = reader_.u8();
                layer.out_channels = parse_channels();
                parse_weights(layer, layer.kernel * layer.kernel * in);
                return layer;
            }
            case 2: {
                const int in = parse_input();
                TransposedConvolution layer;
                layer.out_channels = parse_channels();
                parse_weights(layer, 16 * in);
                return layer;
            }
            case 3:
                channels_.push_back(parse_input() / 4);
                return PixelShuffle{};
            case 4: {
                Add layer;
                const int channels = parse_input();
                parse_input();
                channels_.push_back(channels);
                layer.multiplier_a = reader_.i16();
                layer.multiplier_b = reader_.i16();
                layer.shift = reader_.u8();
                layer.kind = parse_kind();
                return layer;
            }
            case 5: {
                const int a = parse_input();
                channels_.push_back(a + parse_input());
                return Concat{};
            }
            case 6: {
                const int channels = parse_input();
                Gdn layer;
                layer.gamma = int8_array(static_cast<uint64_t>(channels) * static_cast<uint64_t>(channels));
                layer.beta = int32_array(channels);
                layer.out = parse_requantisation(channels);
                channels_.push_back(channels);
                has_gdn_ = true;
                return layer;
            }
            case 7: {
                const int channels = parse_input();
                channels_.push_back(channels);
                return Requantise{parse_requantisation(channels)};
            }
            default:
                throw Error(ErrorCode::kCorrupt,
                            "the network uses a layer that this version does not know (" +
                                std::to_string(opcode) + ")");
        }
    }

    template <typename AnyConvolution>
    void parse_weights(AnyConvolution& layer, int weights_per_channel) {
        layer.weights = int8_array(static_cast<uint64_t>(layer.out_channels) *
                                   static_cast<uint64_t>(weights_per_channel));
        layer.bias = int32_array(layer.out_channels);
        layer.out = parse_requantisation(layer.out_channels);
        channels_.push_back(layer.out_channels);
    }

    // Appends the id of an earlier node to the inputs; returns that node's channels.
    int parse_input() {
        if (channels_.empty()) throw Error(ErrorCode::kCorrupt, "the network does not begin with an input");
        const uint64_t id = reader_.varint_in(0, channels_.size() - 1, "layer input");
        node_.inputs.push_back(static_cast<int>(id));
        // A sum that is too large is refused by validate(); here it only has to keep the sizes small.
        return std::min(channels_[static_cast<size_t>(id)], 2 * kMaxChannels);
    }
    int parse_channels() {
        return static_cast<int>(reader_.varint_in(1, kMaxChannels, "number of channels"));
    }
    ElementKind parse_kind() { return static_cast<ElementKind>(reader_.varint_in(0, 2, "element kind")); }

    Requantisation parse_requantisation(int channels) {
        Requantisation out;
        out.kind = parse_kind();
        out.activation = static_cast<Activation>(reader_.varint_in(0, 2, "activation"));
        out.multiplier = int32_array(channels);
        if (out.activation == Activation::kLeakyRelu) out.negative_multiplier = int32_array(channels);
        const auto shifts = reader_.take(static_cast<uint64_t>(channels));
        out.shift.assign(shifts.begin(), shifts.end());
        return out;
    }
    std::vector<int8_t> int8_array(uint64_t count) {
        const auto bytes = reader_.take(count);
        return {bytes.begin(), bytes.end()};
    }
    std::vector<int32_t> int32_array(int count) {
        ByteReader array(reader_.take(4 * static_cast<uint64_t>(count)), "network");
        std::vector<int32_t> values(static_cast<size_t>(count));
        for (int32_t& value : values) value = array.i32();
        return values;
    }

    ByteReader& reader_;
    Graph graph_;
    Node node_;
    std::vector<int> channels_;
    bool has_gdn_ = false;
};

class Serialiser {
  public:
    explicit Serialiser(ByteWriter& writer) : writer_(writer) {}

    void operator()(const Input& layer) const {
        channels(layer.channels);
        kind(layer.kind);
        byte(layer.downscale);
    }
    void operator()(const Convolution& layer) const {
        byte(layer.kernel);
        byte(layer.stride);
        byte(layer.dilation);
        byte(layer.padding);
        weights(layer);
    }
    void operator()(const TransposedConvolution& layer) const { weights(layer); }
    void operator()(const PixelShuffle&) const {}
    void operator()(const Add& layer) const {
        writer_.i16(static_cast<int16_t>(layer.multiplier_a));
        writer_.i16(static_cast<int16_t>(layer.multiplier_b));
        byte(layer.shift);
        kind(layer.kind);
    }
    void operator()(const Concat&) const {}
    void operator()(const Gdn& layer) const {
        array(layer.gamma);
        array(layer.beta);
        requantisation(layer.out);
    }
    void operator()(const Requantise& layer) const { requantisation(layer.out); }

  private:
    template <typename AnyConvolution>
    void weights(const AnyConvolution& layer) const {
        channels(layer.out_channels);
        array(layer.weights);
        array(layer.bias);
        requantisation(layer.out);
    }
    void requantisation(const Requantisation& out) const {
        kind(out.kind);
        writer_.u8(static_cast<uint8_t>(out.activation));
        array(out.multiplier);
        array(out.negative_multiplier);
        writer_.put(out.shift);
    }
    void array(const std::vector<int8_t>& values) const {
        for (int8_t value : values) writer_.u8(static_cast<uint8_t>(value));
    }
    void array(const std::vector<int32_t>& values) const {
        for (int32_t value : values) writer_.i32(value);
    }
    void channels(int count) const { writer_.varint(static_cast<uint64_t>(count)); }
    void kind(ElementKind kind) const { writer_.u8(static_cast<uint8_t>(kind)); }
    void byte(int value) const { writer_.u8(static_cast<uint8_t>(value)); }

    ByteWriter& writer_;
};

}  // namespace

Graph parse_graph(ByteReader& reader) { return Parser(reader).parse(); }

void serialise_graph(const Graph& graph, ByteWriter& writer) {
    validate(graph);
    bool has_gdn = false;
    writer.varint(graph.nodes.size());
    for (const Node& node : graph.nodes) {
        writer.u8(static_cast<uint8_t>(node.layer.index()));
        for (int id : node.inputs) writer.varint(static_cast<uint64_t>(id));
        std::visit(Serialiser(writer), node.layer);
        has_gdn = has_gdn || std::holds_alternative<Gdn>(node.layer);
    }
    writer.varint(graph.outputs.size());
    for (const Output& output : graph.outputs) {
        writer.varint(output.name.size());
        for (char letter : output.name) writer.u8(static_cast<uint8_t>(letter));
        writer.varint(static_cast<uint64_t>(output.node));
    }
    writer.varint(static_cast<uint64_t>(graph.align));
    if (has_gdn)
        for (size_t i = kFirstRsqrtEntry; i < kRsqrtEntries; ++i) writer.u16(graph.rsqrt[i]);
}

}  // namespace residua::nn
