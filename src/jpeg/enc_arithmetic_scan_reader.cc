#include "jpeg/enc_arithmetic_scan_reader.h"

#include <utility>

#include "jpeg/arithmetic_blocks.h"
#include "jpeg/arithmetic_encoder.h"
#include "jpeg/enc_arithmetic_decoder.h"

namespace residua::jpeg {

namespace {

// Counts how many bytes of a part are those that an encoder gives.
class ComparedBytes {
  public:
    explicit ComparedBytes(std::span<const uint8_t> bytes) : bytes_(bytes) {}

    // A part's: at most so many.
    void begin(size_t at, size_t end) {
        at_ = at;
        end_ = end;
        same_ = 0;
        all_same_ = true;
    }
    void put(uint8_t value) {
        all_same_ = all_same_ && at_ < end_ && bytes_[at_] == value;
        if (all_same_) ++at_, ++same_;
    }
    uint64_t same() const { return same_; }
    bool all_same() const { return all_same_; }

  private:
    const std::span<const uint8_t> bytes_;
    size_t at_ = 0, end_ = 0;
    uint64_t same_ = 0;
    bool all_same_ = true;
};

class ArithmeticScanReader {
  public:
    ArithmeticScanReader(std::span<const uint8_t> bytes, size_t start, const Frame& frame, const Scan& scan,
                         Coefficients coefficients)
        : bytes_(bytes), start_(start), frame_(frame), scan_(scan), coefficients_(coefficients) {}

    ScanRecipe run() {
        read();
        measure();
        return std::move(recipe_);
    }

  private:
    void read() {
        ArithmeticDecoder decoder(bytes_, start_);
        ArithmeticBlocks<ArithmeticDecoder> blocks(frame_, scan_, decoder);
        parts_ = {start_};
        const McuGrid grid = mcu_grid(frame_, scan_);
        bool restarts_here = scan_.restart_interval > 0;
        uint64_t left = scan_.restart_interval, x = 0, y = 0;
        for (; recipe_.mcus < grid.count(); ++recipe_.mcus) {
            if (restarts_here && left == 0) {
                const size_t marker = next_marker(decoder.position());
                const auto code = static_cast<uint8_t>(0xD0 + recipe_.restarts % 8);
                if (marker < bytes_.size() && bytes_[marker + 1] == code) {
                    decoder.move_to(marker + 2);
                    parts_.push_back(marker + 2);
                    ++recipe_.restarts;
                    blocks.begin();
                } else if (decoder.all_read()) {
                    break;
                } else {
                    restarts_here = false;
                }
                left = scan_.restart_interval;
            }
            --left;
            bool good = true;
            visit_mcu(frame_, scan_, coefficients_, x, y,
                      [&](size_t part, int16_t* block) { good = good && blocks.code(part, block); });
            if (!good) {
                decoder.undo();
                break;
            }
            decoder.keep();
            if (++x == grid.columns) x = 0, ++y;
        }
        // A restart marker belongs to the MCU behind it.
        if (recipe_.restarts > restarts_due(recipe_.mcus, scan_.restart_interval)) {
            --recipe_.restarts;
            parts_.pop_back();
        }
    }

    // Of its last 0xFF, behind those that fill; the end where there is none.
    size_t next_marker(size_t at) const {
        for (; at + 1 < bytes_.size(); ++at)
            if (bytes_[at] == 0xFF && bytes_[at + 1] != 0 && bytes_[at + 1] != 0xFF) return at;
        return bytes_.size();
    }

    // How much of each part an encoder gives: their ends differ among encoders, and where something lacks.
    void measure() {
        ComparedBytes compared(bytes_);
        ArithmeticEncoder<ComparedBytes> encoder(compared);
        ArithmeticBlocks<ArithmeticEncoder<ComparedBytes>> blocks(frame_, scan_, encoder);
        const McuGrid grid = mcu_grid(frame_, scan_);
        uint64_t left = scan_.restart_interval, x = 0, y = 0;
        size_t part = 0;
        const auto end_of = [&] { return part < recipe_.restarts ? parts_[part + 1] - 2 : bytes_.size(); };
        compared.begin(start_, end_of());
        for (uint64_t mcu = 0; mcu < recipe_.mcus; ++mcu) {
            if (part < recipe_.restarts && left == 0) {
                encoder.finish();
                note(part, parts_[part], end_of(), compared);
                ++part;
                compared.begin(parts_[part], end_of());
                blocks.begin();
                left = scan_.restart_interval;
            }
            --left;
            bool good = true;
            visit_mcu(frame_, scan_, coefficients_, x, y,
                      [&](size_t of, int16_t* block) { good = good && blocks.code(of, block); });
            if (!good) {  // what was read can be written; were it not so, the file would not be kept this way
                recipe_.mcus = 0;
                return;
            }
            if (++x == grid.columns) x = 0, ++y;
        }
        encoder.finish();
        recipe_.size = parts_[part] - start_ + compared.same();
    }

    void note(uint64_t place, size_t begin, size_t end, const ComparedBytes& compared) {
        if (!compared.all_same()) recipe_.cuts.push_back({place, compared.same()});
        const size_t at = begin + static_cast<size_t>(compared.same());
        if (at == end) return;
        recipe_.surplus_bytes.push_back({place, end - at});
        const auto surplus = bytes_.subspan(at, end - at);
        recipe_.surplus.insert(recipe_.surplus.end(), surplus.begin(), surplus.end());
    }

    const std::span<const uint8_t> bytes_;
    const size_t start_;
    const Frame& frame_;
    const Scan& scan_;
    const Coefficients coefficients_;
    ScanRecipe recipe_;
    std::vector<size_t> parts_;  // between restart markers: where they begin
};

}  // namespace

ScanRecipe read_arithmetic_scan(std::span<const uint8_t> bytes, size_t start, const Frame& frame,
                                const Scan& scan, Coefficients coefficients) {
    return ArithmeticScanReader(bytes, start, frame, scan, coefficients).run();
}

}  // namespace residua::jpeg
