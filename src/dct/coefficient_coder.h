// Codes one AC coefficient. Encoder and decoder share it: Bits
// knows a bit or finds it (decision.h). docs/format-dct.md, 6.
#pragma once

#include "dct/block.h"
#include "dct/component.h"
#include "dct/decision.h"
#include "dct/linear_guess.h"
#include "dct/priors.h"

namespace residua::dct {

// The block at hand, as far as it is coded.
struct Progress {
    Surroundings near;
    Group group = kInner;
    std::array<int16_t, 64> value{};
    Padded sizes{};
    Border rows, columns;         // what is missing at the left border per row, at the upper one per column
    uint32_t remaining = 0;       // coefficients of the group that are not 0 and yet to come
    uint32_t places = 0;          // coefficients of the group yet to come
    uint32_t coded = 0, sum = 0;  // coefficients that were not 0 in the block, and their magnitudes
    uint32_t last = 0, before_last = 0;  // magnitudes of the group's last two
};

// `missing` at a border in eighths of the coefficient whose basis function has the size `basis` there.
inline int in_eighths(int32_t missing, int32_t basis, int32_t step) {
    return static_cast<int>(
        std::clamp<int64_t>(int64_t{missing} * 8 / (int64_t{basis} * step), -16384, 16384));
}

class CoefficientCoder {
  public:
    CoefficientCoder() {
        for (auto& weights : guess_weights_) weights.fill(0);
        for (auto& weights : size_weights_) weights = {8192, 8192, 8192, 8192, 8192, 8192, 8192};
    }

    // value: what the encoder has to say. Returns it, never beyond ±kMaxCoefficient.
    template <class Bits>
    int code(Bits& bits, const Progress& now, uint32_t position, int value) {
        prepare(now, position);
        const bool forced = now.remaining == now.places;
        int coded = 0;
        if (forced || node(bits, 0, false, value != 0)) coded = nonzero(bits, now, value);
        guess_.learn(8 * coded);
        size_.learn(16 * std::abs(coded));
        return coded;
    }

  private:
    static constexpr size_t kContexts = 15;
    static constexpr int kMostLength = 11;  // bits of a magnitude
    static_assert((1 << kMostLength) - 1 == kMaxCoefficient);

    void prepare(const Progress& now, uint32_t position);

    // Node 0: is it other than 0? Node n: has its magnitude more than n bits?
    template <class Bits>
    bool node(Bits& bits, uint32_t n, bool negative, bool bit) {
        const auto toward = [&](int guess) {
            return n == 0 ? signed_level(std::abs(guess), 15) : signed_level(negative ? -guess : guess, 15);
        };
        const uint32_t guess = toward(guessed_), slope = toward(slope_);
        std::array<uint32_t, kContexts> x = contexts_;
        x[10] |= guess;
        x[11] |= guess;
        x[13] |= guess;
        x[14] |= slope << 2;
        for (size_t i = 0; i < kContexts; ++i) decision_.slots[i] = tables_[i].at(x[i], n);
        decision_.selected = {position_ << 4 | n, (group_ << 4 | near_level_) << 4 | n, fill_ << 4 | n,
                              energy_level_ << 4 | n};
        decision_.final_selected = position_ << 4 | n;
        decision_.corrected = {energy_level_ << 4 | n,
                               n == 0 ? 1024 + (position_ << 4 | (guess - 15)) : position_ << 4 | n};
        return decision_.code(bits, bit);
    }

    template <class Bits>
    int nonzero(Bits& bits, const Progress& now, int value) {
        const bool negative = sign(bits, now, value < 0);
        const int size = std::abs(value);
        int length = 1;
        while (length < kMostLength &&
               node(bits, static_cast<uint32_t>(length), negative, (size >> length) != 0))
            ++length;
        int coded = 1;
        for (int b = length - 2; b >= 0; --b)
            coded = coded << 1 | lower_bit(bits, now, length, b, coded, negative, (size >> b) & 1);
        return negative ? -coded : coded;
    }

    template <class Bits>
    bool sign(Bits& bits, const Progress& now, bool negative);

    // Bit b of a magnitude of `length` bits, whose higher bits are `prefix`.
    template <class Bits>
    int lower_bit(Bits& bits, const Progress& now, int length, int b, int prefix, bool negative, int bit);

    std::array<SlotTable, kContexts> tables_{SlotTable{11, 4}, {12, 4}, {12, 4}, {12, 4}, {10, 4},
                                             {12, 4},          {12, 4}, {12, 4}, {12, 4}, {13, 4},
                                             {11, 4},          {11, 4}, {9, 4},  {5, 4},  {7, 4}};
    std::array<SlotTable, 8> sign_tables_{SlotTable{11, 0}, {11, 0}, {12, 0}, {12, 0},
                                          {12, 0},          {11, 0}, {12, 0}, {11, 0}};
    std::array<SlotTable, 6> bit_tables_{SlotTable{13, 0}, {14, 0}, {14, 0}, {16, 0}, {16, 0}, {16, 0}};
    Decision<kContexts, 4> decision_{{{1024, 1024, 272, 512}, 1024, {512, 2048}},
                                     priors::kCoefficient,
                                     [](size_t, size_t index) { return index & 15; }};
    Decision<8, 2> sign_{
        {{64, 289}, 64, {1024, 64}}, priors::kSign, [](size_t, size_t) { return size_t{0}; }};
    Decision<6, 2> bit_{{{256, 64}, 256, {1024, 64}}, priors::kBit, [](size_t, size_t) { return size_t{0}; }};

