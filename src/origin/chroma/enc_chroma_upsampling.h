// Whether a picture's chroma was made from fewer samples, and from which.
#pragma once

#include <optional>
#include <span>

#include "base/session.h"
#include "image/picture.h"
#include "image/picture_memory.h"
#include "origin/chroma/enc_chroma_bounds.h"
#include "planes/chroma_upsampling.h"

namespace residua::codec {

struct ChromaSolution {
    ChromaGrid grid;
    Picture samples;  // two channels, grid.width() × grid.height(), the border's among them
    double wrong;     // share, of the pixels without a 0 or 255, of those whose chroma does not come out
};

// More than this share of wrong pixels is no solution.
constexpr double kMostWrongChroma = 0.025;

// Which may have made the chroma of JPEGs, and of Photo CDs.
constexpr Upsampling kJpegUpsamplings[] = {Upsampling::kTriangle22, Upsampling::kTriangle21,
                                           Upsampling::kTriangle12};
constexpr Upsampling kPhotoCdUpsamplings[] = {Upsampling::kPhotoCd};

// rgb: the picture; triples: of each pixel luma and two chroma components. The chroma of pixels without a 0
// or 255 is taken as exact; `clamped` tells what is known of that of the others (empty: nothing). Looks at
// parts of the picture first, so that pictures whose chroma has full size cost little. The result does not
// depend on the number of threads.
std::optional<ChromaSolution> find_chroma_samples(const PictureView& rgb, const PictureView& triples,
                                                  std::span<const Upsampling> allowed,
                                                  const ClampedChroma& clamped, Session& session);

}  // namespace residua::codec
