// The inner loops of the engine, as one table of functions per instruction set. kernels_scalar.cc is the
// specification; the other tables must equal it bit for bit.
//
// Files compiled for an instruction set include this header, the *_vector.h, src/simd and intrinsics, and no
// standard library but its integer types: an inline function of it compiled there could be chosen by the
// linker for the whole program.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu.h"

namespace residua::nn {

// Accumulators are padded to a multiple of this many channels; padding channels hold anything.
constexpr int kChannelBlock = 16;
// Tables of requantisations likewise.
constexpr int kTableBlock = 64;
// 8-bit pixels are padded to a multiple of this in memory; weights of padding channels are 0.
constexpr int kByteGroup = 4;

constexpr int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

enum class Source : uint8_t { kQ8 = 0, kU8 = 1, kI16 = 2, kI32 = 3 };  // 0…2 as ElementKind

// acc[x][o] = bias[o] + Σ_run Σ_i weights(o, run, i) · runs[run][x·column_step + i], modulo 2^32, i in [0,
// 4·run_groups). A run is what a row of the kernel covers: with dilation 1 the pixels under it are neighbours
// in memory, else each is a run of its own. `bias` carries −zero_point·Σ weights, so that bytes are
// multiplied as they lie in memory; the byte of a padding pixel is the zero point, which keeps this exact.
struct ConvolveArgs {
    const uint8_t* const* runs;  // [run_count], for column 0
    int run_count;
    int run_groups;
    ptrdiff_t column_step;  // bytes
    int columns;
    int out_channels;        // multiple of kChannelBlock
    const uint8_t* weights;  // from pack_weights of the same table
    const int32_t* bias;     // [out_channels]
    int32_t* accumulators;   // [columns][out_channels]
    uint8_t* scratch;        // scratch_bytes(); 64-byte aligned
};

// The same sums of a 3×3 convolution without stride by minimal filtering (Winograd 1980; Lavin and Gray
// 2016), F(tile_rows × 4, 3 × 3): docs/simd.md says why integers stay exact. A tile is tile_rows × 4 pixels,
// `dilation` apart.
struct WinogradArgs {
    const uint8_t* const* inputs;  // [rows + 2·dilation], what column 0 meets first in each row
    int tile_rows;                 // 1, 2, 4
    int dilation;
    int rows;                // multiple of tile_rows · dilation; with tile_rows 1 any number
    int columns;             // multiple of kWinogradColumns · dilation
    int in_channels;         // multiple of kWinogradChannels; a pixel has as many bytes
    int out_channels;        // multiple of kChannelBlock
    const uint8_t* weights;  // from pack_winograd of the same table and tile_rows
    const int32_t* bias;     // [out_channels]
    int32_t* accumulators;   // [rows][columns][out_channels]
    uint8_t* scratch;        // winograd_scratch_bytes(); 64-byte aligned
};
constexpr int64_t kWinogradPixels = 4096;
constexpr int kWinogradColumns = 4;
constexpr int kWinogradChannels = 32;
// Σ|weights| of an output channel, times 255, must be less: 64 times the sum, with its sign, fits into int32.
constexpr int64_t kWinogradLimit = int64_t{1} << 25;

// The same of one run whose bytes are 128 … 255, as a ReLU leaves them: they stand for 0 … 127. (Those under a weight
// of 0 may be any.)
struct PositiveArgs {
    const uint8_t* pixels;
    int groups;             // of four bytes
    ptrdiff_t column_step;  // bytes
    int columns;
    int out_channels;        // multiple of kChannelBlock
    const uint8_t* weights;  // from pack_positive of the same table
    const int32_t* bias;     // [out_channels], that of ConvolveArgs
    int32_t* accumulators;   // [columns][out_channels]
    uint8_t* scratch;        // positive_scratch_bytes()
};

// Per-channel constants of a Requantisation, arrays padded with zeros to kTableBlock.
struct RequantiseTable {
    const int32_t* multiplier;
    const int32_t* negative_multiplier;  // the same as multiplier unless LeakyReLU
    const int32_t* high_shift;           // s − 32
    int32_t low, high;                   // clamp of the value to the destination's range, or ReLU's
    int32_t zero_point;                  // added after the clamp
    int32_t channels;
    bool leaky;
    bool rounds_low;  // some s is 32: its rounding bit lies in the low half of the 64-bit product
    bool wide;        // destination int16_t, else uint8_t
};

// Source and destination: element (x, c) at pointer[x·step + c]; a kI32 source is padded to kChannelBlock.
struct RequantiseArgs {
    const RequantiseTable* table;
    Source kind;
    const void* source;
    ptrdiff_t source_step;
    void* destination;
    ptrdiff_t destination_step;
    int columns;
};

struct AddArgs {
    const void *a, *b;
    void* destination;
    Source kind_a, kind_b, kind;
    ptrdiff_t step_a, step_b, step;
    int columns, channels;
    int32_t multiplier_a, multiplier_b, shift;
};

// GDN behind its sums: y = rq((x·r·128) >> (e/2)), r the table's 1/sqrt of the accumulator.
struct NormaliseArgs {
    const RequantiseTable* table;
    const int32_t* accumulators;  // [columns][accumulator_step], ≥ 1 in real channels
    ptrdiff_t accumulator_step;
    const uint8_t* x;  // kQ8
    ptrdiff_t x_step;
    void* destination;
    ptrdiff_t destination_step;
    int columns;
    const uint16_t* rsqrt;  // entries 16…64 are used
};

// One row of a pixel shuffle: destination (2x + j, c) = source (x, 4c + 2·odd_row + j).
struct ShuffleArgs {
    const void* source;
    ptrdiff_t source_step;
    void* destination;
    ptrdiff_t destination_step;
    int columns;   // of the source
    int channels;  // of the destination
    int odd_row;   // 0, 1
    bool wide;     // int16_t, else bytes
};

struct Kernels {
    // Bytes of packed weights for `out_channels` (padded) × `inputs` (all runs, multiple of 4).
    size_t (*packed_bytes)(int out_channels, int inputs);
    // From [out_channels][inputs] (both padded, padding 0) to this table's layout; 64-byte aligned.
    void (*pack_weights)(const int8_t* weights, int out_channels, int inputs, uint8_t* packed);
    // Scratch that convolve needs when called with up to `columns` columns.
    size_t (*scratch_bytes)(int run_count, int run_groups, ptrdiff_t column_step, int columns);
    void (*convolve)(const ConvolveArgs&);
    void (*requantise)(const RequantiseArgs&);
    void (*add)(const AddArgs&);
    // q = min(255, (x² + 32) >> 6) of kQ8 bytes x.
    void (*square)(const uint8_t* x, uint8_t* q, size_t count);
    void (*normalise)(const NormaliseArgs&);
    void (*shuffle)(const ShuffleArgs&);
    // Null where the instruction set gains nothing by it.
    size_t (*winograd_bytes)(int out_channels, int in_channels, int tile_rows) = nullptr;
    // From [out_channels][3][3][in_channels]; 64-byte aligned.
    void (*pack_winograd)(const int8_t* weights, int out_channels, int in_channels, int tile_rows,
                          uint8_t* packed) = nullptr;
    size_t (*winograd_scratch_bytes)(int in_channels) = nullptr;
    void (*convolve_winograd)(const WinogradArgs&) = nullptr;
    // For fewer pixels packing the weights costs more than it saves.
    int64_t winograd_pixels = kWinogradPixels;
    // Likewise null.
    size_t (*positive_bytes)(int out_channels, int inputs) = nullptr;
    // As pack_weights.
    void (*pack_positive)(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) = nullptr;
    size_t (*positive_scratch_bytes)(int groups, ptrdiff_t column_step, int columns) = nullptr;
    void (*convolve_positive)(const PositiveArgs&) = nullptr;
};

const Kernels& kernels(Isa isa);  // isa must be available

extern const Kernels kScalarKernels;
extern const Kernels kAvx2Kernels;        // defined when RESIDUA_X86_KERNELS is
extern const Kernels kAvxVnniKernels;     // likewise
extern const Kernels kAvx512VnniKernels;  // likewise
extern const Kernels kNeonKernels;        // defined when RESIDUA_ARM_KERNELS is
extern const Kernels kNeonDotKernels;     // likewise
extern const Kernels kSimd128Kernels;     // defined when RESIDUA_WASM_KERNELS is

}  // namespace residua::nn
