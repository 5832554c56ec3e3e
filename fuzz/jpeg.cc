// Any bytes, kept as if they were a JPEG file and restored; where they begin like a file that keeps another one's
// bytes, restored alone.
#include <algorithm>

#include "support.h"

namespace {

// What a caller's limits may do; nothing about the bytes is an error.
void must_keep(const std::function<void()>& action) {
    try {
        action();
    } catch (const residua::error& failure) {
        if (failure.status() != RESIDUA_MEMORY_LIMIT && failure.status() != RESIDUA_CANCELLED)
            residua::fuzz::finding(std::string("a file was not kept: ") + failure.what());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context coder = fuzz::make_context();
    if (residua_jpeg_is_kept(data, size)) {
        fuzz::may_fail([&] { coder.jpeg_decode(data, size); });
        return 0;
    }
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.effort = size % 10;
    fuzz::may_fail([&] {
        must_keep([&] {
            const buffer file = coder.jpeg_encode(data, size, options);
            if (!residua_jpeg_is_kept(file.data(), file.size())) fuzz::finding("a file that keeps none");
            const buffer again = coder.jpeg_decode(file.data(), file.size());
            if (!std::equal(again.data(), again.data() + again.size(), data, data + size))
                fuzz::finding("other bytes");
        });
    });
    return 0;
}
