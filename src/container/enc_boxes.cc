#include "container/enc_boxes.h"

#include "bytes/enc_bytes.h"
#include "container/packed_boxes.h"

namespace residua::container {

namespace {

// Fewer bytes are not worth the time.
constexpr size_t kFewBytes = 48;
// Of more bytes it matters little how they begin.
constexpr size_t kManyBytes = 1 << 16;

std::vector<uint8_t> packed(std::span<const uint8_t> boxes, Beginning beginning) {
    ByteWriter writer;
    writer.u8(static_cast<uint8_t>(beginning));
    writer.varint(boxes.size());
    writer.put(bytes::encode(boxes, bytes_of(beginning)));
    return std::move(writer.bytes);
}

// Boxes that stand one after the other, as they are or packed.
void put_boxes(ByteWriter& writer, std::span<const uint8_t> boxes) {
    if (boxes.size() >= kFewBytes) {
        std::vector<uint8_t> best = packed(boxes, Beginning::kCommonMetadata);
        if (boxes.size() < kManyBytes) {
            std::vector<uint8_t> other = packed(boxes, Beginning::kNone);
            if (other.size() <= best.size()) best = std::move(other);
        }
        ByteWriter box;
        put_box(box, kBoxPacked, best);
        if (box.bytes.size() < boxes.size()) return writer.put(box.bytes);
    }
    writer.put(boxes);
}

}  // namespace

void put_metadata(ByteWriter& writer, const Metadata& metadata) {
    std::vector<uint8_t> tags;
    uint64_t packed = 0;
    ByteWriter group;
    const auto end_group = [&] {
        put_boxes(writer, group.bytes);
        packed += group.bytes.size();
        group.bytes.clear();
    };
    for (const MetadataEntry& entry : metadata) {
        ByteWriter box;
        const uint8_t tag = metadata_tag(entry.name);
        if (tag != 0 && !entry.bytes.empty() && std::ranges::find(tags, tag) == tags.end()) {
            put_box(box, tag, entry.bytes);
            tags.push_back(tag);
        } else {
            box.u8(kBoxNamed);
            box.varint(1 + entry.name.size() + entry.bytes.size());
            box.u8(static_cast<uint8_t>(entry.name.size()));
            box.put({reinterpret_cast<const uint8_t*>(entry.name.data()), entry.name.size()});
            box.put(entry.bytes);
        }
        if (packed + group.bytes.size() + box.bytes.size() <= kMaxUnpacked) {
            group.put(box.bytes);
            continue;
        }
        // Too much for all together: these stay as they are.
        end_group();
        writer.put(box.bytes);
    }
    end_group();
}

}  // namespace residua::container
