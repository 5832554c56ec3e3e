#include "base/checksum.h"

#include <xxhash.h>

#include <new>

namespace residua {

uint64_t checksum64(std::span<const uint8_t> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

struct Checksum::State {
    XXH3_state_t* xxh = XXH3_createState();
    ~State() { XXH3_freeState(xxh); }
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
    if (!state_->xxh) throw std::bad_alloc();
    XXH3_64bits_reset(state_->xxh);
}
Checksum::~Checksum() = default;

void Checksum::update(std::span<const uint8_t> bytes) {
    XXH3_64bits_update(state_->xxh, bytes.data(), bytes.size());
}

uint64_t Checksum::value() const { return XXH3_64bits_digest(state_->xxh); }

}  // namespace residua
