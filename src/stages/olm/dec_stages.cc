#include "stages/olm/dec_stages.h"

#include <atomic>
#include <optional>

#include "stages/olm/dec_dct.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

namespace {

class OlmDecoder : public DecoderStage {
  public:
    OlmDecoder(const container::File& file, const StreamSource& streams, const models::OlmModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const Tiling tiling = Tiling::of(file_.header);
        ByteReader reader(file_.payload, "file's plane transform");
        const PlaneTransform transform =
            PlaneTransform::parse(reader, tiling.width, tiling.height,
                                  container::coded_channels(file_.header.kind), session.allocator);
        if (!reader.at_end())
            throw Error(ErrorCode::kCorrupt, "the file's plane transform has bytes after its end");
        Picture planes(session.allocator, tiling.width, tiling.height, transform.full_planes());
        std::optional<Picture> chroma;
        if (transform.smaller_chroma())
            chroma.emplace(session.allocator, transform.chroma.width(tiling.width),
                           transform.chroma.height(tiling.height), 2);
        StageBits* bits = streams_.bits(0, transform.planes);
        if (bits) bits->describe(transform);
        const Target target = {tiling, transform, planes.mutable_view(),
                               chroma ? chroma->mutable_view() : MutablePictureView{}, bits};
        std::atomic<int> done{0};
        const int tiles = tiling.columns() * tiling.rows();
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            decode_tile(target, static_cast<int>(tile), session.allocator,
                        olm_progress(done, tiles, thread, session));
            ++done;
        });
        if (chroma)
            known.picture.emplace(session.allocator, tiling.width, tiling.height, transform.planes);
        else
            known.picture = std::move(planes);
        transform.inverse({chroma ? PictureView(target.planes) : known.picture->view(), target.chroma},
                          known.picture->mutable_view(), session.threads);
    }

  private:
    struct Target {
        const Tiling& tiling;
        const PlaneTransform& transform;
        MutablePictureView planes, chroma;
        StageBits* bits;  // may be null
    };

    void decode_tile(const Target& target, int tile, Allocator& allocator,
                     std::function<void(double)> progress) const {
        const Tiling& tiling = target.tiling;
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const olm::TileShape shape = olm_tile(file_.header, target.transform, tiling, row, column);
        TileStream stream = streams_.open(0, tile, shape.samples());
        if (target.transform.blocks) {
            decode_dct_tile(target.transform, dct_tile(target.transform, tiling, row, column), stream.decoder,
                            target.planes, target.chroma, target.bits, allocator);
            streams_.close(stream);
            return;
        }
        olm::TileCoder coder(model_, shape, allocator);
        coder.progress = std::move(progress);
        if (target.bits)
            coder.note = [&](int plane, int y, int x, uint32_t length) {
                const ChromaGrid grid = plane > 0 ? target.transform.chroma : ChromaGrid{};
                note_plane(target.transform, plane,
                           chroma_start(tiling.column_start(column), grid.halves_x()) + x,
                           chroma_start(tiling.row_start(row), grid.halves_y()) + y, 1, length, *target.bits);
            };
        coder.decode(stream.decoder, olm_samples<uint8_t>(target.planes, target.chroma, target.transform,
                                                          tiling, row, column));
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
