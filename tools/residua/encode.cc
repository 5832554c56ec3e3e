// residua encode: pictures to .rsd files.
#include <cinttypes>
#include <cstdio>
#include <residua/research.hpp>

#include "app.h"
#include "image_io/translate.h"
#include "picture.h"
#include "timing.h"

namespace tool {

namespace {

uint64_t size_of(const std::string& path) {
    std::FILE* file = path == "-" ? nullptr : std::fopen(path.c_str(), "rb");
    if (!file) return 0;
    const long size = std::fseek(file, 0, SEEK_END) == 0 ? std::ftell(file) : 0;
    std::fclose(file);
    return size > 0 ? static_cast<uint64_t>(size) : 0;
}

residua_row_source source_of(const image_io::Description& picture, const MetadataEntries& metadata) {
    residua_row_source source = RESIDUA_INIT(residua_row_source);
    source.width = picture.width;
    source.height = picture.height;
    source.colour = static_cast<uint32_t>(picture.colour);
    source.alpha = picture.alpha;
    source.bits = picture.bits;
    metadata.give_to(source);
    return source;
}

}  // namespace

int encode(const Options& options) {
    App app(options);
    residua::research::encode_options settings;
    settings.codec = options.codec.empty() ? nullptr : options.codec.c_str();
    settings.model = options.model.empty() ? nullptr : options.model.c_str();
    settings.q = options.q;
    settings.bit_depth = options.bit_depth;
    settings.effort = options.effort;
    settings.strip_height = options.strip_height;
    settings.proof = options.fast_proof   ? RESIDUA_PROOF_FAST
                     : options.full_proof ? RESIDUA_PROOF_FULL
                                          : RESIDUA_PROOF_DEFAULT;
    if (!options.tau.empty()) settings.tau = options.tau == "on" ? RESIDUA_TAU_ON : RESIDUA_TAU_OFF;
    if (!options.adaptation.empty())
        settings.adaptation = options.adaptation == "on" ? RESIDUA_ADAPTATION_ON : RESIDUA_ADAPTATION_OFF;
    Timing timing(app);
    const int code = app.for_each_input([&](const std::string& path) {
        const std::string output = app.output_path(path, ".rsd");
        PictureInput picture = app.open_picture(path);
        image_io::Description described = picture.description();
        if (options.strip_metadata) image_io::strip_metadata(described);
        const MetadataEntries metadata(described);
        FileOutput file(app.context(), output, options.force);
        app.context().encode_rows(
            source_of(described, metadata),
            [&](uint32_t, uint32_t rows, void* pixels) { picture.read(rows, static_cast<uint8_t*>(pixels)); },
            [&](const void* data, size_t size) { file.write(data, size); }, settings);
        timing.note();
        file.commit();

        const double subpixels = static_cast<double>(described.pixel_bytes()) / described.sample_bytes();
        const uint64_t before = size_of(path);
        char text[200];
        std::snprintf(text, sizeof text, "%" PRIu64 " bytes, %.3f bpsp", file.size(),
                      8.0 * static_cast<double>(file.size()) / subpixels);
        std::string line = text;
        if (before > 0) {
            std::snprintf(text, sizeof text, " (%.1f %% of the input)",
                          100.0 * static_cast<double>(file.size()) / static_cast<double>(before));
            line += text;
        }
        app.message((output == "-" ? "" : "-> " + output + ", ") + line);
        if (before > 0 && file.size() > before)
            app.warning(
                "the result is larger than the input file: JPEG and WebP may have dropped what is kept here, "
                "and "
                "drawings often suit PNG better");
    });
    timing.write();
    return code;
}

}  // namespace tool
