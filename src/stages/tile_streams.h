// Where a decoder's entropy-coded symbols come from.
#pragma once

#include <vector>

#include "base/memory.h"
#include "container/container.h"
#include "entropy/dec_rans.h"
#include "stages/stage_bits.h"

namespace residua::codec {

// With this byte a tile's bytes begin if each of its planes has a stream of its own. No stream begins with it.
constexpr uint8_t kPlaneStreams = 7;

// The stream of one tile while it is read.
struct TileStream {
    Buffer<uint8_t> bytes;  // empty unless the stream is not part of a file
    entropy::RansDecoder decoder;
    bool random = false;  // no encoder wrote it: symbols are drawn
};

// Used by several threads at once.
class StreamSource {
  public:
    virtual ~StreamSource() = default;
    // stage: an index of container::File::streams; `symbols` will be read.
    virtual TileStream open(int stage, int tile, uint64_t symbols) const = 0;
    // Of a tile whose planes may each have a stream of their own: as many as there are planes, or one of all. Of so
    // many symbols together. docs/format-olm.md, 1.2.
    virtual std::vector<TileStream> open_planes(int stage, int tile, int planes, uint64_t symbols) const {
        (void)planes;
        std::vector<TileStream> one;
        one.push_back(open(stage, tile, symbols));
        return one;
    }
    // After the last symbol. Throws kCorrupt unless that is the stream's end.
    virtual void close(const TileStream& stream) const = 0;
    // Of a damaged file: whether the tile is lost. Stages of methods whose tiles stand alone leave it out
    // then.
    virtual bool lost(int stage, int tile) const {
        (void)stage, (void)tile;
        return false;
    }
    // Whether any is, so that what is left out needs a value.
    virtual bool damaged() const { return false; }
    // RC: a residual leads out of 0 … 255. Throws kCorrupt, or returns and has the sample clamped.
    virtual void out_of_range() const = 0;
    // Where the stage, of so many coded channels, notes how many bits each symbol took; null: nobody wants to
    // know. Asked before the stage's first tile is opened, by one thread.
    virtual StageBits* bits(int stage, int channels) const {
        (void)stage, (void)channels;
        return nullptr;
    }
};

// Those of a file, which must outlive this.
class FileStreams : public StreamSource {
  public:
    explicit FileStreams(const container::File& file) : file_(file) {}

    TileStream open(int stage, int tile, uint64_t) const override {
        return {{},
                entropy::RansDecoder(file_.streams[static_cast<size_t>(stage)][static_cast<size_t>(tile)])};
    }
    std::vector<TileStream> open_planes(int stage, int tile, int planes, uint64_t symbols) const override;
    void close(const TileStream& stream) const override { stream.decoder.finish(); }
    void out_of_range() const override {
        throw Error(ErrorCode::kCorrupt, "the file is damaged: its residual leaves the range of pixels");
    }

  private:
    const container::File& file_;
};

}  // namespace residua::codec
