#include "stages/olm/enc_stages.h"

#include <algorithm>
#include <atomic>

#include "entropy/enc_rans.h"
#include "origin/enc_plane_transform.h"
#include "stages/enc_tiles.h"
#include "stages/olm/enc_dct_tiles.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

namespace {

class PlanesEncoder : public EncoderStage {
  public:
    PlanesEncoder(const models::OlmModel& model, Proof proof) : model_(model), proof_(proof) {}

    double share() const override { return 1; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        ForwardPlanes forward = make_planes(x, {}, session);
        ByteWriter transform;
        write_plane_transform(forward.transform, transform);
        draft.payload = {session.allocator, std::move(transform.bytes)};
        draft.header.alphabets = alphabets(forward, session.threads);

        const Tiling tiling = Tiling::of(draft.header);
        auto& streams = draft.streams[0];
        const int tiles = tiling.columns() * tiling.rows();
        streams.resize(static_cast<size_t>(tiles));
        std::atomic<int> done{0};
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            streams[static_cast<size_t>(tile)] =
                encode_tile(draft.header, tiling, static_cast<int>(tile), forward, session.allocator,
                            olm_progress(done, tiles, thread, session));
            ++done;
        });
        if (proof_ == Proof::kFast) reread_transform(forward, draft.payload.bytes, session);
        if (forward.chroma) {
            known.picture.emplace(session.allocator, x.width, x.height, x.channels);
            forward.transform.inverse(forward.view(), known.picture->mutable_view(), session.threads);
        } else {
            forward.transform.inverse(forward.view(), forward.planes.mutable_view(), session.threads);
            known.picture = std::move(forward.planes);
        }
    }

  private:
    // From now on the transform is what the written bytes say.
    static void reread_transform(ForwardPlanes& forward, const std::vector<uint8_t>& bytes,
                                 Session& session) {
        const PlaneTransform& made = forward.transform;
        ByteReader reader(bytes, "file's plane transform");
        PlaneTransform parsed =
            PlaneTransform::parse(reader, made.width, made.height, made.planes, session.allocator);
        if (!reader.at_end() || parsed.blocks != made.blocks) proof_failed("the plane transform");
        forward.transform = std::move(parsed);
    }

    static decltype(container::Header::alphabets) alphabets(const ForwardPlanes& forward,
                                                            ThreadPool& threads) {
        auto found = find_alphabets(forward.planes.view(), SymbolBase(), threads);
        if (!forward.chroma) return found;
        const auto chroma = find_alphabets(forward.chroma->view(), SymbolBase(), threads);
        std::copy_n(chroma.begin(), 2, found.begin() + 1);
        return found;
    }

    CountedBytes encode_tile(const container::Header& header, const Tiling& tiling, int tile,
                             const ForwardPlanes& forward, Allocator& allocator,
                             std::function<void(double)> progress) const {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        if (forward.transform.blocks)
            return {allocator,
                    encode_dct_tile(forward, dct_tile(forward.transform, tiling, row, column), allocator)};
        const olm::TileShape shape = olm_tile(header, forward.transform, tiling, row, column);
        const uint64_t symbols = shape.samples();
        Buffer<entropy::Interval> intervals(allocator, symbols);
        Buffer<uint8_t> positions(allocator, symbols);
        {
            olm::TileCoder coder(model_, shape, allocator);
            coder.progress = std::move(progress);
            coder.prove_intervals = proof_ == Proof::kFast;
            const PlanesView planes = forward.view();
            coder.encode(olm_samples<const uint8_t>(planes.planes, planes.chroma, forward.transform, tiling,
                                                    row, column),
                         intervals.data(), positions.data());
        }
        std::vector<uint8_t> stream = entropy::encode_symbols(intervals.span(), positions.span());
        entropy::verify_symbols(stream, intervals.span(), positions.span());
        return {allocator, std::move(stream)};
    }

    const models::OlmModel& model_;
    const Proof proof_;
};

}  // namespace

EncoderStages olm_encoder_stages(const models::OlmModel& model, Proof proof) {
    EncoderStages stages;
    stages.push_back(std::make_unique<PlanesEncoder>(model, proof));
    return stages;
}

}  // namespace residua::codec
