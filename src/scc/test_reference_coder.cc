#include "scc/test_reference_coder.h"

#include <algorithm>
#include <array>

namespace residua::scc::reference {
namespace {

constexpr int64_t kMaxLogit = 2047;

int64_t limited_logit(int64_t logit) { return std::clamp(logit, -kMaxLogit, kMaxLogit); }
int64_t limited_share(int64_t share) { return std::clamp<int64_t>(share, 8, 65528); }

std::array<uint64_t, kMaxLogit + 1> made_exponentials() {
    std::array<uint64_t, kMaxLogit + 1> e{};
    e[0] = uint64_t{1} << 32;
    for (size_t i = 1; i < e.size(); ++i) e[i] = (e[i - 1] * 4278222805u) >> 32;
    return e;
}

std::array<int64_t, 4096> made_stretch() {
    std::array<int64_t, 4096> table{};
    for (size_t p = 0; p < table.size(); ++p) {
        int64_t logit = kMaxLogit;
        while (logit > -kMaxLogit && squash(logit) > 16 * static_cast<int64_t>(p) + 8) --logit;
        table[p] = logit;
    }
    return table;
}

}  // namespace

int64_t squash(int64_t logit) {
    static const auto kExponentials = made_exponentials();
    const uint64_t e = kExponentials[static_cast<size_t>(logit < 0 ? -logit : logit)];
    const auto share = static_cast<int64_t>((uint64_t{1} << 48) / ((uint64_t{1} << 32) + e));
    return logit < 0 ? 65536 - share : share;
}

int64_t stretch(int64_t share) {
    static const auto kTable = made_stretch();
    return kTable[static_cast<size_t>(share)];
}

Reader::Reader(std::span<const uint8_t> stream) : stream_(stream), value_(take(8)) {}

uint64_t Reader::take(int bytes) {
    uint64_t number = 0;
    for (int i = 0; i < bytes; ++i, ++next_)
        number = number << 8 | (next_ < stream_.size() ? stream_[next_] : uint64_t{0});
    return number;
}

bool Reader::bit(int64_t share) {
    const uint64_t bound = (range_ >> 16) * static_cast<uint64_t>(share);
    const bool one = value_ < bound;
    if (one) {
        range_ = bound;
    } else {
        value_ -= bound;
        range_ -= bound;
    }
    if (range_ < uint64_t{1} << 32) {
        value_ = value_ << 32 | take(4);
        range_ <<= 32;
    }
    return one;
}

void Slot::learn(bool bit) {
    q += ((((bit ? (1 << 22) - 1 : 0) - q) >> 7) * rate()) >> 9;
    n = std::min(n + 1, 1000);
}

bool alone(Reader& reader, Slot& slot) {
    const bool bit = reader.bit(limited_share(slot.q >> 6));
    slot.learn(bit);
    return bit;
}

uint64_t together(std::initializer_list<int64_t> numbers) {
    uint64_t all = 0;
    for (const int64_t number : numbers) all = all * 1024 + static_cast<uint64_t>(number);
    return all;
}

std::vector<int64_t> Decision::inputs(std::span<Slot* const> slots) const {
    std::vector<int64_t> x;
    for (const Slot* slot : slots) x.push_back((stretch(slot->q >> 10) * (256 - (slot->rate() >> 8))) >> 8);
    if (rich())
        for (const Slot* slot : slots) x.push_back(((slot->q >> 10) - 2048) >> 1);
    return x;
}

Decision::Weights& Decision::vote(size_t number, uint64_t selected, size_t inputs, size_t slots) {
    Weights& weights = votes_[number][selected];
    if (weights.w.empty()) {
        weights.w.resize(inputs, 0);
        std::fill_n(weights.w.begin(), slots, first_weight_);
    }
    return weights;
}

Decision::Points& Decision::map(size_t number, uint64_t selected) {
    Points& points = maps_[number][selected];
    for (int64_t k = static_cast<int64_t>(points.size()); k < 33; ++k)
        points.push_back(squash(limited_logit(128 * k - 2048)));
    return points;
}

bool Decision::decide(Reader& reader, std::span<Slot* const> slots, std::span<const uint64_t> votes,
                      uint64_t final_weights, std::initializer_list<uint64_t> maps) {
    const std::vector<int64_t> x = inputs(slots);
    std::vector<Weights*> sets;
    std::vector<int64_t> opinions;
    for (size_t s = 0; s < votes_.size(); ++s) {
        sets.push_back(&vote(s, votes[s], x.size(), slots.size()));
        int64_t sum = 0;
        for (size_t i = 0; i < x.size(); ++i) sum += (sets[s]->w[i] >> 16) * x[i];
        // Of 32 bits, modulo 2^32.
        const auto of_32_bits = static_cast<int32_t>(static_cast<uint32_t>(sum));
        opinions.push_back(limited_logit(of_32_bits >> 13));
    }

    std::vector<int64_t>& finals = finals_[final_weights];
    finals.resize(votes_.size(), 65536 / static_cast<int64_t>(votes_.size()));
    int64_t logit = opinions[0];
    if (rich()) {
        int64_t sum = 0;
        for (size_t s = 0; s < opinions.size(); ++s) sum += finals[s] * opinions[s];
        logit = limited_logit(sum >> 16);
    }

    int64_t share = squash(logit);
    const int64_t from_first = logit + 2048, part = from_first % 128;
    const auto point = static_cast<size_t>(from_first / 128);
    if (rich()) {
        share *= 2;
        for (size_t m = 0; m < 2; ++m) {
            const Points& points = map(m, maps.begin()[m]);
            share += (points[point] * (128 - part) + points[point + 1] * part) >> 7;
        }
        share >>= 2;
    }
    const bool bit = reader.bit(limited_share(share));

    const int64_t truth = bit ? 65535 : 0;
    for (size_t s = 0; s < sets.size(); ++s) {
        const int64_t rate = 40 + 4000 / (sets[s]->used / 16 + 4);
        const int64_t error =
            std::clamp<int64_t>(((truth - squash(opinions[s])) * rate) >> 11, -32767, 32767);
        for (size_t i = 0; i < x.size(); ++i)
            sets[s]->w[i] = std::clamp<int64_t>(sets[s]->w[i] + x[i] * error, -(1 << 30), 1 << 30);
        sets[s]->used = std::min<int64_t>(sets[s]->used + 1, 4095);
    }
    if (rich()) {
        for (size_t s = 0; s < finals.size(); ++s) {
            const int64_t step = (opinions[s] * ((truth - squash(logit)) >> 3) + 32768) >> 16;
            finals[s] = std::clamp<int64_t>(finals[s] + step, -(1 << 19), 1 << 19);
        }
        for (size_t m = 0; m < 2; ++m) {
            int64_t& nearest = map(m, maps.begin()[m])[point + (part >= 64 ? 1 : 0)];
            nearest += (truth - nearest) >> 6;
        }
    }
    for (Slot* slot : slots) slot->learn(bit);
    return bit;
}

}  // namespace residua::scc::reference
