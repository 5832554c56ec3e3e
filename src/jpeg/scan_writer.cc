#include "jpeg/scan_writer.h"

#include <cstdlib>

#include "jpeg/arithmetic_scan_writer.h"
#include "jpeg/bit_writer.h"
#include "jpeg/huffman.h"

namespace residua::jpeg {

namespace {

[[noreturn]] void impossible() {
    throw Error(ErrorCode::kCorrupt,
                "the file is damaged: a JPEG's scan cannot be written from what it holds");
}

class HuffmanScanWriter {
  public:
    HuffmanScanWriter(const Frame& frame, const Scan& scan, const ScanRecipe& recipe,
                      Coefficients coefficients, std::span<uint8_t> to)
        : frame_(frame),
          scan_(scan),
          recipe_(recipe),
          coefficients_(coefficients.begin(), coefficients.end()),
          bits_(to),
          grid_(mcu_grid(frame, scan)) {
        for (const Scan::Part& part : scan.parts) {
            dc_.emplace_back(scan.dc[static_cast<size_t>(part.dc)]);
            ac_.emplace_back(scan.ac[static_cast<size_t>(part.ac)]);
        }
    }

    // All MCUs up to the end of a row, counted from the first one.
    void write_rows(uint64_t rows) {
        for (; mcu_ < recipe_.mcus && y_ < rows; ++mcu_) {
            if (left_ == 0 && scan_.restart_interval > 0) {
                if (mcu_ > 0 && restarts_ < recipe_.restarts) restart();
                left_ = scan_.restart_interval;
            }
            --left_;
            visit_mcu(frame_, scan_, coefficients_, x_, y_,
                      [this](size_t part, const int16_t* block) { code_block(part, block); });
            if (++x_ == grid_.columns) x_ = 0, ++y_;
        }
    }
    void finish() {
        write_rows(grid_.rows);
        if (recipe_.run_beyond > 0) run_ += recipe_.run_beyond;
        if (run_ > ScanRecipe::kMostRun) impossible();
        end_run();
        pad();
        if (!bits_.full()) impossible();
    }

  private:
    void code_block(size_t part, const int16_t* block) {
        if (!frame_.progressive())
            sequential(part, block);
        else if (scan_.first == 0)
            scan_.high == 0 ? first_dc(part, block) : bits_.put((block[0] >> scan_.low) & 1, 1);
        else
            scan_.high == 0 ? first_ac(block) : refine_ac(block);
        ++block_;
    }

    void restart() {
        end_run();
        pad();
        const auto& surplus = recipe_.surplus_bytes;
        if (surplus_places_ < surplus.size() && surplus[surplus_places_].place == restarts_) {
            const auto count = static_cast<size_t>(surplus[surplus_places_++].count);
            bits_.raw(std::span(recipe_.surplus).subspan(surplus_bytes_, count));
            surplus_bytes_ += count;
        }
        bits_.marker(static_cast<uint8_t>(0xD0 + restarts_ % 8));
        ++restarts_;
        before_ = {};
    }

    void pad() {
        uint8_t bits = recipe_.pad_with_ones ? 0xFF : 0;
        const auto& others = recipe_.other_padding;
        if (padded_ < others.size() && others[padded_].place == restarts_) bits = others[padded_++].bits;
        bits_.pad(bits);
    }

    void symbol(const HuffmanCodes& codes, int value) {
        const auto s = static_cast<size_t>(value);
        if (s > 255 || codes.length[s] == 0) impossible();
        bits_.put(codes.code[s], codes.length[s]);
    }
    // F.1.2.1.1: negative numbers one lower, in the low bits.
    void magnitude(int value, int size) {
        const int shown = value < 0 ? value - 1 : value;
        bits_.put(static_cast<uint32_t>(shown) & ((1u << size) - 1), size);
    }

    void dc_difference(size_t part, int value) {
        const int difference = value - before_[part];
        before_[part] = value;
        const int size = category(difference);
        if (size > 16) impossible();
        symbol(dc_[part], size);
        if (size > 0) magnitude(difference, size);
    }
    void first_dc(size_t part, const int16_t* block) { dc_difference(part, block[0] >> scan_.low); }

    // The surplus zeros of the block at hand, if it has any.
    const SurplusZeros* surplus() {
        const auto& all = recipe_.surplus_zeros;
        if (surplus_ == all.size() || all[surplus_].block != block_) return nullptr;
        return &all[surplus_++];
    }

    // A code, and behind it the digits of a magnitude.
    void symbol_and_magnitude(const HuffmanCodes& codes, int zeros, int value, int size) {
        const auto s = static_cast<size_t>(zeros << 4 | size);
        const int shown = value < 0 ? value - 1 : value;
        if (codes.length[s] == 0) impossible();
        bits_.put(uint32_t{codes.code[s]} << size | (static_cast<uint32_t>(shown) & ((1u << size) - 1)),
                  codes.length[s] + size);
    }

    void sequential(size_t part, const int16_t* block) {
        dc_difference(part, block[0]);
        const HuffmanCodes& codes = ac_[part];
        int left = 0;  // coefficients that are not 0
        for (size_t p = 0; p < 64; ++p) left += block[p] != 0;
        left -= block[0] != 0;
        int last = 0;
        for (int k = 1; left > 0; ++k) {
            const int value = block[kZigzag[static_cast<size_t>(k)]];
            if (value == 0) continue;
            int zeros = k - last - 1;
            for (; zeros > 15; zeros -= 16) symbol(codes, 0xF0);
            const int size = category(value);
            if (size > 15) impossible();
            symbol_and_magnitude(codes, zeros, value, size);
            last = k;
            --left;
        }
        const int zeros = 63 - last;
        const SurplusZeros* more = surplus();
        if (zeros == 0 && !more) return;
        for (uint32_t i = 0; more && i < more->runs; ++i) symbol(codes, 0xF0);
        if (!more || !more->without_end) symbol(codes, 0);
    }

