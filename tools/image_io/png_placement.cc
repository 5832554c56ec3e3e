// A picture's metadata as chunks of a PNG.
#include <zlib.h>

#include <algorithm>

#include "image_io/bytes.h"
#include "image_io/png_names.h"
#include "image_io/translate.h"
#include "image_io/writer.h"

namespace image_io {

namespace {

constexpr std::string_view kBeforePalette[] = {"gAMA", "cHRM", "sRGB", "iCCP",
                                               "sBIT", "cICP", "mDCV", "cLLI"};
constexpr std::string_view kBehindPalette[] = {"bKGD", "hIST", "tRNS"};

std::vector<uint8_t> joined(std::string_view head, std::span<const uint8_t> bytes) {
    std::vector<uint8_t> all(head.begin(), head.end());
    all.insert(all.end(), bytes.begin(), bytes.end());
    return all;
}

std::vector<uint8_t> profile_chunk(std::span<const uint8_t> profile, std::span<const uint8_t> given_name) {
    constexpr size_t kLongestName = 79;
    const bool usable = !given_name.empty() && given_name.size() <= kLongestName &&
                        as_text(given_name).find('\0') == std::string_view::npos;
    const std::string_view name = usable ? as_text(given_name) : "ICC profile";
    uLongf size = compressBound(static_cast<uLong>(profile.size()));
    std::vector<uint8_t> compressed(size);
    if (compress2(compressed.data(), &size, profile.data(), static_cast<uLong>(profile.size()), 9) != Z_OK)
        throw std::bad_alloc();
    compressed.resize(size);
    return joined(std::string(name) + std::string(2, '\0'), compressed);
}

std::vector<uint8_t> xmp_chunk(std::span<const uint8_t> xmp) {
    // Keyword; not compressed; no language, no translated keyword.
    return joined(std::string("XML:com.adobe.xmp") + std::string(5, '\0'), xmp);
}

class PngPlacement {
  public:
    PngPlacement(const Description& image, Placement& placement)
        : image_(image), placement_(placement), out_(placement.image.metadata) {}

    void place_all() {
        for (const Metadata& entry : image_.metadata)
            if (!place(entry) && !is_about_storage(entry, image_))
                placement_.left_out.push_back(named(entry));
        place_translated();
        if (placement_.palette && !has("png:PLTE")) place_palette();
    }

    void add(std::string_view type, std::vector<uint8_t> bytes) {
        out_.push_back({(behind_ ? "png-end:" : "png:") + std::string(type), std::move(bytes)});
    }

  private:
    bool has(std::string_view name) const { return std::ranges::count(out_, name, &Metadata::name) > 0; }

    // Whether it has a place in the file, or is in it in another form.
    bool place(const Metadata& entry) {
        const std::string& name = entry.name;
        behind_ |= name.starts_with("png-end:");
        if (name == std::string(kPixelsPlace).append(kEmptyPart)) return behind_ = true;
        // A PNG has one of each.
        if (name == "icc")
            return add_once(done_icc_, "iCCP", profile_chunk(entry.bytes, image_.find("png:iCCP-name")));
        if (name == "exif") return add_once(done_exif_, "eXIf", exif(entry));
        if (name == "xmp") return add_once(done_xmp_, "iTXt", xmp_chunk(entry.bytes));
        if (name == "png:iCCP-name") return image_.has("icc");
        if (name == "png:trailing") {
            out_.push_back(entry);
            return true;
        }
        if (name == "pnm:maxval") return false;
        if (name == "jpeg:APP0")
            return density_of_jfif(entry.bytes) && density_is_written() && is_plain_jfif(entry.bytes);
        if (name == "tiff:282" || name == "tiff:283" || name == "tiff:296")
            return density_of_tiff(image_) && density_is_written();
        if (name == "tiff:274") {
            const auto made = parse_exif(with_orientation(image_.find("exif"), orientation_of(image_)));
            return made && made->main.has(tag::kOrientation);
        }
        if (placement_.palette && name == placement_.palette.name && name != "png:PLTE") return true;
        return place_chunk(entry);
    }

    bool place_chunk(const Metadata& entry) {
        const std::string_view type = chunk_type(entry.name);
        if (entry.name == "png:PLTE") {
            const bool fits =
                placement_.palette || (image_.colour == Colour::kRgb && entry.bytes.size() % 3 == 0 &&
                                       entry.bytes.size() <= 3 * 256);
            if (!fits || has("png:PLTE")) return false;
        } else if (!is_ancillary(type)) {
            return false;
        }
        if (type == "tRNS" && !transparency_fits(entry.bytes)) return false;
        out_.push_back(entry);
        return true;
    }

