// Whole files, read into counted memory and written at once or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/memory.h"

namespace residua::codec {

// Throws kIo, kMemoryLimit or kOutOfMemory.
Buffer<uint8_t> read_file(const std::string& path, Allocator& allocator);

// Throws kIo when `path` exists and must not be overwritten: better known before hours of work than after.
void check_writable(const std::string& path, bool overwrite);

// Writes a temporary file beside `path`, brings it to disk and gives it its name. When it throws kIo, `path`
// is as it was. A `path` that is no regular file (a device, a pipe) is written directly.
void write_file(const std::string& path, std::span<const uint8_t> bytes, bool overwrite);

}  // namespace residua::codec
