#include "stages/scc/dec_stages.h"

#include <atomic>

#include "scc/dec_tile.h"
#include "stages/scc/tiles.h"

namespace residua::codec {

namespace {

class SccDecoder final : public DecoderStage {
  public:
    explicit SccDecoder(const container::File& file) : file_(file) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const container::Header& header = file_.header;
        if (file_.streams[0].empty())
            throw Error(ErrorCode::kCorrupt, "the file is damaged: its picture has no tiles");
        const Tiling tiling = Tiling::of(header);
        Picture picture(session.allocator, header.width, header.height, header.coded_channels(),
                        header.picture.sample_bytes());
        std::atomic<int64_t> rows{0};
        const double all = double{1} * tiling.columns() * tiling.height;
        session.threads.parallel_for(tiling.columns() * tiling.rows(), [&](int64_t tile, int thread) {
            int before = 0;
            scc::decode_tile(file_.streams[0][static_cast<size_t>(tile)],
                             scc_tile(tiling, static_cast<int>(tile), picture.mutable_view(), header),
                             session.allocator, [&](int done) {
                                 rows += done - before;
                                 before = done;
                                 if (thread == 0) session.progress.update(static_cast<double>(rows) / all);
                             });
        });
        known.picture = std::move(picture);
    }

  private:
    const container::File& file_;
};

}  // namespace

std::unique_ptr<DecoderStage> scc_decoder_stage(const container::File& file) {
    return std::make_unique<SccDecoder>(file);
}

}  // namespace residua::codec
