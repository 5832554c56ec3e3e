#include "image_io/png_chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <new>
#include <string_view>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint64_t kSignature = 8, kHead = 8, kChecksum = 4;
constexpr uint8_t kPaletteType = 3;

bool is_type(std::string_view type) {
    return std::ranges::all_of(type, [](unsigned char c) { return std::isalpha(c) && c < 128; });
}

}  // namespace

void append_chunk(std::vector<uint8_t>& file, std::string_view type, std::span<const uint8_t> data) {
    put_big(file, data.size(), 4);
    const size_t begin = file.size();
    file.insert(file.end(), type.begin(), type.end());
    file.insert(file.end(), data.begin(), data.end());
    put_big(file, crc32_z(crc32_z(0, nullptr, 0), file.data() + begin, file.size() - begin), 4);
}

PngChunks::PngChunks(Source& source, const ReadOptions& options) : source_(source), options_(options) {
    const uint64_t size = source.size();
    end_ = kSignature;
    while (!ended_ && end_ < size) {
        if (end_ + kHead + kChecksum > size) break;
        const std::vector<uint8_t> head = bytes_at(source, end_, kHead);
        if (head.size() < kHead) break;
        const Chunk chunk = {
            {head.begin() + 4, head.end()}, end_ + kHead, big32(head.data()), !pixels_.empty(), true};
        if (!is_type(chunk.type) || chunk.size > size - chunk.position - kChecksum) {
            if (chunk.type == "IDAT") damaged("the PNG file is damaged: it ends within its pixels");
            break;
        }
        if (end_ == kSignature && chunk.type != "IHDR" && chunk.type != "CgBI")
            damaged("the PNG file is damaged: it does not begin with a header");
        if (!take(chunk)) break;
        end_ = chunk.position + chunk.size + kChecksum;
    }
    if (pixels_.empty()) damaged("the PNG file is damaged: it has no pixels");
    if (bad_checksums_) {
        prove_pixels();
        notes_.emplace_back(
            "the checksum of a chunk of pixels (IDAT) is wrong; they are taken, since that of all of them is "
            "right");
    }
    if (!ended_) notes_.emplace_back("the PNG file has no end mark (IEND)");
    make_stream();
}

bool PngChunks::take(const Chunk& chunk) {
    if (chunk.type == "IDAT") {
        const uint64_t begin = chunk.position - kHead, end = chunk.position + chunk.size + kChecksum;
        pixel_bytes_ += chunk.size;
        bad_checksums_ |= !is_intact(chunk);
        if (!pixels_.empty() && pixels_.back().end == begin)
            pixels_.back().end = end;
        else
            pixels_.push_back({begin, end, false});
        if (pixels_.size() == 2 && pixels_.back().begin == begin)
            notes_.emplace_back("other chunks stand between those of the pixels (IDAT)");
        return true;
    }
    Chunk checked = chunk;
    checked.intact = is_intact(chunk);
    const bool critical = std::isupper(static_cast<unsigned char>(chunk.type[0]));
    if (chunk.type == "IHDR") {
        check_header(checked);
        return true;
    }
    if (!checked.intact) {
        if (critical && chunk.type != "IEND")
            damaged("the PNG file is damaged: the checksum of chunk " + chunk.type + " is wrong");
        notes_.push_back("the checksum of chunk " + chunk.type + " is wrong; its data are kept");
    }
    if (chunk.type == "IEND") {
        ended_ = true;
        if (chunk.size == 0) return true;
    } else if (chunk.type == "CgBI") {
        unsupported(
            "this is a PNG file changed for iPhones (CgBI), which other programs cannot show; convert it "
            "to a plain one first, for example with pngcrush -revert-iphone-optimizations");
    } else if (critical && chunk.type != "PLTE") {
        unsupported("the PNG file has a chunk " + chunk.type +
                    ", which its pixels cannot be understood without, and which Residua does not know");
    }
    kept_bytes_ += chunk.size;
    check_memory(kept_bytes_, options_.max_bytes);
    others_.push_back(checked);
    return true;
}

