// What a file says about itself, and its previews.
#include <residua/research.hpp>

#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context reader = fuzz::make_context();
    fuzz::may_fail([&] {
        const residua_info info = reader.inspect(data, size);
        if (info.file_size != size) fuzz::finding("a file of another size than it has");
    });
    fuzz::may_fail([&] { fuzz::look_at(reader.preview(data, size).get()); });
    fuzz::may_fail([&] { research::preview_bpg(reader, data, size); });
    return 0;
}
