// Convolutions by minimal filtering, written once over vectors; each instruction set that gains by it
// includes it through its kernels_<name>.cc. Equal to the sums of kernels_scalar.cc: all is computed modulo
// 2^32, the matrices are multiplied by what makes them whole numbers, and the division at the end is exact
// (docs/simd.md).
#pragma once

#include "nn/elements_vector.h"

namespace residua::nn::RESIDUA_SIMD {

namespace {

// A tile of outputs is kTaps − 2 wide and needs kTaps products in each direction, in the middle of the way.
inline constexpr int kWinogradTaps = kWinogradColumns + 2;
constexpr int taps(int tile_rows) { return tile_rows == 1 ? 1 : tile_rows + 2; }
// Registers of sums: kWinogradVectors of neighbouring channels for each of kWinogradTiles tiles.
inline constexpr int kWinogradVectors = kRegisters == 32 ? 4 : kChannelBlock / kNative;
inline constexpr int kWinogradTiles = kRegisters == 32 ? 6 : 12 / kWinogradVectors;
// Tiles that are on their way at once: their products stay in a near cache.
inline constexpr int kBatchTiles = 12;
inline constexpr int kStripTiles = 6;
// Elements of 64 bytes more from one product to the next, so that not all of a tile meet in one set of a
// cache.
inline constexpr int kPointsPad = 32, kResultsPad = 16;

constexpr int winograd_inputs(int in_channels, int tile_rows) {
    return tile_rows == 1 ? 3 * in_channels : in_channels;  // to sum over for each product
}
// Channels of the block that begins at `first`.
constexpr int winograd_block(int out_channels, int first) {
    const int left = out_channels - first, most = kWinogradVectors * kNative;
    return left < most ? left : most;
}

// ---- Weights: G w of three numbers. The rows of G for four outputs are 4, 6, 6, 24, 24 and 1 times those of
// the points 0, 1, −1, 2, −2 and infinity, then multiplied by 6, 4, 4, 1, 1 and 3; see results_of_six().
template <int outputs>
struct WeightTransform;
template <>
struct WeightTransform<1> {
    static void apply(const int (&w)[3], int (&to)[6]) {
        for (int i = 0; i < 3; ++i) to[i] = w[i];
    }
};
template <>
struct WeightTransform<2> {
    static void apply(const int (&w)[3], int (&to)[6]) {
        to[0] = 2 * w[0];
        to[1] = w[0] + w[1] + w[2];
        to[2] = w[0] - w[1] + w[2];
        to[3] = 2 * w[2];
    }
};
template <>
struct WeightTransform<4> {
    static void apply(const int (&w)[3], int (&to)[6]) {
        to[0] = 6 * w[0];
        to[1] = -4 * (w[0] + w[1] + w[2]);
        to[2] = -4 * (w[0] - w[1] + w[2]);
        to[3] = w[0] + 2 * w[1] + 4 * w[2];
        to[4] = w[0] - 2 * w[1] + 4 * w[2];
        to[5] = 3 * w[2];
    }
};

inline size_t winograd_bytes(int out_channels, int in_channels, int tile_rows) {
    const auto products = static_cast<size_t>(taps(tile_rows) * kWinogradTaps);
    return sizeof(int16_t) * products * static_cast<size_t>(out_channels) *
           static_cast<size_t>(winograd_inputs(in_channels, tile_rows));
}

// int16 [block of channels][product][input / 2][channel of the block][2 inputs]
template <int tile_rows>
void pack_winograd_tiles(const int8_t* weights, int out_channels, int in_channels, uint8_t* packed) {
    constexpr int kRows = tile_rows == 1 ? 3 : tile_rows + 2;
    const int inputs = winograd_inputs(in_channels, tile_rows);
    for (int channel = 0; channel < out_channels; ++channel) {
        const int first = channel / (kWinogradVectors * kNative) * (kWinogradVectors * kNative);
        const ptrdiff_t block = winograd_block(out_channels, first);
        uint8_t* const to =
            packed + sizeof(int32_t) * ((ptrdiff_t{first} * taps(tile_rows) * kWinogradTaps * inputs / 2) +
                                        channel - first);
        for (int input = 0; input < in_channels; input += kWinogradChannels) {
            const int8_t* const from = weights + ptrdiff_t{channel} * 9 * in_channels + input;
            int16_t product[6][6][kWinogradChannels];
            for (int i = 0; i < kWinogradChannels; ++i) {
                int across[3][6];
                for (int ky = 0; ky < 3; ++ky) {
                    int w[3];
                    for (int kx = 0; kx < 3; ++kx) w[kx] = from[(3 * ky + kx) * in_channels + i];
                    WeightTransform<4>::apply(w, across[ky]);
                }
                for (int x = 0; x < kWinogradTaps; ++x) {
                    const int w[3] = {across[0][x], across[1][x], across[2][x]};
                    int down[6];
                    WeightTransform<tile_rows>::apply(w, down);
                    for (int y = 0; y < kRows; ++y) product[y][x][i] = static_cast<int16_t>(down[y]);
                }
            }
            for (int y = 0; y < kRows; ++y)
                for (int x = 0; x < kWinogradTaps; ++x) {
                    const int index = tile_rows == 1 ? x : y * kWinogradTaps + x;
                    const int at = tile_rows == 1 ? y * in_channels + input : input;
                    uint8_t* pair = to + sizeof(int32_t) * ((ptrdiff_t{index} * inputs + at) / 2 * block);
                    for (int i = 0; i < kWinogradChannels; i += 2, pair += sizeof(int32_t) * block)
                        __builtin_memcpy(pair, &product[y][x][i], sizeof(int32_t));
                }
        }
    }
}

inline void pack_winograd(const int8_t* weights, int out_channels, int in_channels, int tile_rows,
                          uint8_t* packed) {
    tile_rows == 1   ? pack_winograd_tiles<1>(weights, out_channels, in_channels, packed)
    : tile_rows == 2 ? pack_winograd_tiles<2>(weights, out_channels, in_channels, packed)
                     : pack_winograd_tiles<4>(weights, out_channels, in_channels, packed);
}

// ---- Inputs: Bᵀ d.
inline Int16 twice(Int16 a) { return a + a; }

// Of six neighbours. |result| ≤ 10 · 255, and 100 · 255 < 2^15 when applied down and across.
RESIDUA_INLINE void points_of_six(const Int16 (&d)[6], Int16 (&to)[6]) {
    const Int16 a = d[4] - d[2], b = twice(d[3] - d[1]);
    const Int16 even = d[4] - twice(twice(d[2])), odd = d[3] - twice(twice(d[1]));
    to[0] = twice(twice(d[0] - d[2])) + a;
    to[1] = even + odd;
    to[2] = even - odd;
    to[3] = a + b;
    to[4] = a - b;
    to[5] = (d[5] - d[3]) - twice(b);
}
RESIDUA_INLINE void points_of_four(const Int16 (&d)[4], Int16 (&to)[4]) {
    to[0] = d[0] - d[2];
    to[1] = d[1] + d[2];
    to[2] = d[2] - d[1];
    to[3] = d[1] - d[3];
}

template <int tile_rows>
struct Winograd {
    static constexpr int kRows = tile_rows + 2;  // of the input that a tile meets
    static constexpr int kDown = taps(tile_rows);
    static constexpr int kProducts = kDown * kWinogradTaps;
    static constexpr int kBlockChannels = kWinogradVectors * kNative;
    static constexpr int kLanes = 2 * kNative;

