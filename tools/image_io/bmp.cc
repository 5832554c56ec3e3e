// BMP: palettes, colours of 16, 24 and 32 bits, run lengths, alpha. Row by row, but for run lengths.
#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "image_io/bits.h"
#include "image_io/bmp_header.h"
#include "image_io/palette.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

struct FreeMemory {
    void operator()(uint8_t* memory) const { std::free(memory); }
};

[[noreturn]] void ends_early() { damaged("the BMP file is damaged: it ends too early"); }

class BmpReader : public Reader {
  public:
    BmpReader(Source& source, const ReadOptions& options)
        : source_(source), options_(options), header_(read_bmp_header(source, options_)) {
        description_.set_size(header_.width, header_.height);
        if (!header_.run_lengths) check_length();
        check_memory(header_.row_bytes() + header_.width, options_.max_bytes);
        if (header_.bits <= 8)
            set_palette();
        else if (header_.bits == 24)
            description_.set_kind(Colour::kRgb, false, 8);
        else
            set_masks();
        description_.add("bmp:header", header_.bytes);
        keep_gap();
        description_.add("icc", header_.icc);
        uint64_t end = header_.pixels + header_.row_bytes() * header_.height;
        if (header_.run_lengths) end = decode_run_lengths();
        keep_rest(std::max(end, header_.icc_end));
        if (!header_.run_lengths) stored_.resize(static_cast<size_t>(header_.row_bytes()));
    }

  private:
    void check_length() const {
        const uint64_t there = source_.size() - std::min(header_.pixels, source_.size());
        // The last row need not be filled up.
        const uint64_t needed = (uint64_t{header_.width} * header_.bits + 7) / 8;
        if (header_.row_bytes() > 0 && (header_.height - 1) > there / header_.row_bytes()) ends_early();
        if (header_.row_bytes() * (header_.height - 1) + needed > there) ends_early();
    }

    void set_palette() {
        const uint32_t entry = header_.palette_entry;
        const auto size = static_cast<uint32_t>(header_.palette.size() / entry);
        const uint32_t largest = (1U << header_.bits) - 1;
        bool ramp = size == largest + 1;  // all greys in order: the numbers are the values
        palette_.emplace(false);
        for (uint32_t i = 0; i < size; ++i) {
            const uint8_t* bgr = &header_.palette[size_t{i} * entry];
            palette_->add(bgr[2], bgr[1], bgr[0]);
            const uint32_t grey = i * 255 / largest;
            ramp &= bgr[0] == grey && bgr[1] == grey && bgr[2] == grey;
        }
        numbers_.resize(header_.width);
        if (ramp) {
            palette_.reset();
            description_.set_kind(Colour::kGrey, false, header_.bits);
        } else {
            description_.set_kind(Colour::kRgb, false, 8);
            description_.add("bmp:palette", header_.palette);
        }
    }

    void set_masks() {
        uint32_t all = 0, largest = 8;
        for (const uint32_t mask : header_.masks) {
            all |= mask;
            largest = std::max<uint32_t>(largest, static_cast<uint32_t>(std::popcount(mask)));
        }
        if (largest > 16)
            unsupported(
                "the BMP picture has " + std::to_string(largest) +
                " bits per sample, of which 16 can be kept at most; convert it to PNG first, where the "
                "lowest bits get lost");
        const uint32_t unused = header_.bits == 16 ? ~all & 0xffff : ~all;
        if (unused != 0 && has_bits(unused)) {
            // Many programs put transparency there without saying so.
            if (header_.bits == 32 && header_.masks[3] == 0 && unused == 0xff000000) {
                header_.masks[3] = unused;
                description_.notes.emplace_back("the fourth byte of each pixel is kept as alpha");
            } else {
                description_.lost.emplace_back("bits of the pixels that belong to no colour");
            }
        }
        for (size_t i = 0; i < 3; ++i)
            uneven_ |= std::popcount(header_.masks[i]) != static_cast<int>(largest);
        if (uneven_)
            description_.notes.push_back(std::to_string(std::popcount(header_.masks[0])) + ", " +
                                         std::to_string(std::popcount(header_.masks[1])) + " and " +
                                         std::to_string(std::popcount(header_.masks[2])) +
                                         " bits of red, green and blue are stretched to " +
                                         std::to_string(largest));
        description_.set_kind(Colour::kRgb, header_.masks[3] != 0, largest);
    }

