// Is the pixel's colour the one that its neighbourhood suggests? docs/format-scc.md, 4.
#pragma once

#include "scc/neighbours_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

// How much a context's favourite counts when a candidate is chosen.
inline constexpr uint32_t kWeight[kOrders] = {60, 50, 40, 30, 24, 16, 12, 12, 10, 6, 6, 16, 10};

// 0 … 11, of how often.
RESIDUA_INLINE uint32_t often(uint32_t n) {
    if (n < 4) return n;
    if (n < 6) return 4;
    if (n < 8) return 5;
    return n < 12 ? 6u : n < 16 ? 7u : n < 32 ? 8u : n < 64 ? 9u : n < 128 ? 10u : 11u;
}

class QuestionLanes {
  public:
    RESIDUA_INLINE QuestionLanes(const Tables& tables, Work& work)
        : work_(work), decision_(tables, work.question, kMostCount) {}

    // place: of the pixel, among the numbers.
    RESIDUA_INLINE void begin(const Neighbours& near, uint32_t place) {
        near_ = near;
        place_ = place;
    }

    // For a pixel in a flat area, of which nothing is learned here.
    RESIDUA_INLINE void skip(uint32_t id) {
        if (work_.match_length == 0) return;
        if (work_.ids[work_.match_place] == id) {
            ++work_.match_length;
            ++work_.match_place;
        } else {
            work_.match_length = 0;
        }
    }

    RESIDUA_INLINE void look_up() {
        const Neighbours& a = near_;
        const Hash h5 = Hash(5).with(a.w).with(a.n);
        const Hash h4 = h5.with(a.nw);
        const Hash h3 = h4.with(a.ne);
        const Hash h2 = h3.with(a.ww).with(a.nn);
        const Hash h1 = h2.with(a.nne).with(a.nww).with(a.nee);
        const Hash h0 = h1.with(a.nnw).with(a.www).with(a.neee);
        const uint32_t hash[kOrders] = {h0.get(),
                                        h1.get(),
                                        h2.get(),
                                        h3.get(),
                                        h4.get(),
                                        h5.get(),
                                        Hash(6).with(a.w).with(a.ww).with(a.www).with(a.wwww).get(),
                                        Hash(7).with(a.n).with(a.nn).with(a.nnn).with(a.w).get(),
                                        Hash(8).with(a.n).with(a.ne).with(a.nee).get(),
                                        Hash(9).with(a.w).get(),
                                        Hash(10).with(a.n).get(),
                                        Hash(11).with(a.w).with(a.ne).with(a.n).get(),
                                        Hash(12).with(a.nw).with(a.nww).with(a.ww).get()};
        for (int i = 0; i < kOrders; ++i) {
            Memory* const memory = work_.memories + (size_t(i) << work_.memory_bits) +
                                   (hash[i] & ((1u << work_.memory_bits) - 1));
            if (memory->check != hash[i]) *memory = {hash[i], {0, 0, 0}};
            memory_[i] = memory;
        }
        find_match(hash[0]);
    }

    RESIDUA_INLINE void exclude_none() { excluded_count_ = 0; }
    RESIDUA_INLINE void exclude(uint32_t id) { excluded_[excluded_count_++] = id; }

    // The colour that most speaks for, but for those that are excluded; 0: none.
    RESIDUA_INLINE uint32_t candidate() const {
        uint32_t ids[kOrders + 5], votes[kOrders + 5];
        int count = 0;
        const auto add = [&](uint32_t id, uint32_t weight) {
            for (int i = 0; i < count; ++i)
                if (ids[i] == id) {
                    votes[i] += weight;
                    return;
                }
            ids[count] = id;
            votes[count++] = weight;
        };
        for (int i = 0; i < kOrders; ++i)
            for (const uint32_t entry : memory_[i]->entry) {
                if (entry == 0) break;
                const uint32_t id = entry & kMostColours;
                if (is_excluded(id)) continue;
                add(id, kWeight[i] * least(entry >> kColourBits, 8u));
                break;
            }
        const auto add_id = [&](uint32_t id, uint32_t weight) {
            if (id != 0 && !is_excluded(id)) add(id, weight);
        };
        if (work_.match_length > 0) add_id(expected_, 64 * least(work_.match_length, 16u));
        add_id(near_.w, 16);
        add_id(near_.n, 16);
        add_id(near_.ne, 4);
        add_id(near_.nw, 3);
        uint32_t best = 0, most = 0;
        for (int i = 0; i < count; ++i)
            if (votes[i] > most) best = ids[i], most = votes[i];
        return best;
    }

