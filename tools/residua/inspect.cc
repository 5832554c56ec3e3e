// residua info and residua verify.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <residua/research.hpp>
#include <string>
#include <utility>

#include "batch.h"
#include "picture.h"

namespace tool {

namespace {

void print_size(const char* name, uint64_t size, uint64_t whole) {
    std::printf("  %-16s %" PRIu64 " bytes (%.1f %%)\n", name, size,
                100.0 * static_cast<double>(size) / static_cast<double>(whole));
}

void print_info(const std::string& path, const residua_info& info, const residua_research_info& parts,
                const residua_image& head) {
    std::printf("%s\n", path.c_str());
    std::printf("  %-16s %u x %u, %s\n", "picture", info.width, info.height,
                info.colour == RESIDUA_COLOUR_GREY ? "grey"
                : parts.coded_channels == 1        ? "RGB with equal channels, stored as grey"
                                                   : "RGB");
    std::printf("  %-16s %" PRIu64 " bytes, %.4f bits per sub-pixel\n", "file", info.file_size, parts.bpsp);
    const bool scales = parts.latent_count > 0;
    const bool lossy = parts.lossy_size > 0;
    if (lossy) print_size("lossy layer", parts.lossy_size, info.file_size);
    for (uint32_t s = parts.latent_count; s >= 1; --s)
        print_size(std::string("z").append(std::to_string(s)).c_str(), parts.latent_size[s - 1],
                   info.file_size);
    print_size(scales  ? "picture, given z"
               : lossy ? "residual"
                       : "picture",
               parts.residual_size, info.file_size);
    if (info.metadata_size > 0) print_size("metadata", info.metadata_size, info.file_size);
    if (parts.has_tau) print_size("tau", parts.tau_size, info.file_size);
    print_size("overhead", parts.overhead_size, info.file_size);
    for (const auto& [name, label] : {std::pair("icc", "ICC profile"), {"exif", "Exif"}, {"xmp", "XMP"}})
        if (const size_t size = residua::metadata(head, name).size())
            std::printf("  %-16s %zu bytes\n", label, size);
    std::printf("  %-16s %s, format version %u\n", "codec", info.codec, info.format_version);
    if (scales) std::printf("  %-16s %u\n", "scales", parts.latent_count);
    if (parts.adapts) std::printf("  %-16s on\n", "adaptation");
    std::printf("  %-16s %s (%s)\n", "model", hash_text(info.model_hash).c_str(),
                info.model_name ? info.model_name : "not installed");
    if (lossy) std::printf("  %-16s Q %d, %d bits\n", "lossy layer", parts.q, parts.bit_depth);
    if (info.strip_count > 1)
        std::printf("  %-16s %u of %u rows\n", "strips", info.strip_count, info.strip_height);
    std::printf("  %-16s %u of %u x %u\n", "tiles", parts.tile_count, parts.tile_width, parts.tile_height);
    std::printf("  %-16s %s\n", "pixel checksum", hash_text(info.pixel_checksum).c_str());
}

// The decoded picture beside its original, which is read along with it. Throws Failure where they differ.
class Comparison {
  public:
    Comparison(App& app, const residua_image& decoded, const std::string& original)
        : original_(app.open_picture(original)) {
        const image_io::Description& picture = original_.description();
        if (decoded.width != picture.width || decoded.height != picture.height ||
            decoded.colour != static_cast<uint32_t>(picture.colour) || decoded.alpha != picture.alpha ||
            decoded.bits != picture.bits)
            throw Failure(kDamaged, "differs from the original in size or kind");
        same_metadata_ = description_of(decoded).metadata == picture.metadata;
    }
    void rows(uint32_t count, const void* pixels) {
        rows_.resize(count * original_.description().row_bytes());
        original_.read(count, rows_.data());
        if (!std::equal(rows_.begin(), rows_.end(), static_cast<const uint8_t*>(pixels)))
            throw Failure(kDamaged, "differs from the original in its pixels");
    }
    void finish() const {
        if (!same_metadata_) throw Failure(kDamaged, "differs from the original in its metadata");
    }

  private:
    PictureInput original_;
    bool same_metadata_ = false;
    std::vector<uint8_t> rows_;
};

}  // namespace

int info(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const Input file = app.read(path);
        residua::context& context = app.context();
        const residua::image head = context.decode_head(file.data(), file.size());
        print_info(path == "-" ? "standard input" : path, context.inspect(file.data(), file.size()),
                   residua::research::inspect(context, file.data(), file.size()), head.get());
    });
}

int verify(const Options& options) {
    return run_batch(options, {InputKind::kCoded, "", "good"}, [&](App& app, Job& job) {
        FileInput file(job.input);
        const auto read = [&](void* data, size_t size) { return file.read(data, size); };
        if (options.against.empty()) {
            app.context().verify_rows(read, file.size());
            app.message("good");
            return;
        }
        std::optional<Comparison> comparison;
        app.context().decode_rows(
            read, file.size(),
            [&](const residua_image& image) { comparison.emplace(app, image, options.against); },
            [&](uint32_t, uint32_t count, const void* pixels) { comparison->rows(count, pixels); });
        comparison->finish();
        app.message("good, and equal to " + options.against);
    });
}

}  // namespace tool
