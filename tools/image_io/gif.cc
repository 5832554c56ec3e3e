// GIF: its one picture row by row; of an animation a page as it is shown, which is what the pictures before it
// have left on the screen, and its own.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "image_io/gif_blocks.h"
#include "image_io/gif_codes.h"
#include "image_io/held.h"
#include "image_io/palette.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint64_t kMostPixels = 16384;  // of one byte of code

void check_frame(const GifFrame& frame) {
    if (frame.width == 0 || frame.height == 0) damaged("the GIF picture has no pixels");
    if (uint64_t{frame.width} * frame.height / kMostPixels > frame.code_bytes)
        damaged("the GIF file is damaged: it ends too early");
}

// Greys where there is none: the format leaves it to the program.
std::vector<uint8_t> colours_of(const GifBlocks& blocks, const GifFrame& frame, Description& picture) {
    if (!frame.palette.empty()) return frame.palette;
    if (!blocks.palette.empty()) return blocks.palette;
    picture.notes.emplace_back("the GIF file has no palette; its numbers are taken for greys");
    std::vector<uint8_t> greys;
    for (int grey = 0; grey < 256; ++grey) greys.insert(greys.end(), 3, static_cast<uint8_t>(grey));
    return greys;
}

Palette palette_of(const std::vector<uint8_t>& colours, bool alpha, int transparent) {
    Palette palette(alpha);
    for (size_t i = 0; i < colours.size() / 3; ++i)
        palette.add(colours[3 * i], colours[3 * i + 1], colours[3 * i + 2],
                    static_cast<int>(i) == transparent ? 0 : 255);
    return palette;
}

// The numbers of a frame's colours, its rows from top to bottom.
class FrameRows {
  public:
    FrameRows(Source& source, const GifFrame& frame, const ReadOptions& options)
        : codes_(source, frame.codes, frame.code_size), frame_(frame), row_(frame.width) {
        if (frame.interlaced) decode_whole(options);
    }

    const uint8_t* next() {
        if (frame_.interlaced) return whole_.data() + size_t{y_++} * frame_.width;
        codes_.read(row_.data(), row_.size());
        return row_.data();
    }

  private:
    void decode_whole(const ReadOptions& options) {
        const uint64_t pixels = uint64_t{frame_.width} * frame_.height;
        check_memory(pixels, options.max_bytes);
        whole_.resize(static_cast<size_t>(pixels));
        constexpr uint32_t kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
        for (int pass = 0; pass < 4; ++pass)
            for (uint32_t y = kFirst[pass]; y < frame_.height; y += kStep[pass]) {
                options.check_interrupted();
                codes_.read(whole_.data() + size_t{y} * frame_.width, frame_.width);
            }
    }

    GifCodes codes_;
    const GifFrame& frame_;
    std::vector<uint8_t> row_, whole_;
    uint32_t y_ = 0;
};

class GifReader : public Reader {
  public:
    GifReader(Source& source, const ReadOptions& options, GifBlocks blocks, Description picture)
        : options_(options), blocks_(std::move(blocks)), frame_(blocks_.frames[0]) {
        description_ = std::move(picture);
        check_frame(frame_);
        description_.set_size(blocks_.width, blocks_.height);
        const bool covered = frame_.width == description_.width && frame_.height == description_.height;
        description_.set_kind(Colour::kRgb, frame_.transparent >= 0 || !covered, 8);
        if (!covered)
            description_.notes.emplace_back("the picture does not fill its screen; the rest is transparent");
        palette_.emplace(
            palette_of(colours_of(blocks_, frame_, description_), description_.alpha, frame_.transparent));
        description_.add("gif:screen", blocks_.screen);
        if (!blocks_.palette.empty()) description_.add("gif:palette", blocks_.palette);
        description_.add("gif:frame", frame_.descriptor);
        if (!frame_.palette.empty()) description_.add("gif:frame-palette", frame_.palette);
        if (blocks_.cut_short)
            description_.notes.emplace_back("the GIF file ends within its pixels' last block");
        else if (!blocks_.ended)
            description_.notes.emplace_back("the GIF file has no end mark");
        keep_trailing(source, blocks_.end, "gif", options_, description_);
        rows_.emplace(source, frame_, options_);
    }

