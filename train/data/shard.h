// Training patches on disk: files of some ten megabytes that are mapped into memory, and can be made on one
// machine and read on another. docs/training.md describes the format.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace residua::train {

// A patch's picture after one lossy layer.
struct LossyVersion {
    int q = 0;
    int bit_depth = 0;
    float lossy_bpsp = 0;  // of the BPG file of the whole picture that the patch comes from
    // 64·x_l before its rounding to 8 bits, [height][width][3]; in a Patch that was read, it lies in the map.
    const uint16_t* fine = nullptr;
};

struct Patch {
    uint64_t photo = 0;  // the same for all patches and variants of a photograph
    int width = 0, height = 0;
    const uint8_t* image = nullptr;      // [height][width][3]
    std::vector<LossyVersion> versions;  // none for codecs without a lossy layer

    uint64_t area() const { return static_cast<uint64_t>(width) * static_cast<uint64_t>(height); }
};

// Writes one shard; it gets its name only when it is whole.
class ShardWriter {
  public:
    explicit ShardWriter(std::string path) : path_(std::move(path)) {}

    void add(const Patch& patch);  // copies
    uint64_t bytes() const { return records_.size(); }
    // Throws std::runtime_error when the disk does not take it.
    void finish();

  private:
    struct Entry {
        uint64_t offset, size, checksum;
    };
    std::string path_;
    std::vector<uint8_t> records_;
    std::vector<Entry> index_;
};

// A mapped shard.
class Shard {
  public:
    // Checks the header and the index, not yet the patches.
    // Throws std::runtime_error when it is not a whole shard.
    explicit Shard(const std::string& path);
    ~Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    const std::vector<Patch>& patches() const { return patches_; }
    const std::string& path() const { return path_; }
    // Reads patch i whole and compares its checksum. Throws
    // std::runtime_error when it differs. Safe from several threads.
    void verify(size_t i) const;

  private:
    std::string path_;
    void* mapping_ = nullptr;
    size_t size_ = 0;
    std::vector<std::span<const uint8_t>> records_;
    std::vector<uint64_t> checksums_;
    std::vector<Patch> patches_;
};

// A patch, and where it lies.
struct PatchReference {
    const Shard* shard;
    size_t index;

    const Patch& patch() const { return shard->patches()[index]; }
};

constexpr uint64_t kHoldOutEvery = 40;

// Several shards as one collection. A photograph is held out as a whole: about every 40th, or as told, by its
// identity, and at least one when there are two.
class PatchSet {
  public:
    PatchSet() = default;
    // `paths` as find_shards gives them. Throws std::runtime_error when there is no patch.
    explicit PatchSet(const std::vector<std::string>& paths, uint64_t hold_out_every = kHoldOutEvery);

    // All patches, or those that are held out, or the others.
    const std::vector<PatchReference>& all() const { return all_; }
    std::vector<PatchReference> held_out() const { return chosen(true); }
    std::vector<PatchReference> others() const { return chosen(false); }
    // Their identities.
    std::set<uint64_t> held_out_photos() const;

  private:
    std::vector<PatchReference> chosen(bool held_out) const;
    bool is_held_out(uint64_t photo) const {
        return photo % hold_out_every_ == 0 || (extra_ && photo == extra_);
    }

    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<PatchReference> all_;
    uint64_t hold_out_every_ = kHoldOutEvery;
    uint64_t extra_ = 0;  // a photograph that is held out because no other is; 0: none
};

// The shards of a folder, sorted by name. Throws std::runtime_error when there are none.
std::vector<std::string> find_shards(const std::string& folder);

uint64_t hash_of(const std::string& text);

}  // namespace residua::train
