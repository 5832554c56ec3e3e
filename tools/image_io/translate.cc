#include "image_io/translate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "image_io/bytes.h"

namespace image_io {

namespace {

constexpr std::string_view kJfif("JFIF\0", 5);
constexpr size_t kJfifSize = 14;

template <typename Number>
std::optional<Number> decimal(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return number;
}

std::optional<uint16_t> tiff_tag(std::string_view name) {
    constexpr std::string_view kOrigin = "tiff:";
    if (!name.starts_with(kOrigin)) return {};
    return decimal<uint16_t>(name.substr(kOrigin.size()));
}

// The first value is what is meant where there are several.
uint64_t tiff_number(const Description& image, uint16_t tag, uint64_t otherwise) {
    const std::optional<Field> field = tiff_field(image, tag);
    return field ? field->first() : otherwise;
}

}  // namespace

std::optional<Field> tiff_field(const Metadata& entry) {
    const std::optional<uint16_t> tag = tiff_tag(entry.name);
    constexpr size_t kHead = 6;
    if (!tag || entry.bytes.size() < kHead) return {};
    Field field;
    field.tag = *tag;
    field.type = static_cast<uint16_t>(little16(entry.bytes.data()));
    field.count = little32(entry.bytes.data() + 2);
    const size_t size = field_value_size(field.type);
    if (size == 0 || field.count == 0 || field.count * size != entry.bytes.size() - kHead) return {};
    field.values.assign(entry.bytes.begin() + kHead, entry.bytes.end());
    return field;
}

std::optional<Field> tiff_field(const Description& image, uint16_t tag) {
    for (const Metadata& entry : image.metadata)
        if (tiff_tag(entry.name) == tag) return tiff_field(entry);
    return {};
}

std::optional<Density> density_of_png(std::span<const uint8_t> phys) {
    if (phys.size() != 9) return {};
    Density density{Density::Unit::kNone, big32(phys.data()), 1, big32(phys.data() + 4), 1};
    if (phys[8] == 1) density.unit = Density::Unit::kMetre;
    if (phys[8] > 1 || density.x == 0 || density.y == 0) return {};
    return density;
}

std::optional<Density> density_of_jfif(std::span<const uint8_t> app0) {
    if (app0.size() < kJfifSize || !as_text(app0).starts_with(kJfif) || app0[7] > 2) return {};
    Density density{Density::Unit::kNone, big16(app0.data() + 8), 1, big16(app0.data() + 10), 1};
    if (app0[7] == 1) density.unit = Density::Unit::kInch;
    if (app0[7] == 2) density.unit = Density::Unit::kCentimetre;
    if (density.x == 0 || density.y == 0) return {};
    if (density.unit == Density::Unit::kNone && density.x == density.y)
        return {};  // square pixels, as all have
    return density;
}

bool is_plain_jfif(std::span<const uint8_t> app0) {
    if (app0.size() < kJfifSize || !as_text(app0).starts_with(kJfif)) return false;
    return app0.size() == kJfifSize && app0[12] == 0 && app0[13] == 0;  // no preview
}

std::optional<Density> density_of_tiff(const Description& image) {
    const std::optional<Field> x = tiff_field(image, tag::kXResolution),
                               y = tiff_field(image, tag::kYResolution);
    if (!x || x->type != kRational) return {};
    const auto set = [](const Field& field, uint32_t& number, uint32_t& divisor) {
        number = little32(field.values.data());
        divisor = little32(field.values.data() + 4);
    };
    Density density;
    set(*x, density.x, density.x_divisor);
    set(y && y->type == kRational ? *y : *x, density.y, density.y_divisor);
    if (density.x == 0 || density.y == 0 || density.x_divisor == 0 || density.y_divisor == 0) return {};
    const uint64_t unit = tiff_number(image, tag::kResolutionUnit, 2);
    density.unit = unit == 2   ? Density::Unit::kInch
                   : unit == 3 ? Density::Unit::kCentimetre
                               : Density::Unit::kNone;
    return density;
}

std::optional<Density> density_of_bmp(std::span<const uint8_t> header) {
    constexpr size_t kDensity = 14 + 24;  // in headers of the second kind and later
    if (header.size() < kDensity + 8) return {};
    const Density density{Density::Unit::kMetre, little32(header.data() + kDensity), 1,
                          little32(header.data() + kDensity + 4), 1};
    if (density.x == 0 || density.y == 0) return {};
    return density;
}

std::optional<Density> density_of(const Description& image) {
    if (const auto density = density_of_png(image.find("png:pHYs"))) return density;
    if (const auto density = density_of_tiff(image)) return density;
    if (const auto density = density_of_bmp(image.find("bmp:header"))) return density;
    return density_of_jfif(image.find("jpeg:APP0"));
}

std::vector<uint8_t> png_density(const Density& density) {
    double x = static_cast<double>(density.x) / density.x_divisor;
    double y = static_cast<double>(density.y) / density.y_divisor;
    if (density.unit == Density::Unit::kInch) x /= 0.0254, y /= 0.0254;
    if (density.unit == Density::Unit::kCentimetre) x *= 100, y *= 100;
    const bool shape = density.unit == Density::Unit::kNone;
    if (shape) {  // whole numbers of the same proportion
        const uint64_t a = uint64_t{density.x} * density.y_divisor,
                       b = uint64_t{density.y} * density.x_divisor;
        const uint64_t common = std::gcd(a, b);
        x = static_cast<double>(a / common), y = static_cast<double>(b / common);
    }
    constexpr double kLargest = 0x7FFFFFFF;
    x = std::round(x), y = std::round(y);
    if (x < 1 || y < 1 || x > kLargest || y > kLargest) return {};
    std::vector<uint8_t> bytes;
    put_big(bytes, static_cast<uint64_t>(x), 4);
    put_big(bytes, static_cast<uint64_t>(y), 4);
    bytes.push_back(shape ? 0 : 1);
    return bytes;
}

bool is_min_is_white(const Description& image) {
    return image.colour == Colour::kGrey && tiff_number(image, tag::kPhotometric, 1) == 0;
}

bool is_lab(const Description& image) {
    const uint64_t photometric = tiff_number(image, tag::kPhotometric, 1);
    return image.colour == Colour::kRgb && (photometric == 8 || photometric == 9);
}

bool is_inverted_cmyk(const Description& image) {
    return image.colour == Colour::kCmyk && as_text(image.find("jpeg:APP14")).starts_with("Adobe");
}

uint32_t white_of(const Description& image) {
    const uint32_t largest = (uint32_t{1} << image.bits) - 1;
    const auto maximum = decimal<uint32_t>(as_text(image.find("pnm:maxval")));
    // Only what needs all of the bits: any other number cannot have come with these samples.
    return maximum && *maximum <= largest && *maximum > largest / 2 ? *maximum : largest;
}

uint32_t orientation_of(const Description& image) {
    uint64_t orientation = tiff_number(image, tag::kOrientation, 0);
    if (orientation == 0)
        if (const auto exif = parse_exif(image.find("exif"))) {
            const auto found = exif->main.fields.find(tag::kOrientation);
            if (found != exif->main.fields.end()) orientation = found->second.first();
        }
    return orientation >= 1 && orientation <= 8 ? static_cast<uint32_t>(orientation) : 1;
}

std::vector<uint8_t> with_orientation(std::span<const uint8_t> exif, uint32_t orientation) {
    ExifBlock block;
    if (const auto parsed = parse_exif(exif)) {
        if (parsed->main.fields.contains(tag::kOrientation)) return {exif.begin(), exif.end()};
        if (parsed->has_next && !parsed->thumbnail) return {exif.begin(), exif.end()};  // would be lost
        block = *parsed;
    } else if (!exif.empty()) {
        return {exif.begin(), exif.end()};
    }
    block.main.set(Field::number(tag::kOrientation, kShort, orientation));
    return make_exif(block);
}

bool is_about_storage(const Metadata& entry, const Description& image) {
    const std::string& name = entry.name;
    for (const char* descriptor : {"png:IHDR", "png:IDAT-empty", "bmp:header", "gif:screen", "gif:frame",
                                   "gif:F9", "ico:entry", "ico:mask", "tiff:factor"})
        if (name == descriptor) return true;
    // A palette's: the pixels have it as alpha.
    if (name == "png:tRNS") return image.alpha && image.has("png:PLTE");
    if (name == "jpeg:APP0") return is_plain_jfif(entry.bytes) && !density_of_jfif(entry.bytes);
    if (name == "jpeg:APP14") return as_text(entry.bytes).starts_with("Adobe");
    if (name == "pnm:maxval") return white_of(image) == (uint32_t{1} << image.bits) - 1;
    const std::optional<Field> field = tiff_field(entry);
    if (!field) return false;
    switch (field->tag) {
        case tag::kNewSubfileType:
            return field->first() == 0;
        case tag::kPhotometric:
        case tag::kBits:
            return true;
        case tag::kOrientation:
        case tag::kSampleFormat:
            return field->first() == 1;
        case tag::kExtraSamples:
            return field->first() != 1;
        default:
            return false;
    }
}

void strip_metadata(Description& image) {
    static constexpr std::string_view kKept[] = {"icc",      "png:iCCP",  "png:gAMA", "png:cHRM", "png:sRGB",
                                                 "png:cICP", "png:mDCV",  "png:cLLI", "png:tRNS", "png:IHDR",
                                                 "png:PLTE", "tiff:262",  "tiff:274", "tiff:320", "tiff:338",
                                                 "tiff:339", "pnm:maxval"};
    const uint32_t orientation = orientation_of(image);
    const bool cmyk = image.colour == Colour::kCmyk, in_tiff = image.has("tiff:274");
    std::erase_if(image.metadata, [&](const Metadata& entry) {
        return std::ranges::find(kKept, entry.name) == std::end(kKept) &&
               !(cmyk && entry.name == "jpeg:APP14");
    });
    if (orientation != 1 && !in_tiff) image.add("exif", with_orientation({}, orientation));
}

void forget_exact_pixels(Description& image) {
    static constexpr std::string_view kDropped[] = {"png:IHDR", "png:PLTE", "png:tRNS",
                                                    "png:bKGD", "png:hIST", "tiff:320"};
    std::erase_if(image.metadata, [&](const Metadata& entry) {
        return std::ranges::find(kDropped, entry.name) != std::end(kDropped);
    });
}

}  // namespace image_io
