#include "codec/enc_olm.h"

#include <atomic>

#include "codec/enc_plane_transform.h"
#include "codec/enc_tiles.h"
#include "codec/olm_tiles.h"
#include "entropy/enc_rans.h"

namespace residua::codec {

namespace {

class OlmEncoder : public EncoderStage {
  public:
    explicit OlmEncoder(const models::OlmModel& model) : model_(model) {}

    double share() const override { return 1; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        ForwardPlanes forward = make_planes(x, {}, session);
        Picture& planes = forward.planes;
        const bool lattice = forward.transform.colours == PlaneColours::kLattice;
        ByteWriter transform;
        write_plane_transform(forward.transform, transform);
        draft.planes = {session.allocator, std::move(transform.bytes)};
        draft.header.alphabets = find_alphabets(planes.view(), SymbolBase(), session.threads);

        const Tiling tiling = Tiling::of(draft.header);
        auto& streams = draft.streams[0];
        const int tiles = tiling.columns() * tiling.rows();
        streams.resize(static_cast<size_t>(tiles));
        std::atomic<int> done{0};
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            streams[static_cast<size_t>(tile)] =
                encode_tile(draft.header, tiling, static_cast<int>(tile), lattice, planes, session.allocator,
                            olm_progress(done, tiles, thread, session));
            ++done;
        });
        known.picture = std::move(planes);
        forward.transform.inverse(known.picture->view(), known.picture->mutable_view(), session.threads);
    }

  private:
    CountedBytes encode_tile(const container::Header& header, const Tiling& tiling, int tile, bool lattice,
                             const Picture& planes, Allocator& allocator,
                             std::function<void(double)> progress) const {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const olm::TileShape shape = olm_tile(header, tiling, row, column, lattice);
        const auto symbols = static_cast<size_t>(olm_tile_symbols(shape));
        Buffer<entropy::Interval> intervals(allocator, symbols);
        Buffer<uint8_t> positions(allocator, symbols);
        {
            olm::TileCoder coder(model_, shape, allocator);
            coder.progress = std::move(progress);
            coder.encode(
                planes.row(tiling.row_start(row)) + ptrdiff_t{tiling.column_start(column)} * planes.channels,
                planes.stride(), intervals.data(), positions.data());
        }
        std::vector<uint8_t> stream = entropy::encode_symbols(intervals.span(), positions.span());
        entropy::verify_symbols(stream, intervals.span(), positions.span());
        return {allocator, std::move(stream)};
    }

    const models::OlmModel& model_;
};

}  // namespace

EncoderStages olm_encoder_stages(const models::OlmModel& model) {
    EncoderStages stages;
    stages.push_back(std::make_unique<OlmEncoder>(model));
    return stages;
}

}  // namespace residua::codec
