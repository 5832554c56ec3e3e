#include "image_io/bmp_header.h"

#include <algorithm>
#include <string>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

enum Compression : uint32_t {
    kNone = 0,
    kRunLengths8 = 1,
    kRunLengths4 = 2,
    kMasks = 3,
    kJpeg = 4,
    kMasksWithAlpha = 6,
};
constexpr uint32_t kOs2 = 12, kOs2Second = 64;     // sizes of headers
constexpr uint32_t kEmbeddedProfile = 0x4d424544;  // 'MBED'

[[noreturn]] void broken(const char* what) { damaged(std::string("the BMP file is damaged: ") + what); }

class HeaderReader {
  public:
    HeaderReader(Source& source, const ReadOptions& options) : source_(source), options_(options) {}

    BmpHeader read() {
        const std::vector<uint8_t> start = bytes_at(source_, 0, BmpHeader::kFileHeader + 4);
        if (start.size() < BmpHeader::kFileHeader + 4) broken("it ends within its header");
        size_ = little32(&start[BmpHeader::kFileHeader]);
        const bool known = size_ == kOs2 || (size_ >= 16 && size_ <= 256);
        if (!known) broken("its header has an impossible size");
        header_.bytes = bytes_at(source_, 0, BmpHeader::kFileHeader + size_);
        if (header_.bytes.size() < BmpHeader::kFileHeader + size_) broken("it ends within its header");
        header_.pixels = little32(&start[10]);
        read_size();
        read_compression();
        read_masks();
        read_palette();
        read_profile();
        if (header_.pixels < header_.palette_end) header_.pixels = header_.palette_end;
        return header_;
    }

  private:
    // A number of the second header; 0 where that is too short for it.
    uint32_t number(uint32_t offset, uint32_t bytes = 4) const {
        if (offset + bytes > size_) return 0;
        const uint8_t* at = &header_.bytes[BmpHeader::kFileHeader + offset];
        return bytes == 2 ? little16(at) : little32(at);
    }

    void read_size() {
        if (size_ == kOs2) {
            header_.width = number(4, 2), header_.height = number(6, 2);
            header_.bits = number(10, 2);
            header_.palette_entry = 3;
        } else {
            header_.width = number(4), header_.height = number(8);
            header_.bits = number(14, 2);
            if (header_.height > 0x7fffffff) {  // negative: the first row comes first
                header_.height = 0 - header_.height;
                header_.bottom_up = false;
            }
        }
        const uint32_t bits = header_.bits;
        if (bits == 64)
            unsupported(
                "the BMP picture has 64 bits per pixel, whose samples are fractions that cannot be kept "
                "exactly; convert it to PNG first");
        if (header_.width > 0x7fffffff) broken("its width is negative");
        if (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
            broken("it has an impossible number of bits per pixel");
    }

    void read_compression() {
        const uint32_t compression = number(16), bits = header_.bits;
        const bool os2 = size_ == kOs2Second;
        if (os2 && (compression == kMasks || compression == kJpeg))
            unsupported(
                "the BMP file is compressed as OS/2 did (Huffman or 24-bit run lengths), which Residua does "
                "not read; convert it to PNG first");
        header_.run_lengths = compression == kRunLengths8 || compression == kRunLengths4;
        if ((compression == kRunLengths8 && bits != 8) || (compression == kRunLengths4 && bits != 4) ||
            ((compression == kMasks || compression == kMasksWithAlpha) && bits != 16 && bits != 32))
            broken("its compression does not fit its pixels");
        if (compression > kMasksWithAlpha)
            unsupported("the BMP file is compressed by a method that Residua does not know (number " +
                        std::to_string(compression) + "); convert it to PNG first");
    }

    void read_masks() {
        const uint32_t compression = number(16);
        header_.palette_end = BmpHeader::kFileHeader + size_;
        if (header_.bits != 16 && header_.bits != 32) return;
        if (compression == kNone) {
            header_.masks = header_.bits == 16 ? std::array<uint32_t, 4>{0x7c00, 0x3e0, 0x1f, 0}
                                               : std::array<uint32_t, 4>{0xff0000, 0xff00, 0xff, 0};
            return;
        }
        // Within the header, or right behind one that is too short for them.
        const uint32_t count = compression == kMasksWithAlpha || size_ >= 56 ? 4 : 3;
        const std::vector<uint8_t> masks =
            bytes_at(source_, BmpHeader::kFileHeader + 40, uint64_t{count} * 4);
        if (masks.size() < count * 4) broken("it ends within its header");
        for (uint32_t i = 0; i < count; ++i) header_.masks[i] = little32(&masks[size_t{i} * 4]);
        if (size_ < 52) {
            header_.bytes.insert(header_.bytes.end(), masks.begin(), masks.end());
            header_.palette_end += masks.size();
        }
        check_masks();
    }

    void check_masks() const {
        uint32_t all = 0;
        for (const uint32_t mask : header_.masks) {
            const uint32_t low = mask & (0 - mask);
            if ((mask & all) != 0 || (mask != 0 && ((mask / low) & (mask / low + 1)) != 0))
                broken("its colour masks overlap or have gaps");
            all |= mask;
        }
        if (header_.masks[0] == 0 || header_.masks[1] == 0 || header_.masks[2] == 0)
            broken("it has no mask for a colour");
        if (header_.bits == 16 && all > 0xffff) broken("its colour masks are larger than its pixels");
    }

    void read_palette() {
        if (header_.bits > 8) return;
        const uint32_t all = 1U << header_.bits;
        uint32_t count = size_ == kOs2 ? all : number(32);
        if (count == 0 || count > all) count = all;
        // Some files say that the pixels begin within it: all programs take all colours nevertheless.
        const uint64_t begin = header_.palette_end;
        header_.palette = bytes_at(source_, begin, uint64_t{count} * header_.palette_entry);
        header_.palette.resize(header_.palette.size() / header_.palette_entry * header_.palette_entry);
        if (header_.palette.empty()) broken("it ends within its palette");
        header_.palette_end = begin + header_.palette.size();
        // Where they begin at once, that number is wrong.
        if (header_.pixels > begin) header_.palette_end = std::min(header_.palette_end, header_.pixels);
    }

    void read_profile() {
        if (number(56) != kEmbeddedProfile || size_ < 124) return;
        const uint64_t begin = BmpHeader::kFileHeader + number(112), size = number(116);
        if (begin > source_.size() || size > source_.size() - begin)
            broken("its ICC profile lies outside of it");
        check_memory(size, options_.max_bytes);
        header_.icc = bytes_at(source_, begin, size);
        header_.icc_end = begin + size;
    }

    Source& source_;
    const ReadOptions& options_;
    BmpHeader header_;
    uint32_t size_ = 0;  // of the second header
};

}  // namespace

BmpHeader read_bmp_header(Source& source, const ReadOptions& options) {
    return HeaderReader(source, options).read();
}

}  // namespace image_io
