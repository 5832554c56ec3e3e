#include "image_io/jpeg_metadata.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "image_io/source_bytes.h"
#include "image_io/tiff_directory.h"

namespace image_io {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kExifMark = "Exif\0\0"sv;
constexpr std::string_view kXmpMark = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::string_view kIccMark = "ICC_PROFILE\0"sv;
constexpr std::string_view kMpfMark = "MPF\0"sv;
constexpr uint8_t kApp1 = 0xe1, kApp2 = 0xe2, kComment = 0xfe;
constexpr uint16_t kPictureEntries = 0xb002;
constexpr size_t kPictureEntry = 16;  // bytes: kind, size, position, two numbers

// The profile in parts that are numbered from 1, each saying how many there are. Empty where they do not fit.
std::vector<uint8_t> join_icc(const std::vector<std::vector<uint8_t>>& parts) {
    const size_t head = kIccMark.size() + 2;
    std::map<int, const std::vector<uint8_t>*> in_order;
    for (const std::vector<uint8_t>& part : parts) {
        if (part.size() < head || part[head - 1] != parts.size()) return {};
        in_order[part[head - 2]] = &part;
    }
    std::vector<uint8_t> profile;
    if (in_order.size() != parts.size()) return profile;
    for (int number = 1; const auto& [index, part] : in_order) {
        if (index != number++) return {};
        profile.insert(profile.end(), part->begin() + static_cast<ptrdiff_t>(head), part->end());
    }
    return profile;
}

std::string name_of(uint8_t marker) {
    if (marker == 0) return "jpeg:extraneous";
    return marker == kComment ? "jpeg:COM" : "jpeg:APP" + std::to_string(marker - 0xe0);
}

}  // namespace

std::vector<FurtherPicture> further_pictures(Source& source, const JpegSegments& segments,
                                             const ReadOptions& options) {
    std::vector<FurtherPicture> pictures;
    for (const JpegSegments::Part& part : segments.parts) {
        if (part.marker != kApp2 || !starts_with(bytes_at(source, part.position, 4), kMpfMark)) continue;
        try {
            const uint64_t base = part.position + kMpfMark.size();
            TiffDirectories index(source, options, base);
            const auto directory = index.read(index.first());
            const auto* entries = directory.find(kPictureEntries);
            if (!entries) continue;
            const std::vector<uint8_t> bytes = index.values(*entries);
            for (size_t i = 0; i + kPictureEntry <= bytes.size(); i += kPictureEntry) {
                const auto number = [&](size_t at) {
                    return index.big_endian() ? big32(&bytes[i + at]) : little32(&bytes[i + at]);
                };
                const uint64_t size = number(4), position = base + number(8);
                if (number(8) == 0 || position < segments.end || position >= source.size()) continue;
                if (!starts_with(bytes_at(source, position, 3), "\xff\xd8\xff"sv)) continue;
                pictures.push_back({position, std::min(size, source.size() - position)});
            }
        } catch (const ImageError& error) {
            // A broken index: what lies behind the picture is kept as bytes.
            if (error.failure() == Failure::kMemory) throw;
        }
    }
    return pictures;
}

void read_jpeg_metadata(Source& source, const JpegSegments& segments, const ReadOptions& options,
                        Description& image) {
    uint64_t kept = segments.begin;
    for (const JpegSegments::Part& part : segments.parts) kept += part.size;
    check_memory(kept, options.max_bytes);

    std::vector<std::vector<uint8_t>> icc_parts;
    for (const JpegSegments::Part& part : segments.parts)
        if (part.marker == kApp2 && starts_with(bytes_at(source, part.position, part.size), kIccMark))
            icc_parts.push_back(bytes_at(source, part.position, part.size));
    const std::vector<uint8_t> icc = join_icc(icc_parts);
    if (icc.empty() && !icc_parts.empty())
        image.notes.emplace_back(
            "the parts of the ICC profile do not fit together; they are kept as they are");

    if (segments.begin > 0) {
        image.add("jpeg:leading", bytes_at(source, 0, segments.begin));
        image.notes.push_back("kept as jpeg:leading: " + count_of(segments.begin, "byte") +
                              " before the picture's beginning");
    }
    for (const JpegSegments::Part& part : segments.parts) {
        const std::vector<uint8_t> data = bytes_at(source, part.position, part.size);
        const std::span<const uint8_t> bytes = data;
        if (part.marker == kApp1 && starts_with(data, kExifMark) && !image.has("exif") &&
            is_exif(bytes.subspan(kExifMark.size()))) {
            image.add("exif", bytes.subspan(kExifMark.size()));
        } else if (part.marker == kApp1 && starts_with(data, kXmpMark) && data.size() > kXmpMark.size() &&
                   !image.has("xmp")) {
            image.add("xmp", bytes.subspan(kXmpMark.size()));
        } else if (part.marker == kApp2 && !icc.empty() && starts_with(data, kIccMark)) {
            if (!image.has("icc")) image.add("icc", icc);
        } else {
            image.add_part(name_of(part.marker), data);
            if (part.marker == 0)
                image.notes.push_back("kept as jpeg:extraneous: " + count_of(part.size, "byte") +
                                      " between two segments, where nothing belongs");
        }
    }
    if (!segments.ended) image.notes.emplace_back("the JPEG file has no end mark (EOI)");
}

}  // namespace image_io
