// A model file. What is taken as a model must code a small picture, or say why not: the loader's proofs hold
// for any bytes.
#include <cstdio>

#include "support.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    static const std::vector<uint8_t> pixels = [] {
        std::vector<uint8_t> noise(17 * 11 * 3);
        for (size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<uint8_t>(i * i * 7 + i / 3);
        return noise;
    }();
    fuzz::may_fail([&] {
        context coder(fuzz::make_settings());
        char hash[17];
        std::snprintf(hash, sizeof hash, "%016llx",
                      static_cast<unsigned long long>(coder.add_model(data, size).hash));
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = hash;
        options.effort = 1;
        options.proof = RESIDUA_PROOF_FULL;
        const residua_image picture = fuzz::picture_of(pixels, 17, 11, 3);
        const buffer file = coder.encode(picture, options);
        fuzz::look_at(coder.decode(file.data(), file.size()).get());
    });
    return 0;
}
