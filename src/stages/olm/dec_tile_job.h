// Decodes the planes of one tile.
#pragma once

#include <vector>

#include "stages/olm/model.h"
#include "stages/olm/tile_crew.h"
#include "stages/tile_streams.h"

namespace residua::codec {

class DecodeJob final : public PlanesJob {
  public:
    // All but the shape must outlive it. Throws kCorrupt, kTruncated, kMemoryLimit.
    DecodeJob(const models::OlmModel& model, const olm::TileShape& shape, const StreamSource& source,
              int tile, Allocator& allocator)
        : shape_(shape),
          source_(source),
          streams_(source.open_planes(0, tile, shape.planes, shape.samples())),
          coder_(model, shape_, allocator) {
        for (TileStream& stream : streams_) {
            if (!stream.random) stream.decoder.expect_symbols(shape.samples() / streams_.size());
            decoders_.push_back(&stream.decoder);
        }
    }

    // The tile's samples go there.
    void begin(const olm::TileTarget& samples) { coder_.begin_decoding(decoders_, samples); }

    olm::TileCoder& coder() override { return coder_; }
    const olm::TileCoder& coder() const override { return coder_; }
    int planes() const override { return shape_.planes; }
    void end_plane(int) override {}
    void finish() override {
        for (const TileStream& stream : streams_) source_.close(stream);
    }

  private:
    const olm::TileShape shape_;
    const StreamSource& source_;
    std::vector<TileStream> streams_;
    std::vector<entropy::RansDecoder*> decoders_;
    olm::TileCoder coder_;
};

}  // namespace residua::codec
