// GIF of one picture, through giflib; its blocks are walked through before, for what is not pixels.
#include <gif_lib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "image_io/palette.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

constexpr size_t kSignature = 6, kScreen = 7, kFrame = 9;
constexpr uint8_t kExtension = '!', kFrameMark = ',', kEndMark = ';';
constexpr uint8_t kGraphicControl = 0xf9, kApplication = 0xff;
constexpr uint64_t kMostPixels = 16384;  // of one byte of code

[[noreturn]] void ends_early() { damaged("the GIF file is damaged: it ends too early"); }

// The blocks of a file.
struct GifBlocks {
    std::vector<uint8_t> screen, frame;         // descriptors
    std::vector<uint8_t> palette, own_palette;  // of all frames, of this one
    uint32_t frames = 0;
    int transparent = -1;  // the number of a colour
    uint64_t code_bytes = 0;
    uint64_t end = 0;
    bool ended = false;
};

class Walker {
  public:
    Walker(Source& source, const ReadOptions& options, Description& picture)
        : source_(source), options_(options), picture_(picture) {}

    GifBlocks walk() {
        found_.screen = take(kSignature, kScreen);
        found_.palette = take_palette(found_.screen[4]);
        while (position_ < source_.size() && !found_.ended) {
            const uint8_t mark = take(position_, 1)[0];
            if (mark == kEndMark) {
                found_.ended = true;
            } else if (mark == kExtension) {
                take_extension();
            } else if (mark == kFrameMark) {
                take_frame();
            } else {
                // Some writers leave garbage behind the picture.
                if (found_.frames == 0) damaged("the GIF file is damaged: it has an unknown block");
                --position_;
                break;
            }
        }
        found_.end = position_;
        return found_;
    }

  private:
    std::vector<uint8_t> take(uint64_t position, uint64_t size) {
        std::vector<uint8_t> bytes = bytes_at(source_, position, size);
        if (bytes.size() != size) ends_early();
        position_ = position + size;
        return bytes;
    }
    std::vector<uint8_t> take_palette(uint8_t flags) {
        if (!(flags & 0x80)) return {};
        return take(position_, size_t{3} << ((flags & 7) + 1));
    }

    // Blocks, each after its length, up to an empty one.
    std::vector<uint8_t> take_blocks(bool kept) {
        std::vector<uint8_t> bytes;
        for (;;) {
            const uint8_t size = take(position_, 1)[0];
            if (size == 0) return bytes;
            if (!kept) {
                if (size > source_.size() - position_) ends_early();
                position_ += size;
                found_.code_bytes += size;
                continue;
            }
            kept_ += size + 1U;
            check_memory(kept_, options_.max_bytes);
            const std::vector<uint8_t> block = take(position_, size);
            bytes.push_back(size);
            bytes.insert(bytes.end(), block.begin(), block.end());
        }
    }

    static std::vector<uint8_t> joined(std::span<const uint8_t> blocks) {
        std::vector<uint8_t> bytes;
        for (size_t i = 0; i < blocks.size(); i += blocks[i] + 1U)
            bytes.insert(bytes.end(), blocks.begin() + static_cast<ptrdiff_t>(i + 1),
                         blocks.begin() + static_cast<ptrdiff_t>(i + 1 + blocks[i]));
        return bytes;
    }

    void take_extension() {
        const uint8_t kind = take(position_, 1)[0];
        const std::vector<uint8_t> blocks = take_blocks(true);
        if (kind == kGraphicControl && blocks.size() >= 5 && found_.frames == 0 && (blocks[1] & 1))
            found_.transparent = blocks[4];
        if (kind == kApplication && take_known(blocks)) return;
        constexpr char kDigits[] = "0123456789ABCDEF";
        const std::string prefix = found_.frames == 0 ? "gif:" : "gif-end:";
        picture_.add_part(prefix + kDigits[kind >> 4] + kDigits[kind & 15], blocks);
    }

    bool take_known(const std::vector<uint8_t>& blocks) {
        if (starts_with(blocks, "\x0bICCRGBG1012"sv) && !picture_.has("icc")) {
            const std::vector<uint8_t> profile = joined(std::span(blocks).subspan(12));
            picture_.add("icc", profile);
            return !profile.empty();
        }
        // A packet that is not in blocks; what comes behind it leads a reader of blocks to their end.
        constexpr size_t kTrailer = 257;
        if (starts_with(blocks, "\x0bXMP DataXMP"sv) && !picture_.has("xmp") &&
            blocks.size() > 12 + kTrailer && blocks[blocks.size() - kTrailer] == 1 &&
            blocks[blocks.size() - kTrailer + 1] == 0xff) {
            picture_.add("xmp", std::span(blocks).subspan(12, blocks.size() - 12 - kTrailer));
            return true;
        }
        return false;
    }

    void take_frame() {
        ++found_.frames;
        const std::vector<uint8_t> frame = take(position_, kFrame);
        const std::vector<uint8_t> palette = take_palette(frame[8]);
        take(position_, 1);  // the code's size
        take_blocks(false);
        if (found_.frames > 1) return;
        found_.frame = frame;
        found_.own_palette = palette;
    }

    Source& source_;
    const ReadOptions& options_;
    Description& picture_;
    GifBlocks found_;
    uint64_t position_ = 0, kept_ = 0;
};

