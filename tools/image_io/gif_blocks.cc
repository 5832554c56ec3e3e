#include "image_io/gif_blocks.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

constexpr size_t kSignature = 6, kScreen = 7, kFrame = 9;
constexpr uint8_t kExtension = '!', kFrameMark = ',', kEndMark = ';';
constexpr uint8_t kGraphicControl = 0xf9, kApplication = 0xff;

class Walker {
  public:
    Walker(Source& source, const ReadOptions& options, Description& picture)
        : source_(source), options_(options), picture_(picture) {}

    GifBlocks walk() {
        found_.screen = take(kSignature, kScreen);
        found_.width = little16(&found_.screen[0]), found_.height = little16(&found_.screen[2]);
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
                if (found_.frames.empty()) damaged("the GIF file is damaged: it has an unknown block");
                --position_;
                break;
            }
        }
        if (found_.frames.empty()) damaged("the GIF file is damaged: it has no picture");
        found_.end = position_;
        return std::move(found_);
    }

  private:
    std::vector<uint8_t> take(uint64_t position, uint64_t size) {
        std::vector<uint8_t> bytes = bytes_at(source_, position, size);
        if (bytes.size() != size) damaged("the GIF file is damaged: it ends too early");
        position_ = position + size;
        return bytes;
    }
    std::vector<uint8_t> take_palette(uint8_t flags) {
        if (!(flags & 0x80)) return {};
        return take(position_, size_t{3} << ((flags & 7) + 1));
    }
    void keep(uint64_t bytes) {
        kept_ += bytes;
        check_memory(kept_, options_.max_bytes);
    }

    // Blocks, each after its length, up to an empty one.
    std::vector<uint8_t> take_blocks() {
        std::vector<uint8_t> bytes;
        for (;;) {
            const uint8_t size = take(position_, 1)[0];
            if (size == 0) return bytes;
            keep(size + 1U);
            const std::vector<uint8_t> block = take(position_, size);
            bytes.push_back(size);
            bytes.insert(bytes.end(), block.begin(), block.end());
        }
    }
    // Those of pixels. Whether a picture that is cut short is whole, its code says.
    void skip_blocks(GifFrame& frame) {
        for (;;) {
            source_.seek(position_);
            const int size = source_.next();
            const uint64_t left = source_.size() - std::min(position_ + 1, source_.size());
            if (size < 0 || static_cast<uint64_t>(size) > left) {
                position_ = source_.size();
                found_.cut_short = true;
                frame.code_bytes += size < 0 ? 0 : left;
                return;
            }
            position_ += 1 + static_cast<uint64_t>(size);
            if (size == 0) return;
            frame.code_bytes += static_cast<uint64_t>(size);
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
        const std::vector<uint8_t> blocks = take_blocks();
        if (kind == kGraphicControl && blocks.size() >= 5) {
            transparent_ = blocks[1] & 1 ? blocks[4] : -1;
            disposal_ = blocks[1] >> 2 & 7;
        }
        if (kind == kApplication && take_known(blocks)) return;
        constexpr char kDigits[] = "0123456789ABCDEF";
        const std::string prefix = found_.frames.empty() ? "gif:" : "gif-end:";
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
        options_.check_interrupted();
        GifFrame frame;
        frame.descriptor = take(position_, kFrame);
        frame.left = little16(&frame.descriptor[0]), frame.top = little16(&frame.descriptor[2]);
        frame.width = little16(&frame.descriptor[4]), frame.height = little16(&frame.descriptor[6]);
        frame.interlaced = frame.descriptor[8] & 0x40;
        frame.palette = take_palette(frame.descriptor[8]);
        frame.code_size = take(position_, 1)[0];
        frame.codes = position_;
        frame.transparent = transparent_, frame.disposal = disposal_;
        transparent_ = -1, disposal_ = 0;
        skip_blocks(frame);
        keep(sizeof frame + frame.descriptor.size() + frame.palette.size());
        // A file of one picture shows all of it; in an animation the screen cuts off what lies beyond.
        if (found_.frames.empty()) {
            found_.width = std::max(found_.width, frame.left + frame.width);
            found_.height = std::max(found_.height, frame.top + frame.height);
        }
        found_.frames.push_back(std::move(frame));
    }

    Source& source_;
    const ReadOptions& options_;
    Description& picture_;
    GifBlocks found_;
    uint64_t position_ = 0, kept_ = 0;
    int transparent_ = -1;  // of the next frame
    uint32_t disposal_ = 0;
};

}  // namespace

GifBlocks read_gif_blocks(Source& source, const ReadOptions& options, Description& picture) {
    return Walker(source, options, picture).walk();
}

}  // namespace image_io
