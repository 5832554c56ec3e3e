// Huffman codes of JPEG: ISO/IEC 10918-1, annexes C and F.
#pragma once

#include <bit>

#include "jpeg/frame.h"

namespace residua::jpeg {

// Table K.3 … K.6: of DC or AC, of luma or chroma.
HuffmanTable standard_table(bool ac, bool chroma);

// Whether no code is the beginning of another one.
bool is_prefix_code(const HuffmanTable& table);

// Codes by symbol, for writing. Of a symbol that comes twice, the first one.
struct HuffmanCodes {
    explicit HuffmanCodes(const HuffmanTable& table);

    std::array<uint16_t, 256> code{};
    std::array<uint8_t, 256> length{};  // 0: the table does not have it
};

// The number of bits of a magnitude: SSSS in the standard.
inline int category(int value) {
    return static_cast<int>(std::bit_width(static_cast<unsigned>(value < 0 ? -value : value)));
}

}  // namespace residua::jpeg