    // Whether any pixel has one of these bits.
    bool has_bits(uint32_t wanted) {
        std::vector<uint8_t> row(static_cast<size_t>(header_.row_bytes()));
        for (uint32_t y = 0; y < header_.height; ++y) {
            options_.check_interrupted();
            source_.seek(header_.pixels + y * header_.row_bytes());
            const size_t count = source_.read(row.data(), row.size());
            for (size_t x = 0; x < header_.width && (x + 1) * header_.bits / 8 <= count; ++x)
                if (pixel(row.data(), x) & wanted) return true;
        }
        return false;
    }

    uint32_t pixel(const uint8_t* row, size_t x) const {
        return header_.bits == 16 ? little16(row + 2 * x) : little32(row + 4 * x);
    }

    // Between headers and pixels.
    void keep_gap() {
        const uint64_t begin = header_.palette_end;
        if (header_.pixels <= begin || header_.icc_end > begin) return;
        const uint64_t size = std::min(header_.pixels, source_.size()) - std::min(begin, source_.size());
        check_memory(size, options_.max_bytes);
        const std::vector<uint8_t> gap = bytes_at(source_, begin, size);
        if (std::ranges::any_of(gap, [](uint8_t byte) { return byte != 0; }))
            description_.add("bmp:gap", gap);
    }

    // Some files end with zeros to come to a whole word.
    void keep_rest(uint64_t end) {
        if (end >= source_.size()) return;
        const std::vector<uint8_t> rest = bytes_at(source_, end, 4);
        if (rest.size() < 4 && std::ranges::all_of(rest, [](uint8_t byte) { return byte == 0; })) return;
        keep_trailing(source_, end, "bmp", options_, description_);
    }

