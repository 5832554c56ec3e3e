#include "stages/scc/dec_stages.h"

#include <algorithm>
#include <atomic>

#include "scc/dec_tile.h"
#include "stages/scc/tiles.h"

namespace residua::codec {

namespace {

class SccDecoder final : public DecoderStage {
  public:
    SccDecoder(const container::File& file, const StreamSource& streams) : file_(file), streams_(streams) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const container::Header& header = file_.header;
        if (file_.streams[0].empty())
            throw Error(ErrorCode::kCorrupt, "the file is damaged: its picture has no tiles");
        const Tiling tiling = Tiling::of(header);
        Picture picture(session.allocator, header.width, header.height, header.coded_channels(),
                        header.picture.sample_bytes());
        if (streams_.damaged()) std::ranges::fill(picture.samples.span(), 0);
        StageBits* const bits = streams_.bits(0, 1);
        if (bits) bits->names[0] = "all channels";
        std::atomic<int64_t> rows{0};
        const double all = double{1} * tiling.columns() * tiling.height;
        session.threads.parallel_for(tiling.columns() * tiling.rows(), [&](int64_t tile, int thread) {
            if (streams_.lost(0, static_cast<int>(tile))) return;
            int before = 0;
            const scc::TileView view =
                scc_tile(tiling, static_cast<int>(tile), picture.mutable_view(), header);
            Buffer<uint32_t> lengths(session.allocator, bits ? product(view.width, view.height) : 0);
            scc::decode_tile(
                file_.streams[0][static_cast<size_t>(tile)], view, session.allocator,
                [&](int done) {
                    rows += done - before;
                    before = done;
                    if (thread == 0) session.progress.update(static_cast<double>(rows) / all);
                },
                bits ? lengths.data() : nullptr);
            if (bits) note(tiling, static_cast<int>(tile), lengths, *bits);
        });
        known.picture = std::move(picture);
    }

  private:
    static void note(const Tiling& tiling, int tile, const Buffer<uint32_t>& lengths, StageBits& bits) {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const uint32_t* length = lengths.data();
        for (int y = 0; y < tiling.row_height(row); ++y)
            for (int x = 0; x < tiling.column_width(column); ++x)
                bits.add(tiling.column_start(column) + x, tiling.row_start(row) + y, 1, 1, 0, *length++);
    }

    const container::File& file_;
    const StreamSource& streams_;
};

}  // namespace

std::unique_ptr<DecoderStage> scc_decoder_stage(const container::File& file, const StreamSource& streams) {
    return std::make_unique<SccDecoder>(file, streams);
}

}  // namespace residua::codec
