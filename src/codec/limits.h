// How large a file may be that is decoded, besides the memory that it takes.
#pragma once

#include <cstdint>

#include "codec/dec_head.h"
#include "container/strips.h"

namespace residua::codec {

// 0: no limit.
struct Limits {
    uint64_t pixels = 0;    // width · height
    uint64_t metadata = 0;  // bytes, of all entries together
    uint64_t strips = 0;
};

// Before any work: the heads say it all. Throws kMemoryLimit.
void check_limits(const Limits& limits, const container::File& file);
void check_limits(const Limits& limits, const container::StripHead& head);

}  // namespace residua::codec
