#include "container/container.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/boxes.h"
#include "container/layout.h"

namespace residua::container {

namespace {

// The sizes and checksums of the payloads, as the head gives them.
struct Payload {
    uint64_t size;
    uint32_t checksum;
};

// The head's body, after its checksum has been verified.
class HeadParser {
  public:
    HeadParser(std::span<const uint8_t> body, Methods methods)
        : reader_(body, "file's header"), methods_(methods) {}

    Header header;
    MetadataReader metadata;
    Payload payload{};
    std::vector<std::vector<Payload>> stages;  // as File::streams
    std::span<const uint8_t> fields;           // what stands before the boxes

    void parse() {
        read_picture();
        header.method->read_fields(reader_, header);
        if (traits_.payload) payload = read_payload();
        read_alphabets();
        read_index();
        fields = reader_.all().first(reader_.position());
        while (!reader_.at_end()) read_next_box();
    }

  private:
    void read_picture() {
        const uint8_t kind = reader_.u8();
        if (kind > static_cast<uint8_t>(Kind::kBytes)) unsupported("picture kind " + std::to_string(kind));
        header.set_kind(static_cast<Kind>(kind));
        const bool any = header.kind == Kind::kAny, picture = header.kind != Kind::kBytes;
        if (any) header.picture = read_picture_kind(reader_);
        const int most = any ? kMaxSide : kMaxPlainSide;
        if (picture) {
            header.width = static_cast<int>(reader_.varint_in(1, static_cast<uint64_t>(most), "width"));
            header.height = static_cast<int>(reader_.varint_in(1, static_cast<uint64_t>(most), "height"));
        }
        read_method();
        if (any ? !traits_.any_kind : picture == traits_.keeps_bytes)
            unsupported(std::string("this kind of picture with the codec ") + header.method->name());
        if (!traits_.keeps_bytes) header.model_hash = reader_.u64();
        if (picture) header.pixel_checksum = reader_.u64();
    }

    void read_method() {
        const uint8_t number = reader_.u8();
        const auto found = std::ranges::find_if(
            methods_, [number](const Method* method) { return method->traits().number == number; });
        if (found == methods_.end()) unsupported("codec " + std::to_string(number));
        header.method = *found;
        traits_ = header.method->traits();
    }

    Payload read_payload() {
        const uint64_t size = reader_.varint();
        return {size, reader_.u32()};
    }

    void read_alphabets() {
        if (header.kind == Kind::kAny || traits_.keeps_bytes) return;  // the payload has them
        for (int c = 0; c < header.coded_channels(); ++c) {
            Alphabet& alphabet = header.alphabets[static_cast<size_t>(c)];
            alphabet.lowest = -static_cast<int>(reader_.u8());
            alphabet.highest = reader_.u8();
            if (alphabet.lowest < traits_.symbols.lowest || alphabet.highest > traits_.symbols.highest)
                corrupt("the file has symbols outside the range of pixels");
        }
    }

    // Of a method that keeps bytes: how many streams each stage has.
    void read_counted_index() {
        uint64_t all = 0;
        stages.resize(static_cast<size_t>(header.coded_stages()));
        for (auto& stage : stages) {
            const uint64_t count = reader_.varint();
            all += count;
            if (count > kMaxTiles || all > kMaxTiles || count > reader_.remaining() / kMinTileEntryBytes)
                corrupt("the file has an impossible number of streams");
            stage.reserve(static_cast<size_t>(count));
            for (uint64_t i = 0; i < count; ++i) stage.push_back(read_payload());
        }
    }

    void read_index() {
        if (traits_.keeps_bytes) return read_counted_index();
        // A picture whose payload says all has no tiles.
        if (header.kind == Kind::kAny && reader_.u8() == 0) {
            stages.resize(static_cast<size_t>(header.coded_stages()));
            return;
        }
        header.tile_width = kTileUnit * static_cast<int>(reader_.varint_in(1, kMaxTileUnits, "tile width"));
        header.tile_height = kTileUnit * static_cast<int>(reader_.varint_in(1, kMaxTileUnits, "tile height"));
        const uint64_t tiles =
            static_cast<uint64_t>(header.tile_columns()) * static_cast<uint64_t>(header.tile_rows());
        const uint64_t count = tiles * static_cast<uint64_t>(header.coded_stages());
        if (count > kMaxTiles || count > reader_.remaining() / kMinTileEntryBytes)
            corrupt("the file has an impossible number of tiles");
        stages.resize(static_cast<size_t>(header.coded_stages()));
        for (auto& stage : stages) {
            stage.reserve(static_cast<size_t>(tiles));
            for (uint64_t i = 0; i < tiles; ++i) stage.push_back(read_payload());
        }
    }

    void read_next_box() {
        const Box box = read_box(reader_);
        if (box.tag == kBoxTau) {
            if (!traits_.tau) unsupported(std::string("tau with the codec ") + header.method->name());
            require_once(header.tau.empty(), box);
            if (box.bytes.size() > kMaxTauEntries) corrupt("the file's tau is too long");
            for (uint8_t byte : box.bytes) header.tau.push_back(static_cast<int8_t>(byte));
        } else if (box.tag == kBoxAdaptation) {
            if (!traits_.adaptation)
                unsupported(std::string("adaptation with the codec ") + header.method->name());
            require_once(!header.adaptive, box);
            if (box.bytes.size() != 1 || box.bytes[0] != kAdaptation) unsupported("its kind of adaptation");
            header.adaptive = true;
        } else {
            metadata.keep(box);
        }
    }

