// WebP through libwebp: the pixels that it gives, and the metadata of the extended format.
#include <webp/decode.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "image_io/image.h"

namespace image_io {

namespace {

std::vector<uint8_t> chunk(const WebPDemuxer* demuxer, const char* name) {
    std::vector<uint8_t> bytes;
    WebPChunkIterator iterator;
    if (WebPDemuxGetChunk(demuxer, name, 1, &iterator)) {
        bytes.assign(iterator.chunk.bytes, iterator.chunk.bytes + iterator.chunk.size);
        WebPDemuxReleaseChunkIterator(&iterator);
    }
    return bytes;
}

// The library gives whole pictures only.
class WebpReader : public Reader {
  public:
    WebpReader(Source& source, uint64_t max_bytes) {
        check_memory(source.size(), max_bytes);
        std::vector<uint8_t> file(source.size());
        file.resize(source.read(file.data(), file.size()));
        read_picture(file, max_bytes);
        read_metadata(file);
    }

  private:
    void read_picture(std::span<const uint8_t> file, uint64_t max_bytes) {
        WebPBitstreamFeatures features;
        if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK)
            damaged("the WebP file is damaged");
        if (features.has_animation) unsupported("this is an animated WebP; Residua codes single pictures");
        if (features.has_alpha)
            unsupported("the picture has an alpha channel (transparency), which this version cannot keep");
        description_.set_size(static_cast<uint32_t>(features.width), static_cast<uint32_t>(features.height));
        description_.set_kind(Colour::kRgb, false, 8);
        check_memory(description_.pixel_bytes(), max_bytes);
        pixels_.resize(description_.pixel_bytes());
        if (!WebPDecodeRGBInto(file.data(), file.size(), pixels_.data(), pixels_.size(), features.width * 3))
            damaged("the WebP file is damaged");
    }

    void read_metadata(std::span<const uint8_t> file) {
        const WebPData data = {file.data(), file.size()};
        const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&data), WebPDemuxDelete);
        if (!demuxer) damaged("the WebP file is damaged");
        description_.add("icc", chunk(demuxer.get(), "ICCP"));
        std::vector<uint8_t> exif = chunk(demuxer.get(), "EXIF");
        // Some writers keep JPEG's mark before the block.
        constexpr std::string_view kMark{"Exif\0\0", 6};
        if (std::string_view(reinterpret_cast<const char*>(exif.data()), exif.size()).starts_with(kMark))
            exif.erase(exif.begin(), exif.begin() + kMark.size());
        description_.add("exif", exif);
        description_.add("xmp", chunk(demuxer.get(), "XMP "));
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

std::unique_ptr<Reader> open_webp(Source& source, uint64_t max_bytes) {
    return std::make_unique<WebpReader>(source, max_bytes);
}

}  // namespace image_io
