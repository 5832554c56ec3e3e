// The file format: what a .rsd file holds and how it is laid out. docs/format.md is the same for people.
//
//   magic, version, length of the head, head body, checksum of all before it
//   the payload of methods that have one: what is not cut into tiles
//   the tiles' entropy-coded streams: stage by stage, coarse to fine, in each row by row of tiles
//
// Every byte is under a checksum: the head's own, or the one that the head holds for a payload.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory.h"
#include "container/method.h"
#include "image/picture_kind.h"

namespace residua::container {

constexpr std::array<uint8_t, 4> kMagic = {0x89, 'R', 'S', 'D'};
constexpr uint8_t kVersion = 1;
constexpr int kMaxPlainSide = 65535;  // of kinds 0 … 2
constexpr int kMaxSide = 0x7FFFFFFF;
constexpr int kTileUnit = 16;  // tile sizes are multiples of it
constexpr int kMaxTileUnits = 4096;
constexpr int kMaxTiles = 65536;  // of all stages together
constexpr int kMaxTauEntries = 3 * 15;

enum class Kind : uint8_t {
    kGrey = 0,
    kRgb = 1,
    kRgbStoredAsGrey = 2,  // three equal channels, of which one is coded
    kAny = 3,              // the header says what the picture is; its payload, how its channels are coded
    kBytes = 4,            // no picture: the bytes of a file whose pixels no decoder here gives
};

struct Header {
    Kind kind = Kind::kRgb;
    PictureKind picture;  // as decoded
    int width = 0;
    int height = 0;
    const Method* method = nullptr;
    uint64_t model_hash = 0;
    // checksum64 of the coded channels, interleaved, rows without gaps, samples of two bytes little-endian
    uint64_t pixel_checksum = 0;
    int q = 0;          // of a lossy layer; otherwise 0
    int bit_depth = 0;  // of a lossy layer: 8 or 10; otherwise 0
    int scales = 0;     // how many coded planes there are beside the picture's: z^(scales) … z^(1)
    std::array<Alphabet, 3> alphabets;  // of the coded channels; not of Kind::kAny
    // Pixels, multiples of kTileUnit; the last column's and the last row's tiles may be smaller. Of z^(s) a
    // tile has 1/2^s of both, and the planes are those of the picture padded to multiples of 2^S: every stage
    // has as many tiles.
    int tile_width = 0;
    int tile_height = 0;
    std::vector<int8_t> tau;  // empty, or one per coded channel and mixture component
    // Of methods that keep a file's bytes (FileTraits::keeps_bytes): how many, and their checksum64.
    uint64_t kept_size = 0;
    uint64_t kept_checksum = 0;
    int effort = 0;  // of such a method's coder
    // The mixtures adapt to what has been decoded of their tile (entropy::AdaptiveCoder).
    bool adaptive = false;

    // Of the picture that the last stage gives.
    int coded_channels() const {
        if (kind == Kind::kBytes) return 0;
        return kind == Kind::kAny ? picture.channels() : kind == Kind::kRgb ? 3 : 1;
    }
    // A picture of that kind with 8 bits, but for Kind::kAny.
    void set_kind(Kind of) {
        kind = of;
        picture = {of == Kind::kGrey ? Colour::kGrey : Colour::kRgb, false, 8};
    }

    // That have entropy-coded tiles: z^(scales) … z^(1), and last the picture or its residual.
    int coded_stages() const { return scales + 1; }

    int tile_columns() const { return (width - 1) / tile_width + 1; }
    int tile_rows() const { return (height - 1) / tile_height + 1; }
};

// What comes with a picture, as the API names it.
struct MetadataEntry {
    std::string name;  // 1 … kMaxMetadataName characters, "!" … "~"
    std::span<const uint8_t> bytes;
    // What they lie in, where they came out of a packed box; otherwise they are someone else's.
    std::shared_ptr<const std::vector<uint8_t>> memory = nullptr;
};
using Metadata = std::vector<MetadataEntry>;
constexpr size_t kMaxMetadataName = 255;
constexpr size_t kMaxMetadata = 65535;  // entries
bool is_metadata_name(std::string_view name);
bool same_metadata(const Metadata& a, const Metadata& b);

// Where the parts of a head's body lie.
struct BodyParts {
    std::span<const uint8_t> fields, boxes;
};

// A parsed file. The spans point into its bytes.
struct File {
    Header header;
    Metadata metadata;
    std::span<const uint8_t> payload;  // of methods that have one (FileTraits::payload)
    // [stage][tile]: coded_stages() of tile_rows × tile_columns each, row by row; or as many as the file says
    // (FileTraits::keeps_bytes).
    std::vector<std::vector<std::span<const uint8_t>>> streams;
    BodyParts body = {};         // of parse()
    uint64_t metadata_size = 0;  // of parse(): bytes of the file that metadata take
};

// Reads and checks everything but the meaning of the payloads; all checksums but the pixels' are verified.
// Throws kCorrupt, kTruncated or kUnsupported, whatever the bytes are.
File parse(std::span<const uint8_t> bytes, Methods methods);

// What is left of a damaged file of version 1.
struct DamagedFile {
    File file;  // without the streams that are lost
    bool payload_whole = false;
    std::vector<std::vector<bool>> whole;  // [stage][tile], as File::streams
    uint64_t size = 0;                     // bytes of the file when it was whole
    bool all_whole() const;
};
// Its head alone, and `size`: fast, so that it can be looked for.
struct WholeHead {
    Header header;
    uint64_t size = 0;
};
WholeHead parse_head(std::span<const uint8_t> bytes, Methods methods);

// Its head must be whole. `bytes`: from its beginning to where something else may begin; what was lost or
// came in between is looked for at both ends. All checksums but the pixels' are compared. Throws as parse().
DamagedFile parse_damaged(std::span<const uint8_t> bytes, Methods methods);

// Whether a file that begins with these bytes keeps another file's, as far as they say.
bool keeps_bytes(std::span<const uint8_t> first_bytes, Methods methods);

// The reverse. The header must be valid, have a method and agree with the number of stages and tiles.
Buffer<uint8_t> write(const File& file, Allocator& allocator);

}  // namespace residua::container
