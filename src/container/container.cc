#include "container/container.h"

#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "base/checksum.h"
#include "container/layout.h"

namespace residua::container {

namespace {

[[noreturn]] void corrupt(const std::string& message) { throw Error(ErrorCode::kCorrupt, message); }
[[noreturn]] void unsupported(const std::string& what) {
    throw Error(
        ErrorCode::kUnsupported,
        "this file uses " + what + ", which this version of Residua does not know; a later one is needed");
}

// The sizes and checksums of the payloads, as the head gives them.
struct Payload {
    uint64_t size;
    uint32_t checksum;
};

// The head's body, after its checksum has been verified.
class HeadParser {
  public:
    explicit HeadParser(std::span<const uint8_t> body) : reader_(body, "file's header") {}

    Header header;
    Metadata metadata;
    Payload bpg{};
    std::vector<Payload> tiles;

    void parse() {
        read_picture();
        read_rc();
        while (!reader_.at_end()) read_box();
    }

  private:
    void read_picture() {
        const uint8_t kind = reader_.u8();
        if (kind > static_cast<uint8_t>(Kind::kRgbStoredAsGrey))
            unsupported("picture kind " + std::to_string(kind));
        header.kind = static_cast<Kind>(kind);
        header.width = static_cast<int>(reader_.varint_in(1, kMaxSide, "width"));
        header.height = static_cast<int>(reader_.varint_in(1, kMaxSide, "height"));
        const uint8_t codec = reader_.u8();
        if (codec != static_cast<uint8_t>(Codec::kRc)) unsupported("codec " + std::to_string(codec));
        header.codec = static_cast<Codec>(codec);
        header.model_hash = reader_.u64();
        header.pixel_checksum = reader_.u64();
    }

    Payload read_payload() {
        const uint64_t size = reader_.varint();
        return {size, reader_.u32()};
    }

    void read_rc() {
        const uint8_t lossy = reader_.u8();
        header.q = lossy & kMaxQ;
        header.bit_depth = kDepths[lossy >> kDepthShift];
        if (header.bit_depth == 0) unsupported("another bit depth");
        bpg = read_payload();
        for (int c = 0; c < coded_channels(header.kind); ++c) {
            Alphabet& alphabet = header.alphabets[static_cast<size_t>(c)];
            alphabet.lowest = -static_cast<int>(reader_.u8());
            alphabet.highest = reader_.u8();
        }
        header.tile_width = kTileUnit * static_cast<int>(reader_.varint_in(1, kMaxTileUnits, "tile width"));
        header.tile_height = kTileUnit * static_cast<int>(reader_.varint_in(1, kMaxTileUnits, "tile height"));
        const uint64_t count =
            static_cast<uint64_t>(header.tile_columns()) * static_cast<uint64_t>(header.tile_rows());
        if (count > kMaxTiles || count > reader_.remaining() / kMinTileEntryBytes)
            corrupt("the file has an impossible number of tiles");
        tiles.reserve(count);
        for (uint64_t i = 0; i < count; ++i) tiles.push_back(read_payload());
    }

    void read_box() {
        const uint8_t tag = reader_.u8();
        const auto bytes = reader_.take(reader_.varint());
        const auto once = [&](bool first) {
            if (!first || bytes.empty()) corrupt("the file's header has a box twice, or an empty one");
        };
        switch (tag) {
            case kBoxTau:
                once(header.tau.empty());
                if (bytes.size() > kMaxTauEntries) corrupt("the file's tau is too long");
                for (uint8_t byte : bytes) header.tau.push_back(static_cast<int8_t>(byte));
                break;
            case kBoxIcc:
                once(metadata.icc.empty());
                metadata.icc = bytes;
                break;
            case kBoxExif:
                once(metadata.exif.empty());
                metadata.exif = bytes;
                break;
            case kBoxXmp:
                once(metadata.xmp.empty());
                metadata.xmp = bytes;
                break;
            default:
                if (!(tag & kBoxOptional)) unsupported("a box of type " + std::to_string(tag));
        }
    }

    ByteReader reader_;
};

std::span<const uint8_t> take_payload(ByteReader& reader, const Payload& payload, const char* name) {
    const auto bytes = reader.take(payload.size);
    if (checksum32(bytes) != payload.checksum)
        corrupt(std::string("the file is damaged: its ") + name + " fails its checksum");
    return bytes;
}

}  // namespace

const char* codec_name(Codec) { return "rc"; }

File parse(std::span<const uint8_t> bytes) {
    ByteReader reader(bytes, "file");
    if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        corrupt("this is not a Residua file");
    reader.take(kMagic.size());
    const uint8_t version = reader.u8();
    if (version != kVersion) unsupported("format version " + std::to_string(version));
    const auto body = reader.take(reader.varint());
    const uint32_t expected = checksum32(bytes.first(reader.position()));
    if (reader.u32() != expected) corrupt("the file is damaged: its header fails its checksum");

    HeadParser head(body);
    head.parse();
    File file;
    file.bpg = take_payload(reader, head.bpg, "lossy layer");
    file.tiles.reserve(head.tiles.size());
    for (const Payload& tile : head.tiles) file.tiles.push_back(take_payload(reader, tile, "residual"));
    if (!reader.at_end()) corrupt("the file has bytes after its end");
    file.header = std::move(head.header);
    file.metadata = head.metadata;
    return file;
}

}  // namespace residua::container
