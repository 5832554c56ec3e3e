// WebP through libwebp: the pixels that it gives. Chunks of metadata are found by walking through the file.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "image_io/held.h"
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

// The library gives whole pictures only.
class WebpReader : public HeldReader {
  public:
    WebpReader(Source& source, const ReadOptions& options) {
        check_memory(source.size(), options.max_bytes);
        std::vector<uint8_t> file = bytes_at(source, 0, source.size());
        const uint64_t size = kChunkHead + (uint64_t{little32(&file[4])} + 1) / 2 * 2;
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
        animated_ = features.has_animation;
        if (animated_) return read_page(file, options);
        check_page(options, 1);
        description_.set_size(static_cast<uint32_t>(features.width), static_cast<uint32_t>(features.height));
        description_.set_kind(Colour::kRgb, features.has_alpha, 8);
        check_memory(file.size() + description_.pixel_bytes(), options.max_bytes);
        pixels_.resize(description_.pixel_bytes());
        const auto decode = features.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
        if (!decode(file.data(), file.size(), pixels_.data(), pixels_.size(),
                    static_cast<int>(description_.row_bytes())))
            damaged("the WebP file is damaged");
    }

    // As it is shown: on what the pictures before it have left.
    void read_page(std::span<const uint8_t> file, const ReadOptions& options) {
        const WebPData data = {file.data(), file.size()};
        WebPDemuxState state;
        const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemuxPartial(&data, &state),
                                                                           WebPDemuxDelete);
        const uint32_t pictures = demuxer ? WebPDemuxGetI(demuxer.get(), WEBP_FF_FRAME_COUNT) : 0;
        if (pictures == 0) damaged("the WebP file is damaged");
        if (options.page == 0)
            unsupported("this is an animated WebP of " + count_of(pictures, "picture") +
                        "; choose one with --page 1 to --page " + std::to_string(pictures) +
                        ", or take them apart first, for example with anim_dump");
        check_page(options, pictures);
        description_.set_size(WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH),
                              WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT));
        description_.set_kind(Colour::kRgb, true, 8);
        // The decoder holds the picture twice.
        check_memory(file.size() + 3 * description_.pixel_bytes(), options.max_bytes);
        WebPAnimDecoderOptions how;
        if (!WebPAnimDecoderOptionsInit(&how)) damaged("the WebP library is of another version");
        how.color_mode = MODE_RGBA;
        const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(
            WebPAnimDecoderNew(&data, &how), WebPAnimDecoderDelete);
        if (!decoder) damaged("the WebP file is damaged");
        uint8_t* shown = nullptr;
        int milliseconds = 0;
        for (uint32_t i = 0; i < options.page; ++i) {
            options.check_interrupted();
            if (!WebPAnimDecoderGetNext(decoder.get(), &shown, &milliseconds))
                damaged("the WebP file is damaged");
        }
        pixels_.assign(shown, shown + description_.pixel_bytes());
        drop_opaque_alpha();
        if (pictures > 1)
            description_.lost.push_back("the other " + count_of(pictures - 1, "picture") +
                                        " of the animation");
    }

    void read_metadata(std::span<const uint8_t> file) {
        for (uint64_t position = kRiffHead; position + kChunkHead <= file.size();) {
            const std::string_view type(reinterpret_cast<const char*>(&file[position]), 4);
            const uint64_t size = little32(&file[position + 4]);
            position += kChunkHead;
            const bool whole = size <= file.size() - position;
            const auto bytes =
                file.subspan(position, static_cast<size_t>(whole ? size : file.size() - position));
            position += bytes.size() + bytes.size() % 2;
            const bool frames = animated_ && (type == "ANIM" || type == "ANMF");
            if (!frames && std::ranges::find(kPixels, type) == std::end(kPixels)) read_chunk(type, bytes);
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

    bool animated_ = false;
};

}  // namespace

std::unique_ptr<Reader> open_webp(Source& source, const ReadOptions& options) {
    return std::make_unique<WebpReader>(source, options);
}

}  // namespace image_io
