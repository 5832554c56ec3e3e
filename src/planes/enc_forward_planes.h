// A picture's planes on their way to the coder, and what a caller may ask of them: what the searches of
// src/origin fill in.
#pragma once

#include <optional>
#include <vector>

#include "image/picture_memory.h"
#include "planes/plane_transform.h"

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

}  // namespace residua::codec
