#include "lossy/bpg.h"

#include <string>

#include "base/bytes.h"

namespace residua::lossy {
namespace {

constexpr uint8_t kMagic[4] = {0x42, 0x50, 0x47, 0xfb};
constexpr uint32_t kLargestSide = 1 << 28;

Error corrupt(const std::string& what) { return Error(ErrorCode::kCorrupt, "the BPG stream has " + what); }

uint32_t read_ue7(ByteReader& reader) {
    uint64_t value = 0;
    for (int i = 0; i < 5; ++i) {
        const uint8_t byte = reader.u8();
        if (i == 0 && byte == 0x80) break;
        value = value << 7 | (byte & 0x7f);
        if (byte & 0x80) continue;
        if (value > UINT32_MAX) break;
        return static_cast<uint32_t>(value);
    }
    throw corrupt("an invalid number");
}

int read_side(ByteReader& reader, const char* name) {
    const uint32_t side = read_ue7(reader);
    if (side == 0 || side > kLargestSide) throw corrupt(std::string("an impossible ") + name);
    return static_cast<int>(side);
}

int round_up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }

}  // namespace

void write_ue7(uint32_t value, std::vector<uint8_t>& bytes) {
    int groups = 1;
    while (groups < 5 && value >> (7 * groups)) ++groups;
    for (int i = groups - 1; i >= 0; --i)
        bytes.push_back(static_cast<uint8_t>((value >> (7 * i) & 0x7f) | (i > 0 ? 0x80 : 0)));
}

BpgInfo parse_bpg(std::span<const uint8_t> file) {
    ByteReader reader(file, "BPG stream");
    BpgInfo info;
    for (const uint8_t byte : kMagic)
        if (reader.u8() != byte) throw Error(ErrorCode::kCorrupt, "the lossy layer is not a BPG stream");
    const uint8_t format = reader.u8();
    info.pixel_format = format >> 5;
    info.alpha1 = format >> 4 & 1;
    info.bit_depth = (format & 15) + 8;
    const uint8_t color = reader.u8();
    info.color_space = static_cast<BpgColorSpace>(color >> 4);
    const bool extensions = color >> 3 & 1;
    info.alpha2 = color >> 2 & 1;
    info.limited_range = color >> 1 & 1;
    info.animation = color & 1;
    if (info.pixel_format > 5) throw corrupt("an unknown pixel format");
    if (color >> 4 > 4) throw corrupt("an unknown colour space");
    if (info.pixel_format == 0 && color >> 4 != 0) throw corrupt("a colour space for a grey picture");
    if (info.bit_depth > 14) throw corrupt("an unknown bit depth");

    info.width = read_side(reader, "width");
    info.height = read_side(reader, "height");
    const uint32_t data_length = read_ue7(reader);
    if (extensions) info.extensions = reader.take(read_ue7(reader));
    ByteReader data(reader.take(data_length ? data_length : reader.remaining()), "BPG stream");
    BitReader header(data.take(read_ue7(data)));
    info.tools = read_tools(header);
    if (header.remaining() >= 8 || header.u(static_cast<int>(header.remaining())) != 0)
        throw corrupt("an HEVC header of a wrong length");
    info.hevc_data = data.take(data.remaining());
    return info;
}

std::vector<uint8_t> write_bpg(const BpgInfo& info) {
    BitWriter header;
    write_tools(info.tools, header);
    std::vector<uint8_t> header_length;
    write_ue7(static_cast<uint32_t>(header.bytes().size()), header_length);
    const uint64_t data_length = header_length.size() + header.bytes().size() + info.hevc_data.size();
    if (data_length > UINT32_MAX)
        throw Error(ErrorCode::kUnsupported, "the lossy layer is too long for a BPG file");

    std::vector<uint8_t> file(kMagic, kMagic + 4);
    file.push_back(static_cast<uint8_t>(info.pixel_format << 5 | info.alpha1 << 4 | (info.bit_depth - 8)));
    file.push_back(static_cast<uint8_t>(static_cast<int>(info.color_space) << 4 |
                                        !info.extensions.empty() << 3 | info.alpha2 << 2 |
                                        info.limited_range << 1 | info.animation));
    write_ue7(static_cast<uint32_t>(info.width), file);
    write_ue7(static_cast<uint32_t>(info.height), file);
    write_ue7(static_cast<uint32_t>(data_length), file);
    const auto append = [&file](std::span<const uint8_t> part) {
        file.insert(file.end(), part.begin(), part.end());
    };
    if (!info.extensions.empty()) {
        write_ue7(static_cast<uint32_t>(info.extensions.size()), file);
        append(info.extensions);
    }
    append(header_length);
    append(header.bytes());
    append(info.hevc_data);
    return file;
}

HevcFormat coded_format(const BpgInfo& info) {
    HevcFormat format;
    format.chroma_format = info.pixel_format > 3 ? info.pixel_format - 3 : info.pixel_format;
    format.bit_depth = info.bit_depth;
    format.width = round_up(info.width, info.tools.min_coding_block());
    format.height = round_up(info.height, info.tools.min_coding_block());
    return format;
}

}  // namespace residua::lossy
