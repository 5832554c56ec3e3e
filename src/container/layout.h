// Numbers of the layout that reader and writer share.
#pragma once

#include <cstdint>

namespace residua::container {

// Boxes of the head. Bit 7: a decoder that does not know the tag may skip the box.
enum BoxTag : uint8_t {
    kBoxTau = 0x01,
    kBoxAdaptation = 0x02,
    kBoxPacked = 0x03,  // boxes with metadata, coded together
    kBoxIcc = 0x81,
    kBoxExif = 0x82,
    kBoxXmp = 0x83,
    kBoxNamed = 0x84,  // metadata that says its name
};
constexpr uint8_t kBoxOptional = 0x80;
// In a header's description of a picture of any kind: beside the colour.
constexpr uint8_t kAlphaBit = 0x80;
constexpr uint8_t kAdaptation = 1;  // the one kind that there is

constexpr int kChecksumBytes = 4;
constexpr int kMinTileEntryBytes = 1 + kChecksumBytes;

}  // namespace residua::container
