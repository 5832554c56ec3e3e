#include "image_io/tiff_metadata.h"

#include <algorithm>

namespace image_io {

namespace {

constexpr uint16_t kOldSubfile = 255;

// How the pixels are stored, which the picture as it is read does not depend on.
constexpr uint16_t kStorage[] = {256, 257, 259, 266, 273, 277, 278, 279,   284,   288,  289,
                                 292, 293, 317, 322, 323, 324, 325, 330,   347,   512,  513,
                                 514, 515, 517, 518, 519, 520, 521, 34665, 34853, 50674};
// What YCbCr pictures were converted by.
constexpr uint16_t kConversion[] = {529, 530, 531, 532};

bool is_kept(TiffDirectories& file, const TiffDirectories::Entry& entry, bool converted) {
    if (std::ranges::find(kStorage, entry.tag) != std::end(kStorage)) return false;
    if (converted && std::ranges::find(kConversion, entry.tag) != std::end(kConversion)) return false;
    const auto is = [&](uint64_t value) { return entry.count > 0 && file.number(entry) == value; };
    switch (entry.tag) {
        case tag::kBits:  // that were narrowed
            return entry.count > 0 && file.number(entry) > 16;
        case kOldSubfile:
        case tag::kSampleFormat:
            return !is(1);
        case tag::kPhotometric:  // 1 MinIsBlack, 2 RGB, 5 CMYK, 6 YCbCr: as the channels say
            return !is(1) && !is(2) && !is(5) && !is(6);
        default:
            return true;
    }
}

std::vector<uint8_t> with_type(TiffDirectories& file, const TiffDirectories::Entry& entry) {
    std::vector<uint8_t> bytes;
    const auto put = [&](uint64_t value, int size) {
        for (int i = 0; i < size; ++i) bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
    };
    put(entry.type, 2);
    put(entry.count, 4);
    const std::vector<uint8_t> values = file.little_endian(entry);
    bytes.insert(bytes.end(), values.begin(), values.end());
    return bytes;
}

}  // namespace

void read_tiff_metadata(TiffDirectories& file, const TiffTags& tags, Description& image) {
    image.add("exif", make_exif(file, tags, image));
    for (const TiffDirectories::Entry& entry : tags.picture.entries) {
        if (entry.tag == 0 && entry.type == 0) continue;  // room for one
        if (entry.outside || field_value_size(entry.type) == 0 || entry.count > UINT32_MAX) {
            image.lost.push_back("TIFF tag " + std::to_string(entry.tag) + ", which cannot be read");
            continue;
        }
        if (!is_kept(file, entry, tags.converted)) continue;
        if (entry.tag == tag::kIcc && entry.count > 0 && !image.has("icc"))
            image.add("icc", file.values(entry));
        else if (entry.tag == tag::kXmp && entry.count > 0 && !image.has("xmp"))
            image.add("xmp", file.values(entry));
        else
            image.add("tiff:" + std::to_string(entry.tag), with_type(file, entry));
    }
    // Not said, but an alpha channel all the same.
    if (image.alpha && !tags.picture.find(tag::kExtraSamples)) {
        const uint8_t unspecified[] = {kShort, 0, 1, 0, 0, 0, 0, 0};
        image.add("tiff:338", unspecified);
    }
}

}  // namespace image_io
