// TIFF and BigTIFF. Where nothing is compressed all offsets are known before the first row, so that a file goes
// out in one piece, to a pipe too; otherwise its head is written again at the end, when the strips' sizes are known.
// Fields of all types come back as they were, known ones and private ones.
#include <algorithm>
#include <bit>
#include <optional>

#include "image_io/bytes.h"
#include "image_io/samples.h"
#include "image_io/tiff_strips.h"
#include "image_io/translate.h"
#include "image_io/writer.h"

namespace image_io {

namespace {

constexpr uint64_t kClassicEnd = 0xFFFF0000;  // of what 32-bit offsets reach, with room for the directory
constexpr uint64_t kStripBytes = uint64_t{1} << 18;
constexpr uint64_t kMaxStrips = 4096;

class TiffWriter : public Writer {
  public:
    TiffWriter(Placement placement, Output output, Output rewrite)
        : placement_(std::move(placement)),
          output_(std::move(output)),
          rewrite_(std::move(rewrite)),
          source_row_bytes_(placement_.image.row_bytes()),
          bits_(placement_.palette ? placement_.palette.bits : placement_.stored_bits),
          channels_(placement_.palette ? 1 : placement_.image.channels()),
          rows_left_(placement_.image.height) {
        const Description& image = placement_.image;
        if (placement_.palette)
            palette_map_.emplace(image, placement_.palette);
        else
            // The largest value of the bits, not of the picture's white: values stay what they are.
            map_.emplace(image, (uint32_t{1} << image.bits) - 1, (uint32_t{1} << image.bits) - 1,
                         placement_.inverted);
        row_.resize(packed_bytes(uint64_t{image.width} * channels_, bits_));
        const uint64_t rows =
            std::max({uint64_t{1}, kStripBytes / row_.size(), (image.height + kMaxStrips - 1) / kMaxStrips});
        rows_per_strip_ = static_cast<uint32_t>(std::min<uint64_t>(rows, image.height));
        strips_ = (image.height + uint64_t{rows_per_strip_} - 1) / rows_per_strip_;
        if (rewrite_) deflated_.emplace(bits_, placement_.palette ? 0 : channels_);
        make_directory();
        make_head([&](uint64_t strip) {
            const uint64_t left = placement_.image.height - strip * rows_per_strip_;
            return std::min<uint64_t>(rows_per_strip_, left) * row_.size();
        });
        output_(head_);
    }

    void write(uint32_t rows, const uint8_t* pixels) override {
        for (uint32_t row = 0; row < rows; ++row) {
            const uint8_t* from = pixels + row * source_row_bytes_;
            const auto samples = palette_map_ ? palette_map_->row(from) : map_->row(from);
            if (bits_ == 16)
                for (size_t i = 0; i < samples.size(); ++i) {
                    const auto high = static_cast<uint8_t>(samples[i] >> 8);
                    const auto low = static_cast<uint8_t>(samples[i]);
                    row_[2 * i] = format_.big_endian ? high : low;
                    row_[2 * i + 1] = format_.big_endian ? low : high;
                }
            else if (bits_ > 16)
                widen(samples);
            else
                pack(samples, bits_, row_.data());
            put_row();
        }
        if (rows_left_ > 0) return;
        for (const Metadata& entry : placement_.image.metadata)
            if (entry.name == "tiff:trailing") output_(entry.bytes);
        if (!deflated_) return;
        make_head([&](uint64_t strip) { return sizes_[static_cast<size_t>(strip)]; });
        rewrite_(head_);
    }

  private:
    void put_row() {
        --rows_left_;
        if (!deflated_) return output_(row_);
        deflated_->add(row_, format_.big_endian);
        const uint32_t done = placement_.image.height - rows_left_;
        if (done % rows_per_strip_ != 0 && rows_left_ > 0) return;
        const std::span<const uint8_t> strip = deflated_->finish();
        sizes_.push_back(strip.size());
        output_(strip);
    }

    // To the 24, 32 or 64 bits that they had.
    void widen(std::span<const uint16_t> samples) {
        constexpr uint32_t kSigned = 2;
        const size_t size = bits_ / 8;
        uint8_t* to = row_.data();
        for (const uint16_t sample : samples) {
            const bool negative = placement_.sample_format == kSigned && sample > INT16_MAX;
            const uint64_t value = negative ? ~uint64_t{0} << 16 | sample : sample * placement_.factor;
            for (size_t i = 0; i < size; ++i)
                *to++ = static_cast<uint8_t>(value >> 8 * (format_.big_endian ? size - 1 - i : i));
        }
    }

