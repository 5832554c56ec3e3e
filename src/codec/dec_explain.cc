#include "codec/dec_explain.h"

#include <optional>

namespace residua::codec {

namespace {

// The file's streams, and where stages note what they took of them.
class NotedStreams : public FileStreams {
  public:
    NotedStreams(const container::File& file, Allocator& allocator)
        : FileStreams(file), file_(file), allocator_(allocator) {}

    StageBits* bits(int stage, int channels) const override {
        const container::Header& header = file_.header;
        StageBits& bits = bits_.emplace(allocator_, header.width, header.height, channels);
        stage_ = stage;
        if (stage == header.scales && channels == 1) bits.names = {"grey"};
        if (stage == header.scales && channels == 3) bits.names = {"red", "green", "blue"};
        return &bits;
    }

    // Of the stage that was decoded last; false: it has no tiles.
    bool hand_over(const ExplainVisit& visit) {
        if (!bits_) return false;
        const auto& tiles = file_.streams[static_cast<size_t>(stage_)];
        uint64_t size = 0;
        for (const auto& tile : tiles) size += tile.size();
        visit({file_, file_.header.method->stage_name(file_.header, stage_), *bits_, size, tiles});
        bits_.reset();
        return true;
    }

  private:
    const container::File& file_;
    Allocator& allocator_;
    mutable std::optional<StageBits> bits_;  // of the stage that is being decoded
    mutable int stage_ = 0;
};

// Nothing says where in its picture a lossy layer has its bits.
void explain_lossy(const container::File& file, Allocator& allocator, const ExplainVisit& visit) {
    StageBits bits(allocator, file.header.width, file.header.height, 1);
    bits.names = {"all channels"};
    bits.spread(8.0 * static_cast<double>(file.payload.size()));
    visit({file, "lossy", bits, file.payload.size(), {}});
}

}  // namespace

Picture explain(const container::File& file, const models::Registry& models, Session& session, double share,
                const ExplainVisit& visit) {
    NotedStreams streams(file, session.allocator);
    return decode(file, streams, models, session, share, [&] {
        if (!streams.hand_over(visit)) explain_lossy(file, session.allocator, visit);
    });
}

}  // namespace residua::codec
