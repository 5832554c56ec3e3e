#include "jpeg/metadata.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace residua::jpeg {

namespace {

using namespace std::string_view_literals;
using Bytes = std::span<const uint8_t>;

constexpr uint8_t kRst0 = 0xD0, kSoi = 0xD8, kEoi = 0xD9, kSos = 0xDA, kTem = 0x01, kApp1 = 0xE1,
                  kApp2 = 0xE2;
constexpr std::string_view kExif = "Exif\0\0"sv, kXmp = "http://ns.adobe.com/xap/1.0/\0"sv,
                           kIcc = "ICC_PROFILE\0"sv;

bool begins(Bytes bytes, std::string_view name) {
    return bytes.size() >= name.size() && std::ranges::equal(bytes.first(name.size()), name, {}, {},
                                                             [](char c) { return static_cast<uint8_t>(c); });
}

bool is_tiff(Bytes bytes) {
    return bytes.size() >= 8 && (begins(bytes, "II*\0"sv) || begins(bytes, "MM\0*"sv));
}

// visit(marker, body)
template <typename Visit>
void for_segments(Bytes bytes, const Visit& visit) {
    for (size_t at = 2; at + 4 <= bytes.size();) {
        // What stands between segments is passed over.
        if (bytes[at] != 0xFF || bytes[at + 1] == 0xFF || bytes[at + 1] == 0) {
            ++at;
            continue;
        }
        const uint8_t marker = bytes[at + 1];
        if (marker == kSos || marker == kEoi || marker == kSoi) return;
        if ((marker >= kRst0 && marker < kSoi) || marker == kTem) {
            at += 2;
            continue;
        }
        const size_t length = size_t{bytes[at + 2]} << 8 | bytes[at + 3];
        if (length < 2 || length > bytes.size() - at - 2) return;
        visit(marker, bytes.subspan(at + 4, length - 2));
        at += 2 + length;
    }
}

// Parts are numbered from 1, and each says how many there are.
std::vector<Bytes> in_order(const std::vector<Bytes>& parts) {
    const size_t head = kIcc.size() + 2;
    std::vector<Bytes> ordered(parts.size());
    for (const Bytes part : parts) {
        if (part.size() < head || part[head - 1] != parts.size()) return {};
        const size_t number = part[head - 2];
        if (number < 1 || number > parts.size() || ordered[number - 1].data()) return {};
        ordered[number - 1] = part.subspan(head);
    }
    return ordered;
}

}  // namespace

JpegMetadata find_metadata(Bytes bytes) {
    JpegMetadata found;
    std::vector<Bytes> icc;
    for_segments(bytes, [&](uint8_t marker, Bytes body) {
        if (marker == kApp1 && found.exif.empty() && begins(body, kExif) &&
            is_tiff(body.subspan(kExif.size())))
            found.exif = body.subspan(kExif.size());
        else if (marker == kApp1 && found.xmp.empty() && begins(body, kXmp))
            found.xmp = body.subspan(kXmp.size());
        else if (marker == kApp2 && begins(body, kIcc))
            icc.push_back(body);
    });
    found.icc = in_order(icc);
    return found;
}

}  // namespace residua::jpeg
