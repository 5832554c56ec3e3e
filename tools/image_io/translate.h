// What one format's metadata mean in another one's terms.
#pragma once

#include <optional>
#include <string>

#include "image_io/directory.h"
#include "image_io/image.h"

namespace image_io {

// Pixels to a length, or only their shape.
struct Density {
    enum class Unit { kNone, kInch, kCentimetre, kMetre };
    Unit unit = Unit::kNone;
    // Fractions.
    uint32_t x = 1, x_divisor = 1, y = 1, y_divisor = 1;
};

// Each is nothing where the bytes say none.
std::optional<Density> density_of_png(std::span<const uint8_t> phys);
std::optional<Density> density_of_jfif(std::span<const uint8_t> app0);
std::optional<Density> density_of_tiff(const Description& image);
std::optional<Density> density_of_bmp(std::span<const uint8_t> header);
// Of a picture from any format.
std::optional<Density> density_of(const Description& image);
// A pHYs chunk's data; nothing where the number is too large for it.
std::vector<uint8_t> png_density(const Density& density);

// "tiff:NNN", and the field with it; nothing for other names, and for bytes that are none.
std::optional<Field> tiff_field(const Metadata& entry);
std::optional<Field> tiff_field(const Description& image, uint16_t tag);

// Grey whose 0 is white, as some TIFF files have it.
bool is_min_is_white(const Description& image);
// Lab, which comes in three channels.
bool is_lab(const Description& image);
// CMYK with no ink at the largest value: a JPEG with Adobe's marker.
bool is_inverted_cmyk(const Description& image);
// The samples' largest value: 2^bits − 1, or what a PNM file said.
uint32_t white_of(const Description& image);

// How the picture is to be turned, as Exif numbers it; 1: not at all.
uint32_t orientation_of(const Description& image);
// An Exif block that says it, made from one that need not.
std::vector<uint8_t> with_orientation(std::span<const uint8_t> exif, uint32_t orientation);

// Says how a file stored its samples, and nothing that another format would lack.
bool is_about_storage(const Metadata& entry, const Description& image);

// A JFIF marker that says no more than its density.
bool is_plain_jfif(std::span<const uint8_t> app0);

// For a person: the name, and what it stands for.
std::string named(const Metadata& entry);

// Drops all that does not decide how the pixels look: what stays are the colour space, the direction, and how
// samples are to be read.
void strip_metadata(Description& image);
// Drops what is true of exactly these pixels: palettes, a transparent colour.
void forget_exact_pixels(Description& image);

}  // namespace image_io