    void make_directory() {
        const Description& image = placement_.image;
        // What does not shrink grows by far less than a byte in a hundred.
        uint64_t bytes = uint64_t{row_.size()} * image.height;
        if (deflated_) bytes += bytes / 100 + strips_ * 100;
        for (const Metadata& entry : image.metadata) bytes += entry.bytes.size();
        format_.big_tiff = bytes > kClassicEnd;
        directory_ = fields();
        if (const auto exif = parse_exif(image.find("exif"))) {
            directory_.below = exif->main.below;
            thumbnail_ = exif->thumbnail;
            format_.big_endian = exif->big_endian;
        }
    }

    // `size_of`: a strip's, as a function of its number. The head is of the same size for all sizes.
    template <typename SizeOf>
    void make_head(const SizeOf& size_of) {
        const uint16_t offset_type = format_.big_tiff ? kLong8 : kLong;
        const size_t offset_size = field_value_size(offset_type);
        const auto set_strips = [&](uint64_t next) {
            Field offsets{tag::kStripOffsets, offset_type, strips_, {}},
                sizes{tag::kStripSizes, offset_type, strips_, {}};
            for (uint64_t strip = 0; strip < strips_; ++strip) {
                const uint64_t size = size_of(strip);
                put_little(offsets.values, next, offset_size);
                put_little(sizes.values, size, offset_size);
                next += size;
            }
            directory_.set(std::move(offsets));
            directory_.set(std::move(sizes));
        };
        // Once for its size, which does not depend on the numbers, and once with them.
        for (const bool last : {false, true}) {
            set_strips(last ? head_.size() : 0);
            head_.assign(2, format_.big_endian ? 'M' : 'I');
            format_.put(head_, format_.big_tiff ? 43 : 42, 2);
            if (format_.big_tiff) {
                format_.put(head_, 8, 2);  // bytes of an offset
                format_.put(head_, 0, 2);
            }
            format_.put(head_, format_.big_tiff ? 16 : 8, offset_size);
            append_directory(head_, directory_, thumbnail_, format_);
            if (head_.size() % 2) head_.push_back(0);
        }
    }

    Directory fields() const {
        const Description& image = placement_.image;
        Directory directory;
        for (const Metadata& entry : image.metadata) {
            if (auto field = tiff_field(entry)) directory.set(std::move(*field));
        }
        directory.set(Field::number(tag::kWidth, kLong, image.width));
        directory.set(Field::number(tag::kHeight, kLong, image.height));
        const auto each = [&](uint16_t tag, uint32_t value) {
            directory.set(Field::shorts(tag, std::vector<uint16_t>(channels_, static_cast<uint16_t>(value))));
        };
        each(tag::kBits, bits_);
        directory.set(Field::number(tag::kCompression, kShort, deflated_ ? kDeflateCompression : 1));
        if (deflated_ && deflated_->is_predicted())
            directory.set(Field::number(tag::kPredictor, kShort, kHorizontalPredictor));
        directory.set(Field::number(tag::kPhotometric, kShort, placement_.photometric));
        directory.set(Field::number(tag::kSamples, kShort, channels_));
        directory.set(Field::number(tag::kRowsPerStrip, kLong, rows_per_strip_));
        directory.set(Field::number(tag::kPlanar, kShort, 1));
        if (placement_.extra_sample >= 0)
            directory.set(
                Field::number(tag::kExtraSamples, kShort, static_cast<uint64_t>(placement_.extra_sample)));
        if (placement_.sample_format > 1) each(tag::kSampleFormat, placement_.sample_format);
        if (placement_.palette && !directory.has(tag::kPalette))
            directory.set(Field::shorts(tag::kPalette, tiff_colours(placement_.palette, image.bits)));
        if (!placement_.palette && bits_ <= 16 && placement_.white + 1 != uint32_t{1} << bits_ &&
            !directory.has(tag::kMaxSampleValue))
            each(tag::kMaxSampleValue, placement_.white);
        return directory;
    }

    Placement placement_;
    Output output_, rewrite_;
    size_t source_row_bytes_;
    uint32_t bits_, channels_;  // of the file
    uint32_t rows_left_, rows_per_strip_ = 1;
    uint64_t strips_ = 0;
    NumberFormat format_;
    Directory directory_;
    std::optional<Thumbnail> thumbnail_;
    std::optional<DeflatedStrips> deflated_;
    std::vector<uint64_t> sizes_;  // of the strips that are done
    std::optional<SampleMap> map_;
    std::optional<IndexMap> palette_map_;
    std::vector<uint8_t> row_, head_;
};

}  // namespace

std::unique_ptr<Writer> make_tiff_writer(Placement placement, Output output, Output rewrite) {
    return std::make_unique<TiffWriter>(std::move(placement), std::move(output), std::move(rewrite));
}

}  // namespace image_io
