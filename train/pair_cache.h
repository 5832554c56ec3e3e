// Pairs (x, x_l) on disk: each photograph downscaled by a random factor and, for RC, passed through the
// codec's own lossy layer at a random Q, once; training reads them memory-mapped.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace residua::train {

struct PairSettings {
    bool lossy_layer = true;                   // false: the picture alone, as L3C needs it
    double scale_low = 0.5, scale_high = 0.8;  // JPEG artefacts and demosaicing go
    int q_low = 7, q_high = 12;                // fixed per pair, as in the paper
    int bit_depth = 10;
    int effort = 5;
    int variants = 1;  // pairs made from each photograph
    uint64_t seed = 1;
};

// One memory-mapped pair.
class Pair {
  public:
    explicit Pair(const std::string& path);  // throws std::runtime_error when it is not a whole pair file
    ~Pair();
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    int width() const { return width_; }
    int height() const { return height_; }
    int q() const { return q_; }
    uint64_t bpg_bytes() const { return bpg_bytes_; }
    const uint8_t* image() const { return pixels_; }  // [height][width][3]
    // 64·x_l before its rounding to 8 bits, the same shape; null when the pair is a picture alone.
    const uint16_t* fine() const { return fine_; }

  private:
    void* mapping_ = nullptr;
    size_t size_ = 0;
    int width_ = 0, height_ = 0, q_ = 0;
    uint64_t bpg_bytes_ = 0;
    const uint8_t* pixels_ = nullptr;
    const uint16_t* fine_ = nullptr;
};

// Makes what is missing in `cache` for all photographs of `folder`, on all cores, and maps everything. The
// pairs of a photograph depend only on its name, its size and the settings, so an interrupted call goes on
// where it was.
std::vector<std::unique_ptr<Pair>> prepare_pairs(const std::string& folder, const std::string& cache,
                                                 const PairSettings& settings, bool quiet);

// Maps all pairs that lie in a cache folder, sorted by name. Throws std::runtime_error when there are none.
std::vector<std::unique_ptr<Pair>> open_pairs(const std::string& cache);

}  // namespace residua::train
