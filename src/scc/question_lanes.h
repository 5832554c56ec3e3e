// Is the pixel's colour the one that its neighbourhood suggests? docs/format-scc.md, 4.
#pragma once

#include "scc/level_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

// The contexts beside each other; those from kOrders on stay empty.
using Orders = Int32<kQuestionInputs>;

inline constexpr int kOthers = 8;  // colours that are suggested by their place: five of them

// How much a context's favourite counts when a candidate is chosen, for each time that it was met; at most
// kMostVotes of them.
alignas(64) inline constexpr int32_t kWeight[kQuestionInputs] = {60, 50, 40, 30, 24, 16, 12, 12,
                                                                 10, 6,  6,  16, 10, 0,  0,  0};
inline constexpr int32_t kMostVotes = 8;
alignas(64) inline constexpr int32_t kBit[kQuestionInputs] = {
    1 << 0, 1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
    1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};
alignas(64) inline constexpr int32_t kFirstState[kQuestionInputs] = {
    0 * kQuestions * kStates, 1 * kQuestions* kStates,  2 * kQuestions* kStates,  3 * kQuestions* kStates,
    4 * kQuestions* kStates,  5 * kQuestions* kStates,  6 * kQuestions* kStates,  7 * kQuestions* kStates,
    8 * kQuestions* kStates,  9 * kQuestions* kStates,  10 * kQuestions* kStates, 11 * kQuestions* kStates,
    12 * kQuestions* kStates, 13 * kQuestions* kStates, 14 * kQuestions* kStates, 15 * kQuestions* kStates};

// 0 … 11, of how often something was met.
struct Often {
    static constexpr int kLast = 255;
    int32_t of[kLast + 1];
};
inline constexpr Often kOften = [] {
    constexpr int kFirst[] = {1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128};
    Often made{};
    for (int n = 0; n <= Often::kLast; ++n)
        for (const int first : kFirst) made.of[n] += n >= first;
    return made;
}();
RESIDUA_INLINE Orders often(Orders n) { return look_up_32(kOften.of, min(n, Orders::all(Often::kLast))); }

template <int Effort>
class QuestionLanes {
  public:
    RESIDUA_INLINE QuestionLanes(const Tables& tables, Work& work)
        : work_(work), decision_(tables, work.question, kMostCount) {}

