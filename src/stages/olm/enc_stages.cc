#include "stages/olm/enc_stages.h"

#include <algorithm>
#include <utility>

#include "base/stage_profile.h"
#include "origin/enc_channel_layout.h"
#include "origin/enc_plane_transform.h"
#include "stages/enc_tiles.h"
#include "stages/olm/channel_tiles.h"
#include "stages/olm/enc_dct_tiles.h"
#include "stages/olm/enc_tile_job.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

namespace {

class PlanesEncoder : public EncoderStage {
  public:
    PlanesEncoder(const models::OlmModel& model, const EncoderOptions& options)
        : model_(model), proof_(options.proof), origin_(options.origin) {}

    double share() const override { return 1; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        ByteWriter description;
        if (draft.header.kind == container::Kind::kAny)
            known.picture = encode_channels(x, draft, description, session);
        else
            known.picture = encode_plain(x, draft.header.alphabets, draft, description, session);
        draft.payload = {session.allocator, std::move(description.bytes)};
    }

  private:
    using Alphabets = decltype(container::Header::alphabets);

    // What is found about a picture's origin mostly leaves no pixels to be listed apart; where they take more than
    // this share of the rest, too much of the picture may have another origin.
    static constexpr size_t kDoubtful = 10;

    // Of one channel or three, of bytes. Returns what a decoder makes of it.
    Picture encode_plain(const PictureView& x, Alphabets& found, Draft& draft, ByteWriter& description,
                         Session& session) const {
        StageScope stage(Stage::kOrigin);
        ForwardPlanes forward = make_planes(x, plane_options(), session);
        stage.count(x.row_bytes() * static_cast<size_t>(x.height), forward.planes.samples.size());
        const size_t begin = description.bytes.size();
        write_plane_transform(forward.transform, session.allocator, description);
        found = alphabets(forward, session.threads);
        stage.turn_to(Stage::kOther);
        const Tiling tiling = Tiling::of(draft.header);
        encode_tiles(tiling, draft, session, [&](int tile, CountedBytes& to) {
            return begin_tile(found, tiling, tile, forward, session.allocator, to);
        });
        stage.turn_to(Stage::kPlanes);
        draft.has_origin = forward.transform.has_exceptions();
        draft.origin_is_doubtful =
            !forward.transform.exceptions.empty() &&
            (description.bytes.size() - begin) * kDoubtful > bytes_of(draft.streams[0]);
        if (proof_ == Proof::kFast)
            reread_transform(forward, std::span(description.bytes).subspan(begin), session);
        if (!forward.chroma) {
            forward.transform.inverse(forward.view(), forward.planes.mutable_view(), session.threads);
            return std::move(forward.planes);
        }
        Picture picture(session.allocator, x.width, x.height, x.channels);
        forward.transform.inverse(forward.view(), picture.mutable_view(), session.threads);
        return picture;
    }

    Picture encode_channels(const PictureView& x, Draft& draft, ByteWriter& description,
                            Session& session) const {
        StageScope stage(Stage::kOrigin);
        ForwardChannels forward = make_channels(x, draft.header.picture, session);
        ChannelLayout& layout = forward.layout;
        write_channel_layout(layout, forward.plain.has_value(), description);
        stage.turn_to(Stage::kOther);
        if (forward.plain) {
            const Picture coded =
                encode_plain(forward.plain->view(), layout.alphabets, draft, description, session);
            write_alphabets(layout.alphabets, coded.channels, description);
            if (proof_ == Proof::kFast) layout = reread_layout(layout, description.bytes, session);
            return layout.picture_of(coded.view(), session.allocator, session.threads);
        }
        const Tiling tiling = Tiling::of(draft.header);
        if (!forward.planes.empty())
            encode_tiles(tiling, draft, session, [&](int tile, CountedBytes& to) {
                const int row = tile / tiling.columns(), column = tile % tiling.columns();
                return encode_tile_job(
                    model_, channel_tile(layout, tiling, row, column),
                    channel_samples<const uint8_t>(std::as_const(forward.planes), tiling, row, column),
                    proof_ == Proof::kFast, session.allocator, to);
            });
        stage.turn_to(Stage::kPlanes);
        if (proof_ == Proof::kFast) layout = reread_layout(layout, description.bytes, session);
        return layout.picture_of(forward.planes, session.allocator, session.threads);
    }

