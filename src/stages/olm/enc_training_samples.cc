#include "stages/olm/enc_training_samples.h"

#include "origin/enc_channel_layout.h"
#include "origin/enc_plane_transform.h"
#include "stages/olm/channel_tiles.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

namespace {

using Visit = std::function<void(const olm::TrainingSample& sample, int inputs)>;

struct TileSamples {
    olm::TileShape shape;
    olm::TileSource source;
};

void visit_tile(const TileSamples& tile, const olm::Parameters& parameters, const Visit& visit,
                Session& session) {
    session.progress.begin_phase(1);
    olm::visit_training_samples(
        parameters, tile.shape, tile.source, session.allocator, [&](const olm::TrainingSample& sample) {
            const olm::PlaneParameters& plane = parameters.planes[static_cast<size_t>(sample.plane)];
            visit(sample, olm::head_inputs(sample.plane, static_cast<int>(plane.experts.size())));
        });
    session.progress.finish();
}

container::Header one_tile(const PictureView& picture, container::Kind kind) {
    container::Header header;
    header.width = header.tile_width = picture.width;
    header.height = header.tile_height = picture.height;
    header.set_kind(kind);
    return header;
}

// Of pictures of any kind: only planes of more than 256 values, of which others' planes are seen.
void visit_channels(const PictureView& picture, const PictureKind& kind, const olm::Parameters& parameters,
                    const Visit& visit, Session& session) {
    const ForwardChannels forward = make_channels(picture, kind, session);
    const auto& planes = forward.layout.planes;
    if (planes.empty()) return;
    const Tiling whole = Tiling::of(one_tile(picture, container::Kind::kAny));
    const TileSamples tile = {channel_tile(forward.layout, whole, 0, 0),
                              channel_samples<const uint8_t>(forward.planes, whole, 0, 0)};
    visit_tile(
        tile, parameters,
        [&](const olm::TrainingSample& sample, int inputs) {
            if (tile.shape.plane[static_cast<size_t>(sample.plane)].wide()) visit(sample, inputs);
        },
        session);
}

}  // namespace

void visit_training_samples(const PictureView& picture, const PictureKind& kind, const char* experts,
                            const Visit& visit, Session& session) {
    const olm::Parameters parameters = olm::named_parameters(experts);
    if (!kind.is_plain()) return visit_channels(picture, kind, parameters, visit, session);
    const ForwardPlanes forward = make_planes(picture, {}, session);
    const container::Header header =
        one_tile(picture, picture.channels == 1 ? container::Kind::kGrey : container::Kind::kRgb);
    const Tiling whole = Tiling::of(header);
    const PlanesView planes = forward.view();
    const TileSamples tile = {
        olm_tile(header.alphabets, forward.transform, whole, 0, 0),
        olm_samples<const uint8_t>(planes.planes, planes.chroma, forward.transform, whole, 0, 0)};
    visit_tile(tile, parameters, visit, session);
}

}  // namespace residua::codec
