#include "codec/dec_olm.h"

#include <atomic>

#include "codec/olm_tiles.h"
#include "codec/plane_transform.h"

namespace residua::codec {

namespace {

class OlmDecoder : public DecoderStage {
  public:
    OlmDecoder(const container::File& file, const StreamSource& streams, const models::OlmModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const Tiling tiling = Tiling::of(file_.header);
        ByteReader reader(file_.planes, "file's plane transform");
        const PlaneTransform transform =
            PlaneTransform::parse(reader, tiling.width, tiling.height,
                                  container::coded_channels(file_.header.kind), session.allocator);
        if (!reader.at_end())
            throw Error(ErrorCode::kCorrupt, "the file's plane transform has bytes after its end");
        known.picture.emplace(session.allocator, tiling.width, tiling.height, transform.planes);
        Picture& planes = *known.picture;
        const bool lattice = transform.colours == PlaneColours::kLattice;
        std::atomic<int> done{0};
        const int tiles = tiling.columns() * tiling.rows();
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            decode_tile(tiling, static_cast<int>(tile), lattice, planes, session.allocator,
                        olm_progress(done, tiles, thread, session));
            ++done;
        });
        transform.inverse(planes.view(), planes.mutable_view(), session.threads);
    }

  private:
    void decode_tile(const Tiling& tiling, int tile, bool lattice, Picture& planes, Allocator& allocator,
                     std::function<void(double)> progress) const {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const olm::TileShape shape = olm_tile(file_.header, tiling, row, column, lattice);
        TileStream stream = streams_.open(0, tile, olm_tile_symbols(shape));
        olm::TileCoder coder(model_, shape, allocator);
        coder.progress = std::move(progress);
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
