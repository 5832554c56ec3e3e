// Image files out: what a format makes of a picture, and writers from top to bottom.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image_io/image.h"
#include "image_io/indexed.h"

namespace image_io {

// kPnm: PBM, PGM or PPM, whichever the picture is, and PAM with alpha.
enum class OutputFormat { kPng, kTiff, kPnm, kPam };

// By the extension of a path, or by a name such as "png" or "tif". Both throw ImageError for others.
OutputFormat output_format(const std::string& path);
OutputFormat format_named(const std::string& name);

// What a format makes of a picture: the same one, but its metadata are those that a file of that format gets,
// in the format's own terms, and in the order in which they are written.
struct Placement {
    OutputFormat format = OutputFormat::kPng;
    Description image;
    // Grey or CMYK whose values the output has the other way round: black at 0, no ink at 0.
    bool inverted = false;
    uint32_t white = 255;  // the samples' largest value: 2^bits − 1, or what "pnm:maxval" says
    // Of a picture with a palette: its colours, in the order of the file that it came from.
    IndexedColours palette;
    // The samples of the one colour that a PNG called transparent, where the output has an alpha channel for it.
    std::vector<uint16_t> transparent;
    // TIFF's numbers: what the samples mean; the kind of alpha, −1 without; the kind of numbers.
    uint16_t photometric = 1;
    int extra_sample = -1;
    uint32_t sample_format = 1;
    // Of a TIFF's samples without palette; of more than 16, by what they are multiplied.
    uint32_t stored_bits = 0;
    uint64_t factor = 1;
    // What the output does not have, for a person: a name, and a word about it where the name says little.
    std::vector<std::string> left_out;
    std::vector<std::string> notes;  // what becomes something else, but is not lost
};

// Throws ImageError for a kind of picture that the format does not have.
Placement place(const Description& image, OutputFormat format);

// Takes a file's bytes in order. What it throws comes out of the writer.
using Output = std::function<void(std::span<const uint8_t> bytes)>;

// A picture that is written from top to bottom.
class Writer {
  public:
    virtual ~Writer() = default;
    // The next rows, without gaps; with the last one the file is complete.
    virtual void write(uint32_t rows, const uint8_t* pixels) = 0;
};

// Writes the head; the pixels come later. `rewrite`, where it is given, takes bytes at the end that replace as many
// from the file's beginning. TIFF files are compressed then, since it can say where their strips are; other formats
// do not use it.
std::unique_ptr<Writer> make_writer(Placement placement, Output output, Output rewrite = {});
inline std::unique_ptr<Writer> make_writer(const Description& image, OutputFormat format, Output output) {
    return make_writer(place(image, format), std::move(output));
}

// The bytes of a file.
std::vector<uint8_t> write(const Image& image, OutputFormat format);

// One per format. The functions place_… get all but `format` from place().
void place_in_png(const Description& image, Placement& placement);
void place_in_tiff(const Description& image, Placement& placement);
void place_in_pnm(const Description& image, Placement& placement);
// The bits of a PNG's sample for a picture's.
uint32_t png_bits(const Description& image);
std::unique_ptr<Writer> make_png_writer(Placement placement, Output output);
std::unique_ptr<Writer> make_tiff_writer(Placement placement, Output output, Output rewrite);
std::unique_ptr<Writer> make_pnm_writer(Placement placement, Output output);

}  // namespace image_io
