// Finds the JPEGs of a file. docs/format-jpeg.md, 2.
#pragma once

#include "base/session.h"
#include "jpeg/dissection.h"

namespace residua::jpeg {

enum class ScanCheck {
    kAll,
    kBehindFirst,  // not of the JPEG at the file's beginning, for a caller who will find out
};

// The JPEGs whose scans can be written again, each of which has been: that at the file's beginning, and others
// anywhere behind. Their coefficients are there. Never fails for what the bytes are; throws kMemoryLimit.
Dissection dissect(std::span<const uint8_t> file, Allocator& allocator, ScanCheck check = ScanCheck::kAll);

// What read_structure() reads.
std::vector<uint8_t> write_structure(const Dissection& dissection);
// The bytes that belong to no scan.
Buffer<uint8_t> foreign_bytes(const Dissection& dissection, std::span<const uint8_t> file,
                              Allocator& allocator);

}  // namespace residua::jpeg