void PngChunks::check_header(const Chunk& chunk) {
    if (chunk.position != kSignature + kHead) damaged("the PNG file is damaged: it has two headers");
    if (chunk.size != header_.size() || !chunk.intact)
        damaged("the PNG file is damaged: its header is wrong");
    std::ranges::copy(data(chunk), header_.begin());
}

bool PngChunks::is_intact(const Chunk& chunk) const {
    uint8_t piece[size_t{1} << 14];
    source_.seek(chunk.position - 4);  // its type counts
    uLong checksum = crc32_z(0, nullptr, 0);
    for (uint64_t left = uint64_t{chunk.size} + 4; left > 0;) {
        const size_t count = source_.read(piece, static_cast<size_t>(std::min<uint64_t>(left, sizeof piece)));
        if (count == 0) return false;
        checksum = crc32_z(checksum, piece, count);
        left -= count;
    }
    return source_.read(piece, kChecksum) == kChecksum && big32(piece) == checksum;
}

// By the checksum (Adler-32) behind the compressed data of all of them.
void PngChunks::prove_pixels() const {
    z_stream stream = {};
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    std::vector<uint8_t> from(size_t{1} << 14), to(size_t{1} << 17);
    int state = Z_OK;
    for (const Segment& segment : pixels_)
        for (uint64_t at = segment.begin; at < segment.end && state == Z_OK;) {
            uint64_t left = big32(bytes_at(source_, at, 4).data());
            at += kHead;
            for (; left > 0 && state == Z_OK; left -= stream.total_in) {
                options_.check_interrupted();
                source_.seek(at);
                stream.next_in = from.data();
                stream.avail_in =
                    static_cast<uInt>(source_.read(from.data(), std::min<uint64_t>(left, from.size())));
                stream.total_in = 0;
                if (stream.avail_in == 0) break;
                do {
                    stream.next_out = to.data();
                    stream.avail_out = static_cast<uInt>(to.size());
                    state = inflate(&stream, Z_NO_FLUSH);
                } while (state == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
                if (state == Z_BUF_ERROR) state = Z_OK;  // needs more
                at += stream.total_in;
            }
            at += left + kChecksum;
        }
    if (state != Z_STREAM_END) damaged("the PNG file is damaged: the checksum of its pixels is wrong");
}

std::vector<uint8_t> PngChunks::data(const Chunk& chunk) const {
    return bytes_at(source_, chunk.position, chunk.size);
}

std::vector<uint8_t> PngChunks::pixels() const {
    uint64_t bytes = 0;
    for (const Segment& segment : pixels_) bytes += segment.end - segment.begin;
    check_memory(bytes, options_.max_bytes);
    std::vector<uint8_t> all;
    for (const Segment& segment : pixels_) {
        const std::vector<uint8_t> part = bytes_at(source_, segment.begin, segment.end - segment.begin);
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

void PngChunks::make_stream() {
    made_ = bytes_at(source_, 0, kSignature);
    append_chunk(made_, "IHDR", header_);
    if (header_[9] == kPaletteType && header_[8] <= 8)  // others are refused by libspng
        append_chunk(made_, "PLTE", std::vector<uint8_t>(size_t{3} << header_[8]));
    stream_ = {{0, made_.size(), true}};
    stream_.insert(stream_.end(), pixels_.begin(), pixels_.end());
    append_chunk(made_, "IEND", {});
    stream_.push_back({stream_[0].end, made_.size(), true});
}

size_t PngChunks::read(uint8_t* data, size_t size) {
    size_t done = 0;
    while (done < size && segment_ < stream_.size()) {
        const Segment& segment = stream_[segment_];
        const uint64_t left = segment.end - segment.begin - position_;
        if (left == 0) {
            ++segment_;
            position_ = 0;
            continue;
        }
        auto count = static_cast<size_t>(std::min<uint64_t>(left, size - done));
        if (segment.made) {
            std::copy_n(made_.begin() + static_cast<ptrdiff_t>(segment.begin + position_), count,
                        data + done);
        } else {
            source_.seek(segment.begin + position_);
            count = source_.read(data + done, count);
            if (count == 0) break;
        }
        done += count;
        position_ += count;
    }
    return done;
}

}  // namespace image_io
