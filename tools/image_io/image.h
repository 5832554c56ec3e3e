// Image files in and out, for the command line tool. Reading
// refuses what Residua cannot keep, in words that help.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "image_io/source.h"

namespace image_io {

// What is known of an 8-bit picture, grey or RGB, before its pixels.
struct Description {
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t channels = 0;  // 1 or 3
    std::vector<uint8_t> icc, exif, xmp;
    // What the file also holds and this picture does not, for the user to know.
    std::vector<std::string> lost;
    std::vector<std::string> notes;  // conversions that keep every pixel's value

    // Throws ImageError for one that no picture can have.
    void set_size(uint32_t image_width, uint32_t image_height, uint32_t image_channels);
    size_t row_bytes() const { return size_t{width} * channels; }
    uint64_t pixel_bytes() const { return uint64_t{row_bytes()} * height; }
};

struct Image : Description {
    std::vector<uint8_t> pixels;  // interleaved, rows without gaps
};

// A picture that someone else owns.
struct ImageView {
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t channels = 0;
    const uint8_t* pixels = nullptr;
    std::span<const uint8_t> icc, exif, xmp;
};

enum class Failure {
    kUnsupported,  // a kind of picture that cannot be kept exactly
    kDamaged,      // not an image file, or a broken one
    kMemory,       // larger than the caller allows
};

class ImageError : public std::runtime_error {
  public:
    ImageError(Failure failure, const std::string& message)
        : std::runtime_error(message), failure_(failure) {}
    Failure failure() const { return failure_; }

  private:
    Failure failure_;
};

[[noreturn]] inline void unsupported(const std::string& message) {
    throw ImageError(Failure::kUnsupported, message);
}
[[noreturn]] inline void damaged(const std::string& message) { throw ImageError(Failure::kDamaged, message); }

// A picture that is read from top to bottom, and not held as a whole where its format allows that.
class Reader {
  public:
    virtual ~Reader() = default;
    const Description& description() const { return description_; }

    // The next rows, without gaps. With the last one, all that
    // the file has after them is checked, too. Throws ImageError.
    void read(uint32_t rows, uint8_t* pixels);

  protected:
    virtual void read_rows(uint32_t rows, uint8_t* pixels) = 0;
    virtual void finish() {}

    Description description_;

  private:
    uint32_t next_ = 0;
};

// PNG, JPEG, TIFF, WebP, PPM, PGM or PAM, told apart by their first bytes. What must be held of a picture may
// take max_bytes. The source must outlive the reader. Throws ImageError.
std::unique_ptr<Reader> open(Source& source, uint64_t max_bytes);

// A whole file, whose pixels may take max_bytes.
Image read(Source& source, uint64_t max_bytes);
Image read(std::span<const uint8_t> file, uint64_t max_bytes);

enum class OutputFormat { kPng, kPnm };

// By the extension of a path: .png, or .ppm, .pgm and .pnm. Throws ImageError for others.
OutputFormat output_format(const std::string& path);

// What the format cannot hold of the picture: "the ICC profile", …; empty when it holds everything.
std::vector<std::string> lost_by(OutputFormat format, const ImageView& image);

// Takes a file's bytes in order. What it throws comes out of the writer.
using Output = std::function<void(std::span<const uint8_t> bytes)>;

// A picture that is written from top to bottom.
class Writer {
  public:
    virtual ~Writer() = default;
    // The next rows, without gaps; with the last one the file is complete.
    virtual void write(uint32_t rows, const uint8_t* pixels) = 0;
};

// Writes size and metadata of `image`, whose pixels come later. PNM: P5 for grey, P6 for RGB.
std::unique_ptr<Writer> make_writer(const ImageView& image, OutputFormat format, Output output);

// The bytes of a file.
std::vector<uint8_t> write(const ImageView& image, OutputFormat format);

// One per format. Readers of WebP and of interlaced PNG hold the whole picture.
std::unique_ptr<Reader> open_png(Source& source, uint64_t max_bytes);
std::unique_ptr<Reader> open_jpeg(Source& source);
std::unique_ptr<Reader> open_tiff(Source& source, uint64_t max_bytes);
std::unique_ptr<Reader> open_webp(Source& source, uint64_t max_bytes);
std::unique_ptr<Reader> open_pnm(Source& source);
std::unique_ptr<Writer> make_png_writer(const ImageView& image, Output output);
std::unique_ptr<Writer> make_pnm_writer(const ImageView& image, Output output);

// Throws ImageError where a reader would have to hold more than it may.
void check_memory(uint64_t bytes, uint64_t max_bytes);

}  // namespace image_io
