// Photographs to shards of training patches: each is downscaled by a random factor, passed through the
// codec's own lossy layer (RC) and cut. The only part of training that needs the codec and x265.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace residua::train {

struct PrepareSettings {
    bool lossy_layer = true;                   // false: the pictures alone, as L3C needs them
    double scale_low = 0.5, scale_high = 0.8;  // JPEG artefacts and demosaicing go
    int variants = 1;                          // pictures made from each photograph, of different scales
    int q_low = 14, q_high = 22;               // random for each lossy layer: what adaptive mixtures want
    int qualities = 1;                         // different Q for each picture and bit depth
    std::vector<int> bit_depths = {10};
    int effort = 5;
    int window = 0;      // side of the part, anywhere, that is taken of a larger picture; 0: all of it
    int patch = 256;     // side; a picture that is smaller becomes one smaller patch
    int shard_mib = 48;  // size that a shard does not exceed by much
    int workers = 0;     // 0: as many as cores
    uint64_t seed = 1;
};

// Makes the shards of `folder` that are missing in `out`, and returns the paths of all. What is in a shard
// depends on the photographs' names and sizes and on the settings alone, its name too: an interrupted call
// goes on where it was, and several calls with different settings may share a folder. A photograph that
// cannot be read is reported and left out. Throws std::runtime_error when no patch can be made.
std::vector<std::string> prepare_shards(const std::string& folder, const std::string& out,
                                        const PrepareSettings& settings, bool quiet);

// Patch::photo of what is made from that file.
uint64_t photo_identity(const std::string& path);

// Compares every patch of the shards with its checksum. Throws std::runtime_error for the first bad one.
void verify_shards(const std::vector<std::string>& paths);

}  // namespace residua::train
