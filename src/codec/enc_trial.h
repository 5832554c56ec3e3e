// A part of a picture, to try on it what suits the whole.
#pragma once

#include "image/picture_memory.h"

namespace residua::codec {

// About a sixteenth of the rows, in bands from top to bottom that lie close in the result; small pictures whole.
Picture bands_of(const PictureView& picture, Allocator& allocator);

}  // namespace residua::codec
