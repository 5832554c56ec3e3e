// The writer's half of value_set.h.
#pragma once

#include "planes/value_set.h"

namespace residua::codec {

void write_value_set(const ValueSet& set, ByteWriter& out);

}  // namespace residua::codec
