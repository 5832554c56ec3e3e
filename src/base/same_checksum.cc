#include "base/checksum.h"

namespace residua {

bool same_checksum(uint64_t read, uint64_t computed) { return read == computed; }

}  // namespace residua
