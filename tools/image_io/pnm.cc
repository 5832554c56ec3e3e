// The netpbm formats: bitmaps, grey and colours as text (P1 to P3) and as bytes (P4 to P6), PAM (P7), and the
// small pictures of the program xv (P7 332). A file may hold several, one behind the other.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "image_io/bits.h"
#include "image_io/pnm_header.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint32_t kMostPages = 65535;

class PnmReader : public Reader {
  public:
    PnmReader(Source& source, const ReadOptions& options) : source_(source), options_(options) {
        choose_page();
        stored_row_ = static_cast<size_t>(header_.row_bytes());
        row_samples_ = size_t{description_.width} * description_.channels();
        if (pages_ == 1)
            keep_rest();
        else
            description_.lost.push_back("the other " + count_of(pages_ - 1, "picture") + " of the file");
        if (header_.text()) {
            words_.emplace(source_, options_, description_);
            words_->return_to(header_.begin - 1);
        } else {
            if (header_.bitmap() || header_.thumbnail) stored_.resize(stored_row_);
            source_.seek(header_.begin);
        }
    }

  private:
    // What looks like another picture and cannot be read as one is no page: these are bytes behind the last one.
    void choose_page() {
        const uint32_t wanted = std::max(options_.page, 1U);
        for (std::optional<uint64_t> position = 0; position && pages_ < kMostPages;) {
            Description picture;
            try {
                const PnmHeader header = read_pnm_header(source_, *position, options_, picture);
                position = next_pnm_picture(source_, header.end);
                if (++pages_ == wanted) header_ = header, description_ = std::move(picture);
            } catch (const ImageError& error) {
                const bool unreadable =
                    error.failure() == Failure::kDamaged || error.failure() == Failure::kUnsupported;
                if (pages_ == 0 || !unreadable) throw;
                break;
            }
        }
        if (pages_ > 1 && options_.page == 0)
            unsupported("the PNM file holds " + count_of(pages_, "picture") +
                        "; choose one with --page 1 to --page " + std::to_string(pages_) +
                        ", or take them apart first, for example with pamsplit");
        check_page(options_, pages_);
    }

    void keep_rest() {
        if (header_.end >= source_.size()) return;
        const std::vector<uint8_t> rest = bytes_at(source_, header_.end, 2);
        if (rest.size() == 1 && rest[0] == '\n')
            description_.notes.emplace_back("a line end behind the picture is passed over");
        else
            keep_trailing(source_, header_.end, "pnm", options_, description_);
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row, pixels += description_.row_bytes()) {
            if (header_.text())
                read_text_row(pixels);
            else if (header_.bitmap())
                read_bitmap_row(pixels);
            else if (header_.thumbnail)
                read_thumbnail_row(pixels);
            else
                read_row(pixels);
        }
    }

    void read_text_row(uint8_t* pixels) {
        for (size_t i = 0; i < row_samples_; ++i) {
            const uint32_t value = header_.bitmap() ? 1 - words_->digit() : words_->sample(header_.maximum);
            if (header_.maximum > 255) {
                const auto wide = static_cast<uint16_t>(value);
                std::memcpy(pixels + 2 * i, &wide, sizeof wide);
            } else {
                pixels[i] = static_cast<uint8_t>(value);
            }
        }
    }

    void read_stored(uint8_t* to) {
        if (source_.read(to, stored_row_) != stored_row_) damaged("the PNM picture ends too early");
    }

    void read_bitmap_row(uint8_t* pixels) {
        read_stored(stored_.data());
        unpack(stored_.data(), 1, row_samples_, pixels);
        for (size_t i = 0; i < row_samples_; ++i) pixels[i] ^= 1;  // 1 is black in a bitmap
    }

    void read_thumbnail_row(uint8_t* pixels) {
        read_stored(stored_.data());
        for (const uint8_t byte : stored_) {
            *pixels++ = static_cast<uint8_t>((byte >> 5) * 255 / 7);
            *pixels++ = static_cast<uint8_t>((byte >> 2 & 7) * 255 / 7);
            *pixels++ = static_cast<uint8_t>((byte & 3) * 255 / 3);
        }
    }

    void read_row(uint8_t* pixels) {
        read_stored(pixels);
        const uint32_t maximum = header_.maximum;
        if (maximum > 255) from_big_endian(pixels, row_samples_);
        if (maximum == 255 || maximum == 65535) return;
        const auto is_above = [maximum](auto value) { return value > maximum; };
        const auto* wide = reinterpret_cast<const uint16_t*>(pixels);
        if (maximum > 255 ? std::any_of(wide, wide + row_samples_, is_above)
                          : std::any_of(pixels, pixels + row_samples_, is_above))
            damaged("the PNM picture has a sample above its largest value");
    }

    Source& source_;
    const ReadOptions options_;
    PnmHeader header_;
    uint64_t pages_ = 0;
    std::optional<PnmWords> words_;  // samples as text
    size_t row_samples_ = 0, stored_row_ = 0;
    std::vector<uint8_t> stored_;
};

}  // namespace

std::unique_ptr<Reader> open_pnm(Source& source, const ReadOptions& options) {
    return std::make_unique<PnmReader>(source, options);
}

}  // namespace image_io
