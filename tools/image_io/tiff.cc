// TIFF through libtiff: pixels from strips or tiles, as far as they are integers of at most 16 bits.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "image_io/bits.h"
#include "image_io/narrowing.h"
#include "image_io/source_bytes.h"
#include "image_io/tiff_kind.h"
#include "image_io/tiff_library.h"
#include "image_io/tiff_metadata.h"
#include "image_io/tiff_palette.h"

namespace image_io {

namespace {

// A strip of more than this is read by lines, where it can be.
constexpr uint64_t kLargeStrip = uint64_t{1} << 22;

class TiffReader : public Reader {
  public:
    TiffReader(Source& source, const ReadOptions& options)
        : options_(options), handle_{&source, ""}, tiff_(nullptr, TIFFClose) {
        TiffDirectories file(source, options_);
        const TiffPage page = choose_tiff_page(source, file, options_, description_);
        tiff_ = open_tiff_library(handle_, options_.max_bytes);
        TIFF* tiff = tiff_.get();
        if (!tiff) fail();
        if (page.position != file.first() && !TIFFSetSubDirectory(tiff, page.position)) fail();
        uint32_t width = 0, height = 0;
        if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) ||
            !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height))
            fail();
        description_.set_size(width, height);
        kind_ = find_tiff_kind(tiff, description_);
        description_.set_kind(kind_.colour, kind_.alpha, std::min(kind_.bits, 16U));
        if (kind_.palette) {
            palette_.emplace(tiff, kind_);
            description_.set_kind(Colour::kRgb, kind_.alpha, palette_->bits());
        }
        stored_channels_ = kind_.palette ? (kind_.alpha ? 2 : 1) : description_.channels();
        stored_sample_bytes_ = kind_.bits > 8 ? 2 : 1;
        if (kind_.as_rgb)
            decode_as_rgb();
        else
            choose_blocks();
        if (kind_.narrowed()) choose_narrowing();
        read_tiff_metadata(file, {page.directory, page.thumbnail, kind_.converted}, description_);
        if (kind_.narrowed()) describe_narrowing();
        if (page.end != 0 && !kind_.as_rgb) keep_rest(source, std::max(page.end, file.end()));
    }

  private:
    [[noreturn]] void fail() const {
        options_.check_interrupted();
        damaged("the TIFF file is damaged: " + (handle_.error.empty() ? "unreadable" : shown(handle_.error)));
    }

    void decode_as_rgb() {
        const uint64_t pixels = uint64_t{description_.width} * description_.height;
        check_memory(pixels * 4, options_.max_bytes);
        as_rgb_.resize(static_cast<size_t>(pixels));
        // Not turned: the tag is kept.
        const auto orientation = tiff_field<uint16_t>(tiff_.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
        if (!TIFFReadRGBAImageOriented(tiff_.get(), description_.width, description_.height, as_rgb_.data(),
                                       orientation, 1))
            fail();
    }

    // Some files end with a few zeros to come to a whole word.
    void keep_rest(Source& source, uint64_t end) {
        if (end >= source.size()) return;
        const std::vector<uint8_t> rest = bytes_at(source, end, 4);
        if (rest.size() < 4 && std::ranges::all_of(rest, [](uint8_t byte) { return byte == 0; })) return;
        keep_trailing(source, end, "tiff", options_, description_);
    }

    // Of stored samples, in a row of blocks.
    uint64_t stored_bytes(uint64_t width, uint64_t channels) const {
        return (width * channels * kind_.bits + 7) / 8;
    }

    void choose_blocks() {
        TIFF* tiff = tiff_.get();
        const bool planar =
            stored_channels_ > 1 &&
            tiff_field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE;
        planes_ = planar ? stored_channels_ : 1;
        block_channels_ = planar ? 1 : stored_channels_;
        tiled_ = TIFFIsTiled(tiff);
        block_width_ = description_.width, block_height_ = description_.height;
        if (tiled_) {
            TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &block_width_);
            TIFFGetField(tiff, TIFFTAG_TILELENGTH, &block_height_);
        } else {
            block_height_ =
                std::min(block_height_, tiff_field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, block_height_));
        }
        const uint64_t line = stored_bytes(block_width_, block_channels_);
        const uint64_t tile_size = tiled_ ? TIFFTileSize64(tiff) : 0;
        if (block_width_ == 0 || block_height_ == 0 || line > (uint64_t{1} << 62) / block_height_ ||
            (tiled_ && tile_size != line * block_height_) ||
            (!tiled_ && static_cast<uint64_t>(TIFFScanlineSize64(tiff)) != line))
            damaged("the TIFF file is damaged: its strips or tiles have an impossible size");
        const uint64_t block_bytes = line * block_height_;
        stored_row_bytes_ = size_t{description_.width} * stored_channels_ * stored_sample_bytes_;
        by_lines_ = !tiled_ && !planar && block_bytes > kLargeStrip;
        const uint32_t band_rows = by_lines_ ? 1 : std::min(block_height_, description_.height);
        const uint64_t held = (by_lines_ ? line : block_bytes) + band_rows * uint64_t{stored_row_bytes_};
        check_memory(held + stored_row_bytes_, options_.max_bytes);
        line_.resize(stored_sample_bytes_ * block_channels_ *
                     static_cast<size_t>(std::min(block_width_, description_.width)));
        block_.resize(static_cast<size_t>(by_lines_ ? line : block_bytes));
        band_.resize(band_rows * stored_row_bytes_);
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        if (kind_.as_rgb) return read_as_rgb(rows, pixels);
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += description_.row_bytes()) {
            const uint8_t* stored = band_.data();
            if (by_lines_) {
                read_line();
            } else {
                if (y_ % block_height_ == 0) read_band();
                stored += y_ % block_height_ * stored_row_bytes_;
            }
            if (palette_)
                palette_->expand(stored, description_.width, pixels);
            else
                std::memcpy(pixels, stored, stored_row_bytes_);
        }
    }

    void read_as_rgb(uint32_t rows, uint8_t* pixels) {
        const uint32_t* from = as_rgb_.data() + size_t{y_} * description_.width;
        for (size_t i = 0; i < size_t{rows} * description_.width; ++i, pixels += 3) {
            pixels[0] = static_cast<uint8_t>(TIFFGetR(from[i]));
            pixels[1] = static_cast<uint8_t>(TIFFGetG(from[i]));
            pixels[2] = static_cast<uint8_t>(TIFFGetB(from[i]));
        }
        y_ += rows;
    }

    void read_line() {
        options_.check_interrupted();
        if (TIFFReadScanline(tiff_.get(), block_.data(), y_, 0) < 0) fail();
        place(0, 1, 0);
    }

    // The row of blocks that begins at y_.
    void read_band() {
        TIFF* tiff = tiff_.get();
        const uint32_t rows = std::min(block_height_, description_.height - y_);
        const uint64_t strip_bytes = stored_bytes(block_width_, block_channels_) * rows;
        for (uint32_t plane = 0; plane < planes_; ++plane) {
            for (uint64_t x = 0; x < description_.width; x += block_width_) {
                options_.check_interrupted();
                const auto sample = static_cast<uint16_t>(plane);
                const auto column = static_cast<uint32_t>(x);
                const auto size = static_cast<tmsize_t>(tiled_ ? block_.size() : strip_bytes);
                const tmsize_t got =
                    tiled_
                        ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, column, y_, 0, sample),
                                              block_.data(), size)
                        : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y_, sample), block_.data(), size);
                if (got != size) fail();
                place(column, rows, plane);
            }
        }
    }

    // Copies a decoded block, whose samples of one pixel lie together, into the band at column x.
    void place(uint32_t x, uint32_t rows, uint32_t plane) {
        const size_t columns = std::min(block_width_, description_.width - x);
        const auto from_bytes = static_cast<size_t>(stored_bytes(block_width_, block_channels_));
        const size_t sample = stored_sample_bytes_, pixel = stored_channels_ * sample;
        for (uint32_t row = 0; row < rows; ++row) {
            const uint8_t* from = block_.data() + row * from_bytes;
            uint8_t* to = band_.data() + row * stored_row_bytes_ + x * pixel + plane * sample;
            const size_t count = columns * block_channels_;
            uint8_t* line = block_channels_ == stored_channels_ ? to : line_.data();
            if (kind_.bits == 16)  // libtiff turns these around itself
                std::memcpy(line, from, count * sample);
            else if (kind_.narrowed())
                narrowing_->take(from, kind_.bits, kind_.is_signed, count, line);
            else
                unpack(from, kind_.bits, count, line);
            if (line != to)
                for (size_t i = 0; i < columns; ++i) std::memcpy(to + i * pixel, line + i * sample, sample);
        }
    }

    // Looks at all samples of a picture of more than 16 bits.
    void choose_narrowing() {
        narrowing_.emplace();
        for (y_ = 0; y_ < description_.height; ++y_)
            if (by_lines_)
                read_line();
            else if (y_ % block_height_ == 0)
                read_band();
        y_ = 0;
        if (!narrowing_->choose(kind_.bits))
            unsupported("the TIFF picture has samples of " + std::to_string(kind_.bits) + " bits, from " +
                        narrowing_->least_text() + " to " + narrowing_->most_text() +
                        ", which need more than the 16 bits that can be kept" +
                        "; convert it to integers of up to 16 bits first");
    }

    void describe_narrowing() {
        description_.notes.push_back("the samples of " + std::to_string(kind_.bits) +
                                     " bits are kept as 16, which hold them all");
        // None below 0 is as good as unsigned.
        if (!narrowing_->has_negative())
            std::erase_if(description_.metadata,
                          [](const Metadata& entry) { return entry.name == "tiff:339"; });
        if (narrowing_->factor() != 1)
            description_.add("tiff:factor", as_bytes(std::to_string(narrowing_->factor())));
    }

    const ReadOptions options_;
    TiffHandle handle_;
    Tiff tiff_;
    TiffKind kind_;
    std::optional<TiffPalette> palette_;
    std::optional<Narrowing> narrowing_;  // of samples of more than 16 bits
    bool tiled_ = false, by_lines_ = false;
    uint32_t planes_ = 1;  // that lie apart
    uint32_t stored_channels_ = 1, stored_sample_bytes_ = 1;
    size_t stored_row_bytes_ = 0;  // in the band
    uint32_t block_width_ = 0, block_height_ = 0, block_channels_ = 0;
    std::vector<uint8_t> block_, band_, line_;
    std::vector<uint32_t> as_rgb_;
    uint32_t y_ = 0;  // the next row
};

}  // namespace

std::unique_ptr<Reader> open_tiff(Source& source, const ReadOptions& options) {
    return std::make_unique<TiffReader>(source, options);
}

}  // namespace image_io
