// Files that the readers' tests make, byte by byte where no library writes such.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "image_io/image.h"

typedef struct tiff TIFF;  // of libtiff

namespace image_io {

using Bytes = std::vector<uint8_t>;

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }
inline std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }
Bytes joined(std::initializer_list<std::span<const uint8_t>> parts);
Bytes big_endian(uint64_t value, int size);
Bytes little_endian(uint64_t value, int size);

// Values below 2^bits, in the layout of Image::pixels, that look like noise.
Bytes noise(size_t samples, uint32_t bits, uint32_t seed = 1);

// Reads a file that must be read, with all steps of rows giving the same.
Image read_all(std::span<const uint8_t> file, const ReadOptions& options = {});

// What a file that must not be read is refused for, and in which words.
struct Refusal {
    Failure failure;
    std::string message;
};
Refusal refusal_of(std::span<const uint8_t> file, const ReadOptions& options = {});

// A name, and the value as text.
using Entry = std::pair<std::string, std::string>;
std::vector<Entry> metadata_of(const Image& image);

struct PngKind {
    uint32_t width = 4, height = 4;
    uint8_t bits = 8, type = 2;
    bool interlaced = false;
};
Bytes png_chunk(const std::string& type, std::span<const uint8_t> data);
inline Bytes png_chunk(const std::string& type, const std::string& data) {
    return png_chunk(type, bytes_of(data));
}
inline Bytes png_end() { return png_chunk("IEND", Bytes()); }
// Signature, header, `before`, pixels (all as the file has them, without filters' bytes), `after`.
Bytes make_png(const PngKind& kind, std::span<const uint8_t> rows, std::span<const uint8_t> before = {},
               std::span<const uint8_t> after = png_end());

struct JpegKind {
    int width = 32, height = 24;
    int space = 0;  // J_COLOR_SPACE of the samples; 0: RGB
    int components = 3;
    bool progressive = false, adobe = false;
    Bytes icc = {};
    // Samples of all rows; none: noise.
    Bytes pixels = {};
};
// `segments`: markers and data to come right behind the start.
Bytes make_jpeg(const JpegKind& kind = {}, const std::vector<std::pair<int, Bytes>>& segments = {});
Bytes jpeg_segment(int marker, std::span<const uint8_t> data);
// What libjpeg makes of it in one go, in `space` (J_COLOR_SPACE).
Bytes decoded_jpeg(std::span<const uint8_t> file, int space);

// A TIFF directory's field: its values as numbers, or for ASCII and UNDEFINED as bytes.
struct TiffField {
    uint16_t tag, type;
    std::vector<uint64_t> values;
};
TiffField tiff_text(uint16_t tag, const std::string& text);

// Puts together a file of directories and data, in either byte order.
class TiffMaker {
  public:
    explicit TiffMaker(bool big_endian = false, bool large = false);
    // Data's position.
    uint64_t add(std::span<const uint8_t> data);
    // A directory's position; it is not yet linked to.
    uint64_t add_directory(std::vector<TiffField> fields, uint64_t next = 0);
    Bytes finish(uint64_t first_directory);

    Bytes number(uint64_t value, int size) const;

  private:
    void put(size_t at, uint64_t value, int size);
    bool big_endian_, large_;
    Bytes file_;
};
// What libtiff writes.
struct TestTiff {
    uint32_t width = 21, height = 18;
    uint16_t bits = 8, samples = 3, photometric = 2, planar = 1;  // RGB, samples of a pixel together
    uint16_t compression = 1, format = 1;                         // none, unsigned
    uint32_t rows_per_strip = 7;                                  // 0: tiles of 16 × 16
    int extra = -1;                                               // what an extra sample means
    bool big_endian = false, large = false;
};
// `samples` in the layout of Image::pixels. `change` may set further fields.
Bytes make_tiff(const TestTiff& kind, const Bytes& samples,
                const std::function<void(TIFF*)>& change = nullptr);

// Size, bits, samples and so on of a picture without compression in one strip.
std::vector<TiffField> tiff_picture(uint32_t width, uint32_t height, uint32_t bits, uint32_t samples,
                                    uint32_t photometric, uint64_t strip, uint64_t strip_bytes);

}  // namespace image_io
