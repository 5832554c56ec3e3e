// The chunks of a PNG file: what libspng needs for the pixels, and apart from that all others.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "image_io/image.h"
#include "image_io/source.h"

namespace image_io {

class PngChunks {
  public:
    struct Chunk {
        std::string type;   // four letters
        uint64_t position;  // of its data
        uint32_t size;
        bool behind;  // the first pixels
        bool intact;  // its checksum is right
    };

    // Looks at all chunks. Throws ImageError where those of the pixels are damaged or lack, and for critical
    // ones that nobody knows.
    PngChunks(Source& source, const ReadOptions& options);

    const std::array<uint8_t, 13>& header() const { return header_; }
    uint64_t pixel_bytes() const { return pixel_bytes_; }  // compressed
    // All but IHDR, IDAT and an empty IEND, in the file's order.
    const std::vector<Chunk>& others() const { return others_; }
    std::vector<uint8_t> data(const Chunk& chunk) const;
    // The chunks of the pixels, with all that is around their data.
    std::vector<uint8_t> pixels() const;
    // Where the picture ends: bytes from here on belong to no chunk.
    uint64_t end() const { return end_; }
    const std::vector<std::string>& notes() const { return notes_; }
    // Not all chunks of the pixels have a right checksum, but the pixels as a whole have.
    bool has_bad_checksums() const { return bad_checksums_; }

    // A PNG of IHDR, IDAT and IEND alone (and some palette, where there has to be one), for libspng.
    size_t read(uint8_t* data, size_t size);

  private:
    struct Segment {
        uint64_t begin, end;  // positions in the file, or in made_
        bool made;
    };
    bool take(const Chunk& chunk);  // false: what is left is no chunk
    void check_header(const Chunk& chunk);
    bool is_intact(const Chunk& chunk) const;
    void prove_pixels() const;
    void make_stream();

    Source& source_;
    const ReadOptions& options_;
    std::array<uint8_t, 13> header_ = {};
    std::vector<Chunk> others_;
    std::vector<std::string> notes_;
    uint64_t pixel_bytes_ = 0, end_ = 0;
    uint64_t kept_bytes_ = 0;  // of all others
    bool ended_ = false;       // IEND has come
    bool bad_checksums_ = false;

    std::vector<uint8_t> made_;  // the chunks that are not the file's
    std::vector<Segment> pixels_, stream_;
    size_t segment_ = 0;
    uint64_t position_ = 0;  // of stream_[segment_]
};

void append_chunk(std::vector<uint8_t>& file, std::string_view type, std::span<const uint8_t> data);

}  // namespace image_io
