#include "stages/olm/dec_stages.h"

#include <algorithm>
#include <optional>

#include "base/stage_profile.h"
#include "stages/olm/channel_tiles.h"
#include "stages/olm/dec_dct.h"
#include "stages/olm/dec_tile_job.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

namespace {

// The names that explanations give to planes.
void describe_channels(const ChannelLayout& layout, StageBits& bits) {
    static constexpr const char* kNames[3][4] = {
        {"grey"}, {"red", "green", "blue"}, {"cyan", "magenta", "yellow", "black"}};
    if (layout.planes.empty()) bits.names[0] = "all channels";
    for (size_t p = 0; p < layout.planes.size(); ++p) {
        const int channel = layout.planes[p].channel;
        bits.names[p] = channel >= layout.kind.colour_channels()
                            ? "alpha"
                            : kNames[static_cast<int>(layout.kind.colour) - 1][channel];
        bits.value_counts[p] = static_cast<uint32_t>(layout.planes[p].values.count());
    }
}

class OlmDecoder : public DecoderStage {
  public:
    OlmDecoder(const container::File& file, const StreamSource& streams, const models::OlmModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        ByteReader reader(file_.payload, "file's plane transform");
        const Tiling tiling = Tiling::of(file_.header);
        const bool any = file_.header.kind == container::Kind::kAny;
        if (any)
            decode_channels(reader, tiling, known, session);
        else
            decode_plain(reader, tiling, known, session);
    }

  private:
    struct Target {
        const Tiling& tiling;
        const PlaneTransform& transform;
        const std::array<container::Alphabet, 3>& alphabets;
        MutablePictureView planes, chroma;
        StageBits* bits;  // may be null
    };

    static void expect_end(const ByteReader& reader) {
        if (!reader.at_end())
            throw Error(ErrorCode::kCorrupt, "the file's plane transform has bytes after its end");
    }

    void decode_plain(ByteReader& reader, const Tiling& tiling, Known& known, Session& session) const {
        const PlaneTransform transform = PlaneTransform::parse(
            reader, tiling.width, tiling.height, file_.header.coded_channels(), session.allocator);
        expect_end(reader);
        known.picture = decode_transformed(transform, file_.header.alphabets, tiling, session);
    }

    void decode_channels(ByteReader& reader, const Tiling& tiling, Known& known, Session& session) const {
        const ChannelLayout layout = ChannelLayout::parse(reader, file_.header.picture, tiling.width,
                                                          tiling.height, session.allocator);
        expect_end(reader);
        const bool coded = layout.coded_channels() > 0;
        if (coded == file_.streams[0].empty())
            throw Error(ErrorCode::kCorrupt, "the file's tiles do not fit its channels");
        if (layout.transform) {
            const Picture plain = decode_transformed(*layout.transform, layout.alphabets, tiling, session);
            known.picture = layout.picture_of(plain.view(), session.allocator, session.threads);
            return;
        }
        StageBits* bits = streams_.bits(0, std::max(static_cast<int>(layout.planes.size()), 1));
        if (bits) describe_channels(layout, *bits);
        std::vector<Picture> planes;
        for (const ChannelPlane& plane : layout.planes)
            empty(
                planes.emplace_back(session.allocator, tiling.width, tiling.height, 1, plane.sample_bytes()));
        if (coded)
            decode_tiles(tiling, session, [&](int tile) {
                return begin_channel_tile(layout, tiling, tile, planes, bits, session.allocator);
            });
        known.picture = layout.picture_of(planes, session.allocator, session.threads);
    }

    Picture decode_transformed(const PlaneTransform& transform,
                               const std::array<container::Alphabet, 3>& alphabets, const Tiling& tiling,
                               Session& session) const {
        Picture planes(session.allocator, tiling.width, tiling.height, transform.full_planes());
        empty(planes);
        std::optional<Picture> chroma;
        if (transform.smaller_chroma()) {
            chroma.emplace(session.allocator, transform.chroma.width(tiling.width),
                           transform.chroma.height(tiling.height), 2);
            empty(*chroma);
        }
        StageBits* bits = streams_.bits(0, transform.planes);
        if (bits) bits->describe(transform);
        const Target target = {tiling,
                               transform,
                               alphabets,
                               planes.mutable_view(),
                               chroma ? chroma->mutable_view() : MutablePictureView{},
                               bits};
        decode_tiles(tiling, session, [&](int tile) { return begin_tile(target, tile, session.allocator); });
        const StageScope stage(Stage::kPlanes);
        if (chroma) transform.fill_border(chroma->mutable_view());
        if (!chroma) {
            transform.inverse({planes.view(), target.chroma}, planes.mutable_view(), session.threads);
            return planes;
        }
        Picture picture(session.allocator, tiling.width, tiling.height, transform.planes);
        transform.inverse({target.planes, target.chroma}, picture.mutable_view(), session.threads);
        return picture;
    }

    template <typename Begin>
    static void decode_tiles(const Tiling& tiling, Session& session, const Begin& begin) {
        run_tiles(tiling.columns() * tiling.rows(), begin, session);
    }

    // Of a damaged file: where a tile is lost, all samples are 0, which every plane may have.
    void empty(Picture& planes) const {
        if (streams_.damaged()) std::ranges::fill(planes.samples.span(), 0);
    }

    std::unique_ptr<TileJob> begin_channel_tile(const ChannelLayout& layout, const Tiling& tiling, int tile,
                                                std::vector<Picture>& planes, StageBits* bits,
                                                Allocator& allocator) const {
        if (streams_.lost(0, tile)) return nullptr;
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        auto job = std::make_unique<DecodeJob>(model_, channel_tile(layout, tiling, row, column), streams_,
                                               tile, allocator);
        if (bits)
            job->coder().note = [=](int plane, int y, int x, uint32_t length) {
                bits->add(tiling.column_start(column) + x, tiling.row_start(row) + y, 1, 1, plane, length);
            };
        job->begin(channel_samples<uint8_t>(planes, tiling, row, column));
        return job;
    }

    std::unique_ptr<TileJob> begin_tile(const Target& target, int tile, Allocator& allocator) const {
        if (streams_.lost(0, tile)) return nullptr;
        const Tiling& tiling = target.tiling;
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        const olm::TileShape shape = olm_tile(target.alphabets, target.transform, tiling, row, column);
        if (target.transform.blocks) {
            const StageScope stage(Stage::kBlocks);
            TileStream stream = streams_.open(0, tile, shape.samples());
            decode_dct_tile(target.transform, dct_tile(target.transform, tiling, row, column), stream.decoder,
                            target.planes, target.chroma, target.bits, allocator);
            streams_.close(stream);
            return nullptr;
        }
        auto job = std::make_unique<DecodeJob>(model_, shape, streams_, tile, allocator);
        if (target.bits)
            job->coder().note = [&target, row, column](int plane, int y, int x, uint32_t length) {
                const ChromaGrid grid = plane > 0 ? target.transform.chroma.inner() : ChromaGrid{};
                note_plane(target.transform, plane,
                           chroma_start(target.tiling.column_start(column), grid.halves_x()) + x,
                           chroma_start(target.tiling.row_start(row), grid.halves_y()) + y, 1, length,
                           *target.bits);
            };
        job->begin(olm_samples<uint8_t>(target.planes, target.chroma, target.transform, tiling, row, column));
        return job;
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