    ByteReader reader_;
    const Methods methods_;
    FileTraits traits_{};
};

std::span<const uint8_t> take_payload(ByteReader& reader, const Payload& payload, const std::string& name) {
    const auto bytes = reader.take(payload.size);
    if (!same_checksum(payload.checksum, checksum32(bytes)))
        corrupt("the file is damaged: its " + name + " fails its checksum");
    return bytes;
}

struct Head {
    HeadParser parser;
    std::span<const uint8_t> body;
    size_t size;  // bytes of the file before the first payload
};

Head read_head(std::span<const uint8_t> bytes, Methods methods) {
    ByteReader reader(bytes, "file");
    if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        corrupt("this is not a Residua file");
    reader.take(kMagic.size());
    const uint8_t version = reader.u8();
    if (version != kVersion) unsupported("format version " + std::to_string(version));
    const auto body = reader.take(reader.varint());
    const uint32_t expected = checksum32(bytes.first(reader.position()));
    if (!same_checksum(reader.u32(), expected)) corrupt("the file is damaged: its header fails its checksum");
    Head head{HeadParser(body, methods), body, reader.position()};
    head.parser.parse();
    return head;
}

// Of the whole file; what no file can have becomes the largest number.
uint64_t size_of(const Head& head) {
    const auto plus = [](uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; };
    uint64_t size = head.size;
    if (head.parser.header.method->traits().payload) size = plus(size, head.parser.payload.size);
    for (const auto& stage : head.parser.stages)
        for (const Payload& tile : stage) size = plus(size, tile.size);
    return size;
}

void move_head(Head& head, File& file) {
    file.header = std::move(head.parser.header);
    file.metadata = std::move(head.parser.metadata.metadata);
    file.metadata_size = head.parser.metadata.coded_size;
    file.body = {head.parser.fields, head.body.subspan(head.parser.fields.size())};
}

}  // namespace

bool keeps_bytes(std::span<const uint8_t> first_bytes, Methods methods) {
    try {
        ByteReader reader(first_bytes, "file");
        if (!std::ranges::equal(reader.take(kMagic.size()), kMagic) || reader.u8() != kVersion) return false;
        reader.varint();
        const uint8_t kind = reader.u8();
        if (kind == static_cast<uint8_t>(Kind::kAny)) {
            read_picture_kind(reader);
            reader.varint(), reader.varint();
        } else if (kind != static_cast<uint8_t>(Kind::kBytes)) {
            return false;
        }
        const uint8_t number = reader.u8();
        return std::ranges::any_of(methods, [number](const Method* method) {
            return method->traits().number == number && method->traits().keeps_bytes;
        });
    } catch (const Error&) {
        return false;
    }
}

File parse(std::span<const uint8_t> bytes, Methods methods) {
    Head head = read_head(bytes, methods);
    ByteReader reader(bytes, "file");
    reader.take(head.size);
    File file;
    const Method& method = *head.parser.header.method;
    if (const char* name = method.traits().payload)
        file.payload = take_payload(reader, head.parser.payload, name);
    for (const auto& stage : head.parser.stages) {
        const std::string name = method.stage_name(head.parser.header, static_cast<int>(file.streams.size()));
        auto& streams = file.streams.emplace_back();
        streams.reserve(stage.size());
        for (const Payload& tile : stage) streams.push_back(take_payload(reader, tile, name));
    }
    if (!reader.at_end()) corrupt("the file has bytes after its end");
    move_head(head, file);
    return file;
}

bool DamagedFile::all_whole() const {
    return payload_whole && std::ranges::all_of(whole, [](const std::vector<bool>& stage) {
               return std::ranges::all_of(stage, [](bool tile) { return tile; });
           });
}

WholeHead parse_head(std::span<const uint8_t> bytes, Methods methods) {
    Head head = read_head(bytes, methods);
    const uint64_t size = size_of(head);
    return {std::move(head.parser.header), size};
}

DamagedFile parse_damaged(std::span<const uint8_t> bytes, Methods methods) {
    Head head = read_head(bytes, methods);
    DamagedFile damaged;
    const bool has_payload = head.parser.header.method->traits().payload != nullptr;
    damaged.size = size_of(head);
    uint64_t at = head.size;
    // At its place as counted from the beginning, or from the end.
    const auto take = [&](const Payload& payload, std::span<const uint8_t>& to) {
        const uint64_t rest = damaged.size - at;
        const uint64_t places[] = {at, rest <= bytes.size() ? bytes.size() - rest : UINT64_MAX};
        at += payload.size;
        for (const uint64_t place : places) {
            if (place < head.size || place > bytes.size() || payload.size > bytes.size() - place) continue;
            to = bytes.subspan(static_cast<size_t>(place), static_cast<size_t>(payload.size));
            if (same_checksum(payload.checksum, checksum32(to))) return true;
        }
        to = {};
        return false;
    };
    damaged.payload_whole = !has_payload || take(head.parser.payload, damaged.file.payload);
    for (const auto& stage : head.parser.stages) {
        auto& streams = damaged.file.streams.emplace_back(stage.size());
        auto& whole = damaged.whole.emplace_back(stage.size());
        for (size_t tile = 0; tile < stage.size(); ++tile) whole[tile] = take(stage[tile], streams[tile]);
    }
    move_head(head, damaged.file);
    return damaged;
}

}  // namespace residua::container
