// Image files in and out, for the command line tool. Reading refuses what Residua cannot keep, in words that
// help.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace image_io {

// An 8-bit picture, grey or RGB.
struct Image {
    uint32_t width = 0;
    uint32_t height = 0;
    uint32_t channels = 0;        // 1 or 3
    std::vector<uint8_t> pixels;  // interleaved, rows without gaps
    std::vector<uint8_t> icc, exif, xmp;
    std::vector<std::string>
        lost;  // what the file also holds and this picture does not, for the user to know
    std::vector<std::string> notes;  // conversions that keep every pixel's value

    // Sets the size and makes room for the pixels, unless that is more than max_bytes.
    void allocate(uint32_t image_width, uint32_t image_height, uint32_t image_channels, uint64_t max_bytes);
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

// PNG, JPEG, TIFF, WebP, PPM, PGM or PAM, told apart by their first bytes. The pixels may take max_bytes.
// Throws ImageError.
Image read(std::span<const uint8_t> file, uint64_t max_bytes);

enum class OutputFormat { kPng, kPnm };

// By the extension of a path: .png, or .ppm, .pgm and .pnm. Throws ImageError for others.
OutputFormat output_format(const std::string& path);

// What the format cannot hold of the picture: "the ICC profile", …; empty when it holds everything.
std::vector<std::string> lost_by(OutputFormat format, const ImageView& image);

// The bytes of a file. PNM: P5 for grey, P6 for RGB.
std::vector<uint8_t> write(const ImageView& image, OutputFormat format);

// One per format.
Image read_png(std::span<const uint8_t> file, uint64_t max_bytes);
Image read_jpeg(std::span<const uint8_t> file, uint64_t max_bytes);
Image read_tiff(std::span<const uint8_t> file, uint64_t max_bytes);
Image read_webp(std::span<const uint8_t> file, uint64_t max_bytes);
Image read_pnm(std::span<const uint8_t> file, uint64_t max_bytes);
std::vector<uint8_t> write_png(const ImageView& image);
std::vector<uint8_t> write_pnm(const ImageView& image);

}  // namespace image_io
