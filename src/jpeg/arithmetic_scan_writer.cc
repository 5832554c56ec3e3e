#include "jpeg/arithmetic_scan_writer.h"

#include "base/error.h"
#include "jpeg/arithmetic_blocks.h"
#include "jpeg/arithmetic_encoder.h"

namespace residua::jpeg {

namespace {

[[noreturn]] void impossible() {
    throw Error(ErrorCode::kCorrupt,
                "the file is damaged: a JPEG's scan cannot be written from what it holds");
}

// A scan's bytes, of which each part between restart markers may end early.
class CutBytes {
  public:
    explicit CutBytes(std::span<uint8_t> to) : at_(to.data()), end_(to.data() + to.size()) {}

    // Of what is put from now on, what is beyond so many bytes is left out.
    void begin(uint64_t most) { left_ = most; }
    uint64_t left() const { return left_; }
    void put(uint8_t value) {
        if (left_ == 0) return;
        --left_;
        append(value);
    }
    // As it is.
    void append(uint8_t value) {
        if (at_ == end_) impossible();
        *at_++ = value;
    }
    uint64_t room() const { return static_cast<uint64_t>(end_ - at_); }

  private:
    uint8_t *at_, *end_;
    uint64_t left_ = 0;
};

class ArithmeticScanWriter {
  public:
    ArithmeticScanWriter(const Frame& frame, const Scan& scan, const ScanRecipe& recipe,
                         Coefficients coefficients, std::span<uint8_t> to)
        : frame_(frame),
          scan_(scan),
          recipe_(recipe),
          coefficients_(coefficients),
          bytes_(to),
          encoder_(bytes_),
          blocks_(frame, scan, encoder_) {}

    void run() {
        const McuGrid grid = mcu_grid(frame_, scan_);
        uint64_t left = 0, x = 0, y = 0;  // left: MCUs up to the next restart marker
        begin();
        for (uint64_t mcu = 0; mcu < recipe_.mcus; ++mcu) {
            if (left == 0 && scan_.restart_interval > 0) {
                if (mcu > 0 && restarts_ < recipe_.restarts) restart();
                left = scan_.restart_interval;
            }
            --left;
            visit_mcu(frame_, scan_, coefficients_, x, y, [this](size_t part, int16_t* block) {
                if (!blocks_.code(part, block)) impossible();
            });
            if (++x == grid.columns) x = 0, ++y;
        }
        encoder_.finish();
        if (restarts_ != recipe_.restarts || bytes_.room() > 0) impossible();
    }

  private:
    // Of the last part, as much as the scan has room for.
    void begin() {
        cut_here_ = cut_ < recipe_.cuts.size() && recipe_.cuts[cut_].place == restarts_;
        bytes_.begin(restarts_ == recipe_.restarts ? bytes_.room()
                     : cut_here_                   ? recipe_.cuts[cut_++].bytes
                                                   : UINT64_MAX);
        blocks_.begin();
    }

    void restart() {
        encoder_.finish();
        if (cut_here_ && bytes_.left() > 0) impossible();
        const auto& surplus = recipe_.surplus_bytes;
        if (surplus_places_ < surplus.size() && surplus[surplus_places_].place == restarts_) {
            const auto count = static_cast<size_t>(surplus[surplus_places_++].count);
            for (const uint8_t byte : std::span(recipe_.surplus).subspan(surplus_bytes_, count))
                bytes_.append(byte);
            surplus_bytes_ += count;
        }
        bytes_.append(0xFF);
        bytes_.append(static_cast<uint8_t>(0xD0 + restarts_ % 8));
        ++restarts_;
        begin();
    }

    const Frame& frame_;
    const Scan& scan_;
    const ScanRecipe& recipe_;
    const Coefficients coefficients_;
    CutBytes bytes_;
    ArithmeticEncoder<CutBytes> encoder_;
    ArithmeticBlocks<ArithmeticEncoder<CutBytes>> blocks_;
    uint64_t restarts_ = 0;
    size_t cut_ = 0, surplus_places_ = 0, surplus_bytes_ = 0;  // that were reached
    bool cut_here_ = false;
};

}  // namespace

void write_arithmetic_scan(const Frame& frame, const Scan& scan, const ScanRecipe& recipe,
                           Coefficients coefficients, std::span<uint8_t> to) {
    ArithmeticScanWriter(frame, scan, recipe, coefficients, to).run();
}

}  // namespace residua::jpeg
