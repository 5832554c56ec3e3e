// residua info and residua verify.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "app.h"

namespace tool {

namespace {

void print_size(const char* name, uint64_t size, uint64_t whole) {
    std::printf("  %-16s %" PRIu64 " bytes (%.1f %%)\n", name, size,
                100.0 * static_cast<double>(size) / static_cast<double>(whole));
}

void print_info(const std::string& path, const residua_info& info) {
    std::printf("%s\n", path.c_str());
    std::printf("  %-16s %u x %u, %s\n", "picture", info.width, info.height,
                info.channels == 1         ? "grey"
                : info.coded_channels == 1 ? "RGB with equal channels, stored as grey"
                                           : "RGB");
    std::printf("  %-16s %" PRIu64 " bytes, %.4f bits per sub-pixel\n", "file", info.file_size, info.bpsp);
    const bool scales = info.latent_count > 0;
    const bool lossy = info.lossy_size > 0;
    if (lossy) print_size("lossy layer", info.lossy_size, info.file_size);
    for (uint32_t s = info.latent_count; s >= 1; --s)
        print_size(std::string("z").append(std::to_string(s)).c_str(), info.latent_size[s - 1],
                   info.file_size);
    print_size(scales  ? "picture, given z"
               : lossy ? "residual"
                       : "picture",
               info.residual_size, info.file_size);
    if (info.metadata_size > 0) print_size("metadata", info.metadata_size, info.file_size);
    if (info.has_tau) print_size("tau", info.tau_size, info.file_size);
    print_size("overhead", info.overhead_size, info.file_size);
    if (info.icc_size > 0) std::printf("  %-16s %" PRIu64 " bytes\n", "ICC profile", info.icc_size);
    if (info.exif_size > 0) std::printf("  %-16s %" PRIu64 " bytes\n", "Exif", info.exif_size);
    if (info.xmp_size > 0) std::printf("  %-16s %" PRIu64 " bytes\n", "XMP", info.xmp_size);
    std::printf("  %-16s %s, format version %u\n", "codec", info.codec, info.format_version);
    if (scales) std::printf("  %-16s %u\n", "scales", info.latent_count);
    if (info.adapts) std::printf("  %-16s on\n", "adaptation");
    std::printf("  %-16s %s (%s)\n", "model", hash_text(info.model_hash).c_str(),
                info.model_name ? info.model_name : "not installed");
    if (lossy) std::printf("  %-16s Q %d, %d bits\n", "lossy layer", info.q, info.bit_depth);
    std::printf("  %-16s %u of %u x %u\n", "tiles", info.tile_count, info.tile_width, info.tile_height);
    std::printf("  %-16s %s\n", "pixel checksum", hash_text(info.pixel_checksum).c_str());
}

bool same_bytes(const uint8_t* data, size_t size, const std::vector<uint8_t>& bytes) {
    return size == bytes.size() && (size == 0 || std::equal(bytes.begin(), bytes.end(), data));
}

// Throws Failure unless the decoded picture is the original, pixel by pixel and byte by byte.
void compare(const residua_image& decoded, const image_io::Image& original) {
    if (decoded.width != original.width || decoded.height != original.height ||
        decoded.channels != original.channels)
        throw Failure(kDamaged, "differs from the original in size or kind");
    if (!std::equal(original.pixels.begin(), original.pixels.end(), decoded.pixels))
        throw Failure(kDamaged, "differs from the original in its pixels");
    if (!same_bytes(decoded.icc, decoded.icc_size, original.icc) ||
        !same_bytes(decoded.exif, decoded.exif_size, original.exif) ||
        !same_bytes(decoded.xmp, decoded.xmp_size, original.xmp))
        throw Failure(kDamaged, "differs from the original in its metadata");
}

}  // namespace

int info(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const Input file = app.read(path);
        print_info(path == "-" ? "standard input" : path, app.context().inspect(file.data(), file.size()));
    });
}

int verify(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const Input file = app.read(path);
        if (options.against.empty()) {
            app.context().verify(file.data(), file.size());
            app.message("good");
            return;
        }
        const residua::image decoded = app.context().decode(file.data(), file.size());
        compare(decoded.get(), app.read_image(options.against));
        app.message("good, and equal to " + options.against);
    });
}

}  // namespace tool
