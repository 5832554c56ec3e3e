// A file, decoded whole.
#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context decoder = fuzz::make_context();
    fuzz::may_fail([&] { fuzz::look_at(decoder.decode(data, size).get()); });
    return 0;
}
