// Files that are read into counted memory, and written completely or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/memory.h"

namespace residua {

// Throws kIo, kMemoryLimit or kOutOfMemory.
Buffer<uint8_t> read_file(const std::string& path, Allocator& allocator);

// Throws kIo when `path` exists and must not be overwritten: better known before hours of work than after.
void check_writable(const std::string& path, bool overwrite);

// Writes a temporary file beside `path`, brings it to disk and gives it its name. When it throws kIo, `path`
// is as it was. Where `path` is a symbolic link, all this is about what it leads to. A file that is replaced
// leaves its mode to the new one, and its owner where that is allowed. A `path` that is no regular file (a
// device, a pipe) is written directly.
class FileWriter {
  public:
    FileWriter(const std::string& path, bool overwrite);
    ~FileWriter();  // throws away what was not committed
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    void append(std::span<const uint8_t> bytes);
    void commit();
    // Where it is written until then; "" for a path that is written directly, and once it is committed.
    const std::string& temporary() const { return temporary_; }

  private:
    const std::string path_;    // as it was given
    const std::string target_;  // the same without links at its end
    const bool overwrite_;
    std::string temporary_;
    int descriptor_;
};

// All of that with all bytes.
void write_file(const std::string& path, std::span<const uint8_t> bytes, bool overwrite);

}  // namespace residua
