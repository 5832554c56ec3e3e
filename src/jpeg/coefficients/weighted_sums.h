// What a coefficient and its magnitude are expected to be: trained weights of its surroundings.
#pragma once

#include "jpeg/coefficients/model.h"

namespace residua::jpeg {

// Luma's and chroma's.
extern const Prior kWeightedSums[2];

}  // namespace residua::jpeg
