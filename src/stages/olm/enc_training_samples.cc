#include "stages/olm/enc_training_samples.h"

#include "origin/enc_plane_transform.h"
#include "stages/olm/tiles.h"

namespace residua::codec {

void visit_training_samples(const PictureView& picture, const char* experts,
                            const std::function<void(const olm::TrainingSample& sample, int inputs)>& visit,
                            Session& session) {
    const ForwardPlanes forward = make_planes(picture, {}, session);
    container::Header header;
    header.width = header.tile_width = picture.width;
    header.height = header.tile_height = picture.height;
    header.set_kind(picture.channels == 1 ? container::Kind::kGrey : container::Kind::kRgb);
    const Tiling whole = Tiling::of(header);
    const PlanesView planes = forward.view();
    const olm::Parameters parameters = olm::named_parameters(experts);
    session.progress.begin_phase(1);
    olm::visit_training_samples(
        parameters, olm_tile(header.alphabets, forward.transform, whole, 0, 0),
        olm_samples<const uint8_t>(planes.planes, planes.chroma, forward.transform, whole, 0, 0),
        session.allocator, [&](const olm::TrainingSample& sample) {
            const olm::PlaneParameters& plane = parameters.planes[static_cast<size_t>(sample.plane)];
            visit(sample, olm::head_inputs(sample.plane, static_cast<int>(plane.experts.size())));
        });
    session.progress.finish();
}

}  // namespace residua::codec
