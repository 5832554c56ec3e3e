// What a Q-classifier learns from: the size of each picture's real file at every Q.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/shard.h"
#include "q/q_config.h"

namespace residua::train {

struct QLabelSettings {
    std::string model;      // a model file (.rsm) of the codec rc; empty: the codec's for `adaptation`
    QRange range = {0, 7};  // first = 0: those around the model's default Q
    int effort = 5;
    int workers = 0;                      // 0: as many as cores
    std::optional<bool> adaptation = {};  // of the files' mixtures; none: as the model's files have it
    int fixed_q = 0;  // that the model takes when nothing chooses one; with_range() finds it
};

// With the range's first Q and fixed_q, where they are not known yet. Throws std::runtime_error or
// residua::error where there is no such model, or where the model's default Q, which choices are compared
// with, is not in the range.
QLabelSettings with_range(QLabelSettings settings);

// Bytes at each Q of the range.
using QSizes = std::vector<uint32_t>;

// Encodes every patch as a picture of its own with every Q, at the model's bit depth and without tau, and
// returns the sizes in the patches' order. They are kept in a file in `folder` that is named by the settings,
// one JSON line with a checksum for each picture: an interrupted call goes on where it was, and what is
// damaged is made again. Throws std::runtime_error or residua::error.
std::vector<QSizes> label_patches(const std::vector<PatchReference>& patches, const std::string& folder,
                                  const QLabelSettings& settings, bool quiet);

// The class with the smallest file, the finest of equal ones.
size_t best_class(const QSizes& sizes);

}  // namespace residua::train