    // Numbers of colours, a byte each, bottom row first. Returns the end of their code.
    uint64_t decode_run_lengths() {
        const uint64_t size = uint64_t{header_.width} * header_.height;
        check_memory(size, options_.max_bytes);
        whole_.reset(static_cast<uint8_t*>(std::calloc(header_.height, header_.width)));
        if (!whole_) throw std::bad_alloc();
        const bool nibbles = header_.bits == 4;
        source_.seek(header_.pixels);
        uint64_t x = 0, y = 0, position = header_.pixels;
        const auto next = [&] {
            const int byte = source_.next();
            if (byte < 0) ends_early();
            ++position;
            return static_cast<uint32_t>(byte);
        };
        const auto put = [&](uint32_t number) {
            if (x >= header_.width || y >= header_.height)
                damaged("the BMP file is damaged: a run of pixels leaves the picture");
            whole_.get()[y * header_.width + x++] = static_cast<uint8_t>(number);
        };
        for (uint64_t steps = 0;; ++steps) {
            if (steps % 65536 == 0) options_.check_interrupted();
            if (position >= source_.size() &&
                (y + 1 > header_.height || (y + 1 == header_.height && x >= header_.width))) {
                description_.notes.emplace_back("the BMP file has no end mark");
                return position;
            }
            const uint32_t count = next(), value = next();
            if (count > 0) {
                // One that goes beyond its row is cut, as all viewers do.
                for (uint32_t i = 0; i < count && x < header_.width; ++i)
                    put(!nibbles ? value : i % 2 == 0 ? value >> 4 : value & 15);
            } else if (value == 0) {
                x = 0, ++y;
            } else if (value == 1) {
                return position;
            } else if (value == 2) {
                x += next();
                y += next();
            } else {
                uint32_t byte = 0;
                for (uint32_t i = 0; i < value; ++i) {
                    if (!nibbles || i % 2 == 0) byte = next();
                    const uint32_t number = !nibbles ? byte : i % 2 == 0 ? byte >> 4 : byte & 15;
                    if (x < header_.width) put(number);
                }
                const uint32_t bytes = nibbles ? (value + 1) / 2 : value;
                if (bytes % 2) next();
            }
        }
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += description_.row_bytes()) {
            const uint64_t at = header_.bottom_up ? header_.height - 1 - y_ : y_;
            if (whole_) {
                show(whole_.get() + at * header_.width, pixels);
                continue;
            }
            source_.seek(header_.pixels + at * header_.row_bytes());
            const size_t count = source_.read(stored_.data(), stored_.size());
            if (count < (uint64_t{header_.width} * header_.bits + 7) / 8) ends_early();
            convert(pixels);
        }
    }

    void show(const uint8_t* numbers, uint8_t* pixels) const {
        if (palette_)
            palette_->expand(numbers, header_.width, pixels);
        else
            std::memcpy(pixels, numbers, header_.width);
    }

    void convert(uint8_t* pixels) {
        if (header_.bits <= 8) {
            unpack(stored_.data(), header_.bits, header_.width, numbers_.data());
            show(numbers_.data(), pixels);
        } else if (header_.bits == 24) {
            for (size_t i = 0; i < size_t{header_.width} * 3; i += 3) {
                pixels[i] = stored_[i + 2], pixels[i + 1] = stored_[i + 1], pixels[i + 2] = stored_[i];
            }
        } else {
            convert_masked(pixels);
        }
    }

    void convert_masked(uint8_t* pixels) const {
        const uint32_t largest = (1U << description_.bits) - 1;
        const uint32_t channels = description_.channels();
        for (size_t x = 0; x < header_.width; ++x) {
            const uint32_t all = pixel(stored_.data(), x);
            for (uint32_t c = 0; c < channels; ++c) {
                const uint32_t mask = header_.masks[c];
                const int shift = std::countr_zero(mask);
                const uint64_t value = (all & mask) >> shift;
                const uint64_t stretched = value * largest / (mask >> shift);
                const size_t i = x * channels + c;
                if (description_.bits > 8) {
                    const auto wide = static_cast<uint16_t>(stretched);
                    std::memcpy(pixels + 2 * i, &wide, sizeof wide);
                } else {
                    pixels[i] = static_cast<uint8_t>(stretched);
                }
            }
        }
    }

    Source& source_;
    const ReadOptions options_;
    BmpHeader header_;
    std::optional<Palette> palette_;
    bool uneven_ = false;
    std::vector<uint8_t> stored_, numbers_;
    std::unique_ptr<uint8_t, FreeMemory> whole_;  // of run lengths
    uint32_t y_ = 0;                              // the next row
};

// A JPEG or PNG behind the headers, as printers' drivers take them.
class PackedReader : public Reader {
  public:
    PackedReader(Source& source, std::span<const uint8_t> header, const ReadOptions& options)
        : part_(source, begin_of(header),
                source.size() - std::min<uint64_t>(begin_of(header), source.size())) {
        ReadOptions single = options;
        single.page = 0;
        const bool png = starts_with(bytes_at(part_, 0, 4), "\x89PNG");
        if (!png && !starts_with(bytes_at(part_, 0, 2), "\xff\xd8"))
            damaged("the BMP file is damaged: it has not the picture inside that it says");
        inner_ = open(part_, single);
        description_ = inner_->description();
        description_.add("bmp:header", header);
        description_.notes.push_back(std::string("the BMP file holds a ") + (png ? "PNG" : "JPEG"));
    }

  private:
    static uint64_t begin_of(std::span<const uint8_t> header) { return little32(&header[10]); }
    void read_rows(uint32_t rows, uint8_t* pixels) override { inner_->read(rows, pixels); }

    PartSource part_;
    std::unique_ptr<Reader> inner_;
};

}  // namespace

std::unique_ptr<Reader> open_bmp(Source& source, const ReadOptions& options) {
    constexpr size_t kHeaders = 14 + 40, kCompression = 14 + 16;
    const std::vector<uint8_t> header = bytes_at(source, 0, kHeaders);
    const uint32_t compression = header.size() == kHeaders ? little32(&header[kCompression]) : 0;
    const bool os2 = header.size() == kHeaders && little32(&header[14]) == 64;
    if (!os2 && (compression == 4 || compression == 5))
        return std::make_unique<PackedReader>(source, header, options);
    return std::make_unique<BmpReader>(source, options);
}

}  // namespace image_io
