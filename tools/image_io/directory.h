// Directories of fields, as TIFF files and Exif blocks have them: held, changed and written. They are found in a
// file by tiff_directory.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace image_io {

// Tags that this project has to know.
namespace tag {
inline constexpr uint16_t kNewSubfileType = 254, kWidth = 256, kHeight = 257, kBits = 258, kCompression = 259,
                          kPhotometric = 262, kStripOffsets = 273, kOrientation = 274, kSamples = 277,
                          kRowsPerStrip = 278, kStripSizes = 279, kXResolution = 282, kYResolution = 283,
                          kPlanar = 284, kResolutionUnit = 296, kPredictor = 317, kPalette = 320,
                          kMaxSampleValue = 281, kInkSet = 332, kExtraSamples = 338, kSampleFormat = 339,
                          kJpegOffset = 513, kJpegSize = 514, kXmp = 700, kPhotoshop = 34377, kExif = 34665,
                          kIcc = 34675, kGps = 34853, kInteroperability = 40965;
}  // namespace tag

enum FieldType : uint16_t {
    kByte = 1,
    kAscii = 2,
    kShort = 3,
    kLong = 4,
    kRational = 5,
    kUndefined = 7,
    kSignedRational = 10,
    kIfd = 13,
    kLong8 = 16,
    kIfd8 = 18
};

// Bytes of one value; 0: no such type.
size_t field_value_size(uint16_t type);
// Those of what is turned around between byte orders: of a fraction each half.
size_t field_part_size(uint16_t type);

struct Field {
    uint16_t tag = 0, type = 0;
    uint64_t count = 0;
    std::vector<uint8_t> values;  // little-endian

    static Field shorts(uint16_t tag, std::span<const uint16_t> values);
    static Field number(uint16_t tag, uint16_t type, uint64_t value);
    static Field rational(uint16_t tag, uint32_t numerator, uint32_t denominator);
    static Field bytes(uint16_t tag, uint16_t type, std::span<const uint8_t> values);  // of one byte each

    // The first value of a whole number; 0 where there is none.
    uint64_t first() const;
};

struct Directory {
    std::map<uint16_t, Field> fields;
    std::map<uint16_t, Directory> below;  // by the tag that points to them

    bool has(uint16_t tag) const { return fields.contains(tag) || below.contains(tag); }
    void set(Field field) { fields[field.tag] = std::move(field); }
};

// A small picture beside the large one: its own fields but where its bytes lie, and these, which may lack.
struct Thumbnail {
    Directory directory;
    std::vector<uint8_t> jpeg;
};

// How numbers are written. Of BigTIFF those of a directory have 8 bytes.
struct NumberFormat {
    bool big_endian = false;
    bool big_tiff = false;

    void put(std::vector<uint8_t>& out, uint64_t value, size_t size) const;
};

struct ExifBlock {
    Directory main;
    bool big_endian = false;             // what only makers know of the values goes by it, too
    bool has_next = false;               // there is another directory
    std::optional<Thumbnail> thumbnail;  // which is a JPEG with its fields
};

// An Exif block from its TIFF header on. Nothing where any field of it does not lie within it.
std::optional<ExifBlock> parse_exif(std::span<const uint8_t> block);

std::vector<uint8_t> make_exif(const ExifBlock& block);
inline std::vector<uint8_t> make_exif(const Directory& directory) {
    return make_exif(ExifBlock{directory, false, false, {}});
}

// Appends a directory and all that belongs to it to the first bytes of a file.
void append_directory(std::vector<uint8_t>& out, const Directory& directory,
                      const std::optional<Thumbnail>& thumbnail, const NumberFormat& format);

}  // namespace image_io
