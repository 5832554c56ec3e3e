#include "image_io/tiff_strips.h"

#include <algorithm>
#include <new>
#include <utility>

namespace image_io {

DeflatedStrips::DeflatedStrips(uint32_t bits, uint32_t channels)
    : channels_(bits == 8 || bits == 16 ? channels : 0), sample_bytes_(bits == 16 ? 2 : 1) {
    if (deflateInit(&stream_, Z_DEFAULT_COMPRESSION) != Z_OK) throw std::bad_alloc();
    out_.resize(size_t{1} << 16);
}

DeflatedStrips::~DeflatedStrips() { deflateEnd(&stream_); }

void DeflatedStrips::add(std::span<uint8_t> row, bool big_endian) {
    // From the end, so that what is taken away has not been changed.
    const size_t step = size_t{channels_} * sample_bytes_;
    if (step > 0 && sample_bytes_ == 1) {
        for (size_t i = row.size(); i-- > step;) row[i] = static_cast<uint8_t>(row[i] - row[i - step]);
    } else if (step > 0) {
        const size_t high = big_endian ? 0 : 1, low = 1 - high;
        const auto at = [&](size_t i) { return row[i + high] << 8 | row[i + low]; };
        for (size_t i = row.size() - 2; i >= step; i -= 2) {
            const int difference = at(i) - at(i - step);
            row[i + high] = static_cast<uint8_t>(difference >> 8);
            row[i + low] = static_cast<uint8_t>(difference);
        }
    }
    // zlib takes at most so much at once.
    constexpr size_t kMost = size_t{1} << 30;
    while (!row.empty()) {
        const auto part = row.first(std::min(row.size(), kMost));
        stream_.next_in = part.data();
        stream_.avail_in = static_cast<uInt>(part.size());
        run(Z_NO_FLUSH);
        row = row.subspan(part.size());
    }
}

std::span<const uint8_t> DeflatedStrips::finish() {
    run(Z_FINISH);
    deflateReset(&stream_);
    return {out_.data(), std::exchange(size_, 0)};
}

// Until all that was given is taken, or, at the end, written.
void DeflatedStrips::run(int flush) {
    for (;;) {
        if (size_ == out_.size()) out_.resize(2 * out_.size());
        const size_t room = std::min(out_.size() - size_, size_t{1} << 30);
        stream_.next_out = out_.data() + size_;
        stream_.avail_out = static_cast<uInt>(room);
        const int result = deflate(&stream_, flush);
        size_ += room - stream_.avail_out;
        if (flush == Z_FINISH ? result == Z_STREAM_END : stream_.avail_in == 0) return;
    }
}

}  // namespace image_io
