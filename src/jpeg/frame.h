// What a JPEG file's markers say of its picture: ISO/IEC 10918-1 (ITU-T T.81), annex B.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace residua::jpeg {

inline constexpr int kMostComponents = 4;
inline constexpr int kMostSampling = 4;
inline constexpr int kMostBlocksOfMcu = 10;  // B.2.3
inline constexpr int kMostTables = 4;        // of each kind

// From the position in zigzag order to 8·v + u, v the vertical frequency. Figure A.6.
inline constexpr std::array<uint8_t, 64> kZigzag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

// The quantisation steps of a component by 8·v + u.
using Steps = std::array<uint16_t, 64>;

struct Component {
    uint8_t id = 0;
    int across = 1, down = 1;  // sampling factors, 1 … 4
    int table = 0;             // of its quantisation steps
    // Blocks of whole MCUs; those that hold samples of the picture.
    int columns = 0, rows = 0;
    int own_columns = 0, own_rows = 0;
    Steps steps{};  // as they stood when its first scan began; 0 where there is no table

    uint64_t blocks() const { return uint64_t(columns) * uint64_t(rows); }
};

// What stands before the first scan of what the components mean.
struct ColourMarks {
    bool jfif = false;                       // APP0 of JFIF
    std::optional<uint8_t> adobe_transform;  // of Adobe's APP14
};

struct Frame {
    uint8_t marker = 0;  // of its SOF; 0: none yet
    int precision = 8;   // bits of a sample
    int width = 0, height = 0;
    std::vector<Component> components;
    int most_across = 1, most_down = 1;
    int mcu_columns = 0, mcu_rows = 0;
    ColourMarks marks;

    bool progressive() const { return marker == 0xC2 || marker == 0xCA; }
    bool arithmetic() const { return marker == 0xC9 || marker == 0xCA; }
    uint64_t blocks() const {
        uint64_t sum = 0;
        for (const Component& c : components) sum += c.blocks();
        return sum;
    }
};

// Figure C.1: how many codes have each length, and what they stand for in order.
struct HuffmanTable {
    std::array<uint8_t, 17> counts{};
    std::array<uint8_t, 256> symbols{};
    bool defined = false;
};

// What DAC markers say of arithmetic coding: F.1.4.4.
struct Conditioning {
    std::array<uint8_t, kMostTables> lower{}, upper{1, 1, 1, 1};   // L, U: which differences of DCs are small
    std::array<uint8_t, kMostTables> low_frequencies{5, 5, 5, 5};  // Kx: zigzag positions up to this one
    bool valid = true;
};

struct Scan {
    struct Part {
        size_t component;  // of the frame
        int dc, ac;        // tables
    };
    std::vector<Part> parts;
    int first = 0, last = 63;  // zigzag positions
    int high = 0, low = 0;     // bits: successive approximation
    uint32_t restart_interval = 0;
    std::array<HuffmanTable, kMostTables> dc, ac;  // as they stand when it begins
    Conditioning conditioning;                     // and this

    bool interleaved() const { return parts.size() > 1; }
};

// How many MCUs a scan of that frame has, and how many of them lie beside each other.
struct McuGrid {
    uint32_t columns, rows;
    uint64_t count() const { return uint64_t{columns} * rows; }
};
McuGrid mcu_grid(const Frame& frame, const Scan& scan);

}  // namespace residua::jpeg
