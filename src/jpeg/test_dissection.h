// For tests: a file through dissection, description and writing again, and files made by hand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <vector>

#include "jpeg/dissection.h"
#include "jpeg/enc_dissect.h"

namespace residua::jpeg {

using Bytes = std::vector<uint8_t>;

inline Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}
inline Bytes part_of(const Bytes& bytes, size_t begin, size_t end) {
    return {bytes.begin() + static_cast<ptrdiff_t>(begin), bytes.begin() + static_cast<ptrdiff_t>(end)};
}
inline Bytes inserted(const Bytes& bytes, size_t at, const Bytes& more) {
    return joined({part_of(bytes, 0, at), more, part_of(bytes, at, bytes.size())});
}

// A file that was taken apart and, by what is kept of it alone, put together.
struct Taken {
    explicit Taken(const Bytes& file) {
        Dissection found = dissect(file, allocator);
        structure = write_structure(found);
        const Buffer<uint8_t> others = foreign_bytes(found, file, allocator);
        foreign.assign(others.data(), others.data() + others.size());
        again.resize(file.size());
        kept = read_structure(structure, foreign, again, allocator);
        EXPECT_EQ(kept.jpegs.size(), found.jpegs.size());
        for (size_t i = 0; i < kept.jpegs.size(); ++i)
            kept.jpegs[i].planes = std::move(found.jpegs[i].planes);
        write_scans(kept, again);
        same = std::ranges::equal(again, file);
        coded = file.size() - foreign.size();
    }
    const ScanRecipe& recipe(size_t scan = 0) const { return kept.jpegs.at(0).scans.at(scan).recipe; }

    Allocator allocator;
    Dissection kept;
    Bytes structure, foreign, again;
    bool same = false;
    size_t coded = 0;  // bytes that are no foreign ones
};

// Where the entropy-coded bytes of a JPEG lie that begins with the file and has nothing odd.
struct Scans {
    struct Range {
        size_t begin, end;
    };
    std::vector<Range> ranges;

    explicit Scans(const Bytes& file) {
        for (size_t at = 2; at + 4 <= file.size() && file[at] == 0xFF && file[at + 1] != 0xD9;) {
            const bool scan = file[at + 1] == 0xDA;
            at += 2 + size_t{file[at + 2]} * 256 + file[at + 3];
            if (!scan) continue;
            const size_t begin = at;
            while (at + 1 < file.size() &&
                   (file[at] != 0xFF || file[at + 1] == 0 || (file[at + 1] >= 0xD0 && file[at + 1] <= 0xD7)))
                ++at;
            ranges.push_back({begin, at});
        }
    }
    // Of the file's first `end` bytes.
    size_t bytes(size_t end = SIZE_MAX) const {
        size_t sum = 0;
        for (const Range& range : ranges)
            sum += std::max(range.begin, std::min(range.end, end)) - range.begin;
        return sum;
    }
};

// The file comes back, and all of its scans do so from coefficients.
inline void expect_all_coded(const Bytes& file, size_t scan_bytes) {
    const Taken taken(file);
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.coded, scan_bytes);
}

// Entropy-coded bytes by hand, for the tables of hand_made().
class Bits {
  public:
    Bits& put(uint32_t value, int count) {
        for (int i = count - 1; i >= 0; --i) {
            byte_ = static_cast<uint8_t>(byte_ << 1 | (value >> i & 1));
            if (++count_ % 8 == 0) byte(byte_, true);
        }
        return *this;
    }
    Bits& code(int symbol) { return put(static_cast<uint32_t>(symbol), 8); }
    // A code with a number of so many bits behind it.
    Bits& code(int symbol, uint32_t value, int count) { return code(symbol).put(value, count); }
    Bits& pad(uint8_t bits = 0xFF) {
        const int missing = (8 - count_ % 8) % 8;
        return put(bits & ((1u << missing) - 1), missing);
    }
    // On a whole byte.
    Bits& raw(const Bytes& more) {
        for (const uint8_t value : more) byte(value, false);
        return *this;
    }
    const Bytes& bytes() const { return bytes_; }

  private:
    void byte(uint8_t value, bool stuff) {
        bytes_.push_back(value);
        if (stuff && value == 0xFF) bytes_.push_back(0);
    }
    Bytes bytes_;
    uint8_t byte_ = 0;
    int count_ = 0;
};

// Grey, of blocks beside each other. Both tables 0 have codes of eight bits that are the symbols 0 … 254.
inline Bytes hand_made_head(uint8_t sof, int blocks, int restart_interval) {
    const auto table = [](uint8_t kind) {
        Bytes symbols(255);
        for (size_t i = 0; i < symbols.size(); ++i) symbols[i] = static_cast<uint8_t>(i);
        return joined({{0xFF, 0xC4, 1, 18, kind}, Bytes(7, 0), {255}, Bytes(8, 0), symbols});
    };
    const auto high = [](int value) { return static_cast<uint8_t>(value >> 8); };
    const auto low = [](int value) { return static_cast<uint8_t>(value); };
    const int width = 8 * blocks;
    return joined({{0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0},
                   Bytes(64, 1),
                   table(0),
                   table(0x10),
                   {0xFF, 0xDD, 0, 4, high(restart_interval), low(restart_interval)},
                   {0xFF, sof, 0, 11, 8, 0, 8, high(width), low(width), 1, 1, 0x11, 0}});
}
inline Bytes hand_made_scan(const Bits& bits, uint8_t first = 0, uint8_t last = 63, uint8_t high_low = 0) {
    return joined({{0xFF, 0xDA, 0, 8, 1, 1, 0, first, last, high_low}, bits.bytes()});
}
inline Bytes end_of_image() { return {0xFF, 0xD9}; }

}  // namespace residua::jpeg
