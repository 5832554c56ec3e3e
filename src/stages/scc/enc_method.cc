#include "stages/scc/enc_method.h"

#include <atomic>
#include <optional>

#include "scc/dec_tile.h"
#include "scc/enc_tile.h"
#include "stages/enc_tiles.h"
#include "stages/scc/enc_promise.h"
#include "stages/scc/method.h"
#include "stages/scc/tiles.h"

namespace residua::codec {

namespace {

// What a tile has learned the next one does not know.
constexpr int kTilePixels = 1 << 22;  // at most about
constexpr int kMaxWidth = 1 << 15;

constexpr int kFastEffort = 3, kDefaultEffort = 6;  // up to these of 1 … 9

class SccStage final : public EncoderStage {
  public:
    explicit SccStage(Proof proof) : proof_(proof) {}

    double share() const override { return 1; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        const Tiling tiling = Tiling::of(draft.header);
        const int tiles = tiling.columns() * tiling.rows();
        for (container::Alphabet& alphabet : draft.header.alphabets) alphabet = container::kSampleSymbols;
        auto& streams = draft.streams[0];
        streams.resize(static_cast<size_t>(tiles));
        const MutablePictureView source = {
            const_cast<uint8_t*>(x.data), x.width, x.height, x.channels, x.stride, x.sample_bytes};
        std::atomic<int64_t> rows{0};
        const double all = double{1} * tiling.columns() * tiling.height;
        // The full proof will make its own.
        std::optional<Picture> again;
        if (proof_ == Proof::kFast)
            again.emplace(session.allocator, x.width, x.height, x.channels, x.sample_bytes);
        session.threads.parallel_for(tiles, [&](int64_t tile, int thread) {
            int before = 0;
            const scc::TileView view = scc_tile(tiling, static_cast<int>(tile), source, draft.header);
            CountedBytes& stream = streams[static_cast<size_t>(tile)];
            stream = {session.allocator, scc::encode_tile(view, session.allocator, [&](int done) {
                          rows += done - before;
                          before = done;
                          if (thread == 0) session.progress.update(static_cast<double>(rows) / all);
                      })};
            if (!again) return;
            scc::decode_tile(stream.bytes,
                             scc_tile(tiling, static_cast<int>(tile), again->mutable_view(), draft.header),
                             session.allocator, [](int) {});
        });
        known.picture = std::move(again);
    }

  private:
    const Proof proof_;
};

class SccEncoder final : public EncoderMethod {
  public:
    bool cuts_into_strips() const override { return true; }
    bool packs() const override { return true; }
    Promise promise(const PictureView& x) const override { return scc_promise(x); }

    void begin(container::Header& header, const EncoderOptions& options,
               const models::Model&) const override {
        header.effort = static_cast<int>(effort_of(options.effort, header));
        header.tile_width = tile_side(header.width, kMaxWidth);
        const int64_t pixels = int64_t{header.tile_width} * header.height;
        const int64_t tiles = (pixels + kTilePixels - 1) / kTilePixels;
        header.tile_height = tile_side(header.height, static_cast<int>((header.height + tiles - 1) / tiles));
    }

    // Where there is one channel beside alpha, levels are worth their time: those of one bit, too, since they see
    // further around a pixel than colours do.
    static scc::Effort effort_of(int asked, const container::Header& header) {
        if (asked <= kFastEffort) return scc::Effort::kFast;
        if (asked > kDefaultEffort) return scc::Effort::kDenseLevels;
        return header.coded_channels() <= 2 ? scc::Effort::kLevels : scc::Effort::kDefault;
    }

    EncoderStages stages(const EncoderOptions& options, const models::Model&) const override {
        refuse_lossy_options(options, SccMethod());
        if (options.adaptation == Adaptation::kOn)
            throw Error(ErrorCode::kInvalidArgument,
                        "the codec scc has no mixtures that could be told to adapt");
        EncoderStages stages;
        stages.push_back(std::make_unique<SccStage>(options.proof));
        return stages;
    }
};

}  // namespace

const EncoderMethod& scc_encoder() {
    static constexpr SccEncoder kEncoder;
    return kEncoder;
}

}  // namespace residua::codec
