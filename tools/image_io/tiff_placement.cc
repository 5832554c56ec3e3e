// A picture's metadata as fields of a TIFF.
#include <algorithm>
#include <set>
#include <utility>

#include "image_io/bytes.h"
#include "image_io/colour_profile.h"
#include "image_io/translate.h"
#include "image_io/writer.h"

namespace image_io {

namespace {

// What the writer says itself, or what says how other writers have stored the same samples.
bool is_layout(uint16_t tag) {
    static constexpr uint16_t kTags[] = {256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 288,
                                         289, 292, 293, 317, 322, 323, 324, 325, 338, 339, 347, 512,
                                         513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531};
    return std::ranges::find(kTags, tag) != std::end(kTags);
}

constexpr std::string_view kFactor = "tiff:factor";  // of samples that were narrowed

bool is_colour_chunk(std::string_view name) {
    return name == "png:cICP" || name == "png:sRGB" || name == "png:gAMA" || name == "png:cHRM";
}

// TIFF's numbers for what samples mean.
namespace photometric {
constexpr uint16_t kMinIsWhite = 0, kMinIsBlack = 1, kRgbColours = 2, kPaletteColours = 3, kMask = 4,
                   kSeparated = 5;
}  // namespace photometric

bool is_from_tiff(const Description& image) {
    return std::ranges::any_of(image.metadata,
                               [](const Metadata& entry) { return entry.name.starts_with("tiff:"); });
}

// Of a sample in the file. Of TIFF's own depths, which other formats lack, only where the picture came from a TIFF:
// few programs read them.
uint32_t tiff_bits(const Description& image) {
    if (const auto stored = tiff_field(image, tag::kBits); stored && image.bits == 16)
        if (const uint64_t bits = stored->first(); bits == 24 || bits == 32 || bits == 64)
            return static_cast<uint32_t>(bits);
    const bool common = image.bits == 1 || image.bits == 2 || image.bits == 4 || image.bits % 8 == 0;
    return common || is_from_tiff(image) ? image.bits : 8 * image.sample_bytes();
}

class TiffPlacement {
  public:
    TiffPlacement(const Description& image, Placement& placement)
        : image_(image),
          placement_(placement),
          profile_(image.has("icc") ? std::vector<uint8_t>() : profile_of_chunks(image)) {}

    void place_all() {
        if (image_.has("icc"))
            directory_.set(Field::bytes(tag::kIcc, kUndefined, image_.find("icc")));
        else if (!profile_.empty()) {
            directory_.set(Field::bytes(tag::kIcc, kUndefined, profile_));
            placement_.notes.push_back("the colours that the PNG's chunks describe become an ICC profile");
        }
        if (image_.has("xmp")) directory_.set(Field::bytes(tag::kXmp, kByte, image_.find("xmp")));
        for (const Metadata& entry : image_.metadata)
            if (const auto field = tiff_field(entry); field && fits(*field) && !directory_.has(field->tag))
                directory_.set(*field);
        place_density();
        place_exif();
        place_photoshop();
        name_what_is_left();
        for (const auto& [tag, field] : directory_.fields)
            placement_.image.metadata.push_back(entry_of(field));
        if (!directory_.below.empty() || thumbnail_) {
            ExifBlock rest;
            rest.big_endian = big_endian_;
            rest.main.below = directory_.below;
            rest.thumbnail = thumbnail_;
            placement_.image.metadata.push_back({"exif", make_exif(rest)});
        }
        for (const Metadata& entry : image_.metadata)
            if (entry.name == "tiff:trailing") placement_.image.metadata.push_back(entry);
    }

  private:
    static Metadata entry_of(const Field& field) {
        Metadata entry{"tiff:" + std::to_string(field.tag), {}};
        put_little(entry.bytes, field.type, 2);
        put_little(entry.bytes, field.count, 4);
        entry.bytes.insert(entry.bytes.end(), field.values.begin(), field.values.end());
        return entry;
    }

    // Pointers to other directories would lead nowhere; a palette stands for what it is only with its pixels.
    bool fits(const Field& field) const {
        if (is_layout(field.tag) || field.type > 12 || field.tag == tag::kExif || field.tag == tag::kGps)
            return false;
        return field.tag != tag::kPalette || placement_.palette;
    }

    void place_density() {
        if (directory_.has(tag::kXResolution)) return;
        auto density = density_of(image_);
        if (!density) return;
        if (density->unit == Density::Unit::kMetre) density->x_divisor = density->y_divisor = 100;
        const uint64_t unit = density->unit == Density::Unit::kNone   ? 1
                              : density->unit == Density::Unit::kInch ? 2
                                                                      : 3;
        directory_.set(Field::rational(tag::kXResolution, density->x, density->x_divisor));
        directory_.set(Field::rational(tag::kYResolution, density->y, density->y_divisor));
        directory_.set(Field::number(tag::kResolutionUnit, kShort, unit));
    }

