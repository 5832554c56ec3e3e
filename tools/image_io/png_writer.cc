// PNG: the pixels through libspng, row by row, and around them the chunks of a placement.
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "image_io/bytes.h"
#include "image_io/indexed.h"
#include "image_io/png_names.h"
#include "image_io/samples.h"
#include "image_io/spng_errors.h"
#include "image_io/writer.h"

namespace image_io {

namespace {

// A photograph becomes a twentieth larger than with zlib's default, in a fifth of the time, which would
// otherwise be a third of the time of decoding it.
constexpr int kZlibLevel = 1;
// Drawings and scans of few bits are small, and suit no filter.
constexpr int kZlibLevelOfFewBits = 6;

uint8_t colour_type(const Placement& placement) {
    const Description& image = placement.image;
    if (placement.palette) return SPNG_COLOR_TYPE_INDEXED;
    if (image.colour == Colour::kRgb)
        return image.alpha ? SPNG_COLOR_TYPE_TRUECOLOR_ALPHA : SPNG_COLOR_TYPE_TRUECOLOR;
    return image.alpha ? SPNG_COLOR_TYPE_GRAYSCALE_ALPHA : SPNG_COLOR_TYPE_GRAYSCALE;
}

class PngWriter : public Writer {
  public:
    PngWriter(Placement placement, Output output)
        : placement_(std::move(placement)),
          output_(std::move(output)),
          source_row_bytes_(placement_.image.row_bytes()),
          bits_(placement_.palette ? placement_.palette.bits : png_bits(placement_.image)),
          rows_left_(placement_.image.height),
          context_(spng_ctx_new(SPNG_CTX_ENCODER)) {
        if (!context_) throw std::bad_alloc();
        const Description& image = placement_.image;
        const uint32_t white = (uint32_t{1} << bits_) - 1;
        if (placement_.palette)
            palette_map_.emplace(image, placement_.palette);
        else if (bits_ < 8 || placement_.white != white || placement_.inverted || image.bits != bits_)
            map_.emplace(image, placement_.white, white, placement_.inverted);
        const uint64_t samples = placement_.palette ? image.width : uint64_t{image.width} * image.channels();
        row_.resize(bits_ == 16 ? 0 : packed_bytes(samples, bits_));

        spng_ctx* png = context_.get();
        check(spng_set_png_stream(png, append, this));
        spng_ihdr header{};
        header.width = image.width;
        header.height = image.height;
        header.bit_depth = static_cast<uint8_t>(bits_);
        header.color_type = colour_type(placement_);
        check(spng_set_ihdr(png, &header));
        if (placement_.palette) set_palette();
        const bool few_bits = bits_ < 8 || placement_.palette;
        check(spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, few_bits ? kZlibLevelOfFewBits : kZlibLevel));
        check(spng_set_option(png, SPNG_IMG_COMPRESSION_STRATEGY, few_bits ? Z_DEFAULT_STRATEGY : Z_RLE));
        check(spng_set_option(png, SPNG_FILTER_CHOICE,
                              few_bits ? SPNG_DISABLE_FILTERING : SPNG_FILTER_CHOICE_PAETH));
        check(spng_encode_image(png, nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE));
    }

    void write(uint32_t rows, const uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row) write_row(pixels + row * source_row_bytes_);
        rows_left_ -= rows;
        if (rows_left_ > 0) return;
        write_chunks("png-end:");
        write_chunk("IEND", {});
        for (const Metadata& entry : placement_.image.metadata)
            if (entry.name == "png:trailing") output_(entry.bytes);
    }

  private:
    void write_row(const uint8_t* pixels) {
        std::span<const uint8_t> bytes(pixels, source_row_bytes_);
        if (palette_map_ || map_) {
            const std::span<const uint16_t> samples =
                palette_map_ ? palette_map_->row(pixels) : map_->row(pixels);
            if (bits_ == 16) {
                bytes = {reinterpret_cast<const uint8_t*>(samples.data()), samples.size_bytes()};
            } else {
                pack(samples, bits_, row_.data());
                bytes = row_;
            }
        }
        const int result = spng_encode_row(context_.get(), bytes.data(), bytes.size());
        // With the last row; it hides what the output threw then.
        check(result == SPNG_EOI ? SPNG_OK : result);
    }

    // libspng wants one before it takes indices; ours goes to the file.
    void set_palette() {
        spng_plte palette{};
        palette.n_entries = static_cast<uint32_t>(std::min<size_t>(placement_.palette.colours.size(), 256));
        check(spng_set_plte(context_.get(), &palette));
    }

    static int append(spng_ctx*, void* user, void* data, size_t size) {
        auto& self = *static_cast<PngWriter*>(user);
        try {
            self.take({static_cast<const uint8_t*>(data), size});
        } catch (...) {
            self.failure_ = std::current_exception();
            return SPNG_IO_ERROR;
        }
        return SPNG_OK;
    }

    // From libspng: the signature and IHDR, its palette, which is left out, then IDAT.
    void take(std::span<const uint8_t> bytes) {
        constexpr uint64_t kHeadSize = 8 + 12 + 13;
        const uint64_t palette_size =
            placement_.palette ? 12 + 3 * std::min<uint64_t>(placement_.palette.colours.size(), 256) : 0;
        while (!bytes.empty()) {
            const bool head = taken_ < kHeadSize, palette = !head && taken_ < kHeadSize + palette_size;
            const uint64_t end = head ? kHeadSize : palette ? kHeadSize + palette_size : UINT64_MAX;
            const auto part =
                bytes.first(static_cast<size_t>(std::min<uint64_t>(bytes.size(), end - taken_)));
            if (!palette) output_(part);
            taken_ += part.size();
            bytes = bytes.subspan(part.size());
            if (head && taken_ == kHeadSize) write_chunks("png:");
        }
    }

    void write_chunks(std::string_view origin) {
        for (const Metadata& entry : placement_.image.metadata) {
            const std::string_view type = chunk_type(entry.name);
            if (type.empty() || !entry.name.starts_with(origin)) continue;
            write_chunk(type, entry.name.ends_with(kEmptyPart) ? std::span<const uint8_t>() : entry.bytes);
        }
    }

    void write_chunk(std::string_view type, std::span<const uint8_t> data) {
        std::vector<uint8_t> head, end;
        put_big(head, data.size(), 4);
        for (const char c : type) head.push_back(static_cast<uint8_t>(c));
        uLong checksum = crc32_z(0, head.data() + 4, type.size());
        // Not of an empty one: zlib would take a null pointer for a new beginning.
        if (!data.empty()) checksum = crc32_z(checksum, data.data(), data.size());
        put_big(end, checksum, 4);
        output_(head);
        if (!data.empty()) output_(data);
        output_(end);
    }

    void check(int result) {
        if (failure_) std::rethrow_exception(failure_);
        if (result == SPNG_OK) return;
        if (result == SPNG_EMEM) throw std::bad_alloc();
        unsupported(std::string("the picture cannot be written as PNG: ") + spng_strerror(result));
    }

    Placement placement_;
    Output output_;
    size_t source_row_bytes_;
    uint32_t bits_;  // of a sample, or of an index
    uint32_t rows_left_;
    std::optional<SampleMap> map_;
    std::optional<IndexMap> palette_map_;
    std::vector<uint8_t> row_;
    uint64_t taken_ = 0;  // bytes from libspng
    std::exception_ptr failure_;
    Spng context_;
};

}  // namespace

std::unique_ptr<Writer> make_png_writer(Placement placement, Output output) {
    return std::make_unique<PngWriter>(std::move(placement), std::move(output));
}

}  // namespace image_io
