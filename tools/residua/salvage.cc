// residua salvage: what is left of a picture in a damaged file.
#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "batch.h"
#include "picture.h"

namespace tool {

namespace {

// How many pixels are as they were (255), or at least near (128).
struct Counts {
    uint64_t right = 0, previewed = 0, all = 0;
};

Counts share_of(const residua_image& map) {
    Counts share;
    share.all = uint64_t{map.width} * map.height;
    const auto* pixels = static_cast<const uint8_t*>(map.pixels);
    share.right = static_cast<uint64_t>(std::count(pixels, pixels + share.all, 255));
    share.previewed = static_cast<uint64_t>(std::count(pixels, pixels + share.all, 128));
    return share;
}

// "rows 512 to 1023", and so on: where something is not as it was.
std::string rows_missing(const residua_image& map) {
    constexpr int kMost = 8;  // ranges that are named
    const auto* pixels = static_cast<const uint8_t*>(map.pixels);
    std::string text;
    int ranges = 0;
    for (uint32_t y = 0; y < map.height; ++y) {
        const auto complete = [&](uint32_t row) {
            const uint8_t* first = pixels + size_t{row} * map.width;
            return std::all_of(first, first + map.width, [](uint8_t pixel) { return pixel == 255; });
        };
        if (complete(y)) continue;
        const uint32_t first = y;
        while (y + 1 < map.height && !complete(y + 1)) ++y;
        if (++ranges > kMost) return text + " and others";
        text += (text.empty() ? "" : ", ") + std::to_string(first) + " to " + std::to_string(y);
    }
    return text;
}

std::string percent(uint64_t part, uint64_t all) {
    char text[40];
    // Never 100 where something is missing.
    const double share = 100.0 * static_cast<double>(part) / static_cast<double>(all);
    std::snprintf(text, sizeof text, "%.1f %%", part < all ? std::min(share, 99.9) : share);
    return text;
}

}  // namespace

int salvage(const Options& options) {
    const Work work{InputKind::kCoded, ".salvaged" + extension_of(options), "looked at"};
    return run_batch(options, work, [&](App& app, Job& job) {
        format_of(options, job.output);
        if (!options.map.empty()) format_of(Options(), options.map);
        const Input file = app.read(job.input);
        const auto [picture, map] = app.context().salvage(file.data(), file.size());
        const Counts share = share_of(map.get());
        write_image(app, picture.get(), job.output);
        if (!options.map.empty()) write_image(app, map.get(), options.map);
        if (share.right == share.all) {
            app.message("nothing is missing");
            return;
        }
        std::string text = percent(share.right, share.all) + " of the pixels are right";
        if (share.previewed > 0)
            text += ", " + percent(share.previewed, share.all) + " are those of the preview";
        throw Failure(kIncomplete,
                      text + "; the others are made up, in rows " + rows_missing(map.get()) +
                          (options.map.empty() ? "; --map shows where" : "; see " + options.map));
    });
}

}  // namespace tool
