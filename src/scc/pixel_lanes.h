// One pixel after the other: a colour that was expected, or its samples. docs/format-scc.md, 3.
#pragma once

#include "scc/question_lanes.h"
#include "scc/sample_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

template <int Effort, class Coder>
class TileLanes {
  public:
    RESIDUA_INLINE TileLanes(Coder& coder, const Tables& tables, Work& work)
        : coder_(coder),
          work_(work),
          questions_(tables, work),
          samples_(tables, work),
          flat_(tables, flat_bank_, kMostCount) {
        flat_bank_.slots = work.flat;
    }

    void code_rows() {
        for (int y = work_.first_row; y < work_.end_row && !coder_ended(); ++y) code_row(y);
    }

  private:
    RESIDUA_INLINE bool coder_ended() const {
        if constexpr (Coder::kWrites)
            return false;
        else
            return coder_.source.missing > 8;
    }

    void code_row(int y) {
        const Rows rows(work_, y);
        begin_row(rows, y);
        work_.match_length = 0;
        const size_t stride = id_stride(work_);
        uint32_t* const row = work_.ids + (size_t(y) + 3) * stride + kPad;
        for (int x = 0, again = 0; x < work_.width;) {
            if constexpr (requires { Coder::kNotes; })
                coder_.pixel = work_.lengths + size_t(y) * static_cast<size_t>(work_.width) + x;
            // What is flat is coded many pixels at a time, or, where one of them is not, one by one.
            if (x >= again && is_flat_from(row + x, x)) {
                if (code_leap(rows, row, x)) {
                    x += kLeap;
                    continue;
                }
                again = x + kLeap;
            }
            code_pixel(rows, row, x++);
        }
        end_row(rows, y);
    }

    RESIDUA_INLINE uint8_t* bytes_at(int x, int y) const {
        return work_.samples + y * work_.stride + ptrdiff_t{x} * work_.channels * work_.sample_bytes;
    }

    // The encoder's samples go into the row; what lies left of it is what lies above.
    void begin_row(const Rows& rows, int y) {
        for (int c = 0; c < work_.channels; ++c) {
            uint16_t* const own = rows.own(c);
            const uint16_t left = rows.above(c, 1)[0];
            for (int i = 1; i <= kPad; ++i) own[-i] = left;
            if constexpr (Coder::kWrites)
                for (int x = 0; x < work_.width; ++x) {
                    const uint8_t* const at = bytes_at(x, y) + c * work_.sample_bytes;
                    own[x] = work_.sample_bytes == 1 ? *at : two_bytes(at);
                }
        }
    }

    void end_row(const Rows& rows, int y) {
        for (int c = 0; c < work_.channels; ++c) {
            uint16_t* const own = rows.own(c);
            for (int i = 0; i < kPad; ++i) own[work_.width + i] = own[work_.width - 1];
            if constexpr (!Coder::kWrites)
                for (int x = 0; x < work_.width; ++x) {
                    uint8_t* const at = bytes_at(x, y) + c * work_.sample_bytes;
                    if (work_.sample_bytes == 1)
                        *at = static_cast<uint8_t>(own[x]);
                    else
                        put_two_bytes(at, own[x]);
                }
        }
    }

    RESIDUA_INLINE void code_pixel(const Rows& rows, uint32_t* row, int x) {
        const Neighbours near(row + x, static_cast<ptrdiff_t>(id_stride(work_)));
        // The number of the colour itself, where it is known; that of a new one is 0.
        uint32_t id = 0;
        Colour colour{};
        if constexpr (Coder::kWrites) {
            colour = rows.colour(work_.channels, x);
            id = near.w != 0 && same(work_.colours[near.w], colour) ? near.w : find(colour);
        }
        int asked = 0;
        bool known = false;
        if (near.flat()) {
            const bool flat = flat_.code_alone(coder_, near.flat_state(work_.calm), id == near.w) != 0;
            if (flat) {
                set_flat(rows, row, x, 1, near.w);
                return;
            }
            work_.calm = 0;
            asked = 1;
        }
        questions_.begin(near, static_cast<uint32_t>(row + x - work_.ids), rows, x);
        if (asked == 1) questions_.exclude(near.w);
        uint32_t first = 0;
        for (; asked < kQuestions; ++asked) {
            const uint32_t candidate = questions_.candidate();
            if (candidate == 0) break;
            if (first == 0) first = candidate;
            known = questions_.ask(coder_, candidate, asked, id == candidate);
            if (known) {
                id = candidate;
                break;
            }
            questions_.exclude(candidate);
        }
        if (known) {
            if (asked == 0) work_.misses -= work_.misses > 0;
            if constexpr (!Coder::kWrites) rows.set(work_.channels, x, work_.colours[id]);
        } else {
            samples_.code(coder_, rows, near, x, first, asked, work_.misses);
            work_.misses = least(work_.misses + 2, 15u);
            if constexpr (!Coder::kWrites) {
                colour = rows.colour(work_.channels, x);
                id = find(colour);
            }
            if (id == 0) id = add(colour);
        }
        row[x] = id;
        questions_.learn(id);
    }

