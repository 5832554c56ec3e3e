// WebP through libwebp: the pixels that it gives, and the metadata of the extended format.
#include <webp/decode.h>
#include <webp/demux.h>

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

}  // namespace

Image read_webp(std::span<const uint8_t> file, uint64_t max_bytes) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK)
        damaged("the WebP file is damaged");
    if (features.has_animation) unsupported("this is an animated WebP; Residua codes single pictures");
    if (features.has_alpha)
        unsupported("the picture has an alpha channel (transparency), which this version cannot keep");

    Image image;
    image.allocate(static_cast<uint32_t>(features.width), static_cast<uint32_t>(features.height), 3,
                   max_bytes);
    if (!WebPDecodeRGBInto(file.data(), file.size(), image.pixels.data(), image.pixels.size(),
                           features.width * 3))
        damaged("the WebP file is damaged");

    const WebPData data = {file.data(), file.size()};
    const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(WebPDemux(&data), WebPDemuxDelete);
    if (!demuxer) damaged("the WebP file is damaged");
    image.icc = chunk(demuxer.get(), "ICCP");
    image.exif = chunk(demuxer.get(), "EXIF");
    image.xmp = chunk(demuxer.get(), "XMP ");
    // Some writers keep JPEG's mark before the block.
    constexpr std::string_view kMark{"Exif\0\0", 6};
    if (std::string_view(reinterpret_cast<const char*>(image.exif.data()), image.exif.size())
            .starts_with(kMark))
        image.exif.erase(image.exif.begin(), image.exif.begin() + kMark.size());
    return image;
}

}  // namespace image_io
