// residua_explain, kept.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <residua/research.hpp>
#include <span>
#include <string>
#include <vector>

namespace residua::testing {

struct StageCopy {
    residua_stage_bits stage;  // its pointers are no longer valid
    std::string name;
    std::vector<std::string> channels;
    std::vector<float> bits;
    std::vector<uint64_t> tile_sizes;
    std::vector<int8_t> tau;
    std::vector<uint32_t> value_counts;

    double sum() const {
        double sum = 0;
        for (const float each : bits) sum += static_cast<double>(each);
        return sum;
    }
};

inline std::vector<StageCopy> explain(residua::context& context, std::span<const uint8_t> file) {
    std::vector<StageCopy> stages;
    research::explain(context, file.data(), file.size(), [&](const residua_stage_bits& stage) {
        const size_t tiles = size_t{stage.tile_columns} * stage.tile_rows;
        stages.push_back({stage,
                          stage.name,
                          {stage.channel_names, stage.channel_names + stage.channels},
                          {stage.bits, stage.bits + size_t{stage.width} * stage.height * stage.channels},
                          {stage.tile_sizes, stage.tile_sizes + tiles},
                          {stage.tau, stage.tau + stage.tau_count},
                          {stage.value_counts, stage.value_counts + stage.channels}});
    });
    return stages;
}

// What must hold for every file: the bits are those of the streams within the bound that research.h gives,
// and streams and all else add up to the file.
inline void expect_adds_up(residua::context& context, std::span<const uint8_t> file,
                           const std::vector<StageCopy>& stages) {
    const residua_info info = context.inspect(file.data(), file.size());
    const residua_research_info parts = research::inspect(context, file.data(), file.size());
    std::map<std::string, uint64_t> sizes;
    std::map<std::string, uint32_t> next_row;
    uint64_t all = 0, tiles = 0;
    for (const StageCopy& copy : stages) {
        SCOPED_TRACE(copy.name + " of strip " + std::to_string(copy.stage.strip));
        const residua_stage_bits& stage = copy.stage;
        EXPECT_EQ(stage.struct_size, sizeof stage);
        EXPECT_EQ(stage.width, info.width);
        EXPECT_EQ(stage.first_row, next_row[copy.name]);
        next_row[copy.name] += stage.height;
        for (const float bits : copy.bits) ASSERT_GE(bits, 0.0F);
        const double bits = copy.sum(), size = 8.0 * static_cast<double>(stage.size);
        const auto count = static_cast<double>(copy.tile_sizes.size());
        EXPECT_LT(std::abs(bits - size), stage.spread ? 1 + size / 1e4 : 0.01 * size + 700 * count);
        uint64_t of_tiles = 0;
        for (const uint64_t tile : copy.tile_sizes) of_tiles += tile;
        EXPECT_EQ(of_tiles, stage.spread ? 0 : stage.size);
        sizes[copy.name] += stage.size;
        all += stage.size;
        if (&copy == &stages.back() || (&copy + 1)->stage.strip != stage.strip)
            tiles += copy.tile_sizes.size();
    }
    for (const auto& [name, rows] : next_row) EXPECT_EQ(rows, info.height) << name;
    EXPECT_EQ(all + parts.metadata_size + parts.tau_size + parts.overhead_size, info.file_size);
    EXPECT_EQ(tiles, parts.tile_count);
    EXPECT_EQ(sizes["lossy"], parts.lossy_size);
    EXPECT_EQ(sizes["residual"] + sizes["picture"], parts.residual_size);
    for (uint32_t s = 1; s <= parts.latent_count; ++s)
        EXPECT_EQ(sizes[std::string("z").append(std::to_string(s))], parts.latent_size[s - 1]);
}

}  // namespace residua::testing