    std::array<std::array<int32_t, 12>, 64> guess_weights_, size_weights_;
    LinearGuess<12, 8191, 4096> guess_;  // of a coefficient, in eighths
    LinearGuess<12, 16383, 2048> size_;  // of its magnitude, in sixteenths

    // Of the coefficient at hand.
    std::array<uint32_t, kContexts> contexts_{};
    uint32_t position_ = 0, group_ = 0, near_level_ = 0, fill_ = 0, energy_level_ = 0, zone_ = 0;
    uint32_t blocks_ = 0, inside_ = 0;  // weighted sums of magnitudes around
    int from_left_ = 0, from_above_ = 0, slope_left_ = 0, slope_above_ = 0;  // guesses, in eighths
    int slope_ = 0, guessed_ = 0, straight_ = 0;
};

inline void CoefficientCoder::prepare(const Progress& now, uint32_t position) {
    const uint32_t p = position, v = p / 8, u = p % 8;
    const Surroundings& near = now.near;
    const Side& side = *near.side;
    const int step = std::max<int>(near.steps[p], 1);
    position_ = p;
    group_ = now.group;

    const uint32_t left = near.left->magnitude[p], above = near.above->magnitude[p];
    const uint32_t corners = near.above_left->magnitude[p] + near.above_right->magnitude[p];
    const Padded& q = now.sizes;
    const size_t at = padded_index(p);
    blocks_ = 3 * (left + above) + corners;
    inside_ = 2 * (q[at - 10] + q[at + 10] + q[at - 1] + q[at + 1]) + q[at - 11] + q[at - 9] + q[at + 9] +
              q[at + 11];
    const uint32_t far = (v >= 1 ? q[at - 20] : 0) + (u >= 1 ? q[at - 2] : 0) + (v < 7 ? q[at + 20] : 0) +
                         (u < 7 ? q[at + 2] : 0);
    const uint32_t wide = near.left->around[p] + near.above->around[p];
    const uint32_t wide_corners = near.above_left->around[p] + near.above_right->around[p];
    const uint32_t energy = 2 * (blocks_ + inside_ + far) + wide;
    const uint32_t cb_size = side.has_cb ? magnitude(side.cb_value[p]) : near.above_right->magnitude[p];
    const uint32_t luma = side.has_luma ? level(side.luma_size[p], 15) : level(wide_corners, 15);

    const bool has_left = near.left->known, has_above = near.above->known;
    from_left_ = has_left ? in_eighths(now.rows.flat[v], kFlat[u], step) : 0;
    from_above_ = has_above ? in_eighths(now.columns.flat[u], kFlat[v], step) : 0;
    slope_left_ = has_left ? in_eighths(now.rows.slope[v], kSlope[u], step) : 0;
    slope_above_ = has_above ? in_eighths(now.columns.slope[u], kSlope[v], step) : 0;
    const auto choose = [&](int from_left, int from_above) {
        return now.group == kRow      ? from_above
               : now.group == kColumn ? from_left
                                      : (from_left + from_above) / 2;
    };
    straight_ = choose(from_left_, from_above_);
    slope_ = choose(slope_left_, slope_above_);

    const bool inner = now.group == kInner;
    guess_.weights = &guess_weights_[p];
    guess_.input = {from_left_,
                    from_above_,
                    slope_left_,
                    slope_above_,
                    8 * near.left->value[p],
                    8 * near.above->value[p],
                    u > 1 ? 8 * now.value[p - 2] : 0,
                    v > 1 ? 8 * now.value[p - 16] : 0,
                    8 * side.cb_value[p],
                    8 * side.luma_value[p],
                    inner ? 8 * now.value[p - 9] : 0,
                    inner && u < 7 && v < 7 ? 8 * now.value[p + 9] : 0};
    guessed_ = guess_.guess();

    const auto as_int = [](uint32_t x) { return static_cast<int32_t>(x); };
    size_.weights = &size_weights_[p];
    size_.input = {as_int(16 * left),
                   as_int(16 * above),
                   as_int(8 * corners),
                   as_int(2 * inside_),
                   as_int(4 * far),
                   as_int(wide / 2),
                   as_int(wide_corners / 2),
                   as_int(8 * (now.last + now.before_last)),
                   as_int(side.has_luma ? 4 * side.luma_size[p] : 16 * near.left2->magnitude[p]),
                   as_int(16 * (side.has_cb ? cb_size : near.above2->magnitude[p])),
                   std::min(2 * std::abs(guessed_), 4000),
                   16};
    const uint32_t expected = fine_level(static_cast<uint32_t>(std::max(size_.guess(), 0)));

    near_level_ = level(blocks_ + inside_, 15);
    fill_ = now.remaining * 16 / now.places;
    energy_level_ = level(energy, 31);
    zone_ = inner ? std::min(u + v - 2, 7u) : 7 + group_;
    contexts_[0] = p << 5 | level(inside_ + far, 31);
    contexts_[1] = p << 6 | now.remaining;
    contexts_[2] = (p << 3 | level(left, 7)) << 3 | level(above, 7);
    contexts_[3] = (p << 3 | level(now.last, 7)) << 3 | level(now.before_last, 7);
    contexts_[4] = p << 4 | luma;
    contexts_[5] = (p << 3 | level(cb_size, 7)) << 3 | level(inside_, 7);
    contexts_[6] = (p << 4 | level(now.sum, 15)) << 2 | level(now.coded, 3);
    contexts_[7] = (level(blocks_, 15) << 4 | level(wide, 15)) << 4 | luma;
    contexts_[8] = p << 6 | expected;
    contexts_[9] = (expected << 5 | fill_) << 2 | std::min(zone_ / 3, 3u);
    contexts_[10] = expected << 5;
    contexts_[11] = p << 5;
    contexts_[12] = signed_level(from_left_, 10) * 21 + signed_level(from_above_, 10);
    contexts_[13] = 0;
    contexts_[14] = group_;
}

template <class Bits>
bool CoefficientCoder::sign(Bits& bits, const Progress& now, bool negative) {
    const uint32_t p = position_, v = p / 8, u = p % 8;
    const Side& side = *now.near.side;
    const auto of3 = [](int x) { return static_cast<uint32_t>((x > 0) - (x < 0) + 1); };
    const auto of5 = [](int x) { return static_cast<uint32_t>(std::clamp(x, -2, 2) + 2); };
    const int beside = u > 1 ? now.value[p - 2] : 0, over = v > 1 ? now.value[p - 16] : 0;
    const int corner = group_ == kInner ? now.value[p - 9] : 0;
    const uint32_t flat = signed_level(from_left_, 12) << 5 | signed_level(from_above_, 12);
    const std::array<uint32_t, 8> x = {
        p << 5 | signed_level(from_left_, 12),
        p << 5 | signed_level(from_above_, 12),
        group_ << 10 | flat,
        p << 6 | (of5(now.near.left->value[p]) * 5 + of5(now.near.above->value[p])),
        group_ << 10 | signed_level(slope_left_, 12) << 5 | signed_level(slope_above_, 12),
        p << 5 | (of3(beside) * 9 + of3(over) * 3 + of3(corner)),
        p << 6 | (of5(side.cb_value[p]) * 5 + of5(side.luma_value[p])),
        p << 5 | signed_level(guessed_, 15)};
    for (size_t i = 0; i < x.size(); ++i) sign_.slots[i] = sign_tables_[i].at(x[i], 0);
    sign_.selected = {p, signed_level(from_left_, 8) * 17 + signed_level(from_above_, 8)};
    sign_.final_selected = p;
    sign_.corrected = {flat, p};
    return sign_.code(bits, negative);
}

template <class Bits>
int CoefficientCoder::lower_bit(Bits& bits, const Progress& now, int length, int b, int prefix, bool negative,
                                int bit) {
    const int middle = (2 * prefix + 1) << b;
    const auto place = [&](int guess) {
        return static_cast<uint32_t>(
            std::clamp(((negative ? -guess : guess) - 8 * middle) >> (b + 1), -16, 15) + 16);
    };
    const uint32_t where = place(guessed_), where_straight = place(straight_);
    const auto scale =
        static_cast<uint32_t>(std::clamp((static_cast<int>(blocks_) - 8 * middle) >> (b + 1), -8, 7) + 8);
    const uint32_t n = static_cast<uint32_t>(length - 1) << 4 | static_cast<uint32_t>(b);
    const uint32_t first = static_cast<uint32_t>(std::min(prefix, 63));
    const std::array<uint32_t, 6> x = {n << 5 | where,
                                       n << 6 | position_,
                                       n << 6 | first,
                                       (n << 4 | scale) << 4 | level(inside_ / 4, 15),
                                       (n << 4 | scale) << 4 | zone_,
                                       (n << 5 | where_straight) << 3 | level(now.remaining, 7)};
    for (size_t i = 0; i < x.size(); ++i) bit_.slots[i] = bit_tables_[i].at(x[i], 0);
    bit_.selected = {n, position_};
    bit_.final_selected = n;
    bit_.corrected = {where << 5 | std::min(first, 31u), position_};
    return bit_.code(bits, bit);
}

}  // namespace residua::dct
