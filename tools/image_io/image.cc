#include "image_io/image.h"

#include <algorithm>
#include <string_view>

#include "image_io/formats.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint32_t kMaxSide = 0x7FFFFFFF;

constexpr size_t kBeginning = 256;  // bytes that tell every format

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

void Description::add_part(const std::string& name, std::span<const uint8_t> bytes) {
    static constexpr uint8_t kNothing[] = {0};
    add(bytes.empty() ? name + "-empty" : name, bytes.empty() ? kNothing : bytes);
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

void ReadOptions::check_interrupted() const {
    if (interrupted && interrupted()) throw ImageError(Failure::kInterrupted, "interrupted");
}

bool begins_as_jpeg(Source& source) {
    using namespace std::string_view_literals;
    const std::vector<uint8_t> file = bytes_at(source, 0, kBeginning);
    source.seek(0);
    const auto first = std::ranges::find_if(file, [](uint8_t c) { return !std::isspace(c); }) - file.begin();
    return starts_with(std::span(file).subspan(static_cast<size_t>(first)), "\xff\xd8\xff"sv);
}

namespace {

std::unique_ptr<Reader> open_any(Source& source, const ReadOptions& options) {
    using namespace std::string_view_literals;
    const std::vector<uint8_t> file = bytes_at(source, 0, kBeginning);
    source.seek(0);
    const auto begins = [&](std::string_view mark) { return starts_with(file, mark); };
    // Those that may hold several pictures see to options.page themselves.
    if (begins("II*\0"sv) || begins("MM\0*"sv) || begins("II+\0"sv) || begins("MM\0+"sv))
        return open_tiff(source, options);
    if (begins_as_jpeg(source)) return open_jpeg(source, options);
    if (begins("\x89PNG\r\n\x1a\n"sv)) return open_png(source, options);
    if (begins("RIFF"sv) && file.size() >= 12 && starts_with(std::span(file).subspan(8), "WEBP"sv))
        return open_webp(source, options);
    if (begins("GIF87a"sv) || begins("GIF89a"sv)) return open_gif(source, options);
    if (begins("\0\0\1\0"sv) || begins("\0\0\2\0"sv)) return open_icon(source, options);
    if (file.size() >= 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '7')
        return open_pnm(source, options);
    check_page(options, 1);
    if (begins("BM"sv)) return open_bmp(source, options);
    if (begins("qoif"sv)) return open_qoi(source, options);
    refuse_format(file);
}

}  // namespace

std::unique_ptr<Reader> open(Source& source, const ReadOptions& options) { return open_any(source, options); }

Image read(Source& source, const ReadOptions& options) {
    const std::unique_ptr<Reader> reader = open(source, options);
    Image image{reader->description(), {}};
    check_memory(image.pixel_bytes(), options.max_bytes);
    image.pixels.resize(image.pixel_bytes());
    reader->read(image.height, image.pixels.data());
    return image;
}

Image read(std::span<const uint8_t> file, const ReadOptions& options) {
    MemorySource source(file);
    return read(source, options);
}

}  // namespace image_io
