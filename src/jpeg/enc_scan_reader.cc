#include "jpeg/enc_scan_reader.h"

#include <algorithm>
#include <utility>

#include "jpeg/enc_arithmetic_scan_reader.h"
#include "jpeg/enc_bit_reader.h"

namespace residua::jpeg {

namespace {

int extend(uint32_t bits, int size) {
    const auto value = static_cast<int>(bits);
    return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

class ScanReader {
  public:
    ScanReader(std::span<const uint8_t> bytes, size_t start, const Frame& frame, const Scan& scan,
               Coefficients coefficients)
        : bytes_(bytes),
          start_(start),
          frame_(frame),
          scan_(scan),
          coefficients_(coefficients),
          bits_(bytes, start) {
        for (const Scan::Part& part : scan.parts) {
            dc_.emplace_back(scan.dc[static_cast<size_t>(part.dc)]);
            ac_.emplace_back(scan.ac[static_cast<size_t>(part.ac)]);
        }
    }

    ScanRecipe run() {
        const McuGrid grid = mcu_grid(frame_, scan_);
        bool restarts_here = scan_.restart_interval > 0;
        uint64_t left = scan_.restart_interval, x = 0, y = 0;
        for (; recipe_.mcus < grid.count(); ++recipe_.mcus) {
            const Mark before = mark();
            changes_.clear();
            if (restarts_here && left == 0) {
                restarts_here = restart();
                left = scan_.restart_interval;
            }
            --left;
            bool good = true;
            visit_mcu(frame_, scan_, coefficients_, x, y,
                      [&](size_t part, int16_t* block) { good = good && read_block(part, block); });
            if (!good) {
                go_back(before);
                break;
            }
            if (++x == grid.columns) x = 0, ++y;
        }
        recipe_.run_beyond = place_.run;
        note_padding(recipe_.restarts);
        recipe_.size = bits_.byte_position() - start_;
        finish_padding();
        finish_runs();
        return std::move(recipe_);
    }

  private:
    // What is undone with an MCU.
    struct Place {
        std::array<int, kMostComponents> before{};
        uint64_t block = 0;
        uint32_t run = 0;         // blocks that it still has
        uint32_t run_length = 0;  // of the last run; 0: a block with more was behind it
        size_t corrections = 0;   // bits behind it
        bool too_many = false;    // some run had more than kMostCorrections before its last block
    };

    // The end of an MCU that is whole. A restart marker belongs to the MCU behind it.
    struct Mark {
        Place place;
        BitReader bits;
        uint64_t restarts;
        size_t surplus_zeros, surplus_bytes, surplus, starts, paddings;
    };
    Mark mark() const {
        return {place_,
                bits_,
                recipe_.restarts,
                recipe_.surplus_zeros.size(),
                recipe_.surplus_bytes.size(),
                recipe_.surplus.size(),
                starts_.size(),
                paddings_.size()};
    }
    void go_back(const Mark& mark) {
        for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
            *change->first = change->second;
        place_ = mark.place;
        bits_ = mark.bits;
        recipe_.restarts = mark.restarts;
        recipe_.surplus_zeros.resize(mark.surplus_zeros);
        recipe_.surplus_bytes.resize(mark.surplus_bytes);
        recipe_.surplus.resize(mark.surplus);
        starts_.resize(mark.starts);
        paddings_.resize(mark.paddings);
    }

    bool restart() {
        const size_t at = bits_.byte_position(), marker = next_marker(at);
        const auto code = static_cast<uint8_t>(0xD0 + recipe_.restarts % 8);
        if (place_.run > 0 || marker == bytes_.size() || bytes_[marker + 1] != code) return false;
        note_padding(recipe_.restarts);
        if (marker > at) {
            recipe_.surplus_bytes.push_back({recipe_.restarts, marker - at});
            const auto surplus = bytes_.subspan(at, marker - at);
            recipe_.surplus.insert(recipe_.surplus.end(), surplus.begin(), surplus.end());
        }
        ++recipe_.restarts;
        bits_.move_to(marker + 2);
        place_.before = {};
        place_.run_length = 0;
        return true;
    }

    // Of its last 0xFF, behind those that fill; the end where there is none.
    size_t next_marker(size_t at) const {
        for (; at + 1 < bytes_.size(); ++at)
            if (bytes_[at] == 0xFF && bytes_[at + 1] != 0 && bytes_[at + 1] != 0xFF) return at;
        return bytes_.size();
    }

    void note_padding(uint64_t place) {
        const int rest = bits_.rest();
        if (rest == 0) return;
        const uint8_t bits = bits_.rest_bits();
        paddings_.push_back({{place, bits}, rest});
    }
    void finish_padding() {
        size_t ones = 0, zeros = 0;
        for (const auto& [padding, count] : paddings_) {
            if (padding.bits == (1 << count) - 1) ++ones;
            if (padding.bits == 0) ++zeros;
        }
        recipe_.pad_with_ones = ones >= zeros;
        for (const auto& [padding, count] : paddings_)
            if (padding.bits != (recipe_.pad_with_ones ? (1 << count) - 1 : 0))
                recipe_.other_padding.push_back(padding);
    }

    // How the runs that were ended early are told shortest.
    void finish_runs() {
        recipe_.few_corrections = !place_.too_many;
        uint32_t most = 0;
        for (const Start& start : starts_) most = std::max(most, start.length_before);
        if (!starts_.empty() && most >= longest_run_) recipe_.most_run = most;
        for (const Start& start : starts_)
            if (start.length_before != recipe_.most_run && !(recipe_.few_corrections && start.corrections))
                recipe_.run_starts.push_back(start.block);
    }

    bool read_block(size_t part, int16_t* block) {
        bool good;
        if (!frame_.progressive())
            good = sequential(part, block);
        else if (scan_.first == 0)
            good = scan_.high == 0 ? dc_difference(part, block, scan_.low) : refine_dc(block);
        else
            good = scan_.high == 0 ? first_ac(block) : refine_ac(block);
        ++place_.block;
        return good;
    }

    void set(int16_t& coefficient, int value) {
        changes_.emplace_back(&coefficient, coefficient);
        coefficient = static_cast<int16_t>(value);
    }

    bool dc_difference(size_t part, int16_t* block, int low) {
        int size = 0;
        uint32_t bits = 0;
        if (!dc_[part].read(bits_, size) || size > 16 || !bits_.take(size, bits)) return false;
        const int value = place_.before[part] + extend(bits, size);
        const int shifted = value * (1 << low);
        if (value < INT16_MIN || value > INT16_MAX || shifted < INT16_MIN || shifted > INT16_MAX)
            return false;
        place_.before[part] = value;
        if (shifted != 0) set(block[0], shifted);
        return true;
    }
    bool refine_dc(int16_t* block) {
        uint32_t bit = 0;
        if (!bits_.take(1, bit)) return false;
        if (bit) set(block[0], block[0] | 1 << scan_.low);
        return true;
    }

    bool sequential(size_t part, int16_t* block) {
        if (!dc_difference(part, block, 0)) return false;
        const HuffmanReader& codes = ac_[part];
        uint32_t zero_runs = 0;
        for (int k = 1; k < 64;) {
            int symbol = 0;
            if (!codes.read(bits_, symbol)) return false;
            const int zeros = symbol >> 4, size = symbol & 15;
            if (size == 0) {
                if (symbol == 0) {
                    if (zero_runs > 0) recipe_.surplus_zeros.push_back({place_.block, zero_runs, false});
                    return true;
                }
                if (zeros != 15) return false;
                ++zero_runs;
                k += 16;
                if (k > 64) return false;
                if (k == 64) recipe_.surplus_zeros.push_back({place_.block, zero_runs, true});
                continue;
            }
            k += zeros;
            uint32_t bits = 0;
            if (k > 63 || !bits_.take(size, bits)) return false;
            set(block[kZigzag[static_cast<size_t>(k)]], extend(bits, size));
            zero_runs = 0;
            ++k;
        }
        return true;
    }

    // A code that ends the block, and the run that begins with it. fresh: nothing of the block came before
    // it.
    bool begin_run(int symbol, bool fresh) {
        const int size = symbol >> 4;
        uint32_t bits = 0;
        if (!bits_.take(size, bits)) return false;
        if (fresh && place_.run_length > 0)
            starts_.push_back(
                {place_.block, place_.run_length, place_.corrections > ScanRecipe::kMostCorrections});
        place_.run = (1u << size) + bits;
        place_.run_length = place_.run;
        place_.corrections = 0;
        longest_run_ = std::max(longest_run_, place_.run);
        return place_.run <= ScanRecipe::kMostRun;
    }
    // One block of the run is over.
    void step_run() {
        --place_.run;
        if (place_.run > 0 && place_.corrections > ScanRecipe::kMostCorrections) place_.too_many = true;
    }

    bool first_ac(int16_t* block) {
        if (place_.run > 0) {
            step_run();
            return true;
        }
        uint32_t zero_runs = 0;
        bool fresh = true;
        for (int k = scan_.first; k <= scan_.last;) {
            int symbol = 0;
            if (!ac_[0].read(bits_, symbol)) return false;
            const int zeros = symbol >> 4, size = symbol & 15;
            if (size == 0 && zeros < 15) {
                if (zero_runs > 0) recipe_.surplus_zeros.push_back({place_.block, zero_runs, false});
                if (!begin_run(symbol, fresh)) return false;
                step_run();
                return true;
            }
            fresh = false;
            place_.run_length = 0;
            k += zeros;
            if (size == 0) {
                ++zero_runs;
                ++k;
                if (k > scan_.last + 1) return false;
                if (k == scan_.last + 1) recipe_.surplus_zeros.push_back({place_.block, zero_runs, true});
                continue;
            }
            uint32_t bits = 0;
            if (k > scan_.last || !bits_.take(size, bits)) return false;
            const int value = extend(bits, size) * (1 << scan_.low);
            if (value < INT16_MIN || value > INT16_MAX) return false;
            set(block[kZigzag[static_cast<size_t>(k)]], value);
            zero_runs = 0;
            ++k;
        }
        return true;
    }

    bool correct(int16_t& coefficient) {
        uint32_t bit = 0;
        if (!bits_.take(1, bit)) return false;
        if (bit && (coefficient & 1 << scan_.low) == 0)
            set(coefficient, coefficient + (coefficient < 0 ? -(1 << scan_.low) : 1 << scan_.low));
        return true;
    }

    bool refine_ac(int16_t* block) {
        uint32_t zero_runs = 0;
        bool fresh = true;
        int k = scan_.first;
        for (; place_.run == 0 && k <= scan_.last; ++k) {
            int symbol = 0;
            if (!ac_[0].read(bits_, symbol)) return false;
            int zeros = symbol >> 4;
            const int size = symbol & 15;
            uint32_t sign = 0;
            if (size > 1) return false;
            if (size == 0 && zeros < 15) {
                if (zero_runs > 0) recipe_.surplus_zeros.push_back({place_.block, zero_runs, false});
                if (!begin_run(symbol, fresh)) return false;
                break;
            }
            fresh = false;
            place_.run_length = 0;
            if (size == 1 && !bits_.take(1, sign)) return false;
            for (;; ++k) {
                if (k > scan_.last) return false;
                int16_t& coefficient = block[kZigzag[static_cast<size_t>(k)]];
                if (coefficient == 0) {
                    if (--zeros < 0) break;
                } else if (!correct(coefficient)) {
                    return false;
                }
            }
            if (size == 1) {
                set(block[kZigzag[static_cast<size_t>(k)]], sign ? 1 << scan_.low : -(1 << scan_.low));
                zero_runs = 0;
            } else {
                ++zero_runs;
                if (k == scan_.last) recipe_.surplus_zeros.push_back({place_.block, zero_runs, true});
            }
        }
        if (place_.run == 0) return true;
        for (; k <= scan_.last; ++k) {
            int16_t& coefficient = block[kZigzag[static_cast<size_t>(k)]];
            if (coefficient == 0) continue;
            ++place_.corrections;
            if (!correct(coefficient)) return false;
        }
        step_run();
        return true;
    }

    struct Start {
        uint64_t block;
        uint32_t length_before;
        bool corrections;  // the run before had more than kMostCorrections
    };

    const std::span<const uint8_t> bytes_;
    const size_t start_;
    const Frame& frame_;
    const Scan& scan_;
    const Coefficients coefficients_;
    BitReader bits_;
    std::vector<HuffmanReader> dc_, ac_;  // by part
    ScanRecipe recipe_;
    Place place_;
    std::vector<std::pair<int16_t*, int16_t>> changes_;  // of the MCU at hand
    std::vector<Start> starts_;
    uint32_t longest_run_ = 0;
    std::vector<std::pair<ScanRecipe::Padding, int>> paddings_;
};

}  // namespace

ScanRecipe read_scan(std::span<const uint8_t> bytes, size_t start, const Frame& frame, const Scan& scan,
                     Coefficients coefficients) {
    if (frame.arithmetic()) return read_arithmetic_scan(bytes, start, frame, scan, coefficients);
    return ScanReader(bytes, start, frame, scan, coefficients).run();
}

}  // namespace residua::jpeg
