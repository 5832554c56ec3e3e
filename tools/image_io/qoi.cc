// QOI, https://qoiformat.org/qoi-specification.pdf: RGB and RGBA of 8 bits, read from top to bottom.
#include <array>
#include <cstring>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr size_t kHeader = 14, kEnd = 8;
constexpr uint8_t kRgb = 0xfe, kRgba = 0xff;
constexpr uint32_t kLongestRun = 62;  // pixels of one byte

class Bytes {
  public:
    explicit Bytes(Source& source) : source_(source) {}

    void go_to(uint64_t position) {
        source_.seek(position);
        used_ = size_ = 0;
        base_ = position;
    }
    uint64_t position() const { return base_ + used_; }
    uint8_t next() {
        if (used_ == size_) {
            base_ += size_;
            size_ = source_.read(buffer_, sizeof buffer_);
            used_ = 0;
            if (size_ == 0) damaged("the QOI picture ends too early");
        }
        return buffer_[used_++];
    }

  private:
    Source& source_;
    uint8_t buffer_[size_t{1} << 14];
    uint64_t base_ = 0;
    size_t used_ = 0, size_ = 0;
};

class QoiReader : public Reader {
  public:
    QoiReader(Source& source, const ReadOptions& options) : options_(options), bytes_(source) {
        const std::vector<uint8_t> header = bytes_at(source, 0, kHeader);
        if (header.size() < kHeader) damaged("the QOI picture ends too early");
        description_.set_size(big32(&header[4]), big32(&header[8]));
        if (header[12] != 3 && header[12] != 4) damaged("the QOI picture has neither 3 nor 4 channels");
        description_.set_kind(Colour::kRgb, header[12] == 4, 8);
        if (header[13] != 0) description_.add("qoi:colorspace", {&header[13], 1});
        const uint64_t end = find_end(source);
        constexpr uint8_t kMark[kEnd] = {0, 0, 0, 0, 0, 0, 0, 1};
        const std::vector<uint8_t> mark = bytes_at(source, end, kEnd);
        const bool marked = mark.size() == kEnd && std::memcmp(mark.data(), kMark, kEnd) == 0;
        if (!marked) description_.notes.emplace_back("the QOI file has no end mark");
        keep_trailing(source, end + (marked ? kEnd : 0), "qoi", options, description_);
        bytes_.go_to(kHeader);
    }

  private:
    using Pixel = std::array<uint8_t, 4>;

    // Behind the last pixel's bytes.
    uint64_t find_end(Source& source) {
        const uint64_t pixels = uint64_t{description_.width} * description_.height;
        if (pixels / kLongestRun > source.size()) damaged("the QOI picture ends too early");
        bytes_.go_to(kHeader);
        for (uint64_t done = 0; done < pixels;) {
            if (done % 4096 == 0) options_.check_interrupted();
            const uint8_t code = bytes_.next();
            const int more = code == kRgb ? 3 : code == kRgba ? 4 : code >> 6 == 2 ? 1 : 0;
            for (int i = 0; i < more; ++i) bytes_.next();
            done += code < kRgb && code >> 6 == 3 ? (code & 63) + 1U : 1;
        }
        return bytes_.position();
    }

    void next_pixel() {
        if (run_ > 0) {
            --run_;
            return;
        }
        const uint8_t code = bytes_.next();
        const auto add = [this](size_t c, int difference) {
            pixel_[c] = static_cast<uint8_t>(pixel_[c] + difference);
        };
        if (code == kRgb || code == kRgba) {
            for (size_t c = 0; c < (code == kRgba ? 4U : 3U); ++c) pixel_[c] = bytes_.next();
        } else if (code >> 6 == 0) {
            pixel_ = seen_[code];
        } else if (code >> 6 == 1) {
            for (size_t c = 0; c < 3; ++c) add(c, (code >> (4 - 2 * c) & 3) - 2);
        } else if (code >> 6 == 2) {
            const int green = (code & 63) - 32, others = bytes_.next();
            add(0, green - 8 + (others >> 4));
            add(1, green);
            add(2, green - 8 + (others & 15));
        } else {
            run_ = code & 63U;
        }
        seen_[(pixel_[0] * 3U + pixel_[1] * 5U + pixel_[2] * 7U + pixel_[3] * 11U) % 64] = pixel_;
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t channels = description_.channels();
        for (size_t i = 0; i < size_t{rows} * description_.width; ++i, pixels += channels) {
            next_pixel();
            std::memcpy(pixels, pixel_.data(), channels);
        }
    }

    const ReadOptions options_;
    Bytes bytes_;
    Pixel pixel_ = {0, 0, 0, 255};
    std::array<Pixel, 64> seen_ = {};
    uint32_t run_ = 0;
};

}  // namespace

std::unique_ptr<Reader> open_qoi(Source& source, const ReadOptions& options) {
    return std::make_unique<QoiReader>(source, options);
}

}  // namespace image_io
