// WebP through libwebp: the pixels that it gives. Chunks of metadata are found by walking through the file.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

constexpr uint64_t kRiffHead = 12, kChunkHead = 8;
// Chunks that the decoder reads.
constexpr std::string_view kPixels[] = {"VP8 ", "VP8L", "VP8X", "ALPH"};

std::string name_of(std::string_view type) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string name = "webp:";
    for (const char c : type) {
        const auto byte = static_cast<uint8_t>(c);
        if (c > ' ' && c < 127 && c != '%')
            name += c;
        else
            name += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    return name;
}

void refuse_animations(std::span<const uint8_t> file) {
    const WebPData data = {file.data(), file.size()};
    WebPDemuxState state;
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemuxPartial(&data, &state),
                                                                       WebPDemuxDelete);
    const uint32_t frames = demuxer ? WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT) : 0;
    unsupported("this is an animated WebP of " + count_of(frames, "picture") +
                "; Residua codes single pictures: take its frames apart first, for example with anim_dump or "
                "webpmux -get frame");
}

// The library gives whole pictures only.
class WebpReader : public Reader {
  public:
    WebpReader(Source& source, const ReadOptions& options) {
        check_memory(source.size(), options.max_bytes);
        std::vector<uint8_t> file = bytes_at(source, 0, source.size());
        const uint64_t size = kChunkHead + (uint64_t{little_endian_32(&file[4])} + 1) / 2 * 2;
        const uint64_t end = std::min<uint64_t>(size, file.size());
        const std::span<const uint8_t> picture(file.data(), static_cast<size_t>(end));
        read_picture(picture, options);
        read_metadata(picture);
        if (size > file.size() && size != file.size() + 1)  // the last byte may only fill up
            description_.notes.emplace_back("the WebP file ends before its chunks do");
        keep_trailing(source, end, "webp", options, description_);
    }

  private:
    void read_picture(std::span<const uint8_t> file, const ReadOptions& options) {
        WebPBitstreamFeatures features;
        if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK)
            damaged("the WebP file is damaged");
        if (features.has_animation) refuse_animations(file);
        description_.set_size(static_cast<uint32_t>(features.width), static_cast<uint32_t>(features.height));
        description_.set_kind(Colour::kRgb, features.has_alpha, 8);
        check_memory(file.size() + description_.pixel_bytes(), options.max_bytes);
        pixels_.resize(description_.pixel_bytes());
        const auto decode = features.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
        if (!decode(file.data(), file.size(), pixels_.data(), pixels_.size(),
                    static_cast<int>(description_.row_bytes())))
            damaged("the WebP file is damaged");
    }

    void read_metadata(std::span<const uint8_t> file) {
        for (uint64_t position = kRiffHead; position + kChunkHead <= file.size();) {
            const std::string_view type(reinterpret_cast<const char*>(&file[position]), 4);
            const uint64_t size = little_endian_32(&file[position + 4]);
            position += kChunkHead;
            const bool whole = size <= file.size() - position;
            const auto bytes =
                file.subspan(position, static_cast<size_t>(whole ? size : file.size() - position));
            position += bytes.size() + bytes.size() % 2;
            if (std::ranges::find(kPixels, type) == std::end(kPixels)) read_chunk(type, bytes);
            if (!whole) break;
        }
    }

    void read_chunk(std::string_view type, std::span<const uint8_t> bytes) {
        if (type == "ICCP" && !bytes.empty() && !description_.has("icc"))
            description_.add("icc", bytes);
        else if (type == "XMP " && !bytes.empty() && !description_.has("xmp"))
            description_.add("xmp", bytes);
        else if (type == "EXIF" && !description_.has("exif") && is_exif(bytes))
            description_.add("exif", bytes);
        // Some writers keep JPEG's mark before the block.
        else if (type == "EXIF" && !description_.has("exif") && starts_with(bytes, "Exif\0\0"sv) &&
                 is_exif(bytes.subspan(6))) {
            description_.add("exif", bytes.subspan(6));
            description_.notes.emplace_back(
                "the Exif block begins as in a JPEG file; it is kept without that mark");
        } else {
            description_.add_part(name_of(type), bytes);
        }
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t bytes = rows * description_.row_bytes();
        std::memcpy(pixels, pixels_.data() + next_, bytes);
        next_ += bytes;
    }

    std::vector<uint8_t> pixels_;
    size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Reader> open_webp(Source& source, const ReadOptions& options) {
    return std::make_unique<WebpReader>(source, options);
}

}  // namespace image_io
