#include "explanation.h"

#include <algorithm>

namespace tool {

namespace {

ExplainedPart& part_named(const std::string& name, std::vector<ExplainedPart>& parts) {
    const auto found = std::ranges::find(parts, name, &ExplainedPart::name);
    if (found != parts.end()) return *found;
    parts.emplace_back().name = name;
    return parts.back();
}

void add_bits(const std::string& channel, double bits, ExplainedPart& part) {
    part.bits += bits;
    const auto found = std::ranges::find(part.channels, channel, &ExplainedPart::Channel::name);
    if (found != part.channels.end())
        found->bits += bits;
    else
        part.channels.push_back({channel, bits});
}

ExplainedPlanes planes_of(const residua_stage_bits& stage) {
    ExplainedPlanes planes{stage.strip,          stage.strip,       stage.planes,      {},
                           stage.chroma_columns, stage.chroma_rows, stage.blocks != 0, stage.exceptions};
    for (uint32_t c = 0; c < stage.channels; ++c)
        planes.channels.push_back({stage.channel_names[c], stage.value_counts[c]});
    return planes;
}

ExplainedTau tau_of(const residua_stage_bits& stage) {
    ExplainedTau tau{stage.strip, {}};
    const uint32_t components = stage.tau_count / stage.channels;
    for (uint32_t c = 0; c < stage.channels; ++c)
        tau.steps.emplace_back(stage.tau + size_t{c} * components, stage.tau + size_t{c + 1} * components);
    return tau;
}

// Strips that follow each other and have the same kind become one.
void merge(std::vector<ExplainedPlanes>& planes) {
    std::vector<ExplainedPlanes> merged;
    for (ExplainedPlanes& strip : planes) {
        if (!merged.empty() && merged.back().same_kind(strip)) {
            merged.back().last_strip = strip.last_strip;
            merged.back().exceptions += strip.exceptions;
        } else {
            merged.push_back(std::move(strip));
        }
    }
    planes = std::move(merged);
}

}  // namespace

Explanation::Explanation(App& app, const std::string& path, const std::string& map_stage) {
    const Input file = app.read(path);
    residua::context& context = app.context();
    info = context.inspect(file.data(), file.size());
    details = residua::research::inspect(context, file.data(), file.size());
    const residua::image head = context.decode_head(file.data(), file.size());
    for (size_t i = 0; i < head->metadata_count; ++i) {
        const residua_metadata& entry = head->metadata[i];
        const auto same = std::ranges::find(metadata, entry.name, &std::pair<std::string, size_t>::first);
        if (same == metadata.end())
            metadata.emplace_back(entry.name, entry.size);
        else
            same->second += entry.size;
    }
    if (!app.options().heat_map.empty()) map.emplace(info.width, info.height, app.memory_limit());
    bool in_map = map_stage.empty();
    residua::research::explain(context, file.data(), file.size(), [&](const residua_stage_bits& stage) {
        add(stage);
        if (!map || (!map_stage.empty() && map_stage != stage.name)) return;
        map->add(stage.first_row, stage.height, stage.channels, stage.bits);
        in_map = true;
    });
    merge(planes);
    if (in_map) return;
    std::string names;
    for (const ExplainedPart& part : parts) names += (names.empty() ? "" : ", ") + part.name;
    throw Failure(kUsage, "the file has no stage '" + map_stage + "'; it has: " + names);
}

void Explanation::add(const residua_stage_bits& stage) {
    ExplainedPart& part = part_named(stage.name, parts);
    part.size += stage.size;
    part.spread = stage.spread != 0;
    description_size += stage.description_size;
    const size_t pixels = size_t{stage.width} * stage.height;
    for (uint32_t c = 0; c < stage.channels; ++c) {
        double bits = 0;
        for (size_t i = 0; i < pixels; ++i) bits += stage.bits[i * stage.channels + c];
        add_bits(stage.channel_names[c], bits, part);
    }
    for (uint32_t tile = 0; tile < stage.tile_columns * stage.tile_rows; ++tile) {
        ++part.tiles;
        part.smallest_tile = std::min(part.smallest_tile, stage.tile_sizes[tile]);
        part.largest_tile = std::max(part.largest_tile, stage.tile_sizes[tile]);
    }
    if (stage.tau_count > 0) tau.push_back(tau_of(stage));
    // The picture itself is the last stage of each strip.
    if (!planes.empty() && planes.back().last_strip == stage.strip) planes.pop_back();
    planes.push_back(planes_of(stage));
}

}  // namespace tool
