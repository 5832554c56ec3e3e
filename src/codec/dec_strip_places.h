// Where the files of version 1 lie in a damaged file, and which strip each of them is.
#pragma once

#include <optional>
#include <vector>

#include "codec/limits.h"

namespace residua::codec {

struct StripPlace {
    std::span<const uint8_t> bytes;  // from its beginning to where something else may begin
    container::Header header;
    int strip = 0;
};

struct StripPlaces {
    std::optional<container::StripHead> head;  // of a file of strips, where it is whole
    int width = 0, height = 0, strip_height = 0;
    PictureKind picture;
    bool height_known = false;
    std::vector<StripPlace> strips;  // no number twice
};

// Whatever the bytes are. A strip's number is no part of what its own checksums cover. So it is taken for
// true where a second thing says the same: the strip before it or behind it, which it touches and whose
// number is the next one, the head before the first one, or the end of the file behind the last one. The
// others count as lost. `head` points into the bytes. Throws kCorrupt where nothing is found, kUnsupported of
// later versions.
StripPlaces find_strips(std::span<const uint8_t> bytes);

}  // namespace residua::codec