    // The contexts of the pixel at x of the rows, which is at `place` among the numbers.
    RESIDUA_APART void begin(const Neighbours& near, uint32_t place, const Rows& rows, int x) {
        near_ = near;
        if constexpr (kHasLevels[Effort]) levels_.begin(work_, rows, x);
        const Neighbours& a = near;
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
            memory_[i] = memory;
            __builtin_prefetch(memory);
        }
        find_match(hash[0], place);
        for (int i = 0; i < kOrders; ++i) {
            Memory& memory = *memory_[i];
            if (memory.check != hash[i]) memory = {hash[i], {0, 0, 0}};
            for (int j = 0; j < kRemembered; ++j) entry_[j][i] = static_cast<int32_t>(memory.entry[j]);
        }
        for (int j = 0; j < kRemembered; ++j) {
            for (int i = kOrders; i < kQuestionInputs; ++i) entry_[j][i] = 0;
            const Orders entry = Orders::load(entry_[j]);
            (entry & static_cast<int32_t>(kMostColours)).store(id_[j]);
            (entry >> kColourBits).store(times_[j]);
        }
        const uint32_t other[kOthers] = {a.w, a.n, a.ne, a.nw, expected_, 0, 0, 0};
        const uint32_t votes[kOthers] = {16, 16, 4, 3, 64 * least(work_.match_length, 16u), 0, 0, 0};
        for (int i = 0; i < kOthers; ++i) {
            other_[i] = static_cast<int32_t>(other[i]);
            other_votes_[i] = other[i] == 0 ? 0 : static_cast<int32_t>(votes[i]);
        }
    }

    // It is not this one.
    RESIDUA_APART void exclude(uint32_t colour) {
        const Orders c = Orders::all(static_cast<int32_t>(colour)), none = Orders::all(0);
        for (int j = 0; j < kRemembered; ++j)
            select(Orders::load(id_[j]) == c, none, Orders::load(times_[j])).store(times_[j]);
        using Others = Int32<kOthers>;
        select(Others::load(other_) == Others::all(static_cast<int32_t>(colour)), Others::all(0),
               Others::load(other_votes_))
            .store(other_votes_);
    }

    // The colour for which most speaks; 0: there is none.
    RESIDUA_APART uint32_t candidate() const {
        using Others = Int32<kOthers>;
        const Orders none = Orders::all(0), n0 = Orders::load(times_[0]), n1 = Orders::load(times_[1]);
        const auto first = n0 > none, second = n1 > none;
        const Orders id =
            select(first, Orders::load(id_[0]), select(second, Orders::load(id_[1]), Orders::load(id_[2])));
        const Orders n = select(first, n0, select(second, n1, Orders::load(times_[2])));
        const Orders votes = min(n, Orders::all(kMostVotes)) * Orders::load(kWeight);
        const Others other = Others::load(other_), other_votes = Others::load(other_votes_);
        alignas(64) int32_t ids[kQuestionInputs + kOthers];
        id.store(ids);
        other.store(ids + kQuestionInputs);
        const Orders bit = Orders::load(kBit);
        const Others other_bit = Others::load(kBit);
        auto left =
            static_cast<uint32_t>(sum(select(votes > none, bit, none))) |
            static_cast<uint32_t>(sum(select(other_votes > Others::all(0), other_bit, Others::all(0))))
                << kQuestionInputs;
        int32_t best = 0, most = 0;
        while (left != 0) {
            const int32_t of = ids[__builtin_ctz(left)];
            const auto same = id == Orders::all(of);
            const auto other_same = other == Others::all(of);
            const int32_t all =
                sum(select(same, votes, none)) + sum(select(other_same, other_votes, Others::all(0)));
            if (all > most) best = of, most = all;
            left &= ~(static_cast<uint32_t>(sum(select(same, bit, none))) |
                      static_cast<uint32_t>(sum(select(other_same, other_bit, Others::all(0))))
                          << kQuestionInputs);
        }
        return static_cast<uint32_t>(best);
    }

    template <class Coder>
    RESIDUA_APART bool ask(Coder& coder, uint32_t colour, int question, bool is) {
        const auto q = static_cast<uint32_t>(question);
        const Orders c = Orders::all(static_cast<int32_t>(colour)), none = Orders::all(0),
                     one = Orders::all(1);
        Orders mine = none, all = none, kinds = none;
        for (int j = 0; j < kRemembered; ++j) {
            const Orders n = Orders::load(times_[j]);
            mine = mine + select(Orders::load(id_[j]) == c, n, none);
            all = all + n;
            kinds = kinds + select(n > none, one, none);
        }
        const Orders others = all - mine, often_others = often(others);
        const auto has = mine > none;
        const Orders without = select(others > none, often_others * 4 + kinds + 160, none);
        const Orders with = often(mine) * 12 + often_others + 1;
        const Orders state =
            select(Orders::load(entry_[0]) == none, Orders::all(kStates - 1), select(has, with, without));
        (Orders::load(kFirstState) + state + static_cast<int32_t>(q * kStates)).store(decision_.slot);
        const auto agreeing = static_cast<uint32_t>(sum(select(has, Orders::load(kBit), none)));
        const auto agree = static_cast<uint32_t>(__builtin_popcount(agreeing));
        const auto highest = static_cast<uint32_t>(agreeing == 0 ? 15 : __builtin_ctz(agreeing));

        const uint32_t length = least(work_.match_length, 31u);
        const uint32_t matched = length == 0 ? 0 : expected_ == colour ? 1 + length : 64 + length;
        // Which of the neighbours it is, and which of them are alike.
        const Neighbours& a = near_;
        const uint32_t like =
            (colour == a.w) | (colour == a.n) << 1 | (colour == a.nw) << 2 | (colour == a.ne) << 3;
        const uint32_t like_far =
            (colour == a.ww) | (colour == a.nn) << 1 | (colour == a.nee) << 2 | (colour == a.nww) << 3;
        const uint32_t alike = (a.w == a.n) | (a.n == a.nw) << 1 | (a.n == a.ne) << 2 | (a.w == a.ww) << 3;
        const uint32_t state_of_place[] = {matched, like * 16 + alike, like_far * 16 + like};
        for (uint32_t i = 0; i < 3; ++i)
            decision_.slot[kOrders + i] =
                static_cast<int32_t>(((kOrders + i) * kQuestions + q) * kStates + state_of_place[i]);
        if constexpr (kHasLevels[Effort])
            decision_.set[kQuestionVotes[Effort] - 1] =
                levels_.contexts(work_, work_.colours[colour], q, kQuestionInputs * kQuestions * kStates,
                                 decision_.slot + kQuestionInputs);
        const uint32_t misses = least(work_.misses, 3u);
        decision_.set[0] = static_cast<int32_t>(q * 256 + like * 16 + alike);
        if constexpr (kQuestionVotes[Effort] > 1) {
            decision_.set[1] = static_cast<int32_t>(q * 16 + highest);
            decision_.set[2] = static_cast<int32_t>(q * 64 + agree * 4 + misses);
        }
        if constexpr (kRich[Effort]) {
            decision_.final_set = static_cast<int32_t>(q);
            decision_.map[0] = static_cast<int32_t>(q * 1024 + like * 64 + agree * 4 + misses);
            decision_.map[1] =
                static_cast<int32_t>(Hash(77).with(a.w).with(a.n).with(colour).with(q).get() & 4095);
        }
        return decision_.code(coder, is) != 0;
    }

    // What the pixel's colour was.
    RESIDUA_INLINE void learn(uint32_t colour) {
        if (work_.match_length > 0) {
            ++work_.match_place;
            work_.match_length = expected_ == colour ? work_.match_length + 1 : 0;
        }
        if (colour != 0) remember(static_cast<int32_t>(colour));
    }

  private:
    static constexpr int32_t kOftenest = 250;

    // Where the same neighbours were before.
    RESIDUA_INLINE void find_match(uint32_t hash, uint32_t place) {
        uint32_t& last = work_.matches[(hash * 2654435761u) >> (32 - work_.match_bits)];
        if (work_.match_length == 0 && last != 0) {
            work_.match_place = last - 1;
            work_.match_length = 1;
        }
        last = place + 1;
        expected_ = work_.match_length > 0 ? work_.ids[work_.match_place] : 0;
    }

    // A colour that a context knows is met once more, and the others a little less; one that it does not know takes a
    // free place, or the last.
    RESIDUA_APART void remember(int32_t colour) {
        const Orders c = Orders::all(colour), none = Orders::all(0), one = Orders::all(1);
        Orders id[kRemembered], n[kRemembered], after[kRemembered];
        for (int j = 0; j < kRemembered; ++j) {
            const Orders entry = Orders::load(entry_[j]);
            id[j] = entry & static_cast<int32_t>(kMostColours);
            n[j] = entry >> kColourBits;
        }
        const auto is0 = id[0] == c, is1 = id[1] == c, is2 = id[2] == c, known = is0 | is1 | is2;
        const Mask32<kQuestionInputs> is[] = {is0, is1, is2};
        const auto free0 = ~known & (n[0] == none), free1 = ~known & ~free0 & (n[1] == none),
                   free2 = ~known & ~free0 & ~free1;
        const Mask32<kQuestionInputs> free[] = {free0, free1, free2};
        for (int j = 0; j < kRemembered; ++j) {
            // (n + 1) / 3 of numbers below 2^15.
            const Orders fewer = select(n[j] > one, n[j] - (((n[j] + 1) * 21846) >> 16), n[j]);
            const Orders less = select(n[j] > Orders::all(2), n[j] - ((n[j] + 2) >> 2), n[j]);
            const Orders more = min(n[j] + 1, Orders::all(kOftenest));
            after[j] = select(known, select(is[j], more, less), select(free[j], one, fewer));
            id[j] = select(free[j], c, id[j]);
        }
        Orders entry[kRemembered];
        for (int j = 0; j < kRemembered; ++j) entry[j] = id[j] | (after[j] << kColourBits);
        const auto up1 = is1 & (after[1] > after[0]), up2 = is2 & (after[2] > after[1]);
        const Orders e0 = select(up1, entry[1], entry[0]), e1 = select(up1, entry[0], entry[1]);
        e0.store(entry_[0]);
        select(up2, entry[2], e1).store(entry_[1]);
        select(up2, e1, entry[2]).store(entry_[2]);
        for (int i = 0; i < kOrders; ++i)
            for (int j = 0; j < kRemembered; ++j) memory_[i]->entry[j] = static_cast<uint32_t>(entry_[j][i]);
    }

    Work& work_;
    static constexpr int kInputs = kQuestionInputs + (kHasLevels[Effort] ? kLevelInputs : 0);
    Decision<kInputs, kQuestionVotes[Effort], kRich[Effort]> decision_;
    LevelLanes levels_;
    Neighbours near_{};
    uint32_t expected_ = 0;
    Memory* memory_[kOrders];
    // By order: what is remembered; and without what is excluded, its colours and how often each was met.
    alignas(64) int32_t entry_[kRemembered][kQuestionInputs] = {};
    alignas(64) int32_t id_[kRemembered][kQuestionInputs], times_[kRemembered][kQuestionInputs];
    alignas(64) int32_t other_[kOthers], other_votes_[kOthers];
};

}  // namespace residua::scc::RESIDUA_SIMD
