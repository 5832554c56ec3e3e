// Numbers of the layout that reader and writer share.
#pragma once

#include <cstdint>

namespace residua::container {

// Boxes of the head. Bit 7: a decoder that does not know the tag may skip the box.
enum BoxTag : uint8_t {
    kBoxTau = 0x01,
    kBoxAdaptation = 0x02,
    kBoxIcc = 0x81,
    kBoxExif = 0x82,
    kBoxXmp = 0x83,
};
constexpr uint8_t kBoxOptional = 0x80;
constexpr uint8_t kAdaptation = 1;  // the one kind that there is

// Lossy layer's byte: Q in bits 0…5, bit depth in bits 6…7.
constexpr int kMaxQ = 63;
constexpr int kDepthShift = 6;
constexpr int kDepths[4] = {8, 10, 0, 0};  // 0: not defined in this version

constexpr int kChecksumBytes = 4;
constexpr int kMinTileEntryBytes = 1 + kChecksumBytes;

}  // namespace residua::container
