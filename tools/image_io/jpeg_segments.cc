#include "image_io/jpeg_segments.h"

#include <algorithm>
#include <bitset>
#include <cstring>
#include <string>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr int kEnd = -1;
constexpr uint8_t kStartOfImage = 0xd8, kEndOfImage = 0xd9, kStartOfScan = 0xda, kNumberOfLines = 0xdc;
constexpr uint8_t kDefineHierarchical = 0xde, kExpand = 0xdf, kComment = 0xfe;

bool is_frame(int marker) {
    return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) ||
           marker == 0xf7;
}
bool is_restart(int marker) { return marker >= 0xd0 && marker <= 0xd7; }

class Bytes {
  public:
    Bytes(Source& source, const ReadOptions& options) : source_(source), options_(options) {}

    uint64_t position() const { return base_ + next_; }
    int next() {
        if (next_ == size_ && !fill()) return kEnd;
        return buffer_[next_++];
    }
    void go_to(uint64_t position) {
        if (position >= base_ && position <= base_ + size_) {
            next_ = static_cast<size_t>(position - base_);
            return;
        }
        base_ = position;
        next_ = size_ = 0;
    }
    // Behind the next 0xff; false at the end.
    bool find_marker() {
        for (;;) {
            if (next_ == size_ && !fill()) return false;
            const void* found = std::memchr(buffer_ + next_, 0xff, size_ - next_);
            if (found) {
                next_ = static_cast<size_t>(static_cast<const uint8_t*>(found) - buffer_) + 1;
                return true;
            }
            next_ = size_;
        }
    }

  private:
    bool fill() {
        options_.check_interrupted();
        base_ += size_;
        next_ = 0;
        source_.seek(base_);
        size_ = source_.read(buffer_, sizeof buffer_);
        return size_ > 0;
    }

    Source& source_;
    const ReadOptions& options_;
    uint8_t buffer_[size_t{1} << 16];
    uint64_t base_ = 0;
    size_t next_ = 0, size_ = 0;
};

class Walker {
  public:
    Walker(Source& source, const ReadOptions& options) : source_(source), bytes_(source, options) {}

    JpegSegments walk() {
        find_beginning();
        for (int marker; !found_.ended && (marker = next_marker()) != kEnd;) {
            if (marker == kEndOfImage) {
                found_.ended = true;
            } else if (marker == kStartOfImage && found_.scans > 0) {
                bytes_.go_to(bytes_.position() - 2);  // of another picture
                break;
            } else if (!is_restart(marker) && marker != kStartOfImage && marker != 0x01) {
                if (!take(static_cast<uint8_t>(marker))) break;
            }
        }
        found_.end = std::min(bytes_.position(), source_.size());
        if (found_.scans == 0) damaged("the JPEG file is damaged: it ends before its pixels");
        finish();
        return found_;
    }

  private:
    void find_beginning() {
        int before = bytes_.next();
        for (int byte; (byte = bytes_.next()) != kEnd; before = byte)
            if (before == 0xff && byte == kStartOfImage) break;
        found_.begin = bytes_.position() - 2;
    }

    // As libjpeg finds it: bytes that belong to nothing are passed over, but kept here.
    int next_marker() {
        const uint64_t begin = bytes_.position();
        while (bytes_.find_marker()) {
            const uint64_t mark = bytes_.position() - 1;
            int byte;
            do byte = bytes_.next();
            while (byte == 0xff);
            if (byte == 0) continue;
            if (byte != kEnd && mark > begin) found_.parts.push_back({0, begin, mark - begin});
            return byte;
        }
        return kEnd;
    }

    // A segment with a length. False when the file ends within it.
    bool take(uint8_t marker) {
        const uint64_t begin = bytes_.position();
        const std::vector<uint8_t> length = bytes_at(source_, begin, 2);
        if (length.size() < 2) return false;
        const uint32_t size = big16(length.data());
        if (size < 2) damaged("the JPEG file is damaged: a segment has an impossible length");
        if (begin + size > source_.size()) return false;
        const JpegSegments::Part part = {marker, begin + 2, size - 2};
        if (marker == kComment || (marker >= 0xe0 && marker <= 0xef)) found_.parts.push_back(part);
        if (is_frame(marker)) take_frame(part);
        if (marker == kDefineHierarchical || marker == kExpand) found_.hierarchical = true;
        if (marker == kNumberOfLines && part.size >= 2 && found_.height_behind == 0)
            found_.height_behind = big16(bytes_at(source_, part.position, 2).data());
        bytes_.go_to(begin + size);
        if (marker == kStartOfScan) take_scan(part);
        return true;
    }

    void take_frame(const JpegSegments::Part& part) {
        const std::vector<uint8_t> data = bytes_at(source_, part.position, part.size);
        if (found_.frame != 0 || data.size() < 6) return;  // libjpeg says what is wrong
        found_.frame = part.marker;
        found_.precision = data[0];
        found_.height_position = part.position + 1;
        found_.height = big16(&data[1]);
        found_.width = big16(&data[3]);
        found_.components = data[5];
        for (size_t i = 6; i + 3 <= data.size() && i < 6 + 3 * size_t{found_.components}; i += 3) {
            ids_.push_back(data[i]);
            sampling_.push_back(data[i + 1]);
        }
    }

    void take_scan(const JpegSegments::Part& part) {
        ++found_.scans;
        const std::vector<uint8_t> data = bytes_at(source_, part.position, part.size);
        for (size_t i = 1; i + 2 <= data.size() && i < 1 + 2 * size_t{data[0]}; i += 2) scanned_.set(data[i]);
        // Coded data, up to a marker of another kind than those within them.
        while (bytes_.find_marker()) {
            const uint64_t mark = bytes_.position() - 1;
            int byte;
            do byte = bytes_.next();
            while (byte == 0xff);
            if (byte == 0 || is_restart(byte)) continue;
            if (byte != kEnd) bytes_.go_to(mark);
            return;
        }
    }

    void finish() {
        uint32_t largest_h = 1, largest_v = 1;
        for (const uint8_t sampling : sampling_) {
            largest_h = std::max<uint32_t>(largest_h, sampling >> 4);
            largest_v = std::max<uint32_t>(largest_v, sampling & 15);
        }
        const uint64_t height = found_.height ? found_.height : found_.height_behind;
        const uint64_t across = (found_.width + 8 * largest_h - 1) / (8 * largest_h);
        const uint64_t down = (height + 8 * largest_v - 1) / (8 * largest_v);
        for (const uint8_t sampling : sampling_)
            found_.blocks += across * down * static_cast<uint64_t>((sampling >> 4) * (sampling & 15));
        found_.scans_lack = std::ranges::any_of(ids_, [this](uint8_t id) { return !scanned_.test(id); });
    }

    Source& source_;
    Bytes bytes_;
    JpegSegments found_;
    std::vector<uint8_t> ids_, sampling_;
    std::bitset<256> scanned_;
};

}  // namespace

JpegSegments read_jpeg_segments(Source& source, const ReadOptions& options) {
    return Walker(source, options).walk();
}

}  // namespace image_io
