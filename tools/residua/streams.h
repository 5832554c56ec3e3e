// Inputs that are read and outputs that are written piece by piece.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <residua/residua.hpp>
#include <span>
#include <string>
#include <vector>

#include "attributes.h"
#include "image_io/image.h"
#include "interrupt.h"
#include "sandbox/inside.h"

namespace tool {

// A descriptor, the caller's to close. Throws Failure.
int open_to_read(const std::string& path);
// Of a file that can be read; in a cage, too.
struct stat input_status(const std::string& path);

// A file or a pipe to read from its beginning to its end; "-" is standard input. Throws Failure.
class FileInput {
  public:
    explicit FileInput(const std::string& path);
    size_t read(void* data, size_t size);
    uint64_t size() const { return size_; }  // 0: not known
    // None of a pipe.
    const std::optional<Attributes>& attributes() const { return attributes_; }

  private:
    image_io::File file_;  // none: standard input
    const std::string path_;
    uint64_t size_ = 0;
    std::optional<Attributes> attributes_;
};

// All bytes of an input: a file's, or those of a pipe.
class Input {
  public:
    Input(residua::context& context, const std::string& path, uint64_t limit);
    const uint8_t* data() const { return file_.size() ? file_.data() : pipe_.data(); }
    size_t size() const { return file_.size() ? file_.size() : pipe_.size(); }

  private:
    residua::buffer file_;
    std::vector<uint8_t> pipe_;
};

// A picture's file, that may be read in any order. Of standard input and other pipes more than a little goes
// to a temporary file. Throws Failure.
class PictureSource {
  public:
    PictureSource(const std::string& path, uint64_t memory_limit);
    // Bytes that are there; `path` is for messages.
    PictureSource(const std::string& path, std::span<const uint8_t> bytes);
    image_io::Source& source() { return *source_; }
    // Throws where reading has failed: what the picture's reader saw then was no end.
    void check() const;
    const std::optional<Attributes>& attributes() const { return attributes_; }

  private:
    void take_in(std::FILE* pipe, uint64_t memory_limit);

    const std::string path_;
    std::optional<Attributes> attributes_;
    std::vector<uint8_t> bytes_;
    std::unique_ptr<image_io::Source> source_;
};

// A picture that is read from top to bottom.
class PictureInput {
  public:
    PictureInput(PictureSource source, const image_io::ReadOptions& options);
    const image_io::Description& description() const { return reader_->description(); }
    // Of its file; none of a pipe.
    const std::optional<Attributes>& attributes() const { return source_.attributes(); }
    void read(uint32_t rows, uint8_t* pixels);

  private:
    PictureSource source_;
    std::unique_ptr<image_io::Reader> reader_;
};

// A file that has its name only when it is complete, or standard output. No two of one run become the same
// file, by whatever names. Throws Failure.
class FileOutput {
  public:
    // `like`: whose mode, owner and times it gets, where there are such. A file that is overwritten keeps its
    // own mode and owner.
    FileOutput(residua::context& context, const std::string& path, bool overwrite,
               const std::optional<Attributes>& like = {});
    ~FileOutput();
    FileOutput(const FileOutput&) = delete;
    void write(const void* data, size_t size);
    // Whether the file's first bytes can be replaced: not those of a pipe or a device.
    bool can_rewrite() const;
    void rewrite_beginning(std::span<const uint8_t> bytes);
    // Brings all that was written until now to disk; what was is then in temporary(), "" where there is none.
    void sync();
    const char* temporary() const { return file_ ? file_->temporary() : ""; }
    void commit();
    uint64_t size() const { return size_; }

  private:
    void put(const uint8_t* data, size_t size);
    void put_buffer();

    const std::string path_;
    const bool overwrite_;
    std::optional<Attributes> like_;
    bool is_new_ = false;
    std::optional<UnfinishedFile> unfinished_;  // until after file_ has gone
    std::optional<residua::file_writer> file_;  // none: standard output, or a file outside
    std::optional<FilesOutside::Output> outside_;
    std::vector<uint8_t> buffer_;  // small pieces until they are worth a call
    uint64_t size_ = 0;
};

// Brings a file, or a folder's entries, to disk. Throws Failure.
void sync_to_disk(const std::string& path);

}  // namespace tool
