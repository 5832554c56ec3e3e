// A part of a picture, to try on it what suits the whole.
#pragma once

#include "image/picture_memory.h"

namespace residua::codec {

// How much of a picture: one row in `every`, but at least so many rows.
struct TrialPart {
    int every, least_rows;
};
// Enough for models of one method, which learn alike; and for methods, which do not.
inline constexpr TrialPart kModelTrial = {16, 32}, kMethodTrial = {12, 64};

// Whether that is all of it.
bool is_whole(const PictureView& picture, TrialPart of);

// Bands of rows from top to bottom that lie close in the result; small pictures whole.
Picture bands_of(const PictureView& picture, TrialPart of, Allocator& allocator);

}  // namespace residua::codec
