// How the encoder makes planes: which colours, which maps. The decoder reads what was chosen, so that all of
// this may be changed without a new format.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "codec/picture_memory.h"
#include "codec/plane_transform.h"
#include "codec/session.h"

namespace residua::codec {

// What is not given is chosen by what the planes may cost (enc_plane_cost.h).
struct PlaneOptions {
    std::optional<PlaneColours> colours;  // kSamples is the only one for grey
    std::optional<bool> ranks;            // in each plane that does not have every value
    int order = 0;
    bool smaller_chroma = true;  // where it is found
    bool blocks = true;          // likewise
};

struct ForwardPlanes {
    Picture planes;                 // as PlanesView has them
    std::optional<Picture> chroma;  // if it is smaller
    PlaneTransform transform;
    std::vector<DctPlane>
        blocks;  // of each plane, if the transform has blocks; the planes are what they give

    PlanesView view() const { return {planes.view(), chroma ? chroma->view() : PictureView{}}; }
};

// x: 1 or 3 channels. transform.inverse(view()) is x, whatever the options. The result does not depend on the
// number of threads.
ForwardPlanes make_planes(const PictureView& x, const PlaneOptions& options, Session& session);

// What PlaneTransform::parse reads.
void write_plane_transform(const PlaneTransform& transform, ByteWriter& out);

}  // namespace residua::codec
