// A binary arithmetic coder of 64 bits: docs/format-jpeg-coefficients.md, 2. Plain code that kernels of every
// instruction set include: all of it is inlined into them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/kernels.h"

namespace residua::jpeg::RESIDUA_SIMD {

struct RangeWriter {
    static constexpr bool kWrites = true;
    using Dc = const int16_t;

    WordSink& sink;
    uint64_t low = 0;
    uint64_t range = ~uint64_t{0};

    RESIDUA_INLINE explicit RangeWriter(WordSink& sink_in) : sink(sink_in) {}
    // share: of 2^16 parts those of a one, 1 … 65535.
    RESIDUA_INLINE int code(uint32_t share, int bit) {
        const uint64_t bound = (range >> 16) * share;
        if (bit) {
            range = bound;
        } else {
            low += bound;
            if (low < bound) carry();
            range -= bound;
        }
        if (range >> 32 == 0) put();
        return bit;
    }

  private:
    __attribute__((noinline)) void put() {
        if (sink.end - sink.at < 4) sink.grow(sink);
        for (int i = 0; i < 4; ++i) sink.at[i] = static_cast<uint8_t>(low >> (56 - 8 * i));
        sink.at += 4;
        low <<= 32;
        range <<= 32;
    }

    // The words written so far are one number, which grows by one. It never passes the first word: low is below
    // what the whole range was.
    __attribute__((noinline)) void carry() {
        for (uint8_t* byte = sink.at; ++*--byte == 0;) {
        }
    }

  public:
    // The shortest bytes that every continuation by zeros reads as this interval.
    void finish() {
        // With as many low bits zero as can be.
        for (int bits = 63; bits >= 0; --bits) {
            const uint64_t mask = (uint64_t{1} << bits) - 1;
            const uint64_t value = (low + mask) & ~mask;
            const bool wrapped = value < low;
            if (value - low < range) {
                low = value;
                if (wrapped) carry();
                break;
            }
        }
        // Two words, which a reader has taken beforehand: zeros before them are left.
        const ptrdiff_t coded = sink.at - sink.begin;
        put();
        put();
        while (sink.at - sink.begin > coded && sink.at[-1] == 0) --sink.at;
    }
};

struct RangeReader {
    static constexpr bool kWrites = false;
    using Dc = int16_t;

    WordSource& source;
    uint64_t range = ~uint64_t{0};
    uint64_t value = 0;  // the stream's number less the interval's start

    RESIDUA_INLINE explicit RangeReader(WordSource& source_in) : source(source_in) {
        take();
        take();
    }
    // Goes on where another one was.
    RESIDUA_INLINE RangeReader(WordSource& source_in, uint64_t range_in, uint64_t value_in)
        : source(source_in), range(range_in), value(value_in) {}
    RESIDUA_INLINE int code(uint32_t share, int) {
        const uint64_t bound = (range >> 16) * share;
        const bool bit = value < bound;
        range = bit ? bound : range - bound;
        value = bit ? value : value - bound;
        if (range >> 32 == 0) {
            take();
            range <<= 32;
        }
        return bit;
    }

  private:
    __attribute__((noinline)) void take() {
        uint32_t word = 0;
        for (int i = 0; i < 4; ++i) {
            uint32_t byte = 0;
            if (source.at != source.end)
                byte = *source.at++;
            else
                ++source.missing;
            word = word << 8 | byte;
        }
        value = value << 32 | word;
    }
};

}  // namespace residua::jpeg::RESIDUA_SIMD
