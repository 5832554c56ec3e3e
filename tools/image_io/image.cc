#include "image_io/image.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace image_io {

namespace {

constexpr uint32_t kMaxSide = 0x7FFFFFFF;

bool starts_with(std::span<const uint8_t> file, std::string_view magic, size_t offset = 0) {
    return file.size() >= offset + magic.size() &&
           std::equal(magic.begin(), magic.end(), file.begin() + static_cast<ptrdiff_t>(offset),
                      [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

}  // namespace

void Description::set_size(uint32_t image_width, uint32_t image_height) {
    if (image_width == 0 || image_height == 0) damaged("the picture has no pixels");
    if (image_width > kMaxSide || image_height > kMaxSide)
        unsupported("the picture is too large: a side may have " + std::to_string(kMaxSide) +
                    " pixels at most");
    width = image_width;
    height = image_height;
}

void Description::set_kind(Colour image_colour, bool has_alpha, uint32_t image_bits) {
    if (image_bits < 1 || image_bits > 16)
        unsupported("the picture has " + std::to_string(image_bits) +
                    " bits per sample; 1 to 16 can be kept");
    colour = image_colour;
    alpha = has_alpha;
    bits = image_bits;
}

std::span<const uint8_t> Description::find(std::string_view name) const {
    const auto found = std::ranges::find(metadata, name, &Metadata::name);
    return found == metadata.end() ? std::span<const uint8_t>() : found->bytes;
}

bool Description::has(std::string_view name) const {
    return std::ranges::find(metadata, name, &Metadata::name) != metadata.end();
}

void Description::add(std::string name, std::span<const uint8_t> bytes) {
    const bool own = name.find(':') != std::string::npos;
    if (own || !bytes.empty()) metadata.push_back({std::move(name), {bytes.begin(), bytes.end()}});
}

void check_memory(uint64_t bytes, uint64_t max_bytes) {
    if (bytes > max_bytes)
        throw ImageError(Failure::kMemory,
                         "the picture needs more memory than the limit allows; raise --memory-limit");
}

void Reader::read(uint32_t rows, uint8_t* pixels) {
    read_rows(rows, pixels);
    next_ += rows;
    if (next_ == description_.height) finish();
}

std::unique_ptr<Reader> open(Source& source, uint64_t max_bytes) {
    using namespace std::string_view_literals;
    uint8_t bytes[16];
    source.seek(0);
    const std::span<const uint8_t> file(bytes, source.read(bytes, sizeof bytes));
    source.seek(0);
    if (starts_with(file, "\x89PNG\r\n\x1a\n"sv)) return open_png(source, max_bytes);
    if (starts_with(file, "\xff\xd8\xff"sv)) return open_jpeg(source);
    if (starts_with(file, "II*\0"sv) || starts_with(file, "MM\0*"sv) || starts_with(file, "II+\0"sv) ||
        starts_with(file, "MM\0+"sv))
        return open_tiff(source, max_bytes);
    if (starts_with(file, "RIFF"sv) && starts_with(file, "WEBP"sv, 8)) return open_webp(source, max_bytes);
    if (file.size() >= 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7') return open_pnm(source);
    if (starts_with(file, "\x89RSD"sv))
        damaged("this is a Residua file already; to get its picture: residua decode");
    damaged("this is not a PNG, JPEG, TIFF, WebP, PPM, PGM or PAM picture");
}

Image read(Source& source, uint64_t max_bytes) {
    const std::unique_ptr<Reader> reader = open(source, max_bytes);
    Image image{reader->description(), {}};
    check_memory(image.pixel_bytes(), max_bytes);
    image.pixels.resize(image.pixel_bytes());
    reader->read(image.height, image.pixels.data());
    return image;
}

Image read(std::span<const uint8_t> file, uint64_t max_bytes) {
    MemorySource source(file);
    return read(source, max_bytes);
}

OutputFormat output_format(const std::string& path) {
    const size_t dot = path.rfind('.');
    std::string extension = dot == std::string::npos ? "" : path.substr(dot + 1);
    for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (extension == "png") return OutputFormat::kPng;
    if (extension == "ppm" || extension == "pgm" || extension == "pnm") return OutputFormat::kPnm;
    unsupported("cannot tell the format of '" + path + "': its name must end in .png, .ppm, .pgm or .pnm");
}

std::vector<std::string> lost_by(OutputFormat format, const Description& image) {
    std::vector<std::string> lost;
    if (format != OutputFormat::kPnm) return lost;
    if (image.has("icc")) lost.push_back("the ICC profile");
    if (image.has("exif")) lost.push_back("Exif");
    if (image.has("xmp")) lost.push_back("XMP");
    return lost;
}

std::unique_ptr<Writer> make_writer(const Description& image, OutputFormat format, Output output) {
    return format == OutputFormat::kPng ? make_png_writer(image, std::move(output))
                                        : make_pnm_writer(image, std::move(output));
}

std::vector<uint8_t> write(const Image& image, OutputFormat format) {
    std::vector<uint8_t> bytes;
    make_writer(image, format, [&](std::span<const uint8_t> part) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    })->write(image.height, image.pixels.data());
    return bytes;
}

}  // namespace image_io
