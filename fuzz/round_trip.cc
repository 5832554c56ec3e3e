// A picture and options, encoded and decoded again. Eight bytes say size, kind and options, the others are
// pixels, again and again where they are too few.
#include <algorithm>
#include <cstring>

#include "support.h"

namespace {

constexpr size_t kHead = 8;

residua_encode_options options_from(const uint8_t* head) {
    static const char* const codecs[] = {"olm", "rc", "l3c", "olm"};
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.codec = codecs[head[2] & 3];
    options.effort = head[3] % 10;
    options.proof = head[4] % 3;
    options.strip_height = (head[5] & 1) ? 16U * (1U + (head[5] >> 4)) : 0;
    return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context coder = fuzz::make_context();
    if (size <= kHead) return 0;
    const uint32_t width = 1 + data[0] % 96, height = 1 + data[1] % 96, channels = (data[6] & 1) ? 1 : 3;
    std::vector<uint8_t> pixels(size_t{width} * height * channels);
    for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = data[kHead + i % (size - kHead)];
    residua_image picture = fuzz::picture_of(pixels, width, height, channels);
    const residua_metadata xmp = {"xmp", data + kHead, size - kHead};
    if (data[7] & 1) picture.metadata = &xmp, picture.metadata_count = 1;
    fuzz::may_fail([&] {
        const buffer file = coder.encode(picture, options_from(data));
        const image decoded = coder.decode(file.data(), file.size());
        if (decoded->width != width || decoded->height != height ||
            residua::channels(decoded.get()) != channels)
            fuzz::finding("a picture of another size");
        for (uint32_t y = 0; y < height; ++y)
            if (std::memcmp(decoded.pixels() + y * decoded->stride,
                            pixels.data() + size_t{y} * width * channels, size_t{width} * channels) != 0)
                fuzz::finding("other pixels");
        if (!std::ranges::equal(metadata(decoded.get(), "xmp"), metadata(picture, "xmp")))
            fuzz::finding("other metadata");
    });
    return 0;
}
