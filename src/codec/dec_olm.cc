#include "codec/dec_olm.h"

#include <algorithm>
#include <atomic>

#include "codec/olm_tiles.h"

namespace residua::codec {

namespace {

class OlmDecoder : public DecoderStage {
  public:
    OlmDecoder(const container::File& file, const StreamSource& streams, const models::OlmModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const Tiling tiling = Tiling::of(file_.header);
        known.picture.emplace(session.allocator, tiling.width, tiling.height,
                              container::coded_channels(file_.header.kind));
        Picture& planes = *known.picture;
        std::atomic<int> done{0};
        const int tiles = tiling.columns() * tiling.rows();
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            decode_tile(tiling, static_cast<int>(tile), planes, session.allocator);
            ++done;
            if (thread == 0) session.progress.update(static_cast<double>(done) / tiles);
        });
        for (int y = 0; planes.channels == 3 && y < planes.height; ++y) {
            uint8_t* row = planes.row(y);
            for (int x = 0; x < planes.width; ++x) std::swap(row[3 * x], row[3 * x + 1]);
        }
    }

  private:
    void decode_tile(const Tiling& tiling, int tile, Picture& planes, Allocator& allocator) const {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const olm::TileShape shape = olm_tile(file_.header, tiling, row, column, false);
        TileStream stream = streams_.open(0, tile, olm_tile_symbols(shape));
        olm::TileCoder coder(model_, shape, allocator);
        coder.decode(
            stream.decoder,
            planes.row(tiling.row_start(row)) + ptrdiff_t{tiling.column_start(column)} * planes.channels,
            planes.stride());
        streams_.close(stream);
    }

    const container::File& file_;
    const StreamSource& streams_;
    const models::OlmModel& model_;
};

}  // namespace

std::unique_ptr<DecoderStage> olm_decoder_stage(const container::File& file, const StreamSource& streams,
                                                const models::OlmModel& model) {
    return std::make_unique<OlmDecoder>(file, streams, model);
}

}  // namespace residua::codec
