// What the light coder's models begin with, learned from photographs. docs/format-jpeg-light.md, 9.
#pragma once

#include <cstdint>

#include "jpeg/coefficients/light_model.h"

namespace residua::jpeg::light_start {

inline constexpr int kClasses = 2, kPlaceGroups = 6;

// Sums of 2^15, the last of which is the whole.
extern const int16_t kExpected[kClasses][kExpectedLevels * kFills][kSymbols - 1];
extern const int16_t kPlace[kClasses][kPlaceGroups][kRemainingLevels][kSymbols - 1];
extern const int16_t kCountAround[kClasses][kCountContexts][kSymbols - 1];
extern const int16_t kCountExpected[kClasses][kCountContexts][kSymbols - 1];
extern const int16_t kBusy[kClasses][kDcContexts][kSymbols - 1];
extern const int16_t kMissed[kClasses][kDcContexts][kSymbols - 1];
// Shares of 2^16.
extern const uint16_t kSign[kClasses][kGuessLevels];

}  // namespace residua::jpeg::light_start