struct CloseGif {
    void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

class GifReader : public Reader {
  public:
    GifReader(Source& source, const ReadOptions& options)
        : source_(source), options_(options), blocks_(Walker(source, options_, description_).walk()) {
        if (blocks_.frames == 0) damaged("the GIF file is damaged: it has no picture");
        if (blocks_.frames > 1)
            unsupported(
                "this is an animated GIF of " + count_of(blocks_.frames, "picture") +
                "; Residua codes single pictures: take its frames apart first, for example with gifsicle "
                "--explode");
        left_ = little_endian_16(&blocks_.frame[0]), top_ = little_endian_16(&blocks_.frame[2]);
        width_ = little_endian_16(&blocks_.frame[4]), height_ = little_endian_16(&blocks_.frame[6]);
        description_.set_size(std::max(little_endian_16(&blocks_.screen[0]), left_ + width_),
                              std::max(little_endian_16(&blocks_.screen[2]), top_ + height_));
        if (width_ == 0 || height_ == 0) damaged("the GIF picture has no pixels");
        if (uint64_t{width_} * height_ / kMostPixels > blocks_.code_bytes) ends_early();
        const bool covered = width_ == description_.width && height_ == description_.height;
        description_.set_kind(Colour::kRgb, blocks_.transparent >= 0 || !covered, 8);
        if (!covered)
            description_.notes.emplace_back("the picture does not fill its screen; the rest is transparent");
        make_palette();
        description_.add("gif:screen", blocks_.screen);
        description_.add("gif:palette", blocks_.palette);
        description_.add("gif:frame", blocks_.frame);
        description_.add("gif:frame-palette", blocks_.own_palette);
        if (!blocks_.ended) description_.notes.emplace_back("the GIF file has no end mark");
        keep_trailing(source, blocks_.end, "gif", options_, description_);
        begin();
        if (gif_->Image.Interlace) decode_interlaced();
    }

  private:
    void make_palette() {
        const std::vector<uint8_t>& colours =
            blocks_.own_palette.empty() ? blocks_.palette : blocks_.own_palette;
        if (colours.empty()) damaged("the GIF file is damaged: it has no palette");
        palette_.emplace(description_.alpha);
        for (size_t i = 0; i < colours.size() / 3; ++i)
            palette_->add(colours[3 * i], colours[3 * i + 1], colours[3 * i + 2],
                          static_cast<int>(i) == blocks_.transparent ? 0 : 255);
    }

    void check(int result) const {
        if (result == GIF_OK) return;
        if (gif_ && gif_->Error == D_GIF_ERR_NOT_ENOUGH_MEM) throw std::bad_alloc();
        const char* text = gif_ ? GifErrorString(gif_->Error) : nullptr;
        damaged(std::string("the GIF file is damaged: ") + (text ? text : "unreadable"));
    }

    // Up to the frame's pixels.
    void begin() {
        source_.seek(0);
        const auto read = [](GifFileType* gif, GifByteType* data, int size) {
            return static_cast<int>(
                static_cast<Source*>(gif->UserData)->read(data, static_cast<size_t>(size)));
        };
        gif_.reset(DGifOpen(&source_, read, nullptr));
        if (!gif_) damaged("the GIF file is damaged: its header is wrong");
        for (;;) {
            GifRecordType type;
            check(DGifGetRecordType(gif_.get(), &type));
            if (type == IMAGE_DESC_RECORD_TYPE) break;
            if (type != EXTENSION_RECORD_TYPE) damaged("the GIF file is damaged: it has an unknown block");
            int kind = 0;
            GifByteType* block = nullptr;
            check(DGifGetExtension(gif_.get(), &kind, &block));
            while (block) check(DGifGetExtensionNext(gif_.get(), &block));
        }
        check(DGifGetImageDesc(gif_.get()));
        row_.resize(width_);
    }

    void decode_interlaced() {
        check_memory(uint64_t{width_} * height_, options_.max_bytes);
        whole_.resize(size_t{width_} * height_);
        constexpr uint32_t kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
        for (int pass = 0; pass < 4; ++pass)
            for (uint32_t y = kFirst[pass]; y < height_; y += kStep[pass]) {
                options_.check_interrupted();
                check(DGifGetLine(gif_.get(), whole_.data() + size_t{y} * width_, static_cast<int>(width_)));
            }
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t row_bytes = description_.row_bytes();
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += row_bytes) {
            const bool in_frame = y_ >= top_ && y_ - top_ < height_;
            if (!in_frame || width_ != description_.width) std::memset(pixels, 0, row_bytes);
            if (!in_frame) continue;
            const uint8_t* numbers = row_.data();
            if (!whole_.empty())
                numbers = whole_.data() + size_t{y_ - top_} * width_;
            else
                check(DGifGetLine(gif_.get(), row_.data(), static_cast<int>(width_)));
            palette_->expand(numbers, width_, pixels + size_t{left_} * description_.channels());
        }
    }

    Source& source_;
    const ReadOptions options_;
    GifBlocks blocks_;
    std::unique_ptr<GifFileType, CloseGif> gif_;
    std::optional<Palette> palette_;
    uint32_t left_ = 0, top_ = 0, width_ = 0, height_ = 0;  // of the frame on its screen
    std::vector<uint8_t> row_, whole_;                      // numbers of colours
    uint32_t y_ = 0;                                        // the next row
};

}  // namespace

std::unique_ptr<Reader> open_gif(Source& source, const ReadOptions& options) {
    return std::make_unique<GifReader>(source, options);
}

}  // namespace image_io
