// PNG through libspng: from top to bottom, interlaced pictures as a whole. Its samples come as the file has
// them; what turns them into others is here.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "image_io/bits.h"
#include "image_io/palette.h"
#include "image_io/png_chunks.h"
#include "image_io/png_frames.h"
#include "image_io/png_metadata.h"
#include "image_io/source_bytes.h"
#include "image_io/spng_errors.h"

namespace image_io {

namespace {

struct FreeMemory {
    void operator()(uint8_t* memory) const { std::free(memory); }
};

// How many bytes of a filtered picture's pixels there are, before compression.
uint64_t filtered_bytes(const spng_ihdr& header, uint32_t channels) {
    const auto size_of = [&](uint64_t width, uint64_t height) {
        return width == 0 || height == 0 ? 0 : ((width * channels * header.bit_depth + 7) / 8 + 1) * height;
    };
    if (header.interlace_method == SPNG_INTERLACE_NONE) return size_of(header.width, header.height);
    constexpr uint32_t kFirstX[] = {0, 4, 0, 2, 0, 1, 0}, kStepX[] = {8, 8, 4, 4, 2, 2, 1};
    constexpr uint32_t kFirstY[] = {0, 0, 4, 0, 2, 0, 1}, kStepY[] = {8, 8, 8, 4, 4, 2, 2};
    uint64_t sum = 0;
    for (int pass = 0; pass < 7; ++pass) {
        const auto count = [](uint64_t side, uint32_t first, uint32_t step) {
            return side <= first ? 0 : (side - first + step - 1) / step;
        };
        sum += size_of(count(header.width, kFirstX[pass], kStepX[pass]),
                       count(header.height, kFirstY[pass], kStepY[pass]));
    }
    return sum;
}

// A colour for each number that `bits` can say. With transparency only where it shows.
Palette read_palette(const PngChunks& chunks) {
    std::vector<uint8_t> colours, opacities;
    bool found = false;
    for (const PngChunks::Chunk& chunk : chunks.others()) {
        if (chunk.behind) break;
        if (chunk.type == "PLTE" && found) damaged("the PNG file is damaged: it has two palettes");
        if (chunk.type == "PLTE") colours = chunks.data(chunk), found = true;
        // As libpng has it: only behind the palette, and not longer.
        if (chunk.type == "tRNS" && opacities.empty() && chunk.size <= colours.size() / 3)
            opacities = chunks.data(chunk);
    }
    if (colours.empty() || colours.size() % 3 != 0 || colours.size() > size_t{3} * 256)
        damaged("the PNG file is damaged: its palette is wrong or lacks");
    const bool alpha = std::ranges::any_of(opacities, [](uint8_t opacity) { return opacity < 255; });
    opacities.resize(colours.size() / 3, 255);
    Palette palette(alpha);
    for (size_t i = 0; i < opacities.size(); ++i)
        palette.add(colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], opacities[i]);
    return palette;
}

class PngReader : public Reader {
  public:
    // `pictures`: in the file, of which this is the first.
    PngReader(Source& source, const ReadOptions& options, size_t pictures)
        : options_(options), chunks_(source, options_), context_(spng_ctx_new(0)) {
        if (!context_) throw std::bad_alloc();
        const auto read = [](spng_ctx*, void* user, void* data, size_t size) {
            const size_t count = static_cast<PngChunks*>(user)->read(static_cast<uint8_t*>(data), size);
            return static_cast<int>(count == size ? SPNG_OK : SPNG_IO_EOF);
        };
        check_spng(spng_set_png_stream(context_.get(), read, &chunks_));
        if (chunks_.has_bad_checksums())
            check_spng(spng_set_crc_action(context_.get(), SPNG_CRC_USE, SPNG_CRC_USE));
        check_spng(spng_get_ihdr(context_.get(), &header_));
        set_kind();
        // Deflate makes 1032 bytes of one at most.
        if (filtered_bytes(header_, stored_channels_) / 1032 > chunks_.pixel_bytes())
            damaged("the PNG file is damaged: its pixels are missing, or its header claims too many");
        read_png_metadata(source, chunks_, options_, description_);
        if (pictures > 1) {
            drop_animation(description_);
            description_.lost.push_back("the other " + count_of(pictures - 1, "picture") +
                                        " of the animation");
        }
        // Rows, of which libspng holds two.
        check_memory(uint64_t{stored_row_bytes()} * 3 + header_.width, options_.max_bytes);

        check_spng(spng_decode_image(context_.get(), nullptr, 0, SPNG_FMT_PNG, SPNG_DECODE_PROGRESSIVE));
        stored_row_.resize(stored_row_bytes());
        if (palette_) numbers_.resize(header_.width);
        if (header_.interlace_method != SPNG_INTERLACE_NONE) decode_passes();
    }

