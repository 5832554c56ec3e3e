// A block of samples, not all of which need be known.
#pragma once

#include <array>
#include <cstdint>

#include "planes/dct_plane.h"

namespace residua::codec {

// What is known of a block's 64 samples.
struct BlockSamples {
    // kNear: within kNearness.
    enum Knowledge : uint8_t { kNothing, kExact, kNear, kAtMostZero, kAtLeast255 };
    static constexpr int kNearness = 2;

    std::array<uint8_t, kBlockSize> values;  // a guess where nothing is known
    std::array<Knowledge, kBlockSize> known;
    bool is_exact() const;  // all 64
};

}  // namespace residua::codec
