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
    explicit HeadParser(std::span<const uint8_t> body) : reader_(body, "file's header") {}

    Header header;
    Metadata metadata;
    Payload bpg{}, planes{};
    std::vector<std::vector<Payload>> stages;  // as File::streams

    void parse() {
        read_picture();
        if (header.codec == Codec::kRc)
            read_lossy_layer();
        else if (header.codec == Codec::kL3c)
            read_scales();
        else
            read_planes();
        read_alphabets();
        read_index();
        while (!reader_.at_end()) read_next_box();
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
        if (codec < static_cast<uint8_t>(Codec::kRc) || codec > static_cast<uint8_t>(Codec::kOlm))
            unsupported("codec " + std::to_string(codec));
        header.codec = static_cast<Codec>(codec);
        header.model_hash = reader_.u64();
        header.pixel_checksum = reader_.u64();
    }

    Payload read_payload() {
        const uint64_t size = reader_.varint();
        return {size, reader_.u32()};
    }

    void read_lossy_layer() {
        const uint8_t lossy = reader_.u8();
        header.q = lossy & kMaxQ;
        header.bit_depth = kDepths[lossy >> kDepthShift];
        if (header.bit_depth == 0) unsupported("another bit depth");
        bpg = read_payload();
    }

    void read_scales() {
        header.bit_depth = 0;
        header.scales = reader_.u8();
        if (header.scales < 1 || header.scales > models::kMaxScales)
            corrupt("the file has an impossible number of scales (" + std::to_string(header.scales) + ")");
    }

    void read_planes() {
        header.bit_depth = 0;
        planes = read_payload();
    }

    void read_alphabets() {
        for (int c = 0; c < coded_channels(header.kind); ++c) {
            Alphabet& alphabet = header.alphabets[static_cast<size_t>(c)];
            alphabet.lowest = -static_cast<int>(reader_.u8());
            alphabet.highest = reader_.u8();
            if (header.codec != Codec::kRc &&
                (alphabet.lowest < kLowestSample || alphabet.highest > kHighestSample))
                corrupt("the file has symbols outside the range of pixels");
        }
    }

    void read_index() {
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
            if (header.codec != Codec::kRc)
                unsupported(std::string("tau with the codec ") + codec_name(header.codec));
            require_once(header.tau.empty(), box);
            if (box.bytes.size() > kMaxTauEntries) corrupt("the file's tau is too long");
            for (uint8_t byte : box.bytes) header.tau.push_back(static_cast<int8_t>(byte));
        } else if (box.tag == kBoxAdaptation) {
            if (header.codec == Codec::kOlm) unsupported("adaptation with the codec olm");
            require_once(!header.adaptive, box);
            if (box.bytes.size() != 1 || box.bytes[0] != kAdaptation) unsupported("its kind of adaptation");
            header.adaptive = true;
        } else {
            keep_metadata(box, metadata);
        }
    }

    ByteReader reader_;
};

std::span<const uint8_t> take_payload(ByteReader& reader, const Payload& payload, const std::string& name) {
    const auto bytes = reader.take(payload.size);
    if (!same_checksum(payload.checksum, checksum32(bytes)))
        corrupt("the file is damaged: its " + name + " fails its checksum");
    return bytes;
}

std::string stage_name(const Header& header, int stage) {
    if (header.codec == Codec::kRc) return "residual";
    if (header.codec == Codec::kOlm) return "picture";
    if (stage == header.scales) return "picture";
    return std::string("z").append(std::to_string(header.scales - stage));
}

}  // namespace

const char* codec_name(Codec codec) {
    return codec == Codec::kRc    ? models::kRcCodec
           : codec == Codec::kL3c ? models::kL3cCodec
                                  : models::kOlmCodec;
}

File parse(std::span<const uint8_t> bytes) {
    ByteReader reader(bytes, "file");
    if (bytes.size() < kMagic.size() || !std::equal(kMagic.begin(), kMagic.end(), bytes.begin()))
        corrupt("this is not a Residua file");
    reader.take(kMagic.size());
    const uint8_t version = reader.u8();
    if (version != kVersion) unsupported("format version " + std::to_string(version));
    const auto body = reader.take(reader.varint());
    const uint32_t expected = checksum32(bytes.first(reader.position()));
    if (!same_checksum(reader.u32(), expected)) corrupt("the file is damaged: its header fails its checksum");

    HeadParser head(body);
    head.parse();
    File file;
    if (head.header.codec == Codec::kRc) file.bpg = take_payload(reader, head.bpg, "lossy layer");
    if (head.header.codec == Codec::kOlm) file.planes = take_payload(reader, head.planes, "plane transform");
    for (const auto& stage : head.stages) {
        const std::string name = stage_name(head.header, static_cast<int>(file.streams.size()));
        auto& streams = file.streams.emplace_back();
        streams.reserve(stage.size());
        for (const Payload& tile : stage) streams.push_back(take_payload(reader, tile, name));
    }
    if (!reader.at_end()) corrupt("the file has bytes after its end");
    file.header = std::move(head.header);
    file.metadata = head.metadata;
    return file;
}

}  // namespace residua::container
