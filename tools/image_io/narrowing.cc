#include "image_io/narrowing.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace image_io {

namespace {

constexpr uint32_t kStretch = 65537;

}  // namespace

void Narrowing::take(const uint8_t* from, uint32_t bits, bool is_signed, size_t count, uint8_t* samples) {
    const size_t size = bits / 8;
    const uint64_t sign = is_signed ? uint64_t{1} << (bits - 1) : 0;
    for (size_t i = 0; i < count; ++i, from += size) {
        uint64_t value = 0;
        for (size_t byte = 0; byte < size; ++byte)
            value |= uint64_t{from[std::endian::native == std::endian::big ? size - 1 - byte : byte]}
                     << 8 * byte;
        if (chosen_) {
            const auto narrow = static_cast<uint16_t>(value / factor_);
            std::memcpy(samples + 2 * i, &narrow, sizeof narrow);
        } else if (value & sign) {
            least_ = std::min(least_, static_cast<int64_t>((value ^ sign) - sign));
        } else {
            most_ = std::max(most_, value);
            stretched_ = stretched_ && value % kStretch == 0;
        }
    }
}

bool Narrowing::choose(uint32_t bits) {
    chosen_ = true;
    if (least_ < 0) return least_ >= INT16_MIN && most_ <= INT16_MAX;
    if (most_ <= UINT16_MAX) return true;
    if (bits != 32 || !stretched_) return false;
    factor_ = kStretch;
    return true;
}

}  // namespace image_io
