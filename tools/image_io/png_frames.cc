#include "image_io/png_frames.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "image_io/held.h"
#include "image_io/png_metadata.h"
#include "image_io/source_bytes.h"
#include "image_io/spng_errors.h"

namespace image_io {

namespace {

constexpr size_t kControl = 26, kNumber = 4;  // bytes of fcTL; of a number before the pixels in fdAT

[[noreturn]] void broken(const char* what) { damaged(std::string("the PNG file is damaged: ") + what); }

PngFrame frame_of(const std::vector<uint8_t>& control, uint32_t width, uint32_t height) {
    if (control.size() != kControl) broken("a frame's header has an impossible size");
    PngFrame frame;
    frame.width = big32(&control[4]), frame.height = big32(&control[8]);
    frame.x = big32(&control[12]), frame.y = big32(&control[16]);
    if (frame.width == 0 || frame.height == 0 || frame.x > width || frame.width > width - frame.x ||
        frame.y > height || frame.height > height - frame.y)
        broken("a frame lies outside of the picture");
    frame.cleared = control[24] == 1, frame.taken_back = control[24] == 2;
    frame.over = control[25] == 1;
    return frame;
}

// Samples of 8 or 16 bits; pixels of red, green, blue and alpha.
template <typename Sample>
void blend_over(Sample* below, const Sample* above) {
    constexpr uint64_t kOpaque = static_cast<Sample>(~Sample{0});
    const uint64_t alpha = above[3], under = below[3];
    if (alpha == kOpaque || under == 0) {
        std::copy_n(above, 4, below);
    } else if (alpha > 0) {
        const uint64_t a = alpha * kOpaque, b = (kOpaque - alpha) * under;
        for (int c = 0; c < 3; ++c)
            below[c] = static_cast<Sample>((above[c] * a + below[c] * b + (a + b) / 2) / (a + b));
        below[3] = static_cast<Sample>((a + b + kOpaque / 2) / kOpaque);
    }
}

class FrameReader : public HeldReader {
  public:
    FrameReader(Source& source, const ReadOptions& options, const PngChunks& chunks,
                const std::vector<PngFrame>& frames)
        : options_(options), chunks_(chunks) {
        const uint8_t* header = chunks.header().data();
        wide_ = header[8] == 16;
        const bool grey = header[9] == 0 || header[9] == 4;
        read_png_metadata(source, chunks, options, description_);
        drop_animation(description_);
        // What is true of the first picture's samples.
        std::erase_if(description_.metadata, [](const Metadata& entry) {
            constexpr std::string_view kNames[] = {"png:IHDR", "png:PLTE", "png:tRNS",
                                                   "png:hIST", "png:bKGD", "png:sBIT"};
            return std::ranges::find(kNames, entry.name) != std::end(kNames);
        });
        description_.set_size(big32(header), big32(header + 4));
        description_.set_kind(Colour::kRgb, true, wide_ ? 16 : 8);
        check_memory(description_.pixel_bytes() * 2, options.max_bytes);
        pixels_.resize(description_.pixel_bytes());
        for (uint32_t i = 0; i < options.page; ++i) show(frames[i], i + 1 == options.page);
        if (grey) make_grey();
        drop_opaque_alpha();
        description_.lost.push_back("the other " + count_of(frames.size() - 1, "picture") +
                                    " of the animation");
    }

  private:
    // A PNG of that frame alone; of the first one, whose pixels are those of the file, too.
    std::vector<uint8_t> file_of(const PngFrame& frame) const {
        uint64_t bytes = 0;
        for (const PngChunks::Chunk& chunk : frame.data) bytes += chunk.size;
        check_memory(bytes * 2, options_.max_bytes);
        std::vector<uint8_t> file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, header;
        put_big(header, frame.width, 4);
        put_big(header, frame.height, 4);
        header.insert(header.end(), chunks_.header().begin() + 8, chunks_.header().end());
        append_chunk(file, "IHDR", header);
        for (const PngChunks::Chunk& chunk : chunks_.others())
            if (!chunk.behind && (chunk.type == "PLTE" || chunk.type == "tRNS"))
                append_chunk(file, chunk.type, chunks_.data(chunk));
        if (frame.data.empty()) {
            const std::vector<uint8_t> pixels = chunks_.pixels();
            file.insert(file.end(), pixels.begin(), pixels.end());
            append_chunk(file, "IEND", {});
            return file;
        }
        std::vector<uint8_t> pixels;
        for (const PngChunks::Chunk& chunk : frame.data) {
            const std::vector<uint8_t> data = chunks_.data(chunk);
            if (data.size() < kNumber) broken("a frame's pixels have an impossible size");
            pixels.insert(pixels.end(), data.begin() + kNumber, data.end());
        }
        append_chunk(file, "IDAT", pixels);
        append_chunk(file, "IEND", {});
        return file;
    }

