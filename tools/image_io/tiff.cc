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

Source& source_of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t read_bytes(thandle_t handle, void* out, tmsize_t size) {
    return size > 0 ? static_cast<tmsize_t>(source_of(handle).read(out, static_cast<size_t>(size))) : 0;
}
tmsize_t write_bytes(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
    Source& source = source_of(handle);
    const uint64_t base = whence == SEEK_CUR ? source.position() : whence == SEEK_END ? source.size() : 0;
    source.seek(base + offset);
    return base + offset;
}
int close_nothing(thandle_t) { return 0; }
toff_t file_size(thandle_t handle) { return source_of(handle).size(); }

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

// A strip of more than this is read by lines, where it can be.
constexpr size_t kLargeStrip = size_t{1} << 22;

class TiffReader : public Reader {
  public:
    TiffReader(Source& source, uint64_t max_bytes) : tiff_(nullptr, TIFFClose) {
        TIFFSetErrorHandler(remember);
        TIFFSetWarningHandler(nullptr);
        last_error.clear();
        tiff_.reset(TIFFClientOpen("picture", "rm", &source, read_bytes, write_bytes, seek, close_nothing,
                                   file_size, nullptr, nullptr));
        TIFF* tiff = tiff_.get();
        if (!tiff) fail();
        uint32_t width = 0, height = 0;
        if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) ||
            !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height))
            fail();
        const uint32_t channels = check_kind(tiff);
        if (!TIFFLastDirectory(tiff))
            unsupported("the TIFF file holds several pictures; Residua codes single ones");
        description_.set_size(width, height);
        description_.set_kind(channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8);
        description_.add("icc", blob(tiff, TIFFTAG_ICCPROFILE));
        description_.add("xmp", blob(tiff, TIFFTAG_XMLPACKET));
        if (field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) != ORIENTATION_TOPLEFT)
            description_.lost.push_back("the orientation (turn the picture yourself)");
        description_.lost.push_back("TIFF tags other than the ICC profile and XMP");
        choose_blocks(max_bytes);
    }

  private:
    void choose_blocks(uint64_t max_bytes) {
        TIFF* tiff = tiff_.get();
        const bool planar =
            description_.channels() > 1 &&
            field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
        planes_ = planar ? description_.channels() : 1;
        block_channels_ = planar ? 1 : description_.channels();
        tiled_ = TIFFIsTiled(tiff);
        block_width_ = description_.width, block_height_ = description_.height;
        if (tiled_) {
            TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &block_width_);
            TIFFGetField(tiff, TIFFTAG_TILELENGTH, &block_height_);
        } else {
            block_height_ =
                std::min(block_height_, field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, block_height_));
        }
        if (block_width_ == 0 || block_height_ == 0 || block_width_ > 2 * 65535 || block_height_ > 2 * 65535)
            damaged("the TIFF file is damaged: its tiles have an impossible size");
        const size_t block_bytes = size_t{block_width_} * block_height_ * block_channels_;
        if (tiled_ && static_cast<size_t>(TIFFTileSize(tiff)) != block_bytes)
            damaged("the TIFF file is damaged: its tiles have an impossible size");
        by_lines_ = !tiled_ && !planar && block_bytes > kLargeStrip &&
                    static_cast<size_t>(TIFFScanlineSize(tiff)) == description_.row_bytes();
        if (by_lines_) return;
        const uint32_t band_rows = std::min(block_height_, description_.height);
        check_memory(block_bytes + band_rows * uint64_t{description_.row_bytes()}, max_bytes);
        block_.resize(block_bytes);
        band_.resize(band_rows * description_.row_bytes());
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t row_bytes = description_.row_bytes();
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += row_bytes) {
            if (by_lines_) {
                if (TIFFReadScanline(tiff_.get(), pixels, y_, 0) < 0) fail();
                continue;
            }
            if (y_ % block_height_ == 0) read_band();
            std::memcpy(pixels, band_.data() + y_ % block_height_ * row_bytes, row_bytes);
        }
    }

    // The row of blocks that begins at y_.
    void read_band() {
        const uint32_t rows = std::min(block_height_, description_.height - y_);
        for (uint32_t plane = 0; plane < planes_; ++plane) {
            for (uint32_t x = 0; x < description_.width; x += block_width_) {
                const auto sample = static_cast<uint16_t>(plane);
                TIFF* tiff = tiff_.get();
                const size_t wanted = tiled_ ? block_.size() : size_t{block_width_} * rows * block_channels_;
                const auto size = static_cast<tmsize_t>(wanted);
                const tmsize_t got =
                    tiled_
                        ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y_, 0, sample), block_.data(),
                                              size)
                        : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y_, sample), block_.data(), size);
                if (got < 0 || static_cast<size_t>(got) != wanted) fail();
                place(x, rows, plane);
            }
        }
    }

    // Copies a decoded block, whose samples of one pixel lie together, into the band at column x.
    void place(uint32_t x, uint32_t rows, uint32_t plane) {
        const uint32_t columns = std::min(block_width_, description_.width - x);
        const uint32_t channels = description_.channels();
        for (uint32_t row = 0; row < rows; ++row) {
            const uint8_t* from = block_.data() + size_t{row} * block_width_ * block_channels_;
            uint8_t* to = band_.data() + (size_t{row} * description_.width + x) * channels + plane;
            if (block_channels_ == channels) {
                std::memcpy(to, from, size_t{columns} * channels);
            } else {
                for (uint32_t i = 0; i < columns; ++i) to[size_t{i} * channels] = from[i];
            }
        }
    }

    Tiff tiff_;
    bool tiled_ = false, by_lines_ = false;
    uint32_t planes_ = 1;  // that lie apart
    uint32_t block_width_ = 0, block_height_ = 0, block_channels_ = 0;
    std::vector<uint8_t> block_, band_;
    uint32_t y_ = 0;  // the next row
};

}  // namespace

std::unique_ptr<Reader> open_tiff(Source& source, uint64_t max_bytes) {
    return std::make_unique<TiffReader>(source, max_bytes);
}

}  // namespace image_io