    const WinogradArgs& args;
    const int inputs;             // of each product
    int16_t* const points;        // [product][tile][inputs]
    int32_t* const results;       // [product][tile][channel of the block]
    const ptrdiff_t points_step;  // from one product to the next
    int tiles = 0;                // of this batch
    int tile_row[kBatchTiles], tile_column[kBatchTiles];

    Winograd(const WinogradArgs& given)
        : args(given),
          inputs(winograd_inputs(given.in_channels, tile_rows)),
          points(reinterpret_cast<int16_t*>(given.scratch)),
          results(reinterpret_cast<int32_t*>(points + kProducts * points_pitch(inputs))),
          points_step(points_pitch(inputs)) {}

    static ptrdiff_t points_pitch(int inputs) { return ptrdiff_t{kBatchTiles} * inputs + kPointsPad; }
    static constexpr ptrdiff_t results_pitch(int channels) {
        return ptrdiff_t{kBatchTiles} * channels + kResultsPad;
    }

    static size_t scratch_bytes(int in_channels) {
        const ptrdiff_t points = points_pitch(winograd_inputs(in_channels, tile_rows));
        return static_cast<size_t>(kProducts) *
               (sizeof(int16_t) * static_cast<size_t>(points) +
                sizeof(int32_t) * static_cast<size_t>(results_pitch(kBlockChannels)));
    }