  private:
    size_t stored_row_bytes() const {
        return static_cast<size_t>((uint64_t{header_.width} * stored_channels_ * header_.bit_depth + 7) / 8);
    }

    void set_kind() {
        description_.set_size(header_.width, header_.height);
        const uint8_t type = header_.color_type;
        const bool grey = type == SPNG_COLOR_TYPE_GRAYSCALE || type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA;
        const bool alpha = type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA || type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
        if (type == SPNG_COLOR_TYPE_INDEXED) {
            palette_ = read_palette(chunks_);
            description_.set_kind(Colour::kRgb, palette_->alpha(), 8);
            stored_channels_ = 1;
        } else {
            description_.set_kind(grey ? Colour::kGrey : Colour::kRgb, alpha, header_.bit_depth);
            stored_channels_ = description_.channels();
        }
    }

    // The whole picture, as an interlaced one must be read.
    void decode_passes() {
        const uint64_t bytes = uint64_t{stored_row_bytes()} * header_.height;
        check_memory(bytes, options_.max_bytes);
        // Not touched before it is needed; zeros, as libspng sets single bits.
        whole_.reset(static_cast<uint8_t*>(std::calloc(header_.height, stored_row_bytes())));
        if (!whole_) throw std::bad_alloc();
        for (;;) {
            options_.check_interrupted();
            spng_row_info row;
            const int state = spng_get_row_info(context_.get(), &row);
            if (state == SPNG_EOI) break;
            check_spng(state);
            const int result = spng_decode_row(
                context_.get(), whole_.get() + row.row_num * stored_row_bytes(), stored_row_bytes());
            if (result == SPNG_EOI) break;
            check_spng(result);
        }
    }

    // What the file has of a row: its samples, in the description's layout.
    void convert(const uint8_t* stored, uint8_t* pixels) {
        if (palette_) {
            unpack(stored, header_.bit_depth, numbers_.size(), numbers_.data());
            palette_->expand(numbers_.data(), numbers_.size(), pixels);
        } else if (header_.bit_depth < 8) {
            unpack(stored, header_.bit_depth, header_.width, pixels);
        } else {
            std::memcpy(pixels, stored, stored_row_bytes());
        }
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += description_.row_bytes()) {
            if (whole_) {
                convert(whole_.get() + y_ * stored_row_bytes(), pixels);
                continue;
            }
            const int result = spng_decode_row(context_.get(), stored_row_.data(), stored_row_.size());
            if (result != SPNG_EOI) check_spng(result);  // with the last row
            convert(stored_row_.data(), pixels);
        }
    }
    void finish() override { check_spng(spng_decode_chunks(context_.get())); }

    const ReadOptions options_;
    PngChunks chunks_;
    Spng context_;
    spng_ihdr header_ = {};
    uint32_t stored_channels_ = 1;
    std::optional<Palette> palette_;
    std::vector<uint8_t> stored_row_, numbers_;
    std::unique_ptr<uint8_t, FreeMemory> whole_;  // of an interlaced picture
    size_t y_ = 0;                                // the next row
};

}  // namespace

std::unique_ptr<Reader> open_png(Source& source, const ReadOptions& options) {
    const PngChunks chunks(source, options);
    const std::vector<PngFrame> frames = png_frames(chunks);
    const size_t pictures = frames.size();
    if (pictures > 1 && options.page == 0)
        unsupported("this is an animated PNG of " + count_of(pictures, "picture") +
                    "; choose one with --page 1 to --page " + std::to_string(pictures) +
                    ", or take them apart first, for example with apngdis");
    check_page(options, pictures);
    if (options.page > 1) return open_png_frame(source, options, chunks, frames);
    return std::make_unique<PngReader>(source, options, pictures);
}

}  // namespace image_io
