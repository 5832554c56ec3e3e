// The light coder's arithmetic coder of symbols and bits: docs/format-jpeg-light.md, 2. Plain code that kernels of
// every instruction set include. Symbols and bits have an interval each, so that neither waits for the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/light_symbols.h"

namespace residua::jpeg::RESIDUA_SIMD {

// The interval's size is kept within 2^15 … 2^16 − 1.
RESIDUA_INLINE int lacking_bits(uint32_t range) { return __builtin_clz(range) - 16; }

RESIDUA_INLINE void learn(BitSlot& slot, bool bit) {
    const int32_t share = slot.share, used = slot.used;
    const int32_t shift = 2 + (used >> 2);
    slot.share = static_cast<uint16_t>(share + (((bit ? 65535 : 0) - share) >> shift));
    slot.used = static_cast<uint16_t>(used + (used < 16));
}

// 32 … 65503, so that both intervals have something.
RESIDUA_INLINE uint32_t part_of(uint32_t range, BitSlot slot) {
    const uint32_t share = slot.share < 32 ? 32u : slot.share > 65503 ? 65503u : slot.share;
    return range * share >> 16;
}

// Four bytes more, the first one highest.
inline __attribute__((noinline)) void put_word(WordSink& sink, uint64_t word) {
    if (sink.end - sink.at < 4) sink.grow(sink);
    if (word >> 32 != 0)
        for (uint8_t* byte = sink.at; ++*--byte == 0;) {
        }
    for (int i = 0; i < 4; ++i) sink.at[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
    sink.at += 4;
}

struct IntervalWriter {
    WordSink& sink;
    uint64_t low = 0;
    uint32_t range = 65535;
    int waiting = 0;  // bits of `low` above its lowest 16, beside a carry

    RESIDUA_INLINE void narrow(uint32_t from, uint32_t to) {
        low += from;
        range = to - from;
        const int shift = lacking_bits(range);
        range <<= shift;
        low <<= shift;
        waiting += shift;
        if (waiting >= 32) {
            waiting -= 32;
            put_word(sink, low >> (16 + waiting));
            low &= (uint64_t{1} << (16 + waiting)) - 1;
        }
    }
    // With as many zeros at the end as can be; bytes of zeros are left out.
    void finish() {
        for (int bits = 16; bits >= 0; --bits) {
            const uint64_t mask = (uint64_t{1} << bits) - 1;
            const uint64_t value = (low + mask) & ~mask;
            if (value - low >= range) continue;
            low = value;
            break;
        }
        const int bits = 16 + waiting;  // and a carry
        const ptrdiff_t before = sink.at - sink.begin;
        const uint64_t carry = low >> bits;
        const uint64_t all = low << (64 - bits);
        put_word(sink, carry << 32 | all >> 32);
        put_word(sink, all & 0xffffffff);
        while (sink.at - sink.begin > before && sink.at[-1] == 0) --sink.at;
    }
};

struct LightWriter {
    static constexpr bool kWrites = true;
    using Dc = const int16_t;

    IntervalWriter symbols, bits;
    WordSink& digits;
    uint64_t waiting_digits = 0;
    int digit_count = 0;

    RESIDUA_INLINE LightWriter(WordSink* const* sinks)
        : symbols{*sinks[0]}, bits{*sinks[1]}, digits(*sinks[2]) {}

    template <int N, int M>
    RESIDUA_INLINE uint32_t symbol(SlotBank<N>& a, uint32_t at_a, SlotBank<M>& b, uint32_t at_b,
                                   uint32_t value) {
        const SymbolInterval found = interval_of(a.slot[at_a], b.slot[at_b], symbols.range, value);
        symbols.narrow(found.from, found.to);
        learn_symbol(a, at_a, value);
        learn_symbol(b, at_b, value);
        return value;
    }
    RESIDUA_INLINE int bit(BitSlot& slot, int value) {
        const uint32_t part = part_of(bits.range, slot);
        learn(slot, value != 0);
        bits.narrow(value ? 0 : part, value ? part : bits.range);
        return value;
    }
    // The low `count` bits of value, 0 … 16.
    RESIDUA_INLINE uint32_t plain(uint32_t value, int count) {
        waiting_digits = waiting_digits << count | (value & ((1u << count) - 1));
        digit_count += count;
        if (digit_count >= 32) {
            digit_count -= 32;
            put_word(digits, (waiting_digits >> digit_count) & 0xffffffff);
        }
        return value;
    }
    void finish() {
        symbols.finish();
        bits.finish();
        const int bytes = (digit_count + 7) / 8;
        put_word(digits, (waiting_digits << (32 - digit_count)) & 0xffffffff);
        digits.at -= 4 - bytes;
    }
};

// The next four bytes; zeros for those that are missing.
RESIDUA_INLINE uint32_t next_word(WordSource& source) {
    uint32_t word = 0;
    if (source.end - source.at >= 4) {
        __builtin_memcpy(&word, source.at, 4);
        source.at += 4;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap32(word);
#endif
        return word;
    }
    for (int i = 0; i < 4; ++i) {
        uint32_t byte = 0;
        if (source.at != source.end)
            byte = *source.at++;
        else
            ++source.missing;
        word = word << 8 | byte;
    }
    return word;
}

struct IntervalReader {
    WordSource source;
    uint64_t window = 0;  // its highest 16 bits: the stream's number less the interval's start
    uint32_t range = 65535;
    int ready = 0;  // bits of the window below these

    RESIDUA_INLINE explicit IntervalReader(WordSource from) : source(from) {
        window = uint64_t{next_word(source)} << 32;
        window |= next_word(source);
        ready = 48;
    }
    RESIDUA_INLINE uint32_t value() const { return static_cast<uint32_t>(window >> 48); }
    RESIDUA_INLINE void narrow(uint32_t from, uint32_t size) {
        window -= uint64_t{from} << 48;
        range = size;
        const int shift = lacking_bits(range);
        range <<= shift;
        window <<= shift;
        ready -= shift;
        if (ready < 0) {
            window |= uint64_t{next_word(source)} << (16 - ready);
            ready += 32;
        }
    }
};

struct LightReader {
    static constexpr bool kWrites = false;
    using Dc = int16_t;

    IntervalReader symbols, bits;
    WordSource digits;
    uint64_t window = 0;  // digits, from the highest bit on
    int ready = 0;

    RESIDUA_INLINE explicit LightReader(const WordSource* sources)
        : symbols(sources[0]), bits(sources[1]), digits(sources[2]) {}

    template <int N, int M>
    RESIDUA_INLINE uint32_t symbol(SlotBank<N>& a, uint32_t at_a, SlotBank<M>& b, uint32_t at_b, uint32_t) {
        uint32_t value;
        const SymbolInterval found =
            find_interval(a.slot[at_a], b.slot[at_b], symbols.range, symbols.value(), value);
        symbols.narrow(found.from, found.to - found.from);
        learn_symbol(a, at_a, value);
        learn_symbol(b, at_b, value);
        return value;
    }
    RESIDUA_INLINE int bit(BitSlot& slot, int) {
        const uint32_t part = part_of(bits.range, slot);
        const bool one = bits.value() < part;
        learn(slot, one);
        bits.narrow(one ? 0 : part, one ? part : bits.range - part);
        return one;
    }
    RESIDUA_INLINE uint32_t plain(uint32_t, int count) {
        if (ready < count) {
            window |= uint64_t{next_word(digits)} << (32 - ready);
            ready += 32;
        }
        const auto value = static_cast<uint32_t>(window >> 1 >> (63 - count));
        window <<= count;
        ready -= count;
        return value;
    }
    // Of how many bytes it has found use, of each part.
    void finish(LightEnd* ends) const {
        ends[0] = end_of(symbols.source, symbols.ready + 16);
        ends[1] = end_of(bits.source, bits.ready + 16);
        ends[2] = end_of(digits, ready);
    }

  private:
    static LightEnd end_of(const WordSource& source, int unused) {
        return {source.at, source.missing, unused};
    }
};

}  // namespace residua::jpeg::RESIDUA_SIMD
