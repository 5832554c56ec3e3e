// What coefficients and markers do not say of a scan's entropy-coded bytes. docs/format-jpeg.md, 3.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "jpeg/frame.h"

namespace residua::jpeg {

// A block whose zeros were written otherwise than by the shortest way.
struct SurplusZeros {
    uint64_t block = 0;  // counted in the scan's order
    uint32_t runs = 0;   // of 16 zeros, before the end of the block
    // The last of them fills the block, so that no code for its end follows.
    bool without_end = false;

    friend bool operator==(const SurplusZeros&, const SurplusZeros&) = default;
};

struct ScanRecipe {
    uint64_t size = 0;  // bytes
    uint64_t mcus = 0;  // the bytes end after so many; whole scans have all

    // What fills the last byte before each restart marker, and at the scan's end: ones mostly.
    bool pad_with_ones = true;
    struct Padding {
        uint64_t place;  // 0: before the first restart marker; …; behind all of them: at the end
        uint8_t bits;    // the last ones of a byte
    };
    std::vector<Padding> other_padding;  // where it is neither all ones nor all zeros, as above

    // So many restart markers are there, and none where more are due.
    uint64_t restarts = 0;
    // Whole bytes that no MCU needs, before some of them: those of all places, one behind the other.
    struct SurplusBytes {
        uint64_t place;  // as of Padding; before a restart marker
        uint64_t count;
    };
    std::vector<SurplusBytes> surplus_bytes;
    std::vector<uint8_t> surplus;

    // Of arithmetic-coded scans: of the bytes that the coder gives before some restart markers, only so many
    // stand there. At the end that follows from the size.
    struct Cut {
        uint64_t place;  // as of Padding; before a restart marker
        uint64_t bytes;
    };
    std::vector<Cut> cuts;

    // All that follows, and padding, is of Huffman-coded scans.
    std::vector<SurplusZeros> surplus_zeros;

    // Of progressive scans: a run of blocks that end early is as long as possible, but
    static constexpr uint32_t kMostRun = 0x7FFF;
    static constexpr size_t kMostCorrections = 937;  // libjpeg's MAX_CORR_BITS − 63
    uint32_t most_run = kMostRun;                    // never longer than this
    bool few_corrections = true;       // ends when more than kMostCorrections bits wait behind it
    std::vector<uint64_t> run_starts;  // and a new one starts at these blocks
    uint32_t run_beyond = 0;           // of an incomplete scan: so many more blocks in its last run

    // What its lists take.
    uint64_t memory() const {
        return other_padding.size() * sizeof(Padding) + surplus_bytes.size() * sizeof(SurplusBytes) +
               surplus.size() + cuts.size() * sizeof(Cut) + surplus_zeros.size() * sizeof(SurplusZeros) +
               run_starts.size() * sizeof(uint64_t);
    }
};

// Restart markers that a scan of so many MCUs has.
constexpr uint64_t restarts_due(uint64_t mcus, uint32_t interval) {
    return interval == 0 || mcus == 0 ? 0 : (mcus - 1) / interval;
}

// Of the whole scan. Reading throws kCorrupt or kTruncated; what is read is within limits, in order, and
// makes no promise that the scan can be written.
struct ScanSize {
    uint64_t mcus;
    uint32_t restart_interval;
    bool arithmetic;
};
ScanSize scan_size(const Frame& frame, const Scan& scan);
void write_recipe(ByteWriter& writer, const ScanRecipe& recipe, const ScanSize& size);
ScanRecipe read_recipe(ByteReader& reader, const ScanSize& size);

}  // namespace residua::jpeg