    // Down a column of the input: what the products of each of its rows are made of.
    static RESIDUA_INLINE void down(const Int16 (&d)[kRows], Int16 (&to)[kRows]) {
        if constexpr (tile_rows == 4) {
            points_of_six(d, to);
        } else if constexpr (tile_rows == 2) {
            points_of_four(d, to);
        } else {
            for (int j = 0; j < kRows; ++j) to[j] = d[j];
        }
    }

    // `count` tiles beside each other, the first one's first pixel being (row, column) of the result.
    void add_strip(int row, int column, int count) {
        const int dilation = args.dilation, channels = args.in_channels;
        const ptrdiff_t step = ptrdiff_t{dilation} * channels;
        const uint8_t* from[kRows];
        for (int j = 0; j < kRows; ++j)
            from[j] = args.inputs[row + j * dilation] + ptrdiff_t{column} * channels;
        const ptrdiff_t product = points_step;
        const ptrdiff_t row_products = tile_rows == 1 ? channels : kWinogradTaps * product;
        Int16 column_points[kStripTiles * kWinogradColumns + 2][kRows];
        for (int channel = 0; channel < channels; channel += kLanes) {
            for (int x = 0; x < count * kWinogradColumns + 2; ++x) {
                Int16 d[kRows];
                RESIDUA_UNROLL
                for (int j = 0; j < kRows; ++j) d[j] = Int16::load(from[j] + x * step + channel);
                down(d, column_points[x]);
            }
            for (int tile = 0; tile < count; ++tile) {
                int16_t* const to = points + ptrdiff_t{tiles + tile} * inputs + channel;
                for (int j = 0; j < kRows; ++j) {
                    Int16 d[kWinogradTaps], across[kWinogradTaps];
                    RESIDUA_UNROLL
                    for (int i = 0; i < kWinogradTaps; ++i)
                        d[i] = column_points[tile * kWinogradColumns + i][j];
                    points_of_six(d, across);
                    RESIDUA_UNROLL
                    for (int i = 0; i < kWinogradTaps; ++i)
                        across[i].store(to + j * row_products + i * product);
                }
            }
        }
        for (int tile = 0; tile < count; ++tile, ++tiles) {
            tile_row[tiles] = row;
            tile_column[tiles] = column + tile * kWinogradColumns * dilation;
        }
    }

    // ---- Products: one matrix of weights for each.
    template <int P, int N>
    void multiply_tiles(const int16_t* from, const int16_t* weights, int32_t* to) const {
        Ints sum[P][N];
        RESIDUA_UNROLL
        for (int p = 0; p < P; ++p) RESIDUA_UNROLL
        for (int n = 0; n < N; ++n) sum[p][n] = Ints::all(0);
        for (int pair = 0; pair < inputs; pair += 2, weights += N * kLanes) {
            Int16 weight[N];
            RESIDUA_UNROLL
            for (int n = 0; n < N; ++n) weight[n] = Int16::load(weights + n * kLanes);
            RESIDUA_UNROLL
            for (int p = 0; p < P; ++p) {
                int32_t both;
                __builtin_memcpy(&both, from + p * inputs + pair, sizeof both);
                const Int16 input = as_words(Ints::all(both));
                RESIDUA_UNROLL
                for (int n = 0; n < N; ++n) sum[p][n] = add_pairs(sum[p][n], input, weight[n]);
            }
        }
        RESIDUA_UNROLL
        for (int p = 0; p < P; ++p) RESIDUA_UNROLL
        for (int n = 0; n < N; ++n) sum[p][n].store(to + (p * N + n) * kNative);
    }

    template <int P, int N>
    void multiply_last(int left, const int16_t* from, const int16_t* weights, int32_t* to) const {
        if constexpr (P > 0) {
            if (left == P)
                multiply_tiles<P, N>(from, weights, to);
            else
                multiply_last<P - 1, N>(left, from, weights, to);
        }
    }

    template <int N>
    void multiply(const int16_t* weights) const {
        for (int product = 0; product < kProducts; ++product, weights += ptrdiff_t{inputs} * N * kNative) {
            const int16_t* from = points + product * points_step;
            int32_t* to = results + product * results_pitch(N * kNative);
            int left = tiles;
            for (; left >= kWinogradTiles; left -= kWinogradTiles) {
                multiply_tiles<kWinogradTiles, N>(from, weights, to);
                from += kWinogradTiles * inputs;
                to += kWinogradTiles * N * kNative;
            }
            multiply_last<kWinogradTiles - 1, N>(left, from, weights, to);
        }
    }

