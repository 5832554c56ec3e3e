// TIFF through libtiff: 8-bit grey and RGB, in strips or tiles.
#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <string>

#include "image_io/image.h"

namespace image_io {

namespace {

struct Memory {
    std::span<const uint8_t> file;
    uint64_t position = 0;
};

tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t size) {
    auto& memory = *static_cast<Memory*>(handle);
    if (memory.position >= memory.file.size() || size <= 0) return 0;
    const uint64_t count =
        std::min<uint64_t>(static_cast<uint64_t>(size), memory.file.size() - memory.position);
    std::memcpy(out, memory.file.data() + memory.position, count);
    memory.position += count;
    return static_cast<tmsize_t>(count);
}
tmsize_t write_bytes(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
    auto& memory = *static_cast<Memory*>(handle);
    const uint64_t base = whence == SEEK_CUR ? memory.position : whence == SEEK_END ? memory.file.size() : 0;
    memory.position = base + offset;
    return memory.position;
}
int close_nothing(thandle_t) { return 0; }
toff_t file_size(thandle_t handle) { return static_cast<Memory*>(handle)->file.size(); }

// The library's handlers are global; the tool reads one file at a time.
std::string last_error;
void remember(const char*, const char* format, va_list arguments) {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    last_error = text;
}

using Tiff = std::unique_ptr<TIFF, void (*)(TIFF*)>;

[[noreturn]] void fail() {
    damaged("the TIFF file is damaged: " + (last_error.empty() ? "unreadable" : last_error));
}

template <typename T>
T field(TIFF* tiff, uint32_t tag, T otherwise) {
    T value = otherwise;
    return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : otherwise;
}

std::vector<uint8_t> blob(TIFF* tiff, uint32_t tag) {
    uint32_t size = 0;
    const uint8_t* data = nullptr;
    if (!TIFFGetField(tiff, tag, &size, &data) || !data) return {};
    return {data, data + size};
}

// Checks that the picture can be kept exactly, and returns its channels.
uint32_t check_kind(TIFF* tiff) {
    const auto bits = field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
    const auto samples = field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    const auto format = field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
    uint16_t photometric = PHOTOMETRIC_MINISBLACK;
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (bits == 16 || bits == 32)
        unsupported("the picture has " + std::to_string(bits) + " bits per sample; this version codes 8");
    if (bits != 8 || format != SAMPLEFORMAT_UINT) unsupported("the TIFF picture does not have 8-bit samples");
    if (photometric == PHOTOMETRIC_SEPARATED)
        unsupported("this is a CMYK picture; Residua codes grey and RGB");
    if (photometric == PHOTOMETRIC_MINISBLACK && samples == 1) return 1;
    if (photometric == PHOTOMETRIC_RGB && samples == 3) return 3;
    if ((photometric == PHOTOMETRIC_RGB && samples > 3) ||
        (photometric == PHOTOMETRIC_MINISBLACK && samples > 1))
        unsupported(
            "the picture has an alpha channel (or others beside its colours), which this version cannot "
            "keep");
    unsupported(
        "the TIFF picture is neither 8-bit grey nor RGB (a palette, YCbCr or Lab); convert it to RGB first");
}

// Copies a decoded block, whose samples of one pixel lie together, into the picture at (x, y).
void place(Image& image, const uint8_t* block, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
           uint32_t channels, uint32_t plane) {
    const uint32_t columns = std::min(width, image.width - x), rows = std::min(height, image.height - y);
    for (uint32_t row = 0; row < rows; ++row) {
        const uint8_t* from = block + size_t{row} * width * channels;
        uint8_t* to = image.pixels.data() + (size_t{y + row} * image.width + x) * image.channels + plane;
        if (channels == image.channels) {
            std::memcpy(to, from, size_t{columns} * channels);
        } else {
            for (uint32_t i = 0; i < columns; ++i) to[size_t{i} * image.channels] = from[i];
        }
    }
}

void read_pixels(TIFF* tiff, Image& image) {
    const bool planar = image.channels > 1 && field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG,
                                                              PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
    const uint32_t channels = planar ? 1 : image.channels;
    const bool tiled = TIFFIsTiled(tiff);
    uint32_t width = image.width, height = image.height;
    if (tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &height);
    } else {
        height = std::min(height, field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, height));
    }
    if (width == 0 || height == 0 || width > 2 * 65535 || height > 2 * 65535)
        damaged("the TIFF file is damaged: its tiles have an impossible size");
    const size_t block_bytes = size_t{width} * height * channels;
    if (tiled && static_cast<size_t>(TIFFTileSize(tiff)) != block_bytes)
        damaged("the TIFF file is damaged: its tiles have an impossible size");
    std::vector<uint8_t> block(block_bytes);
    for (uint32_t plane = 0; plane < (planar ? image.channels : 1); ++plane) {
        for (uint32_t y = 0; y < image.height; y += height) {
            for (uint32_t x = 0; x < image.width; x += width) {
                const size_t wanted =
                    tiled ? block_bytes : size_t{width} * std::min(height, image.height - y) * channels;
                const auto sample = static_cast<uint16_t>(plane);
                const tmsize_t got = tiled
                                         ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, sample),
                                                               block.data(), static_cast<tmsize_t>(wanted))
                                         : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, sample),
                                                                block.data(), static_cast<tmsize_t>(wanted));
                if (got < 0 || static_cast<size_t>(got) != wanted) fail();
                place(image, block.data(), x, y, width, height, channels, plane);
            }
        }
    }
}

}  // namespace

Image read_tiff(std::span<const uint8_t> file, uint64_t max_bytes) {
    TIFFSetErrorHandler(remember);
    TIFFSetWarningHandler(nullptr);
    last_error.clear();
    Memory memory{file};
    const Tiff tiff(TIFFClientOpen("picture", "rm", &memory, read_bytes, write_bytes, seek, close_nothing,
                                   file_size, nullptr, nullptr),
                    TIFFClose);
    if (!tiff) fail();
    uint32_t width = 0, height = 0;
    if (!TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &width) ||
        !TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &height))
        fail();
    const uint32_t channels = check_kind(tiff.get());
    if (!TIFFLastDirectory(tiff.get()))
        unsupported("the TIFF file holds several pictures; Residua codes single ones");

    Image image;
    image.allocate(width, height, channels, max_bytes);
    read_pixels(tiff.get(), image);
    image.icc = blob(tiff.get(), TIFFTAG_ICCPROFILE);
    image.xmp = blob(tiff.get(), TIFFTAG_XMLPACKET);
    if (field<uint16_t>(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) != ORIENTATION_TOPLEFT)
        image.lost.push_back("the orientation (turn the picture yourself)");
    image.lost.push_back("TIFF tags other than the ICC profile and XMP");
    return image;
}

}  // namespace image_io
