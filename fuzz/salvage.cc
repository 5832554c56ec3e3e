// What is saved of a damaged file, and a part of it by rows.
#include <algorithm>
#include <cstring>

#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context decoder = fuzz::make_context();
    fuzz::may_fail([&] {
        const auto [picture, map] = decoder.salvage(data, size);
        fuzz::look_at(picture.get());
        fuzz::look_at(map.get());
    });
    fuzz::may_fail([&] {
        size_t given = 0;
        decoder.decode_region_rows(
            [&](void* to, size_t wanted) {
                const size_t count = std::min(wanted, size - given);
                std::memcpy(to, data + given, count);
                given += count;
                return count;
            },
            0, size % 7, size % 5, 1 + size % 11, 1 + size % 13, [](const residua_image&) {},
            [](uint32_t, uint32_t, const void*) {});
    });
    return 0;
}
