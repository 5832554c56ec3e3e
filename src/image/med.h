// The median edge detector, the predictor of JPEG-LS.
#pragma once

#include <algorithm>

namespace residua {

inline int med(int left, int above, int above_left) {
    const int low = std::min(left, above), high = std::max(left, above);
    return above_left >= high ? low : above_left <= low ? high : left + above - above_left;
}

}  // namespace residua
