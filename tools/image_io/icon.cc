// Windows' icons and cursors: pictures of several sizes, each a PNG, or a BMP without its first header, behind whose
// rows a bit for each pixel says that it is transparent.
#include <algorithm>
#include <cstring>
#include <string>

#include "image_io/bits.h"
#include "image_io/held.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint64_t kHead = 6, kEntry = 16;
constexpr uint64_t kFileHeader = 14;  // of a BMP
constexpr uint32_t kSmallestHeader = 40;

[[noreturn]] void broken(const char* what) { damaged(std::string("the icon file is damaged: ") + what); }

// How many colours a palette of a header has.
uint32_t palette_colours(std::span<const uint8_t> header) {
    const uint32_t bits = little16(&header[14]);
    if (bits > 8) return little32(&header[32]) <= 256 ? little32(&header[32]) : 0;
    const uint32_t used = little32(&header[32]), all = 1U << bits;
    return used == 0 || used > all ? all : used;
}

class IconReader : public HeldReader {
  public:
    IconReader(Source& source, const ReadOptions& options) {
        const std::vector<uint8_t> head = bytes_at(source, 0, kHead);
        if (head.size() < kHead) broken("it ends within its header");
        const uint32_t pictures = little16(&head[4]);
        if (pictures == 0) broken("it has no picture");
        if (pictures > 1 && options.page == 0)
            unsupported("the icon file holds " + count_of(pictures, "picture") +
                        "; choose one with --page 1 to --page " + std::to_string(pictures) +
                        ", or take them apart first, for example with icotool -x");
        check_page(options, pictures);
        const uint64_t index = options.page == 0 ? 0 : options.page - 1;
        const std::vector<uint8_t> entry = bytes_at(source, kHead + index * kEntry, kEntry);
        if (entry.size() < kEntry) broken("it ends within its list of pictures");
        const uint64_t begin = little32(&entry[12]);
        if (begin >= source.size()) broken("its picture lies outside of it");
        // Some files give a wrong size, and viewers do not look at it.
        const uint64_t size = std::min<uint64_t>(little32(&entry[8]), source.size() - begin);
        PartSource part(source, begin, size);
        if (starts_with(bytes_at(part, 0, 8), "\x89PNG\r\n\x1a\n"))
            read_png(part, options);
        else
            read_bmp(source, begin, options);
        description_.add("ico:entry", joined(head, entry));
        if (pictures > 1)
            description_.lost.push_back("the other " + count_of(pictures - 1, "picture") + " of the file");
        else
            keep_trailing(source, std::max(begin + size, end_), "ico", options, description_);
    }

  private:
    static std::vector<uint8_t> joined(std::vector<uint8_t> a, std::span<const uint8_t> b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    }

    void take(Image image) {
        pixels_ = std::move(image.pixels);
        description_ = std::move(image);
    }

    void read_png(Source& part, const ReadOptions& options) {
        ReadOptions single = options;
        single.page = 0;
        take(image_io::read(part, single));
    }

    // The header counts the rows of the mask, too.
    void read_bmp(Source& source, uint64_t begin, const ReadOptions& options) {
        std::vector<uint8_t> header = bytes_at(source, begin, kSmallestHeader);
        if (header.size() < kSmallestHeader || little32(header.data()) < kSmallestHeader ||
            little32(header.data()) > 256)
            broken("its picture is neither PNG nor BMP");
        const uint32_t header_size = little32(header.data()), bits = little16(&header[14]);
        const uint64_t width = little32(&header[4]), height = little32(&header[8]) / 2;
        if (width == 0 || height == 0 || width > 0xffff || height > 0xffff || bits > 32)
            broken("its picture has an impossible size");
        const uint32_t compression = little32(&header[16]);
        if (compression != 0 && compression != 3)
            unsupported("the icon is compressed as icons are not; convert it to PNG first");
        const uint64_t masks = compression == 3 && header_size == kSmallestHeader ? 12 : 0;
        const uint64_t head = header_size + masks + uint64_t{palette_colours(header)} * 4;
        const uint64_t row = (width * bits + 31) / 32 * 4, mask_row = (width + 31) / 32 * 4;
        const uint64_t size = head + row * height;
        check_memory(size + (mask_row + width * 8) * height, options.max_bytes);
        std::vector<uint8_t> bmp = bytes_at(source, begin, size);
        if (bmp.size() < size) broken("it ends within its pixels");
        for (int i = 0; i < 4; ++i) bmp[8 + static_cast<size_t>(i)] = static_cast<uint8_t>(height >> 8 * i);
        std::vector<uint8_t> first = {'B', 'M'};
        put_little(first, kFileHeader + size, 4);
        put_little(first, 0, 4);
        put_little(first, kFileHeader + head, 4);
        bmp.insert(bmp.begin(), first.begin(), first.end());
        ReadOptions single = options;
        single.page = 0;
        take(image_io::read(bmp, single));
        read_mask(source, begin + size, static_cast<size_t>(mask_row));
    }

    void read_mask(Source& source, uint64_t begin, size_t row_bytes) {
        const std::vector<uint8_t> mask = bytes_at(source, begin, uint64_t{row_bytes} * description_.height);
        end_ = begin + mask.size();
        if (mask.size() < row_bytes * description_.height) {
            description_.notes.emplace_back("the icon ends before its mask, which is taken for opaque");
            return;
        }
        // A picture with alpha of its own needs none; what else may be in it is kept.
        if (description_.alpha) return description_.add("ico:mask", mask);
        std::vector<uint8_t> bits(description_.width), with_alpha;
        const size_t pixel = size_t{description_.channels()} * description_.sample_bytes();
        const auto opaque = static_cast<uint16_t>((1U << description_.bits) - 1);
        for (size_t y = 0; y < description_.height; ++y) {
            unpack(&mask[y_of(y) * row_bytes], 1, description_.width, bits.data());
            for (size_t x = 0; x < description_.width; ++x) {
                const uint8_t* from = &pixels_[(y * description_.width + x) * pixel];
                with_alpha.insert(with_alpha.end(), from, from + pixel);
                const uint16_t alpha = bits[x] ? 0 : opaque;
                uint8_t bytes[2] = {static_cast<uint8_t>(alpha), 0};
                if (description_.sample_bytes() == 2) std::memcpy(bytes, &alpha, 2);
                with_alpha.insert(with_alpha.end(), bytes, bytes + description_.sample_bytes());
            }
        }
        pixels_ = std::move(with_alpha);
        description_.set_kind(description_.colour, true, description_.bits);
    }

    // The mask begins with the last row.
    size_t y_of(size_t y) const { return description_.height - 1 - y; }

    uint64_t end_ = 0;  // of what has been read
};

}  // namespace

std::unique_ptr<Reader> open_icon(Source& source, const ReadOptions& options) {
    return std::make_unique<IconReader>(source, options);
}

}  // namespace image_io
