// Codes the rows of a tile under mixtures that adapt to the tile: docs/format-adaptation.md. Sixteen rows
// are gathered and then coded together, as a wavefront.
#pragma once

#include <memory>
#include <vector>

#include "base/memory.h"
#include "entropy/adaptation.h"
#include "entropy/mixture.h"

namespace residua::entropy {

// For the tiles of one column, one after the other, and one thread
// at a time. Every instruction set gives the same integers.
class AdaptiveCoder {
  public:
    // width: pixels of a row. ahead: further rows can be added while a thread codes. The rest as
    // MixtureCoder.
    AdaptiveCoder(const DistributionTables& tables, const Alphabet& alphabet, std::span<const int8_t> tau,
                  int coded_channels, int width, bool ahead, Allocator& allocator, Isa isa = active_isa());

    // Forgets what the last tile taught. Its rows have been coded.
    void begin_tile();

    // Copies what the network says of the next row; at most kWavefrontRows of them before they are coded.
    void add_row(const RowParameters& row);
    bool full() const { return added_ == kWavefrontRows; }
    // The rows that were added are the ones to be coded now; if the coder works ahead, more can be added at
    // once, otherwise when they have been coded.
    void take_rows();
    int rows() const { return rows_; }  // to be coded

    // The symbols of row 0 … rows() − 1, [x][c]: to be filled for encoding, filled by decoding.
    int16_t* symbols(int row) { return symbols_.data() + row * row_symbols(); }
    ptrdiff_t row_symbols() const { return ptrdiff_t{width_} * channels_; }

    // Codes the rows that were taken: rows() · width · coded channels intervals in coding order, each with
    // its place among the 16 samples that are coded at once. A symbol outside the alphabet: kInvalidArgument.
    void encode(Interval* intervals, uint8_t* positions);
    // The same from a stream. symbols() keep what was read until the next time.
    // `lengths`: gets how many bits each symbol took, kWavefrontRows rows as symbols(0) and
    // those after it have them, in the units of code_length.h; null: nobody wants to know.
    void decode(RansDecoder& decoder, uint32_t* lengths = nullptr);

  private:
    static constexpr int kHistory = 8;  // steps that features reach back, this one included; a power of two
    static constexpr int kLaneZero = 16;
    // Of one channel in one step; before lane 0 are those of the two rows above the wavefront.
    struct Lanes {
        alignas(64) int32_t at[kLaneZero + kGroupPixels];
    };
    struct Seen {
        Lanes error, magnitude, spread;
    };
    struct Known {  // of a sample of the two rows above
        int32_t error, magnitude, spread;
    };
    struct State {
        MixtureTables tables;
        MixtureGroup group;
        AdaptationStep step;
        AdaptationModel model[kMaxChannels];
        Seen seen[kHistory][kMaxChannels];
        AdaptationInputs inputs[kHistory][kMaxChannels];
    };
    // The network's numbers of 16 rows. Lane r of step t is
    // at t · pitch + r · (stride − kWavefrontLag · pitch).
    struct Block {
        Buffer<int16_t> numbers;
        int pitch = 0;
        ptrdiff_t stride = 0;
        ptrdiff_t half = 0;  // from the rows that are coded to those that are added, or back
    };

    Block make_block(int per_pixel, Allocator& allocator) const;
    void connect(int slot, int c);
    void look_above(int t);
    void prepare(int t, int first, int end);
    void remember(int t, int c);
    void learn_scale(int c, int first, int end, const uint32_t* start, const uint32_t* frequency);
    template <typename Code>
    void run(const Code& code);

    const MixtureKernels* kernels_;
    const AdaptationKernels* adaptation_;
    const int width_, channels_;
    const bool ahead_;
    int rows_ = 0, added_ = 0;
    bool adds_second_ = false, codes_second_ = false;  // half of each block
    std::unique_ptr<Reservation> state_memory_;        // a file may have thousands of columns of tiles
    std::unique_ptr<State> state_;
    Block mu_, log_sigma_, weight_, lambda_, origin_;
    Buffer<int16_t> symbols_;
    Buffer<Known> above_;  // [row − 2][x][c]
    bool has_origin_ = false;
};

}  // namespace residua::entropy
