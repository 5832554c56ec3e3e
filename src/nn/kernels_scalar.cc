// The definition of every operator, one element at a time.
#include <algorithm>
#include <bit>

#include "nn/kernels.h"

namespace residua::nn {

namespace {

size_t packed_bytes(int out_channels, int inputs) {
    return static_cast<size_t>(out_channels) * static_cast<size_t>(inputs);
}

void pack_weights(const int8_t* weights, int out_channels, int inputs, uint8_t* packed) {
    for (size_t i = 0; i < packed_bytes(out_channels, inputs); ++i)
        packed[i] = static_cast<uint8_t>(weights[i]);
}

size_t scratch_bytes(int, int, ptrdiff_t, int) { return 0; }

void convolve(const ConvolveArgs& args) {
    const int run_bytes = args.run_groups * kByteGroup;
    for (int x = 0; x < args.columns; ++x) {
        const uint8_t* weight = args.weights;
        for (int channel = 0; channel < args.out_channels; ++channel) {
            // Unsigned: partial sums may wrap, the result is the same modulo 2^32 and proved to fit.
            auto sum = static_cast<uint32_t>(args.bias[channel]);
            for (int run = 0; run < args.run_count; ++run) {
                const uint8_t* byte = args.runs[run] + x * args.column_step;
                for (int i = 0; i < run_bytes; ++i)
                    sum += static_cast<uint32_t>(static_cast<int8_t>(*weight++) * byte[i]);
            }
            args.accumulators[static_cast<ptrdiff_t>(x) * args.out_channels + channel] =
                static_cast<int32_t>(sum);
        }
    }
}

int32_t load(Source kind, const void* source, ptrdiff_t index) {
    switch (kind) {
        case Source::kQ8:
            return static_cast<const uint8_t*>(source)[index] - 128;
        case Source::kU8:
            return static_cast<const uint8_t*>(source)[index];
        case Source::kI16:
            return static_cast<const int16_t*>(source)[index];
        default:
            return static_cast<const int32_t*>(source)[index];
    }
}

// rq(value; m, s), clamped and stored.
void store_requantised(const RequantiseTable& table, int channel, int32_t value, void* destination,
                       ptrdiff_t index) {
    const int32_t multiplier = value < 0 ? table.negative_multiplier[channel] : table.multiplier[channel];
    const int shift = table.high_shift[channel] + 32;
    const int64_t scaled = (int64_t{value} * multiplier + (int64_t{1} << (shift - 1))) >> shift;
    const auto result =
        static_cast<int32_t>(std::clamp<int64_t>(scaled, table.low, table.high)) + table.zero_point;
    if (table.wide)
        static_cast<int16_t*>(destination)[index] = static_cast<int16_t>(result);
    else
        static_cast<uint8_t*>(destination)[index] = static_cast<uint8_t>(result);
}

void requantise(const RequantiseArgs& args) {
    for (int x = 0; x < args.columns; ++x)
        for (int channel = 0; channel < args.table->channels; ++channel)
            store_requantised(*args.table, channel,
                              load(args.kind, args.source, x * args.source_step + channel), args.destination,
                              x * args.destination_step + channel);
}

void add(const AddArgs& args) {
    for (int x = 0; x < args.columns; ++x) {
        for (int channel = 0; channel < args.channels; ++channel) {
            const int32_t a = load(args.kind_a, args.a, x * args.step_a + channel);
            const int32_t b = load(args.kind_b, args.b, x * args.step_b + channel);
            const int32_t sum =
                (a * args.multiplier_a + b * args.multiplier_b + (1 << (args.shift - 1))) >> args.shift;
            const ptrdiff_t index = x * args.step + channel;
            if (args.kind == Source::kI16)
                static_cast<int16_t*>(args.destination)[index] =
                    static_cast<int16_t>(std::clamp(sum, -32768, 32767));
            else if (args.kind == Source::kU8)
                static_cast<uint8_t*>(args.destination)[index] =
                    static_cast<uint8_t>(std::clamp(sum, 0, 255));
            else
                static_cast<uint8_t*>(args.destination)[index] =
                    static_cast<uint8_t>(std::clamp(sum, -128, 127) + 128);
        }
    }
}

void square(const uint8_t* x, uint8_t* q, size_t count) {
    for (size_t i = 0; i < count; ++i) {
        const int value = x[i] - 128;
        q[i] = static_cast<uint8_t>(std::min(255, (value * value + 32) >> 6));
    }
}

void normalise(const NormaliseArgs& args) {
    for (int x = 0; x < args.columns; ++x) {
        for (int channel = 0; channel < args.table->channels; ++channel) {
            const auto n = static_cast<uint32_t>(args.accumulators[x * args.accumulator_step + channel]);
            const int e = (31 - std::countl_zero(n)) & ~1;
            const uint32_t f = n << (30 - e);  // 2^30 ≤ f < 2^32
            const uint32_t i = f >> 26;
            const int32_t fraction = static_cast<int32_t>((f >> 18) & 255);
            const int32_t r = args.rsqrt[i] - (((args.rsqrt[i] - args.rsqrt[i + 1]) * fraction) >> 8);
            const int32_t value = args.x[x * args.x_step + channel] - 128;
            store_requantised(*args.table, channel, (value * r * 128) >> (e / 2), args.destination,
                              x * args.destination_step + channel);
        }
    }
}

template <typename Element>
void shuffle_elements(const ShuffleArgs& args) {
    for (int x = 0; x < args.columns; ++x)
        for (int j = 0; j < 2; ++j)
            for (int channel = 0; channel < args.channels; ++channel)
                static_cast<Element*>(args.destination)[(2 * x + j) * args.destination_step + channel] =
                    static_cast<const Element*>(
                        args.source)[x * args.source_step + 4 * channel + 2 * args.odd_row + j];
}

void shuffle(const ShuffleArgs& args) {
    args.wide ? shuffle_elements<int16_t>(args) : shuffle_elements<uint8_t>(args);
}

}  // namespace

const Kernels kScalarKernels = {packed_bytes, pack_weights, scratch_bytes, convolve, requantise,
                                add,          square,       normalise,     shuffle};

}  // namespace residua::nn
