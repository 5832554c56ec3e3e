#include "image_io/writer.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "image_io/bytes.h"
#include "image_io/translate.h"

namespace image_io {

namespace {

constexpr const char* kNames = ".png, .tif, .tiff, .pbm, .pgm, .ppm, .pnm or .pam";

// The samples of the colour that is transparent in a PNG without alpha; empty: there is none.
std::vector<uint16_t> transparent_colour(const Description& image) {
    const std::span<const uint8_t> bytes = image.find("png:tRNS");
    if (image.alpha || image.has("png:PLTE") || bytes.size() != 2 * size_t{image.channels()}) return {};
    std::vector<uint16_t> colour;
    for (size_t i = 0; i < bytes.size(); i += 2)
        colour.push_back(static_cast<uint16_t>(big16(&bytes[i]) & ((1U << image.bits) - 1)));
    return colour;
}

// Gives pixels an alpha channel in which one colour is transparent.
class TransparentColour : public Writer {
  public:
    // `placement`: of the picture with alpha.
    TransparentColour(Placement placement, Output output, Output rewrite)
        : colour_(std::move(placement.transparent)),
          width_(placement.image.width),
          sample_(placement.image.sample_bytes()),
          opaque_(static_cast<uint16_t>((1U << placement.image.bits) - 1)),
          row_(placement.image.row_bytes()) {
        placement.transparent.clear();
        writer_ = make_writer(std::move(placement), std::move(output), std::move(rewrite));
    }

    void write(uint32_t rows, const uint8_t* pixels) override {
        const size_t colours = colour_.size() * sample_;
        for (uint32_t row = 0; row < rows; ++row) {
            uint8_t* to = row_.data();
            for (uint32_t x = 0; x < width_; ++x, pixels += colours, to += colours + sample_) {
                std::memcpy(to, pixels, colours);
                const uint16_t alpha = is_transparent(pixels) ? 0 : opaque_;
                if (sample_ == 2)
                    std::memcpy(to + colours, &alpha, 2);
                else
                    to[colours] = static_cast<uint8_t>(alpha);
            }
            writer_->write(1, row_.data());
        }
    }

  private:
    bool is_transparent(const uint8_t* pixel) const {
        for (const uint16_t wanted : colour_) {
            uint16_t value = *pixel;
            if (sample_ == 2) std::memcpy(&value, pixel, 2);
            if (value != wanted) return false;
            pixel += sample_;
        }
        return true;
    }

    std::vector<uint16_t> colour_;
    uint32_t width_;
    size_t sample_;
    uint16_t opaque_;
    std::vector<uint8_t> row_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace

OutputFormat format_named(const std::string& name) {
    std::string small = name;
    for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (small == "png") return OutputFormat::kPng;
    if (small == "tif" || small == "tiff") return OutputFormat::kTiff;
    if (small == "pbm" || small == "pgm" || small == "ppm" || small == "pnm") return OutputFormat::kPnm;
    if (small == "pam") return OutputFormat::kPam;
    unsupported("'" + name + "' is no format that pictures are written in: those are " + kNames);
}

OutputFormat output_format(const std::string& path) {
    const size_t dot = path.rfind('.'), slash = path.rfind('/');
    const bool has_extension = dot != std::string::npos && (slash == std::string::npos || slash < dot);
    try {
        return format_named(has_extension ? path.substr(dot + 1) : "");
    } catch (const ImageError&) {
        unsupported("cannot tell the format of '" + path + "': its name must end in " + kNames);
    }
}

Placement place(const Description& given, OutputFormat format) {
    Placement placement;
    Description image = given;
    // What is called .ppm stays one, and the colour is named.
    if (format == OutputFormat::kTiff || format == OutputFormat::kPam)
        placement.transparent = transparent_colour(image);
    if (!placement.transparent.empty()) {
        image.set_kind(image.colour, true, image.bits);
        std::erase_if(image.metadata, [](const Metadata& entry) { return entry.name == "png:tRNS"; });
        placement.notes.emplace_back("the PNG's transparent colour becomes an alpha channel");
    }
    placement.format = format;
    placement.image = image;
    placement.image.metadata.clear();
    placement.white = white_of(image);
    switch (format) {
        case OutputFormat::kPng:
            place_in_png(image, placement);
            break;
        case OutputFormat::kTiff:
            place_in_tiff(image, placement);
            break;
        case OutputFormat::kPnm:
        case OutputFormat::kPam:
            place_in_pnm(image, placement);
            break;
    }
    return placement;
}

std::unique_ptr<Writer> make_writer(Placement placement, Output output, Output rewrite) {
    if (!placement.transparent.empty())
        return std::make_unique<TransparentColour>(std::move(placement), std::move(output),
                                                   std::move(rewrite));
    switch (placement.format) {
        case OutputFormat::kPng:
            return make_png_writer(std::move(placement), std::move(output));
        case OutputFormat::kTiff:
            return make_tiff_writer(std::move(placement), std::move(output), std::move(rewrite));
        default:
            return make_pnm_writer(std::move(placement), std::move(output));
    }
}

std::vector<uint8_t> write(const Image& image, OutputFormat format) {
    std::vector<uint8_t> bytes;
    make_writer(image, format, [&](std::span<const uint8_t> part) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    })->write(image.height, image.pixels.data());
    return bytes;
}

}  // namespace image_io
