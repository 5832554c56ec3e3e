// residua info: what files say about themselves.
#include <cinttypes>
#include <cstdio>
#include <residua/research.hpp>
#include <string>

#include "app.h"
#include "json.h"
#include "kept.h"
#include "listing.h"
#include "picture.h"
#include "sandbox/outside.h"

namespace tool {

namespace {

struct File {
    std::string name;
    residua_info info;
    residua_research_info parts;
    image_io::Description head;  // with the metadata
};

void print_size(const char* name, uint64_t size, uint64_t whole) {
    std::printf("  %-16s %" PRIu64 " bytes (%.1f %%)\n", name, size,
                100.0 * static_cast<double>(size) / static_cast<double>(whole));
}

void print_info(const File& file) {
    const residua_info& info = file.info;
    const residua_research_info& parts = file.parts;
    std::printf("%s\n", printable(file.name).c_str());
    const bool jpeg = std::string(info.codec) == "jpeg";
    if (info.width > 0)
        std::printf("  %-16s %u x %u, %s\n", "picture", info.width, info.height,
                    kind_text(info, parts.coded_channels).c_str());
    std::printf("  %-16s %" PRIu64 " bytes, %.4f bits per sub-pixel\n", "file", info.file_size, parts.bpsp);
    if (jpeg)
        std::printf("  %-16s %s\n", "keeps",
                    info.width > 0 || file.head.width > 0
                        ? "a JPEG file, byte for byte"
                        : "a file, byte for byte; its pixels cannot be given");
    const bool scales = parts.latent_count > 0 && !jpeg;
    const bool lossy = parts.lossy_size > 0;
    if (jpeg) print_size("DC", parts.latent_size[0], info.file_size);
    if (lossy) print_size("lossy layer", parts.lossy_size, info.file_size);
    for (uint32_t s = parts.latent_count; s >= 1; --s)
        print_size(std::string("z").append(std::to_string(s)).c_str(), parts.latent_size[s - 1],
                   info.file_size);
    print_size(jpeg     ? "AC"
               : scales ? "picture, given z"
               : lossy  ? "residual"
                        : "picture",
               parts.residual_size, info.file_size);
    if (info.metadata_size > 0) print_size("metadata", parts.metadata_size, info.file_size);
    if (parts.has_tau) print_size("tau", parts.tau_size, info.file_size);
    print_size(jpeg ? "all else" : "overhead", parts.overhead_size, info.file_size);
    for (const image_io::Metadata& entry : file.head.metadata)
        std::printf("    %s\n", entry_line(entry).c_str());
    std::printf("  %-16s %s, format version %u\n", "codec", info.codec, info.format_version);
    if (scales) std::printf("  %-16s %u\n", "scales", parts.latent_count);
    if (parts.adapts) std::printf("  %-16s on\n", "adaptation");
    if (jpeg) return;
    std::printf("  %-16s %s (%s)\n", "model", hash_text(info.model_hash).c_str(),
                info.model_name ? printable(info.model_name).c_str() : "not installed");
    if (lossy) std::printf("  %-16s Q %d, %d bits\n", "lossy layer", parts.q, parts.bit_depth);
    if (info.strip_count > 1)
        std::printf("  %-16s %u of %u rows\n", "strips", info.strip_count, info.strip_height);
    std::printf("  %-16s %u of %u x %u\n", "tiles", parts.tile_count, parts.tile_width, parts.tile_height);
    std::printf("  %-16s %s\n", "pixel checksum", hash_text(info.pixel_checksum).c_str());
}

std::string info_json(const File& file) {
    const residua_info& info = file.info;
    const residua_research_info& parts = file.parts;
    Json json('{'), scales('[');
    for (uint32_t s = parts.latent_count; s >= 1; --s) scales.add(std::to_string(parts.latent_size[s - 1]));
    json.add("file", json_string(file.name)).add("bytes", info.file_size).add("bpsp", parts.bpsp);
    json.add("width", uint64_t{info.width}).add("height", uint64_t{info.height});
    json.add("colour", colour_name(info.colour))
        .add("alpha", info.alpha != 0)
        .add("bits", uint64_t{info.bits});
    json.add("coded_channels", uint64_t{parts.coded_channels});
    json.add("codec", info.codec).add("format_version", uint64_t{info.format_version});
    json.add("model_hash", json_string(hash_text(info.model_hash)));
    json.add("model_name", info.model_name ? json_string(info.model_name) : std::string("null"));
    json.add("lossy_bytes", parts.lossy_size).add("scale_bytes", scales.text());
    json.add("picture_bytes", parts.residual_size).add("tau_bytes", parts.tau_size);
    json.add("metadata_bytes", parts.metadata_size).add("overhead_bytes", parts.overhead_size);
    json.add("strips", uint64_t{info.strip_count}).add("strip_height", uint64_t{info.strip_height});
    json.add("tiles", uint64_t{parts.tile_count});
    json.add("tile_width", uint64_t{parts.tile_width}).add("tile_height", uint64_t{parts.tile_height});
    json.add("pixel_checksum", json_string(hash_text(info.pixel_checksum)));
    json.add("metadata", entries_json(file.head.metadata));
    return json.text();
}

}  // namespace

namespace {

int info_of_all(const Options& options) {
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        const Input input = app.read(path);
        residua::context& context = app.context();
        const File file{path == "-" ? "standard input" : path, context.inspect(input.data(), input.size()),
                        residua::research::inspect(context, input.data(), input.size()),
                        described(app, path, input.data(), input.size())};
        if (options.json)
            std::printf("%s\n", info_json(file).c_str());
        else
            print_info(file);
    });
}

}  // namespace

int info(const Options& options) {
    if (!wants_cage(options)) return info_of_all(options);
    FilesToServe files;
    for (const std::string& path : options.inputs) files.inputs.insert(path);
    return run_in_cage(options, files, [&] { return info_of_all(options); });
}

}  // namespace tool