    template <class Coder>
    RESIDUA_INLINE bool ask(Coder& coder, uint32_t candidate, int question, bool is) {
        uint32_t agree = 0, highest = 15;
        const auto q = static_cast<uint32_t>(question);
        for (int i = kOrders - 1; i >= 0; --i) {
            const Memory& memory = *memory_[i];
            uint32_t mine = 0, others = 0, kinds = 0;
            for (const uint32_t entry : memory.entry) {
                if (entry == 0) break;
                const uint32_t id = entry & kMostColours, n = entry >> kColourBits;
                if (is_excluded(id)) continue;
                ++kinds;
                if (id == candidate)
                    mine = n;
                else
                    others += n;
            }
            uint32_t state = 0;
            if (memory.entry[0] == 0) {
                state = kStates - 1;
            } else if (mine > 0) {
                state = often(mine) * 12 + often(others) + 1;
                ++agree;
                highest = static_cast<uint32_t>(i);
            } else if (others > 0) {
                state = 160 + often(others) * 4 + least(kinds, 3u);
            }
            decision_.slot[i] = static_cast<int32_t>((static_cast<uint32_t>(i) * kQuestions + q) * kStates + state);
        }
        const uint32_t length = least(work_.match_length, 31u);
        const uint32_t matched = length == 0 ? 0 : expected_ == candidate ? 1 + length : 64 + length;
        for (uint32_t i = kOrders; i < kQuestionInputs; ++i)
            decision_.slot[i] = static_cast<int32_t>((i * kQuestions + q) * kStates);
        decision_.slot[kOrders] += static_cast<int32_t>(matched);
        // Which of the neighbours it is, and which of them are alike.
        const Neighbours& a = near_;
        const uint32_t like = (candidate == a.w) | (candidate == a.n) << 1 | (candidate == a.nw) << 2 |
                              (candidate == a.ne) << 3;
        const uint32_t alike = (a.w == a.n) | (a.n == a.nw) << 1 | (a.n == a.ne) << 2 | (a.w == a.ww) << 3;
        decision_.slot[kOrders + 1] += static_cast<int32_t>(like * 16 + alike);
        const uint32_t like_far = (candidate == a.ww) | (candidate == a.nn) << 1 | (candidate == a.nee) << 2 |
                                  (candidate == a.nww) << 3;
        decision_.slot[kOrders + 2] += static_cast<int32_t>(like_far * 16 + like);
        const uint32_t misses = least(work_.misses, 3u);
        decision_.set[0] = static_cast<int32_t>(q * 16 + highest);
        decision_.set[1] = static_cast<int32_t>(q * 256 + like * 16 + alike);
        decision_.set[2] = static_cast<int32_t>(q * 64 + agree * 4 + misses);
        decision_.final_set = static_cast<int32_t>(q);
        decision_.map[0] = static_cast<int32_t>(q * 1024 + like * 64 + agree * 4 + misses);
        decision_.map[1] =
            static_cast<int32_t>(Hash(77).with(a.w).with(a.n).with(candidate).with(q).get() & 4095);
        return decision_.code(coder, is) != 0;
    }

    // What the pixel's colour was.
    RESIDUA_INLINE void learn(uint32_t id) {
        if (work_.match_length > 0) {
            if (expected_ == id) {
                ++work_.match_length;
                ++work_.match_place;
            } else {
                work_.match_length = 0;
            }
        }
        if (id == 0) return;
        for (Memory* const memory : memory_) remember(*memory, id);
    }

  private:
    static constexpr uint32_t kOnce = 1u << kColourBits;
    static constexpr uint32_t kOftenest = 250;

    RESIDUA_INLINE bool is_excluded(uint32_t id) const {
        for (int i = 0; i < excluded_count_; ++i)
            if (excluded_[i] == id) return true;
        return false;
    }
    // Where the same neighbours were before.
    RESIDUA_INLINE void find_match(uint32_t hash) {
        uint32_t& last = work_.matches[(hash * 2654435761u) >> (32 - work_.match_bits)];
        if (work_.match_length == 0 && last != 0) {
            work_.match_place = last - 1;
            work_.match_length = 1;
        }
        last = place_ + 1;
        expected_ = work_.match_length > 0 ? work_.ids[work_.match_place] : 0;
    }

    static RESIDUA_INLINE void remember(Memory& memory, uint32_t id) {
        int at = -1;
        for (int j = 0; j < kRemembered; ++j)
            if (memory.entry[j] != 0 && (memory.entry[j] & kMostColours) == id) at = j;
        if (at >= 0) {
            for (int j = 0; j < kRemembered; ++j) {
                const uint32_t n = memory.entry[j] >> kColourBits;
                if (j == at)
                    memory.entry[j] += n < kOftenest ? kOnce : 0;
                else if (n > 2)
                    memory.entry[j] -= (n + 2) / 4 * kOnce;
            }
            if (at > 0 && memory.entry[at] >> kColourBits > memory.entry[at - 1] >> kColourBits) {
                const uint32_t before = memory.entry[at - 1];
                memory.entry[at - 1] = memory.entry[at];
                memory.entry[at] = before;
            }
            return;
        }
        int free = kRemembered - 1;
        for (int j = kRemembered - 1; j >= 0; --j) {
            const uint32_t n = memory.entry[j] >> kColourBits;
            if (n == 0) free = j;
            if (n > 1) memory.entry[j] -= (n + 1) / 3 * kOnce;
        }
        memory.entry[free] = id | kOnce;
    }

    Work& work_;
    Decision<kQuestionInputs, 3, true> decision_;
    Neighbours near_{};
    uint32_t place_ = 0, expected_ = 0;
    Memory* memory_[kOrders];
    uint32_t excluded_[kQuestions + 1];
    int excluded_count_ = 0;
};

}  // namespace residua::scc::RESIDUA_SIMD