    void show(const PngFrame& frame, bool last) {
        options_.check_interrupted();
        if (frame.data.empty() && frame.width == 0) return;  // a first picture that is not shown
        if (frame.taken_back && !last && started_) return;
        const bool cleared = (frame.cleared || frame.taken_back) && !last;
        started_ = true;
        std::vector<uint8_t> own;
        if (!cleared) own = decode(frame);
        const size_t pixel = wide_ ? 8 : 4;
        for (size_t y = 0; y < frame.height; ++y)
            for (size_t x = 0; x < frame.width; ++x) {
                uint8_t* below = &pixels_[((frame.y + y) * description_.width + frame.x + x) * pixel];
                if (cleared)
                    std::memset(below, 0, pixel);
                else
                    put(below, &own[(y * frame.width + x) * pixel], frame.over);
            }
    }

    void put(uint8_t* below, const uint8_t* above, bool over) const {
        if (!over) {
            std::memcpy(below, above, wide_ ? 8 : 4);
        } else if (wide_) {
            uint16_t to[4], from[4];
            std::memcpy(to, below, 8);
            std::memcpy(from, above, 8);
            blend_over(to, from);
            std::memcpy(below, to, 8);
        } else {
            blend_over(below, above);
        }
    }

    std::vector<uint8_t> decode(const PngFrame& frame) const {
        const std::vector<uint8_t> file = file_of(frame);
        const Spng context(spng_ctx_new(0));
        if (!context) throw std::bad_alloc();
        check_spng(spng_set_png_buffer(context.get(), file.data(), file.size()));
        const int format = wide_ ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8;
        size_t size = 0;
        check_spng(spng_decoded_image_size(context.get(), format, &size));
        if (size != size_t{frame.width} * frame.height * (wide_ ? 8 : 4))
            broken("a frame has another size than it says");
        std::vector<uint8_t> pixels(size);
        check_spng(spng_decode_image(context.get(), pixels.data(), size, format, SPNG_DECODE_TRNS));
        return pixels;
    }

    void make_grey() {
        const size_t sample = description_.sample_bytes();
        size_t to = 0;
        for (size_t at = 0; at < pixels_.size(); at += 4 * sample, to += 2 * sample) {
            std::memmove(&pixels_[to], &pixels_[at], sample);
            std::memmove(&pixels_[to + sample], &pixels_[at + 3 * sample], sample);
        }
        pixels_.resize(to);
        description_.set_kind(Colour::kGrey, true, description_.bits);
    }

    const ReadOptions options_;
    const PngChunks& chunks_;
    bool wide_ = false, started_ = false;
};

}  // namespace

std::vector<PngFrame> png_frames(const PngChunks& chunks) {
    const uint32_t width = big32(chunks.header().data()), height = big32(chunks.header().data() + 4);
    bool animated = false;
    for (const PngChunks::Chunk& chunk : chunks.others())
        animated |= chunk.type == "acTL" && !chunk.behind && chunk.size == 8;
    std::vector<PngFrame> frames;
    if (!animated) return std::vector<PngFrame>(1);
    bool open = false;  // a frame whose pixels may come
    for (const PngChunks::Chunk& chunk : chunks.others()) {
        if (chunk.behind && frames.empty()) frames.emplace_back();
        if (chunk.type == "fcTL") {
            if (!chunk.behind && !frames.empty()) broken("two frames' headers stand before the first pixels");
            frames.push_back(frame_of(chunks.data(chunk), width, height));
            open = chunk.behind;
        } else if (chunk.type == "fdAT") {
            if (!open) broken("a frame's pixels stand before its header");
            frames.back().data.push_back(chunk);
        }
    }
    if (frames.empty()) frames.emplace_back();
    for (size_t i = 1; i < frames.size(); ++i)
        if (frames[i].data.empty()) broken("a frame has no pixels");
    return frames;
}

std::unique_ptr<Reader> open_png_frame(Source& source, const ReadOptions& options, const PngChunks& chunks,
                                       const std::vector<PngFrame>& frames) {
    return std::make_unique<FrameReader>(source, options, chunks, frames);
}

void drop_animation(Description& picture) {
    std::erase_if(picture.metadata, [](const Metadata& entry) {
        constexpr std::string_view kNames[] = {"png:acTL", "png:fcTL", "png-end:fcTL", "png-end:fdAT"};
        return std::ranges::find(kNames, entry.name) != std::end(kNames);
    });
}

}  // namespace image_io