    // A run of blocks with nothing more: G.1.2.2.
    void end_run() {
        if (run_ == 0) return;
        const int size = category(static_cast<int>(run_)) - 1;
        symbol(ac_[0], size << 4);
        if (size > 0) bits_.put(run_ & ((1u << size) - 1), size);
        run_ = 0;
        put_corrections(corrections_);
    }
    void put_corrections(std::vector<uint8_t>& corrections) {
        for (const uint8_t bit : corrections) bits_.put(bit, 1);
        corrections.clear();
    }
    void begin_block_of_run() {
        const auto& starts = recipe_.run_starts;
        if (started_ < starts.size() && starts[started_] == block_) {
            end_run();
            ++started_;
        }
    }
    void block_joins_run() {
        ++run_;
        if (run_ >= recipe_.most_run ||
            (recipe_.few_corrections && corrections_.size() > ScanRecipe::kMostCorrections))
            end_run();
    }

    void first_ac(const int16_t* block) {
        begin_block_of_run();
        int zeros = 0;
        for (int k = scan_.first; k <= scan_.last; ++k) {
            const int value = block[kZigzag[static_cast<size_t>(k)]];
            const int shown = std::abs(value) >> scan_.low;
            if (shown == 0) {
                ++zeros;
                continue;
            }
            end_run();
            for (; zeros > 15; zeros -= 16) symbol(ac_[0], 0xF0);
            const int size = category(shown);
            if (size > 15) impossible();
            symbol(ac_[0], zeros << 4 | size);
            magnitude(value < 0 ? -shown : shown, size);
            zeros = 0;
        }
        const SurplusZeros* more = surplus();
        if (more) end_run();
        for (uint32_t i = 0; more && i < more->runs; ++i) symbol(ac_[0], 0xF0);
        if (more ? !more->without_end : zeros > 0) block_joins_run();
    }

    void refine_ac(const int16_t* block) {
        begin_block_of_run();
        int last_new = 0;  // the last coefficient that is not 0 for the first time
        for (int k = scan_.first; k <= scan_.last; ++k)
            if (shown(block, k) == 1) last_new = k;
        const SurplusZeros* more = surplus();
        uint32_t runs = more ? more->runs : 0;
        int zeros = 0;
        const auto long_run = [&] {
            end_run();
            symbol(ac_[0], 0xF0);
            zeros -= 16;
            put_corrections(behind_);
        };
        for (int k = scan_.first; k <= scan_.last; ++k) {
            const int size = shown(block, k);
            if (size == 0) {
                ++zeros;
                continue;
            }
            while (zeros > 15 && (k <= last_new || runs > 0)) {
                if (k > last_new) --runs;
                long_run();
            }
            if (size > 1) {
                behind_.push_back(static_cast<uint8_t>(size & 1));
                continue;
            }
            end_run();
            symbol(ac_[0], zeros << 4 | 1);
            bits_.put(block[kZigzag[static_cast<size_t>(k)]] < 0 ? 0 : 1, 1);
            put_corrections(behind_);
            zeros = 0;
        }
        for (; runs > 0 && zeros > 15; --runs) long_run();
        if (runs > 0) impossible();
        if (more ? !more->without_end : zeros > 0 || !behind_.empty()) {
            corrections_.insert(corrections_.end(), behind_.begin(), behind_.end());
            behind_.clear();
            block_joins_run();
        } else if (!behind_.empty()) {
            impossible();
        }
    }
    int shown(const int16_t* block, int k) const {
        return std::abs(int{block[kZigzag[static_cast<size_t>(k)]]}) >> scan_.low;
    }

    const Frame& frame_;
    const Scan& scan_;
    const ScanRecipe& recipe_;
    const std::vector<int16_t*> coefficients_;
    ScanBits bits_;
    std::vector<HuffmanCodes> dc_, ac_;  // by part
    std::array<int, kMostComponents> before_{};
    const McuGrid grid_;
    uint64_t mcu_ = 0, x_ = 0, y_ = 0;
    uint64_t left_ = 0;  // MCUs up to the next restart marker
    uint64_t block_ = 0, restarts_ = 0;
    size_t padded_ = 0, surplus_ = 0, started_ = 0;
    size_t surplus_places_ = 0, surplus_bytes_ = 0;  // that were written
    uint32_t run_ = 0;
    std::vector<uint8_t> corrections_;  // bits behind the run
    std::vector<uint8_t> behind_;       // of this block, behind the next code
};

}  // namespace

void write_scan(const Frame& frame, const Scan& scan, const ScanRecipe& recipe, Coefficients coefficients,
                std::span<uint8_t> to) {
    if (frame.arithmetic()) return write_arithmetic_scan(frame, scan, recipe, coefficients, to);
    HuffmanScanWriter(frame, scan, recipe, coefficients, to).finish();
}

struct ScanWriter::State {
    HuffmanScanWriter writer;
};

ScanWriter::ScanWriter(const Frame& frame, const Scan& scan, const ScanRecipe& recipe,
                       Coefficients coefficients, std::span<uint8_t> to)
    : state_(new State{{frame, scan, recipe, coefficients, to}}) {}
ScanWriter::~ScanWriter() = default;
void ScanWriter::write_rows(uint64_t rows) { state_->writer.write_rows(rows); }
void ScanWriter::finish() { state_->writer.finish(); }

}  // namespace residua::jpeg
