// Between the library's pictures and those of image files.
#pragma once

#include <residua/residua.h>

#include "image_io/image.h"

namespace display {

// All of a picture that the library gives but its pixels.
image_io::Description description_of(const residua_image& image);

}  // namespace display
