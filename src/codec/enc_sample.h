// Drawing pictures from a model.
#pragma once

#include "base/session.h"
#include "image/picture_memory.h"
#include "models/registry.h"
#include "stages/tile_streams.h"

namespace residua::codec {

struct SampleRequest {
    PictureView picture;  // 1 or 3 channels
    const char* model;    // both as for Registry::choose
    const char* codec;
    int q;  // these three as in EncodeRequest, without a search
    int bit_depth;
    int effort;
    int kept;  // how many stages, coarse to fine, keep the picture's own values; 0: all but the last
    uint64_t seed;
};

// A picture of the same size and kind: the kept stages are what
// encoding gives, all others are drawn. Throws as encode_whole().
Picture sample(const SampleRequest& request, const models::Registry& models, Session& session);

// Streams of random bits. A rANS decoder maps bits to symbols such that each symbol has the share of the bit
// strings that the coder gives it, so it draws from the model's distribution exactly.
class RandomStreams : public StreamSource {
  public:
    RandomStreams(uint64_t seed, Allocator& allocator) : seed_(seed), allocator_(allocator) {}

    // The bits depend on the seed, the stage and the tile alone, and suffice for that many symbols.
    TileStream open(int stage, int tile, uint64_t symbols) const override;
    void close(const TileStream&) const override {}  // the bits that are left mean nothing
    void out_of_range() const override {}

  private:
    uint64_t seed_;
    Allocator& allocator_;
};

}  // namespace residua::codec
