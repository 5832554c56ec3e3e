#include "container/boxes.h"

#include <algorithm>
#include <utility>

#include "container/layout.h"
#include "container/packed_boxes.h"

namespace residua::container {

void corrupt(const std::string& message) { throw Error(ErrorCode::kCorrupt, message); }

void unsupported(const std::string& what) {
    throw Error(
        ErrorCode::kUnsupported,
        "this file uses " + what + ", which this version of Residua does not know; a later one is needed");
}

PictureKind read_picture_kind(ByteReader& reader) {
    const int colour = reader.u8(), bits = reader.u8();
    PictureKind kind = {static_cast<Colour>(colour & ~kAlphaBit), (colour & kAlphaBit) != 0, bits};
    if (kind.colour < Colour::kGrey || kind.colour > Colour::kCmyk)
        unsupported("colours of kind " + std::to_string(colour));
    if (bits < 1 || bits > 16) unsupported("samples of " + std::to_string(bits) + " bits");
    return kind;
}

Box read_box(ByteReader& reader) {
    const uint8_t tag = reader.u8();
    return {tag, reader.take(reader.varint())};
}

void require_once(bool first, const Box& box) {
    if (!first || box.bytes.empty()) corrupt("the file's header has a box twice, or an empty one");
}

namespace {

struct NamedTag {
    const char* name;
    uint8_t tag;
};
constexpr NamedTag kTags[] = {{"icc", kBoxIcc}, {"exif", kBoxExif}, {"xmp", kBoxXmp}};

// A box of metadata that says its name.
MetadataEntry named_entry(const Box& box) {
    ByteReader reader(box.bytes, "file's header");
    const std::span<const uint8_t> name = reader.take(reader.u8());
    MetadataEntry entry = {std::string(name.begin(), name.end()), reader.take(reader.remaining()), nullptr};
    if (!is_metadata_name(entry.name)) corrupt("the file's header has metadata with an impossible name");
    return entry;
}

}  // namespace

bool is_metadata_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxMetadataName &&
           std::ranges::all_of(name, [](char c) { return c >= '!' && c <= '~'; });
}

bool same_metadata(const Metadata& a, const Metadata& b) {
    return std::ranges::equal(a, b, [](const MetadataEntry& one, const MetadataEntry& other) {
        return one.name == other.name && std::ranges::equal(one.bytes, other.bytes);
    });
}

uint8_t metadata_tag(std::string_view name) {
    for (const NamedTag& known : kTags)
        if (name == known.name) return known.tag;
    return 0;
}

void MetadataReader::keep(const Box& box) {
    if (box.tag == kBoxPacked) return keep_packed(box);
    const size_t before = metadata.size();
    keep(box, nullptr);
    if (metadata.size() > before) coded_size += metadata.back().bytes.size();
}

void MetadataReader::keep(const Box& box, std::shared_ptr<const std::vector<uint8_t>> memory) {
    if (metadata.size() == kMaxMetadata) corrupt("the file's header has too many metadata");
    if (box.tag == kBoxNamed) {
        metadata.push_back(named_entry(box));
        metadata.back().memory = std::move(memory);
        return;
    }
    for (const NamedTag& known : kTags) {
        if (box.tag != known.tag) continue;
        require_once(std::ranges::none_of(metadata, [&](const auto& e) { return e.name == known.name; }),
                     box);
        return metadata.push_back({known.name, box.bytes, std::move(memory)});
    }
    if (memory || !(box.tag & kBoxOptional)) unsupported("a box of type " + std::to_string(box.tag));
}

void MetadataReader::keep_packed(const Box& box) {
    coded_size += box.bytes.size();
    const auto memory = unpack(box.bytes, kMaxUnpacked - unpacked_);
    unpacked_ += memory->size();
    for (ByteReader boxes(*memory, "file's header"); !boxes.at_end();) keep(read_box(boxes), memory);
}

}  // namespace residua::container
