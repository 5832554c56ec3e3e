#include "container/strips.h"

#include <algorithm>

#include "base/checksum.h"
#include "container/boxes.h"

namespace residua::container {

namespace {

constexpr const char* kWhat = "file's header";

StripHead parse_body(std::span<const uint8_t> body) {
    ByteReader reader(body, kWhat);
    StripHead head;
    const int channels = reader.u8();
    if (channels != 0 && channels != 1 && channels != 3)
        unsupported("pictures of " + std::to_string(channels) + " channels");
    const bool any = channels == 0;
    head.picture =
        any ? read_picture_kind(reader) : PictureKind{channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8};
    const auto most = static_cast<uint64_t>(any ? kMaxSide : kMaxPlainSide);
    head.width = static_cast<int>(reader.varint_in(1, most, "width"));
    head.height = static_cast<int>(reader.varint_in(1, most, "height"));
    const int unit = strip_unit(head.width);
    head.strip_height =
        static_cast<int>(reader.varint_in(static_cast<uint64_t>(unit), most, "height of its strips"));
    if (head.strip_height % unit != 0 || head.strip_height >= head.height)
        corrupt("the file has an impossible height of its strips (" + std::to_string(head.strip_height) +
                ")");
    head.body = {body.first(reader.position()), body.subspan(reader.position())};
    MetadataReader metadata;
    while (!reader.at_end()) metadata.keep(read_box(reader));
    head.metadata = std::move(metadata.metadata);
    head.metadata_size = metadata.coded_size;
    return head;
}

std::string name_of(int strip, const StripHead& head) {
    return "strip " + std::to_string(strip + 1) + " of " + std::to_string(head.count());
}

// A strip is a file by itself; it has to be the one that belongs here.
void check_part(const File& file, int strip, const StripHead& head) {
    const Header& header = file.header;
    if (header.width != head.width || header.height != head.rows(strip) || header.picture != head.picture)
        corrupt("the file is damaged: its " + name_of(strip, head) + " has another size or kind");
    if (!file.metadata.empty())
        corrupt("the file is damaged: its " + name_of(strip, head) + " has metadata of its own");
}

}  // namespace

FileVersion version_of(std::span<const uint8_t> first_bytes) {
    if (first_bytes.size() < kVersionBytes || !std::equal(kMagic.begin(), kMagic.end(), first_bytes.begin()))
        return FileVersion::kOther;
    const uint8_t version = first_bytes[kMagic.size()];
    return version == kVersion        ? FileVersion::kWhole
           : version == kStripVersion ? FileVersion::kStrips
                                      : FileVersion::kOther;
}

StripReader::StripReader(ByteInput& input, Methods methods) : input_(input), methods_(methods) {
    Checksum checksum;
    checksum.update(kMagic);
    checksum.update({&kStripVersion, 1});
    std::vector<uint8_t> size_bytes;
    const uint64_t body_size = take_number(size_bytes);
    checksum.update(size_bytes);
    body_ = take(body_size);
    checksum.update(body_.span);
    const Bytes expected = take(sizeof(uint32_t));
    if (!same_checksum(ByteReader(expected.span, kWhat).u32(), static_cast<uint32_t>(checksum.value())))
        corrupt("the file is damaged: its header fails its checksum");
    head_ = parse_body(body_.span);
}

StripReader::Part StripReader::next() {
    std::vector<uint8_t> number, size;
    if (take_number(number) != static_cast<uint64_t>(next_))
        corrupt("the file is damaged: its strips are not in order");
    Part part;
    part.bytes = take(take_number(size));
    const std::span<const uint8_t> bytes = part.bytes.span;
    if (version_of(bytes.first(std::min(bytes.size(), kVersionBytes))) == FileVersion::kStrips)
        corrupt("the file is damaged: its " + name_of(next_, head_) + " is made of strips itself");
    part.file = parse(bytes, methods_);
    check_part(part.file, next_, head_);
    if (++next_ == head_.count() && !input_.at_end()) corrupt("the file has bytes after its end");
    return part;
}

Bytes StripReader::take(uint64_t count) {
    Bytes bytes = input_.take(count);
    size_ += count;
    return bytes;
}

// A varint, byte by byte.
uint64_t StripReader::take_number(std::vector<uint8_t>& bytes) {
    constexpr size_t kLongest = 10;
    do bytes.push_back(take(1).span[0]);
    while ((bytes.back() & 0x80) && bytes.size() < kLongest);
    return ByteReader(bytes, "file").varint();
}

}  // namespace residua::container
