#include "image_io/png_metadata.h"

#include <zlib.h>

#include <algorithm>

#include "image_io/png_names.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

constexpr size_t kLongestKeyword = 79;
constexpr uint64_t kLargestProfile = uint64_t{1} << 28;        // of a small file it would be an attack
constexpr std::string_view kUsualProfileName = "ICC profile";  // which the writer gives
// An XMP packet that is not compressed, without language and translated keyword.
constexpr std::string_view kXmpBeginning = "XML:com.adobe.xmp\0\0\0\0\0"sv;

// All of a zlib stream; nothing unless it is whole, and nothing behind it.
std::vector<uint8_t> inflate_all(std::span<const uint8_t> data, uint64_t limit) {
    z_stream stream = {};
    if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
    std::vector<uint8_t> result;
    uint8_t piece[size_t{1} << 14];
    stream.next_in = const_cast<Bytef*>(data.data());
    stream.avail_in = static_cast<uInt>(data.size());  // a chunk has less than 2^32
    int status = Z_OK;
    while (status == Z_OK && result.size() <= limit) {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        status = inflate(&stream, Z_NO_FLUSH);
        result.insert(result.end(), piece, piece + sizeof piece - stream.avail_out);
    }
    const bool whole = status == Z_STREAM_END && stream.avail_in == 0 && result.size() <= limit;
    inflateEnd(&stream);
    return whole ? result : std::vector<uint8_t>();
}

// The profile of an iCCP chunk, and its name's length; {}, 0 when it is not as it should be.
std::pair<std::vector<uint8_t>, size_t> profile_of(std::span<const uint8_t> data, uint64_t limit) {
    const auto name_end = static_cast<size_t>(std::ranges::find(data, 0) - data.begin());
    if (name_end == 0 || name_end > kLongestKeyword || name_end + 2 > data.size() || data[name_end + 1] != 0)
        return {};
    return {inflate_all(data.subspan(name_end + 2), std::min(limit, kLargestProfile)), name_end};
}

bool is_palette(const PngChunks& chunks) { return chunks.header()[9] == 3; }
bool is_interlaced(const PngChunks& chunks) { return chunks.header()[12] != 0; }

}  // namespace

void read_png_metadata(Source& source, const PngChunks& chunks, const ReadOptions& options,
                       Description& image) {
    for (const std::string& note : chunks.notes()) image.notes.push_back(note);
    if (is_palette(chunks) || is_interlaced(chunks)) image.add("png:IHDR", chunks.header());
    bool behind = false;  // a name has said so
    for (const PngChunks::Chunk& chunk : chunks.others()) {
        const std::vector<uint8_t> data = chunks.data(chunk);
        // What is kept under a name of all formats is put back where it was.
        const auto mark_place = [&] {
            if (chunk.behind && !behind) image.add_part(kPixelsPlace, {});
            behind |= chunk.behind;
        };
        const std::span<const uint8_t> bytes = data;
        if (chunk.type == "iCCP" && !image.has("icc")) {
            const auto [profile, name_size] = profile_of(data, options.max_bytes);
            if (!profile.empty()) {
                image.add("icc", profile);
                if (as_text(bytes.first(name_size)) != kUsualProfileName)
                    image.add("png:iCCP-name", bytes.first(name_size));
                continue;
            }
            image.notes.emplace_back("the ICC profile cannot be read; its chunk is kept as it is");
        } else if (chunk.type == "eXIf" && !image.has("exif")) {
            if (is_exif(data)) {
                mark_place();
                image.add("exif", data);
                continue;
            }
            image.notes.emplace_back("the Exif block does not begin as one; its chunk is kept as it is");
        } else if (chunk.type == "iTXt" && starts_with(data, kXmpBeginning) &&
                   data.size() > kXmpBeginning.size() && !image.has("xmp")) {
            mark_place();
            image.add("xmp", bytes.subspan(kXmpBeginning.size()));
            continue;
        }
        behind |= chunk.behind;
        image.add_part((chunk.behind ? "png-end:" : "png:") + chunk.type, data);
    }
    keep_trailing(source, chunks.end(), "png", options, image);
}

}  // namespace image_io
