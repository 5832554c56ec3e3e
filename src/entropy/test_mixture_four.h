#pragma once

#include "entropy/adaptation.h"

namespace residua::entropy {

extern const MixtureKernels kMixtureFour;
extern const AdaptationKernels kAdaptationFour;

}  // namespace residua::entropy
