// Image files in, for the command line tool; writer.h has the way out. Reading
// refuses what Residua cannot keep, in words that help.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "image_io/metadata.h"
#include "image_io/source.h"

namespace image_io {

// As residua_colour numbers them.
enum class Colour : uint32_t { kGrey = 1, kRgb = 2, kCmyk = 3 };

// What is known of a picture before its pixels. Channels are interleaved: the colours, then alpha, which is
// not multiplied into them unless the metadata say so. A sample of at most 8 bits is a byte, one of more two
// in the machine's order; its value is below 2^bits, as the file had it: a scan of one bit has 0 and 1.
struct Description {
    uint32_t width = 0;
    uint32_t height = 0;
    Colour colour = Colour::kGrey;
    bool alpha = false;
    uint32_t bits = 8;               // 1 … 16
    std::vector<Metadata> metadata;  // in the file's order
    // What the file also holds and this picture does not, for the user to know.
    std::vector<std::string> lost;
    std::vector<std::string> notes;  // what else is worth saying: harmless damage, conversions

    // Both throw ImageError for what no picture can have.
    void set_size(uint32_t image_width, uint32_t image_height);
    void set_kind(Colour image_colour, bool has_alpha, uint32_t image_bits);

    uint32_t channels() const {
        return (colour == Colour::kGrey ? 1 : colour == Colour::kRgb ? 3 : 4) + (alpha ? 1 : 0);
    }
    uint32_t sample_bytes() const { return bits > 8 ? 2 : 1; }
    size_t row_bytes() const { return size_t{width} * channels() * sample_bytes(); }
    uint64_t pixel_bytes() const { return uint64_t{row_bytes()} * height; }

    // The first of that name; empty when there is none.
    std::span<const uint8_t> find(std::string_view name) const;
    bool has(std::string_view name) const;
    // Ignores "icc", "exif" and "xmp" without bytes: the picture has none.
    void add(std::string name, std::span<const uint8_t> bytes);
    // A part of a file that is kept even when it is empty (metadata.h).
    void add_part(const std::string& name, std::span<const uint8_t> bytes);
};

struct Image : Description {
    std::vector<uint8_t> pixels;  // rows without gaps
};

enum class Failure {
    kUnsupported,  // a kind of picture that cannot be kept exactly
    kDamaged,      // not an image file, or a broken one
    kMemory,       // larger than the caller allows
    kInterrupted,  // the caller wanted no more
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

struct ReadOptions {
    uint64_t max_bytes = UINT64_MAX;  // what must be held of a picture and its metadata
    // Which picture of a file that holds several, from 1; 0: the only one, and an error where there are more.
    uint32_t page = 0;
    // Asked now and then in long work, which ends with an error where it says yes.
    std::function<bool()> interrupted;

    void check_interrupted() const;
};

// Whether it begins as a JPEG. White space before that has been seen, from broken downloads. The source is read
// from its beginning afterwards.
bool begins_as_jpeg(Source& source);

// PNG, JPEG, TIFF, WebP, PNM, PAM, BMP, GIF, ICO or QOI, told apart by
// their first bytes. The source must outlive the reader. Throws ImageError.
std::unique_ptr<Reader> open(Source& source, const ReadOptions& options);
inline std::unique_ptr<Reader> open(Source& source, uint64_t max_bytes) {
    return open(source, ReadOptions{max_bytes, 0, {}});
}

// A whole file, whose pixels may take options.max_bytes.
Image read(Source& source, const ReadOptions& options);
Image read(std::span<const uint8_t> file, const ReadOptions& options);
inline Image read(Source& source, uint64_t max_bytes) { return read(source, ReadOptions{max_bytes, 0, {}}); }
inline Image read(std::span<const uint8_t> file, uint64_t max_bytes) {
    return read(file, ReadOptions{max_bytes, 0, {}});
}

// One per format. Those of WebP, of ICO, of pages of animations, and of interlaced PNG and GIF, hold the whole
// picture.
std::unique_ptr<Reader> open_png(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_jpeg(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_tiff(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_webp(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_pnm(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_bmp(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_gif(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_icon(Source& source, const ReadOptions& options);
std::unique_ptr<Reader> open_qoi(Source& source, const ReadOptions& options);

// Throws ImageError where a reader would have to hold more than it may.
void check_memory(uint64_t bytes, uint64_t max_bytes);

}  // namespace image_io
