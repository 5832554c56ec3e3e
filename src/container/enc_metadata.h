// Other metadata for a file that is there.
#pragma once

#include "container/container.h"

namespace residua::container {

// The same file, of either version, with these metadata in the place of its own. The rest of it is checked as
// parse() does it, and copied. Throws as parse().
Buffer<uint8_t> replace_metadata(std::span<const uint8_t> bytes, const Metadata& metadata, Methods methods,
                                 Allocator& allocator);

}  // namespace residua::container
