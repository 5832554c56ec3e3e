// The tool's readers.
#include <algorithm>
#include <span>

#include "image_io/image.h"
#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr uint32_t kRows = 7;  // at a time: bands of the formats' own are cut
    constexpr uint64_t kMemoryLimit = 16 << 20;
    for (const uint32_t page : {0u, 2u}) {  // the only picture; one of an animation
        try {
            image_io::MemorySource source(std::span(data, size));
            const auto reader = image_io::open(source, {kMemoryLimit, page, {}});
            const image_io::Description& picture = reader->description();
            if (picture.pixel_bytes() > kMemoryLimit) continue;
            std::vector<uint8_t> rows(kRows * picture.row_bytes());
            for (uint32_t y = 0; y < picture.height; y += kRows)
                reader->read(std::min(kRows, picture.height - y), rows.data());
        } catch (const image_io::ImageError& error) {
            if (std::string(error.what()).size() < 10) residua::fuzz::finding("an error without a sentence");
        }
    }
    return 0;
}
