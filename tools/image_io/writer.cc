#include "image_io/writer.h"

#include <algorithm>
#include <cctype>

#include "image_io/translate.h"

namespace image_io {

namespace {

constexpr const char* kNames = ".png, .tif, .tiff, .pbm, .pgm, .ppm, .pnm or .pam";

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

Placement place(const Description& image, OutputFormat format) {
    Placement placement;
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

std::unique_ptr<Writer> make_writer(Placement placement, Output output) {
    switch (placement.format) {
        case OutputFormat::kPng:
            return make_png_writer(std::move(placement), std::move(output));
        case OutputFormat::kTiff:
            return make_tiff_writer(std::move(placement), std::move(output));
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
