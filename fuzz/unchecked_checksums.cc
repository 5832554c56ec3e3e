// In place of src/base/same_checksum.cc, in fuzz builds alone: a mutated file fails its checksums nearly
// always, and no mutation would get past them.
#include "base/checksum.h"

namespace residua {

bool same_checksum(uint64_t, uint64_t) { return true; }

// scripts/fuzz looks for this name to see that a library is one of these, and a test that no other has it.
extern "C" {
extern const int residua_checksums_are_not_checked;
const int residua_checksums_are_not_checked = 1;
}

}  // namespace residua