    bool transparency_fits(std::span<const uint8_t> bytes) const {
        if (placement_.palette) return bytes.size() <= placement_.palette.colours.size();
        return !image_.alpha && bytes.size() == 2 * size_t{image_.channels()} && !placement_.inverted;
    }

    bool add_once(bool& done, std::string_view type, std::vector<uint8_t> bytes) {
        if (done) return false;
        done = true;
        add(type, std::move(bytes));
        return true;
    }

    std::vector<uint8_t> exif(const Metadata& entry) const {
        const uint32_t orientation = orientation_of(image_);
        return orientation == 1 ? entry.bytes : with_orientation(entry.bytes, orientation);
    }

    bool density_is_written() const {
        const auto density = density_of(image_);
        return density && !png_density(*density).empty();
    }

    // What other formats say in other words.
    void place_translated() {
        behind_ = false;
        if (!image_.has("png:pHYs") && !image_.has("png-end:pHYs"))
            if (const auto density = density_of(image_))
                if (auto bytes = png_density(*density); !bytes.empty()) add("pHYs", std::move(bytes));
        if (!done_exif_ && image_.has("tiff:274") && orientation_of(image_) != 1)
            add("eXIf", with_orientation({}, orientation_of(image_)));
    }

    // One that was not a PNG's. Some chunks must lie before it, some behind it. (Those of a PNG stay as they were.)
    void place_palette() {
        const auto is_one_of = [](const Metadata& entry, auto& types) {
            return std::ranges::find(types, chunk_type(entry.name)) != std::end(types);
        };
        std::stable_partition(out_.begin(), out_.end(),
                              [&](const Metadata& entry) { return is_one_of(entry, kBeforePalette); });
        std::stable_partition(out_.begin(), out_.end(),
                              [&](const Metadata& entry) { return !is_one_of(entry, kBehindPalette); });
        const auto first = std::ranges::find_if(out_, [&](const Metadata& entry) {
            return is_one_of(entry, kBehindPalette) || !entry.name.starts_with("png:");
        });
        const std::vector<uint8_t> opacity =
            image_.alpha ? png_opacity(placement_.palette) : std::vector<uint8_t>();
        const auto at = out_.insert(first, {"png:PLTE", png_colours(placement_.palette)});
        if (!opacity.empty()) out_.insert(at + 1, {"png:tRNS", opacity});
    }

    const Description& image_;
    Placement& placement_;
    std::vector<Metadata>& out_;
    bool behind_ = false;  // the pixels
    bool done_icc_ = false, done_exif_ = false, done_xmp_ = false;
};

}  // namespace

void place_in_png(const Description& image, Placement& placement) {
    if (image.colour == Colour::kCmyk)
        unsupported("this is a CMYK picture, which PNG cannot hold; write a TIFF: --to tiff");
    if (is_lab(image))
        unsupported("this is a picture of Lab colours, which PNG cannot hold; write a TIFF: --to tiff");
    placement.inverted = is_min_is_white(image);
    placement.palette = palette_of(image);
    if (image.bits != 8 || placement.palette.bits > 8) placement.palette = {};
    if (placement.palette && placement.palette.bits < 8) {
        uint32_t bits = 1;  // 1, 2 or 4, as PNG has them
        while (bits < placement.palette.bits) bits *= 2;
        placement.palette.bits = bits;
    }
    PngPlacement chunks(image, placement);
    chunks.place_all();
    const uint32_t bits = png_bits(image);
    const uint32_t white = (uint32_t{1} << bits) - 1;
    if (placement.white == white) return;
    placement.notes.push_back("PNG does not have samples of 0 to " + std::to_string(placement.white) +
                              ": they are stretched to 0 to " + std::to_string(white));
    if (!image.has("png:sBIT") && bits > image.bits)
        placement.image.metadata.insert(
            placement.image.metadata.begin(),
            {"png:sBIT", std::vector<uint8_t>(image.channels(), static_cast<uint8_t>(image.bits))});
}

uint32_t png_bits(const Description& image) {
    const bool grey = image.colour == Colour::kGrey && !image.alpha;
    for (const uint32_t bits : {1u, 2u, 4u})
        if (grey && image.bits <= bits) return bits;
    return image.bits <= 8 ? 8 : 16;
}

}  // namespace image_io