  private:
    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t row_bytes = description_.row_bytes();
        for (uint32_t row = 0; row < rows; ++row, ++y_, pixels += row_bytes) {
            const bool in_frame = y_ >= frame_.top && y_ - frame_.top < frame_.height;
            if (!in_frame || frame_.width != description_.width) std::memset(pixels, 0, row_bytes);
            if (in_frame)
                palette_->expand(rows_->next(), frame_.width,
                                 pixels + size_t{frame_.left} * description_.channels());
        }
    }

    const ReadOptions options_;
    const GifBlocks blocks_;
    const GifFrame& frame_;
    std::optional<Palette> palette_;
    std::optional<FrameRows> rows_;
    uint32_t y_ = 0;  // the next row
};

class GifPage : public HeldReader {
  public:
    GifPage(Source& source, const ReadOptions& options, const GifBlocks& blocks, Description picture) {
        description_ = std::move(picture);
        description_.set_size(blocks.width, blocks.height);
        description_.set_kind(Colour::kRgb, true, 8);
        check_memory(description_.pixel_bytes() * 2, options.max_bytes);
        pixels_.resize(description_.pixel_bytes());
        for (uint32_t i = 0; i < options.page; ++i) show(source, options, blocks, i);
        drop_opaque_alpha();
        // How an animation goes is nothing of one picture.
        std::erase_if(description_.metadata, [](const Metadata& entry) {
            return entry.name == "gif:F9" || entry.name == "gif-end:F9";
        });
        description_.lost.push_back("the other " + count_of(blocks.frames.size() - 1, "picture") +
                                    " of the animation");
        keep_trailing(source, blocks.end, "gif", options, description_);
    }

  private:
    void show(Source& source, const ReadOptions& options, const GifBlocks& blocks, uint32_t number) {
        const GifFrame& frame = blocks.frames[number];
        const bool last = number + 1 == options.page;
        options.check_interrupted();
        check_frame(frame);
        if (frame.disposal == 3 && !last) return;  // it is taken away again before the one that is wanted
        const Palette palette = palette_of(colours_of(blocks, frame, description_), true, frame.transparent);
        FrameRows rows(source, frame, options);
        std::vector<uint8_t> colours(size_t{frame.width} * 4);
        for (uint32_t y = 0; y < frame.height; ++y) {
            palette.expand(rows.next(), frame.width, colours.data());
            if (frame.top + y >= description_.height) continue;
            for (uint32_t x = 0; x < frame.width && frame.left + x < description_.width; ++x) {
                uint8_t* pixel = &pixels_[(size_t{frame.top + y} * description_.width + frame.left + x) * 4];
                if (frame.disposal == 2 && !last)
                    std::memset(pixel, 0, 4);
                else if (colours[4 * x + 3] != 0)
                    std::memcpy(pixel, &colours[4 * x], 4);
            }
        }
    }
};

}  // namespace

std::unique_ptr<Reader> open_gif(Source& source, const ReadOptions& options) {
    Description picture;
    GifBlocks blocks = read_gif_blocks(source, options, picture);
    const size_t pictures = blocks.frames.size();
    check_page(options, pictures);
    if (pictures == 1)
        return std::make_unique<GifReader>(source, options, std::move(blocks), std::move(picture));
    if (options.page == 0)
        unsupported("this is an animated GIF of " + count_of(pictures, "picture") +
                    "; choose one with --page 1 to --page " + std::to_string(pictures) +
                    ", or take them apart first, for example with gifsicle --explode");
    return std::make_unique<GifPage>(source, options, blocks, std::move(picture));
}

}  // namespace image_io