    PlaneOptions plane_options() const {
        PlaneOptions options;
        if (!origin_) {
            options.colours = PlaneColours::kSamples;
            options.smaller_chroma = options.blocks = false;
        }
        return options;
    }

    static size_t bytes_of(const std::vector<CountedBytes>& streams) {
        size_t sum = 0;
        for (const CountedBytes& stream : streams) sum += stream.bytes.size();
        return sum;
    }

    // begin(tile, where its bytes are to go)
    template <typename Begin>
    static void encode_tiles(const Tiling& tiling, Draft& draft, Session& session, const Begin& begin) {
        auto& streams = draft.streams[0];
        const int tiles = tiling.columns() * tiling.rows();
        streams.resize(static_cast<size_t>(tiles));
        run_tiles(
            tiles, [&](int tile) { return begin(tile, streams[static_cast<size_t>(tile)]); }, session);
    }

    static ChannelLayout reread_layout(const ChannelLayout& made, const std::vector<uint8_t>& bytes,
                                       Session& session) {
        ByteReader reader(bytes, "file's channels");
        ChannelLayout parsed =
            ChannelLayout::parse(reader, made.kind, made.width, made.height, session.allocator);
        ByteWriter again;
        write_channel_layout(parsed, parsed.transform.has_value(), again);
        if (!reader.at_end() || parsed.alphabets != made.alphabets ||
            !std::equal(again.bytes.begin(), again.bytes.end(), bytes.begin()))
            proof_failed("the channels");
        return parsed;
    }

    // From now on the transform is what the written bytes say.
    static void reread_transform(ForwardPlanes& forward, std::span<const uint8_t> bytes, Session& session) {
        const PlaneTransform& made = forward.transform;
        ByteReader reader(bytes, "file's plane transform");
        PlaneTransform parsed =
            PlaneTransform::parse(reader, made.width, made.height, made.planes, session.allocator);
        if (!reader.at_end() || parsed.blocks != made.blocks || parsed.chroma != made.chroma)
            proof_failed("the plane transform");
        forward.transform = std::move(parsed);
        if (forward.chroma) forward.transform.fill_border(forward.chroma->mutable_view());
    }

    static Alphabets alphabets(const ForwardPlanes& forward, ThreadPool& threads) {
        auto found = find_alphabets(forward.planes.view(), SymbolBase(), threads);
        if (!forward.chroma) return found;
        const auto chroma = find_alphabets(forward.chroma->view(), SymbolBase(), threads);
        std::copy_n(chroma.begin(), 2, found.begin() + 1);
        return found;
    }

    std::unique_ptr<TileJob> begin_tile(const Alphabets& found, const Tiling& tiling, int tile,
                                        const ForwardPlanes& forward, Allocator& allocator,
                                        CountedBytes& to) const {
        const int row = tile / tiling.columns(), column = tile % tiling.columns();
        if (forward.transform.blocks)
            return encode_dct_job(forward, dct_tile(forward.transform, tiling, row, column), allocator, to);
        const PlanesView planes = forward.view();
        return encode_tile_job(
            model_, olm_tile(found, forward.transform, tiling, row, column),
            olm_samples<const uint8_t>(planes.planes, planes.chroma, forward.transform, tiling, row, column),
            proof_ == Proof::kFast, allocator, to);
    }

    const models::OlmModel& model_;
    const Proof proof_;
    const bool origin_;
};

}  // namespace

EncoderStages olm_encoder_stages(const models::OlmModel& model, const EncoderOptions& options) {
    EncoderStages stages;
    stages.push_back(std::make_unique<PlanesEncoder>(model, options));
    return stages;
}

}  // namespace residua::codec
