// residua explain: where the bytes of files go.
#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <cstdio>

#include "explanation.h"
#include "json.h"
#include "listing.h"
#include "picture.h"
#include "text.h"

namespace tool {

namespace {

std::string number(const char* format, double value) {
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

// ---- As text ----

void print_line(const char* label, const std::string& text) {
    std::printf("  %-18s %s\n", label, text.c_str());
}

// Of strips first … last, where there are several.
std::string strips_text(const Explanation& file, uint32_t first, uint32_t last) {
    if (file.info.strip_count == 1) return "";
    return "strip " + std::to_string(first + 1) + (first == last ? "" : " to " + std::to_string(last + 1)) +
           ": ";
}

std::string list_text(const std::vector<ExplainedPlanes::Channel>& channels) {
    std::string text;
    for (const auto& channel : channels) text += (text.empty() ? "" : ", ") + channel.name;
    return text;
}

std::string planes_text(const ExplainedPlanes& planes) {
    std::string text = list_text(planes.channels);
    if (planes.kind == RESIDUA_PLANES_JPEG) text += ", from which a JPEG decoder made the picture's colours";
    if (planes.kind == RESIDUA_PLANES_PHOTO_CD) text += ", the colours of Photo CD";
    if (planes.chroma_columns * planes.chroma_rows > 1)
        text += std::string("; chroma of half the ") + (planes.chroma_rows == 1      ? "width"
                                                        : planes.chroma_columns == 1 ? "height"
                                                                                     : "width and height");
    if (planes.blocks) text += "; coded as the DCT coefficients of a JPEG's 8 x 8 blocks";
    std::string palettes;
    for (const auto& channel : planes.channels)
        if (channel.values < 256)
            palettes += (palettes.empty() ? "; values that occur: " : ", ") + channel.name + " " +
                        std::to_string(channel.values);
    text += palettes;
    if (planes.exceptions > 0)
        text += "; " + std::to_string(planes.exceptions) + " pixels of other colours listed apart";
    return text;
}

std::string factors_text(const std::vector<int>& steps) {
    std::string text;
    for (const int step : steps) text += number(text.empty() ? "%.3f" : " %.3f", std::exp2(step / 32.0));
    return text;
}

void print_head(const Explanation& file) {
    const residua_info& info = file.info;
    const residua_research_info& details = file.details;
    print_line("picture", std::to_string(info.width) + " x " + std::to_string(info.height) + ", " +
                              kind_text(info, details.coded_channels));
    print_line("codec", info.codec + (", format version " + std::to_string(info.format_version)));
    print_line("model", hash_text(info.model_hash) + " (" +
                            (info.model_name ? printable(info.model_name) : "not installed") + ")");
    if (details.lossy_size > 0)
        print_line("lossy layer", "Q " + std::to_string(details.q) + ", " +
                                      std::to_string(details.bit_depth) +
                                      " bits; who chose Q is not in the file");
    if (details.lossy_size > 0 || details.latent_count > 0)
        print_line("adaptation",
                   details.adapts ? "on: the mixtures follow what has been decoded around a sample" : "off");
    for (const ExplainedPlanes& planes : file.planes)
        print_line("planes", strips_text(file, planes.first_strip, planes.last_strip) + planes_text(planes));
    if (details.lossy_size > 0 && file.tau.empty()) print_line("tau", "none");
    for (const ExplainedTau& tau : file.tau)
        for (size_t c = 0; c < tau.steps.size(); ++c)
            print_line("tau", strips_text(file, tau.strip, tau.strip) + "factors of sigma, " +
                                  (tau.steps.size() == 1 ? "grey"
                                   : c == 0              ? "red"
                                   : c == 1              ? "green"
                                                         : "blue") +
                                  ": " + factors_text(tau.steps[c]));
    if (info.strip_count > 1)
        print_line("strips",
                   std::to_string(info.strip_count) + " of " + std::to_string(info.strip_height) + " rows");
    print_line("tiles", std::to_string(details.tile_count) + " of " + std::to_string(details.tile_width) +
                            " x " + std::to_string(details.tile_height) + " pixels");
}

void print_row(const std::string& name, double bytes, const Explanation& file, const std::string& note = "") {
    std::printf("  %-18s %12.0f %7.2f %% %10.4f%s%s\n", name.c_str(), bytes,
                100 * bytes / static_cast<double>(file.all_bytes()), 8 * bytes / file.pixels(),
                note.empty() ? "" : "   ", note.c_str());
}

void print_part(const ExplainedPart& part, const Explanation& file) {
    std::string note;
    if (part.spread) note = "where in the picture is not known";
    if (part.tiles > 1)
        note = "tiles of " + std::to_string(part.smallest_tile) + " to " + std::to_string(part.largest_tile) +
               " bytes";
    print_row(part.name, static_cast<double>(part.size), file, note);
    if (part.spread) return;
    for (const auto& channel : part.channels)
        if (part.channels.size() > 1) print_row("  " + channel.name, channel.bits / 8, file);
    print_row("  entropy coder", static_cast<double>(part.size) - part.bits / 8, file,
              "its states and rounding");
}

void print_text(const std::string& name, const Explanation& file) {
    std::printf("%s\n", printable(name).c_str());
    print_head(file);
    std::printf("\n  %-18s %12s %9s %10s\n", "part", "bytes", "share", "bits/pixel");
    for (const ExplainedPart& part : file.parts) print_part(part, file);
    const auto row = [&](const char* label, uint64_t size) {
        if (size > 0) print_row(label, static_cast<double>(size), file);
    };
    row("metadata", file.details.metadata_size);
    for (const auto& [entry, size] : file.metadata)
        std::printf("    %-16s %12s %9s %10s   of %s bytes\n", label_of(entry).c_str(), "", "", "",
                    std::to_string(size).c_str());
    row("tau", file.details.tau_size);
    row("planes", file.description_size);
    row("overhead", file.details.overhead_size - file.description_size);
    row("whole file", file.all_bytes());
}

// ---- As JSON ----

std::string part_json(const ExplainedPart& part) {
    Json json('{'), channels('[');
    json.add("name", json_string(part.name)).add("bytes", part.size).add("bits", part.bits);
    json.add("spread", part.spread);
    for (const auto& channel : part.channels)
        channels.add(Json('{').add("name", json_string(channel.name)).add("bits", channel.bits).text());
    json.add("channels", channels.text());
    if (part.tiles > 0)
        json.add("tiles", Json('{')
                              .add("count", part.tiles)
                              .add("smallest", part.smallest_tile)
                              .add("largest", part.largest_tile)
                              .text());
    return json.text();
}

std::string planes_json(const ExplainedPlanes& planes) {
    static constexpr const char* kKinds[] = {"samples", "jpeg", "photo-cd"};
    Json channels('[');
    for (const auto& channel : planes.channels)
        channels.add(
            Json('{').add("name", json_string(channel.name)).add("values", uint64_t{channel.values}).text());
    return Json('{')
        .add("first_strip", uint64_t{planes.first_strip})
        .add("last_strip", uint64_t{planes.last_strip})
        .add("colours", planes.kind < std::size(kKinds) ? kKinds[planes.kind] : "other")
        .add("channels", channels.text())
        .add("chroma_columns", uint64_t{planes.chroma_columns})
        .add("chroma_rows", uint64_t{planes.chroma_rows})
        .add("blocks", planes.blocks)
        .add("exceptions", planes.exceptions)
        .text();
}

std::string tau_json(const ExplainedTau& tau) {
    Json steps('[');
    for (const auto& channel : tau.steps) {
        Json row('[');
        for (const int step : channel) row.add(std::to_string(step));
        steps.add(row.text());
    }
    return Json('{').add("strip", uint64_t{tau.strip}).add("steps", steps.text()).text();
}

std::string file_json(const std::string& name, const Explanation& file, const std::string& heat_map) {
    const residua_info& info = file.info;
    const residua_research_info& details = file.details;
    Json json('{'), parts('['), metadata('{'), planes('['), tau('[');
    for (const auto& part : file.parts) parts.add(part_json(part));
    for (const auto& [entry, size] : file.metadata) metadata.add(entry.c_str(), uint64_t{size});
    for (const auto& of_strips : file.planes) planes.add(planes_json(of_strips));
    for (const auto& of_strip : file.tau) tau.add(tau_json(of_strip));
    json.add("file", json_string(name)).add("bytes", info.file_size);
    json.add("width", uint64_t{info.width}).add("height", uint64_t{info.height});
    json.add("colour", colour_name(info.colour))
        .add("alpha", info.alpha != 0)
        .add("bits", uint64_t{info.bits});
    json.add("coded_channels", uint64_t{details.coded_channels});
    json.add("bits_per_pixel", 8 * static_cast<double>(info.file_size) / file.pixels());
    json.add("codec", info.codec).add("format_version", uint64_t{info.format_version});
    json.add("model_hash", json_string(hash_text(info.model_hash)));
    json.add("model_name", info.model_name ? json_string(info.model_name) : std::string("null"));
    json.add("q", uint64_t{static_cast<uint32_t>(details.q)});
    json.add("bit_depth", uint64_t{static_cast<uint32_t>(details.bit_depth)});
    json.add("adaptation", details.adapts != 0);
    json.add("strips", uint64_t{info.strip_count}).add("strip_height", uint64_t{info.strip_height});
    json.add("tile_width", uint64_t{details.tile_width}).add("tile_height", uint64_t{details.tile_height});
    json.add("parts", parts.text()).add("metadata", metadata.text());
    json.add("metadata_bytes", details.metadata_size).add("tau_bytes", details.tau_size);
    json.add("planes_bytes", file.description_size);
    json.add("overhead_bytes", details.overhead_size - file.description_size);
    json.add("planes", planes.text()).add("tau", tau.text());
    json.add("heatmap", heat_map);
    return json.text();
}

}  // namespace

int explain(const Options& options) {
    check_places(options);
    App app(options);
    return app.for_each_input([&](const std::string& path) {
        if (!options.heat_map.empty()) {
            app.check_place(options.heat_map);
            format_of(options, options.heat_map);  // refuses an unknown extension before the work
        }
        const Explanation file(app, path, options.heat_map_stage);
        const std::string name = path == "-" ? "standard input" : path;
        const double end = !file.map                  ? 0
                           : options.heat_map_end > 0 ? options.heat_map_end
                                                      : file.map->high_end();
        if (file.map) file.map->write(app, options.heat_map, end);
        if (options.json) {
            std::string heat_map = "null";
            if (file.map)
                heat_map =
                    Json('{')
                        .add("file", json_string(options.heat_map))
                        .add("stage", options.heat_map_stage.empty() ? std::string("null")
                                                                     : json_string(options.heat_map_stage))
                        .add("low_bits_per_pixel", 0.0)
                        .add("high_bits_per_pixel", end)
                        .text();
            std::printf("%s\n", file_json(name, file, heat_map).c_str());
            return;
        }
        print_text(name, file);
        if (file.map)
            std::printf("\n  %-18s %s: dark blue 0, bright yellow %.4g bits per pixel and more\n", "heat map",
                        printable(options.heat_map).c_str(), end);
    });
}

}  // namespace tool