    // Whether the pixels around the next kLeap, as far as they are known and beyond, have one colour.
    RESIDUA_INLINE bool is_flat_from(const uint32_t* at, int x) const {
        if (x + kLeap + kBeyond - 2 > work_.width || at[-1] == 0 || at[-1] != at[-2]) return false;
        const auto stride = static_cast<ptrdiff_t>(id_stride(work_));
        const auto* const above = reinterpret_cast<const int32_t*>(at - stride - 2);
        const auto* const two = reinterpret_cast<const int32_t*>(at - 2 * stride - 2);
        const Ints colour = Ints::all(static_cast<int32_t>(at[-1]));
        for (int i = 0; i < kLeap + kBeyond; i += kNative)
            if (any((Ints::load(above + i) != colour) | (Ints::load(two + i) != colour))) return false;
        return true;
    }

    RESIDUA_INLINE bool code_leap(const Rows& rows, uint32_t* row, int x) {
        bool flat = false;
        const uint32_t id = row[x - 1];
        if constexpr (Coder::kWrites) {
            flat = true;
            for (int c = 0; c < work_.channels; ++c) {
                const uint16_t* const own = rows.own(c) + x;
                for (int i = 0; i < kLeap; ++i) flat = flat && own[i] == own[-1];
            }
        }
        flat = flat_.code_alone(coder_, static_cast<int32_t>(kFlatStates + least(bits_of(work_.calm), 31u)),
                                flat) != 0;
        if (flat) set_flat(rows, row, x, kLeap, id);
        return flat;
    }

    // So many pixels have the colour to their left.
    RESIDUA_INLINE void set_flat(const Rows& rows, uint32_t* row, int x, int count, uint32_t id) {
        work_.calm += static_cast<uint32_t>(count);
        work_.misses -= least(work_.misses, static_cast<uint32_t>(count));
        work_.match_length = 0;
        for (int i = 0; i < count; ++i) row[x + i] = id;
        if constexpr (!Coder::kWrites)
            for (int c = 0; c < work_.channels; ++c) {
                uint16_t* const own = rows.own(c) + x;
                for (int i = 0; i < count; ++i) own[i] = own[-1];
            }
    }

    static RESIDUA_INLINE bool same(const Colour& a, const Colour& b) {
        return __builtin_memcmp(&a, &b, sizeof a) == 0;
    }
    static RESIDUA_INLINE uint32_t place_of(const Colour& colour) {
        uint64_t halves[2];
        __builtin_memcpy(halves, &colour, sizeof halves);
        return mixed(mixed(halves[0] + 1) ^ halves[1]) >> (64 - (kColourBits + 1));
    }
    static RESIDUA_INLINE uint64_t mixed(uint64_t v) {
        v *= 0x9E3779B97F4A7C15u;
        return v ^ v >> 29;
    }
    // Colours are never more than half of the places.
    RESIDUA_INLINE uint32_t find(const Colour& colour) const {
        for (uint32_t at = place_of(colour);; at = (at + 1) & (2 * kMostColours + 1)) {
            const uint32_t id = work_.places[at];
            if (id == 0 || same(work_.colours[id], colour)) return id;
        }
    }
    RESIDUA_INLINE uint32_t add(const Colour& colour) {
        if (work_.colour_count == kMostColours) return 0;
        uint32_t at = place_of(colour);
        while (work_.places[at] != 0) at = (at + 1) & (2 * kMostColours + 1);
        const uint32_t id = ++work_.colour_count;
        work_.places[at] = id;
        work_.colours[id] = colour;
        return id;
    }

    Coder& coder_;
    Work& work_;
    QuestionLanes<Effort> questions_;
    SampleLanes<Effort> samples_;
    jpeg::Bank flat_bank_{};
    Decision<8, 1, false> flat_;
};

}  // namespace residua::scc::RESIDUA_SIMD
