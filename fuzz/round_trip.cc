// A picture of any kind and options, encoded and decoded again. Eight bytes say size, kind and options, the
// others are samples, again and again where they are too few.
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

// Colour and alpha by one byte, bits by another's bits 1 … 4: 0 means 8, as most pictures have.
residua_image kind_from(const uint8_t* head) {
    static constexpr uint32_t kColours[] = {RESIDUA_COLOUR_RGB, RESIDUA_COLOUR_GREY, RESIDUA_COLOUR_CMYK};
    residua_image picture = RESIDUA_INIT(residua_image);
    picture.width = 1 + head[0] % 96;
    picture.height = 1 + head[1] % 96;
    picture.colour = kColours[(head[6] & 15) % 3];
    picture.alpha = head[6] >> 4 & 1;
    const uint32_t bits = head[7] >> 1 & 15;
    picture.bits = bits == 0 ? 8 : bits == 8 ? 16 : bits;
    return picture;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static context coder = fuzz::make_context();
    if (size <= kHead) return 0;
    residua_image picture = kind_from(data);
    const size_t samples = size_t{picture.width} * picture.height * channels(picture);
    std::vector<uint8_t> bytes(samples);
    std::vector<uint16_t> deep(samples);
    for (size_t i = 0; i < samples; ++i) {
        const auto at = [&](size_t place) { return data[kHead + place % (size - kHead)]; };
        const uint32_t value = picture.bits > 8 ? at(2 * i) << 8 | at(2 * i + 1) : at(i);
        deep[i] = static_cast<uint16_t>(value & ((1U << picture.bits) - 1));
        bytes[i] = static_cast<uint8_t>(deep[i]);
    }
    const size_t sample_bytes = picture.bits > 8 ? 2 : 1;
    picture.pixels = sample_bytes == 2 ? static_cast<void*>(deep.data()) : bytes.data();
    const residua_metadata xmp = {"xmp", data + kHead, size - kHead};
    if (data[7] & 1) picture.metadata = &xmp, picture.metadata_count = 1;
    fuzz::may_fail([&] {
        const buffer file = coder.encode(picture, options_from(data));
        const image decoded = coder.decode(file.data(), file.size());
        if (decoded->width != picture.width || decoded->height != picture.height ||
            decoded->colour != picture.colour || decoded->alpha != picture.alpha ||
            decoded->bits != picture.bits)
            fuzz::finding("a picture of another size or kind");
        if (std::memcmp(decoded.pixels(), picture.pixels, samples * sample_bytes) != 0)  // rows without gaps
            fuzz::finding("other pixels");
        if (!std::ranges::equal(metadata(decoded.get(), "xmp"), metadata(picture, "xmp")))
            fuzz::finding("other metadata");
    });
    return 0;
}