    // ---- Results: Aᵀ m, 24 times the sums for four outputs, twice for two.
    static RESIDUA_INLINE void results_of_six(const Ints (&m)[6], Ints (&to)[4]) {
        const Ints a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
        to[0] = m[0] + a + c;
        to[1] = b + d + d;
        to[2] = a + (c << 2);
        to[3] = b + ((d + m[5]) << 3);
    }
    static RESIDUA_INLINE void results_of_four(const Ints (&m)[4], Ints (&to)[2]) {
        to[0] = m[0] + m[1] + m[2];
        to[1] = m[1] - m[2] - m[3];
    }
    // `sum` is 24, 48 or 576 times a number: modulo 2^32 the odd factor has an inverse; the other is shifted
    // out.
    static RESIDUA_INLINE Ints exact_quotient(Ints sum) {
        constexpr uint32_t kInverse = tile_rows == 4 ? 954437177u : 2863311531u;  // of 9, of 3
        constexpr int kShift = tile_rows == 4 ? 6 : tile_rows == 2 ? 4 : 3;
        return (sum * static_cast<int32_t>(kInverse)) >> kShift;
    }

    template <int N>
    void finish(int channel) const {
        const ptrdiff_t product = results_pitch(N * kNative);
        for (int tile = 0; tile < tiles; ++tile)
            for (int n = 0; n < N; ++n) {
                const int32_t* from = results + (tile * N + n) * kNative;
                const Ints bias = Ints::load(args.bias + channel + n * kNative);
                Ints across[tile_rows][kWinogradTaps];
                for (int i = 0; i < kWinogradTaps; ++i) {
                    Ints m[kDown];
                    RESIDUA_UNROLL
                    for (int j = 0; j < kDown; ++j)
                        m[j] = Ints::load(from + (j * kWinogradTaps + i) * product);
                    Ints sums[tile_rows];
                    if constexpr (tile_rows == 4)
                        results_of_six(m, sums);
                    else if constexpr (tile_rows == 2)
                        results_of_four(m, sums);
                    else
                        sums[0] = m[0];
                    RESIDUA_UNROLL
                    for (int j = 0; j < tile_rows; ++j) across[j][i] = sums[j];
                }
                for (int j = 0; j < tile_rows; ++j) {
                    Ints sums[kWinogradColumns];
                    results_of_six(across[j], sums);
                    const ptrdiff_t pixel =
                        ptrdiff_t{tile_row[tile] + j * args.dilation} * args.columns + tile_column[tile];
                    int32_t* to = args.accumulators + pixel * args.out_channels + channel + n * kNative;
                    RESIDUA_UNROLL
                    for (int i = 0; i < kWinogradColumns; ++i)
                        (exact_quotient(sums[i]) + bias)
                            .store(to + ptrdiff_t{i} * args.dilation * args.out_channels);
                }
            }
    }

    template <int N>
    void block(int channel) const {
        if constexpr (N > 0) {
            if (winograd_block(args.out_channels, channel) != N * kNative) return block<N - 1>(channel);
            multiply<N>(reinterpret_cast<const int16_t*>(args.weights) +
                        ptrdiff_t{channel} * kProducts * inputs);
            finish<N>(channel);
        }
    }

    void flush() {
        for (int channel = 0; channel < args.out_channels; channel += kBlockChannels)
            block<kWinogradVectors>(channel);
        tiles = 0;
    }

    void run() {
        const int dilation = args.dilation, width = kWinogradColumns * dilation;
        const int phases = tile_rows == 1 ? 1 : dilation;  // tiles whose rows lie between each other's
        for (int first_row = 0; first_row < args.rows; first_row += tile_rows * phases)
            for (int row = first_row; row < first_row + phases; ++row)
                for (int first = 0; first < dilation; ++first)
                    for (int column = first; column < args.columns;) {
                        int count = (args.columns - column + width - 1) / width;
                        if (count > kStripTiles) count = kStripTiles;
                        if (count > kBatchTiles - tiles) count = kBatchTiles - tiles;
                        add_strip(row, column, count);
                        column += count * width;
                        if (tiles == kBatchTiles) flush();
                    }
        if (tiles > 0) flush();
    }
};

inline size_t winograd_scratch_bytes(int in_channels) {
    const size_t one = Winograd<1>::scratch_bytes(in_channels),
                 four = Winograd<4>::scratch_bytes(in_channels);
    return one > four ? one : four;
}

inline void convolve_winograd(const WinogradArgs& args) {
    args.tile_rows == 1   ? Winograd<1>(args).run()
    : args.tile_rows == 2 ? Winograd<2>(args).run()
                          : Winograd<4>(args).run();
}

}  // namespace

}  // namespace residua::nn::RESIDUA_SIMD
