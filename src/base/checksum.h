// XXH3 (version 0.8, seed 0): the checksum of payloads and pixels, and the identity of models.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace residua {

uint64_t checksum64(std::span<const uint8_t> bytes);

// The low 32 bits of checksum64.
inline uint32_t checksum32(std::span<const uint8_t> bytes) {
    return static_cast<uint32_t>(checksum64(bytes));
}

// Whether a checksum that a file holds is the one of its bytes. All comparisons go through it, so that fuzz
// builds can have another one (fuzz/unchecked_checksums.cc).
bool same_checksum(uint64_t read, uint64_t computed);

// checksum64 of the concatenation of several parts.
class Checksum {
  public:
    Checksum();
    ~Checksum();
    void update(std::span<const uint8_t> bytes);
    uint64_t value() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace residua
