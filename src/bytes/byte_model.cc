#include "bytes/byte_model.h"

#include <algorithm>

namespace residua::bytes {

namespace {

// Half of the weight on the log odds of the longer contexts.
constexpr std::array<std::array<int16_t, 17>, 1> kStart = {
    {{200, 20, 200, 20, 220, 20, 260, 20, 260, 20, 260, 20, 120, 0, 400, 40, 0}}};

int context_bits(uint64_t size) { return std::clamp(static_cast<int>(std::bit_width(size)) + 1, 8, 16); }

uint32_t hash(uint64_t value) { return static_cast<uint32_t>((value * 0x9E3779B97F4A7C15u) >> 32); }

}  // namespace

ByteModel::ByteModel(uint64_t size, std::span<const uint8_t> beginning)
    : zero_(0, 8),
      match_slots_(6, 1),
      decision_({{256, kMatchLevels * 2, 256 * 3}, 1, {256, 1024}}, kStart,
                [](size_t, size_t) { return size_t{0}; }),
      places_(size_t{1} << context_bits(size + beginning.size())) {
    const int bits = context_bits(size + beginning.size());
    for (int i = 0; i < kOrders; ++i) orders_.emplace_back(bits, 4);
    NoBits none;
    beginning_ = beginning;
    // Learned as if it were coded: what is known of it grows byte by byte.
    for (const uint8_t byte : beginning) code(none, {}, byte);
}

uint8_t ByteModel::before(size_t distance) const { return place_ < distance ? 0 : at(place_ - distance); }

void ByteModel::begin_byte(std::span<const uint8_t> known) {
    known_ = known;
    uint64_t last = 0;
    for (size_t i = 8; i >= 1; --i) last = last << 8 | before(i);
    // The last 1, 2, 3, 4 and 6 bytes; the high bytes of the last two numbers of two.
    static constexpr std::array<uint64_t, kOrders> kSeen = {0xFF,       0xFFFF,         0xFFFFFF,
                                                            0xFFFFFFFF, 0xFFFFFFFFFFFF, 0xFF00FF00};
    for (size_t i = 0; i < kOrders; ++i) contexts_[i] = hash((last & kSeen[i]) * 8 + i + 1);
    find_match();
    expected_ = match_length_ > 0 ? 256 + at(match_) : 0;
}

void ByteModel::find_match() {
    if (place_ < kMinMatch) return;
    uint64_t last = 0;
    for (size_t i = kMinMatch; i >= 1; --i) last = last << 8 | before(i);
    uint32_t& entry = places_[hash(last) & (places_.size() - 1)];
    if (match_length_ == 0 && entry != 0) {
        match_ = entry;
        while (match_length_ < 32 && match_length_ < match_ &&
               before(match_length_ + 1) == at(match_ - match_length_ - 1))
            ++match_length_;
    }
    entry = static_cast<uint32_t>(place_);
}

void ByteModel::begin_bit(uint32_t node) {
    // The nodes of half a byte lie together.
    const uint32_t low = node < 16 ? node : node & ((1u << (std::bit_width(node) - 5)) - 1),
                   within = node < 16 ? node : (1u << (std::bit_width(node) - 5)) | low;
    const uint32_t high = node < 16 ? 0 : node >> (std::bit_width(node) - 5);
    for (size_t i = 0; i < kOrders; ++i)
        decision_.slots[i] =
            orders_[i].at(high == 0 ? contexts_[i] : hash(uint64_t{contexts_[i]} << 8 | high), within);
    decision_.slots[kOrders] = zero_.at(0, node);
    // Whether the match's byte has begun like this one, and its next bit.
    const int missing = 9 - static_cast<int>(std::bit_width(node));
    const bool matches = expected_ != 0 && static_cast<uint32_t>(expected_) >> missing == node;
    const uint32_t bit = matches ? static_cast<uint32_t>(expected_) >> (missing - 1) & 1 : 0;
    const auto level = static_cast<uint32_t>(matches ? std::min<size_t>(match_length_, kMatchLevels - 1) : 0);
    decision_.slots[kInputs - 1] = match_slots_.at(level, bit);
    decision_.selected = {node, 2 * level + bit, 256 * std::min<uint32_t>(level, 2) + before(1)};
    decision_.final_selected = 0;
    decision_.corrected = {node, (hash(contexts_[0] + 7 * node) & 1023)};
}

void ByteModel::end_byte(uint8_t byte) {
    if (match_length_ > 0 && expected_ == 256 + byte) {
        ++match_;
        match_length_ = std::min<size_t>(match_length_ + 1, 65535);
    } else {
        match_length_ = 0;
    }
    ++place_;
}

}  // namespace residua::bytes