    // Its first directory is the file's own, in which what is there already stays.
    void place_exif() {
        if (!image_.has("exif")) return;
        const auto exif = parse_exif(image_.find("exif"));
        if (!exif) return;
        exif_done_ = true;
        big_endian_ = exif->big_endian;
        for (const auto& [tag, field] : exif->main.fields)
            if (fits(field) && !directory_.has(tag)) directory_.set(field);
        directory_.below = exif->main.below;
        if (!exif->has_next) return;
        // Many programs take it for a second page: only where the TIFF has had it.
        thumbnail_ = is_from_tiff(image_) ? exif->thumbnail : std::nullopt;
        if (!thumbnail_) placement_.left_out.emplace_back("exif (its preview picture)");
    }

    void place_photoshop() {
        constexpr std::string_view kMark("Photoshop 3.0\0", 14);
        std::vector<uint8_t> resources;
        for (const Metadata& entry : image_.metadata)
            if (entry.name == "jpeg:APP13" && as_text(entry.bytes).starts_with(kMark))
                resources.insert(resources.end(), entry.bytes.begin() + kMark.size(), entry.bytes.end());
        if (resources.empty() || directory_.has(tag::kPhotoshop)) return;
        directory_.set(Field::bytes(tag::kPhotoshop, kByte, resources));
        photoshop_done_ = true;
    }

    bool is_placed(const Metadata& entry) {
        const std::string& name = entry.name;
        if (name == "icc" || name == "xmp")
            return !std::exchange(name == "icc" ? seen_icc_ : seen_xmp_, true);
        if (name == "exif") return exif_done_ && !std::exchange(seen_exif_, true);
        if (is_colour_chunk(name)) return !profile_.empty() && !image_.has("icc");
        if (name == "png:pHYs") return density_of_png(entry.bytes) && !tiff_field(image_, tag::kXResolution);
        if (name == "jpeg:APP0") return density_of_jfif(entry.bytes) && is_plain_jfif(entry.bytes);
        if (name == "jpeg:APP13") return photoshop_done_ && as_text(entry.bytes).starts_with("Photoshop 3.0");
        if (placement_.palette && name == placement_.palette.name) return true;
        if (name == "pnm:maxval" || name == "tiff:trailing" || name == kFactor) return true;
        const auto field = tiff_field(entry);
        return field && (is_layout(field->tag) || (fits(*field) && seen_tags_.insert(field->tag).second));
    }

    void name_what_is_left() {
        for (const Metadata& entry : image_.metadata)
            if (!is_placed(entry) && !is_about_storage(entry, image_))
                placement_.left_out.push_back(named(entry));
    }

    const Description& image_;
    Placement& placement_;
    std::vector<uint8_t> profile_;
    Directory directory_;
    std::optional<Thumbnail> thumbnail_;
    bool big_endian_ = false, exif_done_ = false, photoshop_done_ = false;
    bool seen_icc_ = false, seen_xmp_ = false, seen_exif_ = false;
    std::set<uint16_t> seen_tags_;
};

}  // namespace

void place_in_tiff(const Description& image, Placement& placement) {
    placement.inverted = is_inverted_cmyk(image);
    placement.palette = palette_of(image);
    if (image.alpha) placement.palette = {};
    constexpr uint64_t kUnassociated = 2;
    const auto number = [&](uint16_t tag, uint64_t otherwise) {
        const auto field = tiff_field(image, tag);
        return field ? field->first() : otherwise;
    };
    if (image.alpha)
        placement.extra_sample =
            static_cast<int>(std::min(number(tag::kExtraSamples, kUnassociated), kUnassociated));
    // As it was where that is one of these samples'.
    const auto stored = static_cast<uint16_t>(number(tag::kPhotometric, photometric::kMinIsBlack));
    placement.photometric = placement.palette               ? photometric::kPaletteColours
                            : is_lab(image)                 ? stored
                            : image.colour == Colour::kRgb  ? photometric::kRgbColours
                            : image.colour == Colour::kCmyk ? photometric::kSeparated
                            : stored == photometric::kMinIsWhite || stored == photometric::kMask
                                ? stored
                                : photometric::kMinIsBlack;
    placement.sample_format = static_cast<uint32_t>(number(tag::kSampleFormat, 1));
    placement.stored_bits = tiff_bits(image);
    if (placement.stored_bits == 32 && as_text(image.find(kFactor)) == "65537") placement.factor = 65537;
    TiffPlacement(image, placement).place_all();
    if (placement.inverted)
        placement.notes.push_back("the JPEG's inverted CMYK becomes TIFF's, in which 0 is no ink");
    if (placement.stored_bits != image.bits && placement.stored_bits <= 16)
        placement.notes.push_back("the values, 0 to " + std::to_string(placement.white) +
                                  ", stand as they are in " + std::to_string(placement.stored_bits) +
                                  "-bit samples, which some programs show dark");
}

}  // namespace image_io
