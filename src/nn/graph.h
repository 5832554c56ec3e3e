// A network as data: what the model file holds and the trainer builds. docs/format-network.md defines each
// layer to the last bit; kernels_scalar.cc is that definition in code.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace residua::nn {

// Element of a tensor. A byte stores value + zero point, so that 0 in the network is the byte `zero_point`.
enum class ElementKind : uint8_t {
    kQ8 = 0,   // byte, zero point 128: values −128…127
    kU8 = 1,   // byte, zero point 0: values 0…255
    kI16 = 2,  // int16: values −32768…32767
};
constexpr int zero_point(ElementKind kind) { return kind == ElementKind::kQ8 ? 128 : 0; }
constexpr int element_bytes(ElementKind kind) { return kind == ElementKind::kI16 ? 2 : 1; }
constexpr int min_value(ElementKind kind) {
    return kind == ElementKind::kQ8 ? -128 : kind == ElementKind::kU8 ? 0 : -32768;
}
constexpr int max_value(ElementKind kind) {
    return kind == ElementKind::kQ8 ? 127 : kind == ElementKind::kU8 ? 255 : 32767;
}

enum class Activation : uint8_t { kNone = 0, kRelu = 1, kLeakyRelu = 2 };

// From an int32 v of channel c to the destination's element:
// clamp((int64(v)·m + 2^(s−1)) >> s) with m = multiplier[c], or negative_multiplier[c] for v < 0 under
// kLeakyRelu; kRelu clamps below at 0. 0 ≤ m < 2^31, 32 ≤ s ≤ 62.
struct Requantisation {
    ElementKind kind = ElementKind::kQ8;
    Activation activation = Activation::kNone;
    std::vector<int32_t> multiplier;           // [channel]
    std::vector<int32_t> negative_multiplier;  // [channel], empty unless kLeakyRelu
    std::vector<uint8_t> shift;                // [channel]
};

// A tensor given by the caller, at 2^−downscale of the picture's size.
struct Input {
    int channels = 3;
    ElementKind kind = ElementKind::kQ8;  // bytes are stored as given: a pixel p has the value p − 128
    int downscale = 0;                    // 0…6
};

// Cross-correlation with zero padding, on an 8-bit input.
struct Convolution {
    int kernel = 3;    // 1…7, square
    int stride = 1;    // 1, 2
    int dilation = 1;  // 1…4
    int padding = 1;   // 0…dilation·(kernel − 1)
    int out_channels = 0;
    std::vector<int8_t> weights;  // [out][ky][kx][in], −127…127
    std::vector<int32_t> bias;    // [out]
    Requantisation out;
};

// Kernel 4, stride 2, padding 1: doubles the size. out(Y,
// X) = Σ in(y, x)·w(ky, kx), Y = 2y − 1 + ky, X alike.
struct TransposedConvolution {
    int out_channels = 0;
    std::vector<int8_t> weights;  // [out][ky][kx][in], −127…127
    std::vector<int32_t> bias;    // [out]
    Requantisation out;
};

// out(2y + i, 2x + j, c) = in(y, x, 4c + 2i + j).
struct PixelShuffle {};

// clamp((a·multiplier_a + b·multiplier_b + 2^(shift−1)) >> shift) to `kind`.
struct Add {
    int multiplier_a = 1;  // −16384…16384
    int multiplier_b = 1;
    int shift = 1;  // 1…30
    ElementKind kind = ElementKind::kI16;
};

// Channels of the first input, then of the second; both of the same kind.
struct Concat {};

// Generalised divisive normalisation (Ballé 2015), x_i / sqrt(beta_i + Σ_j gamma_ij x_j²), of a kQ8 input.
struct Gdn {
    std::vector<int8_t> gamma;  // [i][j], 0…127
    std::vector<int32_t> beta;  // [i], ≥ 1
    Requantisation out;         // kNone or kRelu
};

// Requantises each value; alone it is also the ReLU and LeakyReLU layer.
struct Requantise {
    Requantisation out;
};

// The index of an alternative is its opcode in the model file.
using Layer =
    std::variant<Input, Convolution, TransposedConvolution, PixelShuffle, Add, Concat, Gdn, Requantise>;

struct Node {
    Layer layer;
    std::vector<int> inputs;  // indices of earlier nodes
};

struct Output {
    std::string name;
    int node = 0;
};

constexpr int kRsqrtEntries = 65;
using RsqrtTable = std::array<uint16_t, kRsqrtEntries>;

// T[i] = round(2^15 / sqrt(i/16)) for i = 16…64; entries below 16 are never used and are 0.
constexpr RsqrtTable default_rsqrt_table() {
    RsqrtTable table{};
    uint64_t t = 32768;
    for (size_t i = 16; i < kRsqrtEntries; ++i) {
        // The largest t with (t − ½)²·i ≤ 2^34.
        while ((2 * t - 1) * (2 * t - 1) * uint64_t{i} > (uint64_t{1} << 36)) --t;
        table[i] = static_cast<uint16_t>(t);
    }
    return table;
}

struct Graph {
    std::vector<Node> nodes;
    std::vector<Output> outputs;
    int align = 1;  // picture sizes are padded to a multiple of it, a power of two ≤ 64
    RsqrtTable rsqrt = default_rsqrt_table();

    // Appends a node and returns its index.
    int add(Layer layer, std::vector<int> inputs = {}) {
        nodes.push_back({std::move(layer), std::move(inputs)});
        return static_cast<int>(nodes.size()) - 1;
    }
};

constexpr int kMaxNodes = 4096;
constexpr int kMaxChannels = 1024;
constexpr int kMaxOutputs = 64;
constexpr int kMaxNameLength = 64;
constexpr int kMaxAlign = 64;
constexpr int kMaxUpscaleLog2 = 3;

}  // namespace residua::nn
