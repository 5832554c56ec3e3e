#include "image_io/png_chunks.h"

#include <algorithm>
#include <string_view>

namespace image_io {

namespace {

constexpr size_t kSignature = 8, kHead = 8, kChecksum = 4;

// May stand anywhere, and libspng reads them.
bool may_be_moved(std::string_view type) {
    return type == "eXIf" || type == "tEXt" || type == "zTXt" || type == "iTXt";
}

}  // namespace

PngChunks::PngChunks(Source& source) : source_(source) {
    const uint64_t size = source.size();
    uint64_t pixels = size;  // where they begin; the file's size until then
    bool ended = false;
    std::vector<Segment> before, behind, moved;
    uint64_t kept_from = 0;  // the first byte that has not been given to a segment
    for (uint64_t position = kSignature; position + kHead + kChecksum <= size;) {
        uint8_t head[kHead];
        source.seek(position);
        if (source.read(head, kHead) != kHead) break;
        const uint64_t length =
            uint64_t{head[0]} << 24 | uint64_t{head[1]} << 16 | uint64_t{head[2]} << 8 | head[3];
        const std::string type(head + 4, head + kHead);
        ++types_[type];
        if (length > size - position - kHead - kChecksum) break;
        const uint64_t end = position + kHead + length + kChecksum;
        if (type == "IDAT" && pixels == size) {
            before.push_back({0, position});
            kept_from = pixels = position;
        }
        ended |= type == "IEND";
        if (pixels < size && !ended && may_be_moved(type)) {
            behind.push_back({kept_from, position});
            moved.push_back({position, end});
            kept_from = end;
        }
        position = end;
    }
    behind.push_back({kept_from, size});
    for (const auto* part : {&before, &moved, &behind})
        segments_.insert(segments_.end(), part->begin(), part->end());
    position_ = segments_[0].begin;
}

size_t PngChunks::read(uint8_t* data, size_t size) {
    size_t done = 0;
    while (done < size && segment_ < segments_.size()) {
        const uint64_t left = segments_[segment_].end - position_;
        if (left == 0) {
            if (++segment_ < segments_.size()) position_ = segments_[segment_].begin;
            continue;
        }
        source_.seek(position_);
        const size_t count =
            source_.read(data + done, static_cast<size_t>(std::min<uint64_t>(left, size - done)));
        if (count == 0) break;
        done += count;
        position_ += count;
    }
    return done;
}

}  // namespace image_io
