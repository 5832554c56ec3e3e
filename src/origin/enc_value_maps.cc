#include "origin/enc_value_maps.h"

#include <algorithm>
#include <array>

#include "planes/enc_plane_cost.h"

namespace residua::codec {

namespace {

constexpr int kSetBytes = 32;
constexpr size_t kValues = 256;
// So few values among others that never occur are ranked without a look at what that saves: the estimate
// does not see how much two levels gain by being neighbours.
constexpr size_t kFewValues = 16;
// A change of the cost that the estimate can be trusted to see. (Stretched contrast changes it by a
// twentieth.)
constexpr double kLeastGain = 0.998;

// Rank by value; of values that do not occur, any.
using Ranks = std::array<uint8_t, kValues>;

Ranks ranks_of(const std::bitset<256>& occurs) {
    Ranks ranks{};
    for (size_t value = 0, rank = 0; value < kValues; ++value) {
        ranks[value] = static_cast<uint8_t>(rank);
        rank += occurs[value];
    }
    return ranks;
}

using ValueSets = std::array<std::bitset<256>, kMostPlanes>;

ValueSets occurring_values(const Picture& planes, Session& session) {
    Buffer<uint8_t> seen(session.allocator,
                         static_cast<size_t>(session.threads.size()) * kMostPlanes * kValues, 0);
    session.threads.parallel_for(planes.height, [&](int64_t y, int thread) {
        uint8_t* mine = seen.data() + static_cast<size_t>(thread) * kMostPlanes * kValues;
        const uint8_t* row = planes.row(static_cast<int>(y));
        for (int x = 0; x < planes.width; ++x)
            for (int p = 0; p < planes.channels; ++p) mine[static_cast<size_t>(p) * kValues + *row++] = 1;
    });
    ValueSets sets;
    for (size_t i = 0; i < seen.size(); ++i)
        if (seen[i]) sets[i / kValues % kMostPlanes].set(i % kValues);
    return sets;
}

// Values between others: without them ranks are what the values are, but for an offset.
bool has_holes(const std::bitset<256>& occurs) {
    int changes = 0;
    for (size_t i = 1; i < kValues; ++i) changes += occurs[i] != occurs[i - 1];
    return changes > 2 || (changes == 2 && occurs[0]);
}

void put_ranks(const std::array<Ranks, kMostPlanes>& ranks, int width, int planes, uint8_t* row) {
    for (int x = 0; x < width; ++x)
        for (int p = 0; p < planes; ++p, ++row) *row = ranks[static_cast<size_t>(p)][*row];
}

}  // namespace

void choose_maps(Picture& planes, const PlaneOptions& options, PlaneTransform& transform, Session& session) {
    const ValueSets occurs = occurring_values(planes, session);
    std::array<ValueMap, kMostPlanes> maps;
    std::array<Ranks, kMostPlanes> ranks;
    double map_bits = 0;
    bool any = false, few = true;  // few: all mapped planes have few values
    for (size_t p = 0; p < kMostPlanes; ++p) {
        const bool mapped = static_cast<int>(p) < planes.channels && !occurs[p].all() &&
                            (has_holes(occurs[p]) || options.ranks.value_or(false));
        if (mapped) {
            maps[p] = ValueMap(occurs[p]);
            few = few && occurs[p].count() <= kFewValues;
            map_bits += 8.0 * static_cast<double>(serialised_set(occurs[p]).size());
        }
        ranks[p] = ranks_of(maps[p].occurs());
        any = any || mapped;
    }
    if (!any || options.ranks == false) return;
    if (!options.ranks && !few) {
        const auto cost = [&](bool ranked) {
            const auto rows = [&](int y, uint8_t* row) {
                std::copy_n(planes.row(y), planes.stride(), row);
                if (ranked) put_ranks(ranks, planes.width, planes.channels, row);
            };
            return estimate_plane_costs([&] { return PlaneRows(rows); }, planes.width, planes.height,
                                        planes.channels, session)
                .total();
        };
        if (cost(true) + map_bits >= cost(false) * kLeastGain) return;
    }
    transform.maps = maps;
    session.threads.parallel_for(planes.height, [&](int64_t y, int) {
        put_ranks(ranks, planes.width, planes.channels, planes.row(static_cast<int>(y)));
    });
}

std::vector<uint8_t> serialised_set(const std::bitset<256>& occurs) {
    std::vector<uint8_t> runs = {0};
    bool present = false;
    for (size_t i = 0, start = 0; i < kValues && runs.size() <= kMostRuns + 1; ++i) {
        if (occurs[i] == present) continue;
        runs.push_back(static_cast<uint8_t>(i - start));
        start = i;
        present = !present;
    }
    runs[0] = static_cast<uint8_t>(runs.size() - 1);
    if (runs.size() <= kMostRuns + 1) return runs;
    std::vector<uint8_t> bits(1 + kSetBytes);
    for (size_t i = 0; i < kValues; ++i) bits[1 + i / 8] |= static_cast<uint8_t>(occurs[i] << (i % 8));
    return bits;
}

}  // namespace residua::codec
