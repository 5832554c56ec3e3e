// Where an image file's bytes come from: memory, or a file that is read piece by piece.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

namespace image_io {

// Reading past the end gives fewer bytes. What cannot be read looks like the end, and failed() says so then.
class Source {
  public:
    virtual ~Source() = default;
    virtual size_t read(void* data, size_t size) = 0;
    virtual void seek(uint64_t position) = 0;
    virtual uint64_t position() const = 0;
    virtual uint64_t size() const = 0;
    virtual bool failed() const { return false; }

    // The next byte, −1 at the end.
    int next() {
        uint8_t byte;
        return read(&byte, 1) == 1 ? byte : -1;
    }
};

class MemorySource : public Source {
  public:
    explicit MemorySource(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    size_t read(void* data, size_t size) override;
    void seek(uint64_t position) override { position_ = position; }
    uint64_t position() const override { return position_; }
    uint64_t size() const override { return bytes_.size(); }

  private:
    std::span<const uint8_t> bytes_;
    uint64_t position_ = 0;
};

// A part of another, which must outlive it.
class PartSource : public Source {
  public:
    PartSource(Source& whole, uint64_t begin, uint64_t size) : whole_(whole), begin_(begin), size_(size) {}

    size_t read(void* data, size_t size) override;
    void seek(uint64_t position) override { position_ = position; }
    uint64_t position() const override { return position_; }
    uint64_t size() const override { return size_; }
    bool failed() const override { return whole_.failed(); }

  private:
    Source& whole_;
    uint64_t begin_, size_, position_ = 0;
};

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// A file that can be read from any position.
class FileSource : public Source {
  public:
    explicit FileSource(File file);  // from its beginning

    size_t read(void* data, size_t size) override;
    void seek(uint64_t position) override;
    uint64_t position() const override { return position_; }
    uint64_t size() const override { return size_; }
    bool failed() const override { return failed_; }

  private:
    File file_;
    uint64_t size_ = 0;
    uint64_t position_ = 0;
    bool failed_ = false;
};

}  // namespace image_io
