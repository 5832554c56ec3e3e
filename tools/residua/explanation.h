// Where the bytes of a file go, as `residua explain` shows it.
#pragma once

#include <optional>
#include <residua/research.hpp>
#include <string>
#include <vector>

#include "app.h"
#include "heat_map.h"

namespace tool {

// A stage, of all strips together.
struct ExplainedPart {
    struct Channel {
        std::string name;
        double bits;
    };

    std::string name;
    uint64_t size = 0;    // bytes
    double bits = 0;      // of all channels; apart from `size` by what the entropy coder itself takes
    bool spread = false;  // nothing is known of channels and pixels
    std::vector<Channel> channels;
    uint64_t tiles = 0, smallest_tile = UINT64_MAX, largest_tile = 0;  // bytes
};

// What the planes of one or more strips are.
struct ExplainedPlanes {
    struct Channel {
        std::string name;
        uint32_t values;  // that occur
        bool operator==(const Channel&) const = default;
    };

    uint32_t first_strip, last_strip;
    uint32_t kind;  // residua_planes
    std::vector<Channel> channels;
    uint32_t chroma_columns, chroma_rows;
    bool blocks;
    uint64_t exceptions;

    bool same_kind(const ExplainedPlanes& other) const {
        return kind == other.kind && channels == other.channels && chroma_columns == other.chroma_columns &&
               chroma_rows == other.chroma_rows && blocks == other.blocks;
    }
};

// Steps of 1/32 octave for each coded channel and component, of one strip.
struct ExplainedTau {
    uint32_t strip;
    std::vector<std::vector<int>> steps;
};

struct Explanation {
    // Decodes the file. Adds the stage of that name to `map`, or all for an empty name; throws Failure where
    // there is none. `map` may be null.
    Explanation(App& app, const std::string& path, const std::string& map_stage);

    double pixels() const { return double{1} * info.width * info.height; }
    uint64_t all_bytes() const { return info.file_size; }

    residua_info info;
    residua_research_info details;
    std::vector<std::pair<std::string, size_t>> metadata;  // names and bytes of all of that name
    std::vector<ExplainedPart> parts;                      // coarse to fine
    std::vector<ExplainedPlanes> planes;
    std::vector<ExplainedTau> tau;
    uint64_t description_size = 0;  // bytes by which the file says what the planes are
    std::optional<HeatMap> map;

  private:
    void add(const residua_stage_bits& stage);
};

}  // namespace tool
