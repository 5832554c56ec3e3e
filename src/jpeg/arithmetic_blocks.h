// The decisions of which arithmetic-coded blocks are made: ISO/IEC 10918-1, F.1.4 and G.1.3. Reader and
// writer share them.
#pragma once

#include <bit>
#include <cstdlib>

#include "jpeg/arithmetic.h"
#include "jpeg/blocks.h"

namespace residua::jpeg {

// A Coder has
//     static constexpr bool kReads;
//     bool decide(Bin& bin, bool value);         the value; where it reads, what it is given means nothing
//     void set(int16_t& coefficient, int value)  only where it reads; `value` fits
template <class Coder>
class ArithmeticBlocks {
  public:
    ArithmeticBlocks(const Frame& frame, const Scan& scan, Coder& coder)
        : frame_(frame), scan_(scan), coder_(coder) {}

    // As it is at the scan's beginning; so it must be behind each restart marker.
    void begin() {
        dc_ = {};
        ac_ = {};
        before_ = {};
        context_ = {};
    }

    // The next one, of a part of the scan. False: there is no such block.
    bool code(size_t part, int16_t* block) {
        if (!frame_.progressive()) return dc(part, block, 0) && ac(part, block, 1, 63, 0);
        if (scan_.first == 0) return scan_.high == 0 ? dc(part, block, scan_.low) : refine_dc(block);
        return scan_.high == 0 ? ac(part, block, scan_.first, scan_.last, scan_.low) : refine_ac(block);
    }

  private:
    static constexpr bool kReads = Coder::kReads;
    // F.1.4.4: tables F.2, F.3 and F.5. The bins of a number's lower bits lie behind those of its highest
    // one.
    static constexpr size_t kDcBins = 49, kAcBins = 245, kDcSizes = 20, kLowSizes = 189, kHighSizes = 217;
    static constexpr int kBitsBehind = 14, kMostSize = 1 << 15;

    static bool fits(int value) { return value >= INT16_MIN && value <= INT16_MAX; }
    static int16_t& at(int16_t* block, int k) { return block[kZigzag[static_cast<size_t>(k)]]; }
    // Its size as this scan, and as the one before it, show it.
    int shown(int16_t* block, int k) const { return std::abs(int{at(block, k)}) >> scan_.low; }
    int shown_before(int16_t* block, int k) const {
        return kReads ? std::abs(int{at(block, k)}) : std::abs(int{at(block, k)}) >> scan_.high;
    }

    // Figures F.8 and F.9, of a number from 0 on. `first`, `second` and those from `more` on: of whether it
    // is above 0, above 1, and so on by powers of two. −1: too large.
    int number(Bin* first, Bin* second, Bin* more, int known) {
        int top = 0;
        Bin* bin = first;
        if (coder_.decide(*bin, known > 0)) {
            top = 1;
            bin = second;
            while (coder_.decide(*bin, known >= 2 * top)) {
                bin = top == 1 ? more : bin + 1;
                top *= 2;
                if (top == kMostSize) return -1;
            }
        }
        int found = top;
        for (int bit = top / 2; bit > 0; bit /= 2)
            if (coder_.decide(bin[kBitsBehind], (known & bit) != 0)) found |= bit;
        return found;
    }

    bool dc(size_t part, int16_t* block, int low) {
        const auto table = static_cast<size_t>(scan_.parts[part].dc);
        Bin* const bins = dc_[table].data();
        Bin* const own = bins + context_[part];
        int& before = before_[part];
        const int known = kReads ? 0 : (block[0] >> low) - before;
        int difference = 0;
        context_[part] = 0;
        if (coder_.decide(own[0], known != 0)) {
            const bool negative = coder_.decide(own[1], known < 0);
            const int size =
                number(&own[negative ? 3 : 2], bins + kDcSizes, bins + kDcSizes + 1, std::abs(known) - 1);
            if (size < 0) return false;
            difference = negative ? -size - 1 : size + 1;
            context_[part] = context_of(table, size, negative);
        }
        before += difference;
        if constexpr (kReads) {
            const int value = before * (1 << low);
            if (!fits(before) || !fits(value)) return false;
            if (value != 0) coder_.set(block[0], value);
        }
        return true;
    }
    // F.1.4.4.1.2: the difference before was zero, small or large.
    uint8_t context_of(size_t table, int size, bool negative) const {
        const int top = size == 0 ? 0 : static_cast<int>(std::bit_floor(static_cast<unsigned>(size)));
        if (top < 1 << scan_.conditioning.lower[table] >> 1) return 0;
        const bool large = top > 1 << scan_.conditioning.upper[table] >> 1;
        return static_cast<uint8_t>((large ? 12 : 4) + (negative ? 4 : 0));
    }
    bool refine_dc(int16_t* block) {
        Bin fixed = kFixedBin;
        const bool bit = coder_.decide(fixed, (block[0] >> scan_.low & 1) != 0);
        if constexpr (kReads)
            if (bit) coder_.set(block[0], block[0] | 1 << scan_.low);
        return true;
    }

