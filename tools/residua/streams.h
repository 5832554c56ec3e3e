// Inputs that are read and outputs that are written piece by piece.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <residua/residua.hpp>
#include <string>
#include <vector>

#include "image_io/image.h"
#include "interrupt.h"

namespace tool {

// A file to read from its beginning to its end, or standard input. Throws Failure.
class FileInput {
  public:
    explicit FileInput(const std::string& path);
    size_t read(void* data, size_t size);
    uint64_t size() const { return size_; }  // 0: not known

  private:
    image_io::File file_;  // none: standard input
    const std::string path_;
    uint64_t size_ = 0;
};

// A picture's file, that may be read in any order. Of standard input more than a little goes to a temporary
// file. Throws Failure.
class PictureSource {
  public:
    PictureSource(const std::string& path, uint64_t memory_limit);
    image_io::Source& source() { return *source_; }
    // Throws where reading has failed: what the picture's reader saw then was no end.
    void check() const;

  private:
    const std::string path_;
    std::vector<uint8_t> bytes_;
    std::unique_ptr<image_io::Source> source_;
};

// A picture that is read from top to bottom.
class PictureInput {
  public:
    PictureInput(const std::string& path, const image_io::ReadOptions& options);
    const image_io::Description& description() const { return reader_->description(); }
    void read(uint32_t rows, uint8_t* pixels);

  private:
    PictureSource source_;
    std::unique_ptr<image_io::Reader> reader_;
};

// A file that has its name only when it is complete, or standard output.
class FileOutput {
  public:
    FileOutput(residua::context& context, const std::string& path, bool overwrite);
    void write(const void* data, size_t size);
    void commit();
    uint64_t size() const { return size_; }

  private:
    void put(const uint8_t* data, size_t size);

    std::optional<UnfinishedFile> unfinished_;  // until after file_ has gone
    std::optional<residua::file_writer> file_;  // none: standard output
    std::vector<uint8_t> buffer_;               // small pieces until they are worth a call
    uint64_t size_ = 0;
};

}  // namespace tool