    // Behind the last one that is not 0; where that is to be found, nothing.
    int end_of(int16_t* block, int first, int last, int low) const {
        if constexpr (kReads) return 0;
        int k = last;
        while (k >= first && std::abs(int{at(block, k)}) >> low == 0) --k;
        return k + 1;
    }

    bool ac(size_t part, int16_t* block, int first, int last, int low) {
        const auto table = static_cast<size_t>(scan_.parts[part].ac);
        Bin* const bins = ac_[table].data();
        const int end = end_of(block, first, last, low);
        for (int k = first; k <= last; ++k) {
            Bin* own = bins + 3 * (k - 1);
            if (coder_.decide(own[0], k >= end)) break;
            int known = kReads ? 0 : std::abs(int{at(block, k)}) >> low;
            while (!coder_.decide(own[1], known != 0)) {
                if (++k > last) return false;
                own += 3;
                known = kReads ? 0 : std::abs(int{at(block, k)}) >> low;
            }
            Bin fixed = kFixedBin;
            const bool negative = coder_.decide(fixed, at(block, k) < 0);
            const size_t sizes = k <= scan_.conditioning.low_frequencies[table] ? kLowSizes : kHighSizes;
            const int size = number(&own[2], &own[2], bins + sizes, known - 1);
            if (size < 0) return false;
            if constexpr (kReads) {
                const int value = (negative ? -size - 1 : size + 1) * (1 << low);
                if (!fits(value)) return false;
                coder_.set(at(block, k), value);
            }
        }
        return true;
    }

    // Figure G.10.
    bool refine_ac(int16_t* block) {
        Bin* const bins = ac_[static_cast<size_t>(scan_.parts[0].ac)].data();
        const int end = end_of(block, scan_.first, scan_.last, scan_.low);
        int end_before = scan_.last + 1;
        while (end_before > 1 && shown_before(block, end_before - 1) == 0) --end_before;
        for (int k = scan_.first; k <= scan_.last; ++k) {
            Bin* own = bins + 3 * (k - 1);
            if (k >= end_before && coder_.decide(own[0], k >= end)) break;
            while (shown_before(block, k) == 0 && !coder_.decide(own[1], shown(block, k) != 0)) {
                if (++k > scan_.last) return false;
                own += 3;
            }
            if (!refine(block, k, own[2])) return false;
        }
        return true;
    }
    // One that has been 0 and is no longer, or one that has not been 0.
    bool refine(int16_t* block, int k, Bin& correction) {
        int16_t& coefficient = at(block, k);
        const int step = 1 << scan_.low;
        if (shown_before(block, k) == 0) {
            Bin fixed = kFixedBin;
            const bool negative = coder_.decide(fixed, coefficient < 0);
            if constexpr (kReads) coder_.set(coefficient, negative ? -step : step);
            return true;
        }
        const bool more = coder_.decide(correction, (shown(block, k) & 1) != 0);
        if constexpr (kReads) {
            const int value = coefficient + (!more ? 0 : coefficient < 0 ? -step : step);
            if (!fits(value)) return false;
            if (more) coder_.set(coefficient, value);
        }
        return true;
    }

    const Frame& frame_;
    const Scan& scan_;
    Coder& coder_;
    std::array<std::array<Bin, kDcBins>, kMostTables> dc_{};
    std::array<std::array<Bin, kAcBins>, kMostTables> ac_{};
    std::array<int, kMostComponents> before_{};       // DCs by part
    std::array<uint8_t, kMostComponents> context_{};  // by part: bins of the DC's next difference
};

}  // namespace residua::jpeg
