// Codes rows of symbols under the mixture of logistics of both papers (RC paper Eq. 4–6), wholly in integers.
// docs/format-entropy.md is the definition.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/cpu.h"
#include "entropy/dec_rans.h"
#include "entropy/mixture_kernels.h"
#include "entropy/rans.h"
#include "entropy/tables.h"

namespace residua::entropy {

// One row of the network's outputs. mu (1/64 symbol), log_sigma (1/32 octave) and weight (logit, 1/32 octave)
// have channels · K values per pixel, at [x][c · K + k]; lambda (pre-activation, 1/256) has 3 · K, at [x][j ·
// K + k] with j = α (R→G), β (R→B), γ (G→B), and may be null when the tables have no coupling.
struct RowParameters {
    const int16_t* mu;
    const int16_t* log_sigma;
    const int16_t* weight;
    const int16_t* lambda;
    // Where each coded channel's symbols have their origin, in 1/64 symbol, at [x][c] for the coded channels,
    // −kMaxOrigin … kMaxOrigin; null: 0. RC's residuals are counted from the rounded lossy layer, but scatter
    // about the unrounded one; L3C's symbols lie near the interpolated coarser planes.
    const int16_t* origin = nullptr;
};

inline constexpr int kMaxOrigin = 16384;

// The symbols that channel c may have: low[c] … high[c], within −512 … 511.
struct Alphabet {
    int low[kMaxChannels];
    int high[kMaxChannels];
};

// The tables unpacked, without tau. Throws kCorrupt for an alphabet outside its limits and kInvalidArgument
// for a number of coded channels that is neither 1 nor the tables'.
void unpack(const DistributionTables& tables, const Alphabet& alphabet, int coded_channels,
            MixtureTables& to);
// Another tau: channels · K numbers, or none. Throws kInvalidArgument for any other count.
void set_tau(std::span<const int8_t> tau, MixtureTables& tables);
const MixtureKernels& mixture_kernels(Isa isa);

// For one thread at a time. Every instruction set gives the same integers.
class MixtureCoder {
  public:
    // tau: channels · K steps of 1/32 octave added to log_sigma, at [c · K + k]; empty
    // for none. coded_channels: 1 for grey pictures, otherwise the tables' channels;
    // only these are coded, and values have as many per pixel. Throws kCorrupt for
    // an alphabet outside its limits and kInvalidArgument for the caller's mistakes.
    MixtureCoder(const DistributionTables& tables, const Alphabet& alphabet, std::span<const int8_t> tau,
                 int coded_channels, Isa isa = active_isa());

    // Another tau, as the constructor's.
    void set_tau(std::span<const int8_t> tau);

    // What the rANS encoder needs for a row: values at [x][c], pixels ·
    // coded_channels intervals in coding order (groups of 16 pixels; in each, all
    // of channel 0, then 1, …). A value outside the alphabet: kInvalidArgument.
    void intervals(const RowParameters& row, int pixels, const int16_t* values, Interval* out);
    // The same, and the decoder's search must find each value at both ends of its interval (and so, as shares
    // rise from value to value, anywhere in it): kInternal otherwise.
    void proved_intervals(const RowParameters& row, int pixels, const int16_t* values, Interval* out);

    // Reads the row that follows in the stream. `lengths`: gets how many bits each symbol took, at [x][c] as
    // the values, in the units of code_length.h; null: nobody wants to know.
    void decode_row(RansDecoder& decoder, const RowParameters& row, int pixels, int16_t* values,
                    uint32_t* lengths = nullptr);
    // The same for a stream of random bits, where a symbol that is met by the first slot of its interval
    // is drawn again: every interval has that slot, however unlikely its symbol is, so that a decoder
    // finds it, and a picture drawn without this has a dot here and there that no distribution meant.
    void draw_row(RansDecoder& random, const RowParameters& row, int pixels, int16_t* values);

    // The mean of each symbol's mixture, rounded and limited to the alphabet; the means of coupled channels
    // follow from the rounded ones before. values at [x][c].
    void means(const RowParameters& row, int pixels, int16_t* values);

  private:
    struct Scratch {
        MixtureTables tables;
        MixtureGroup group;
        std::vector<int16_t> edge[4];  // a copy of the row's last pixels, padded for the vector kernels
    };
    void prepare(const RowParameters& row, int x, int pixels);
    template <typename Check>
    void find_intervals(const RowParameters& row, int pixels, const int16_t* values, Interval* out,
                        const Check& check);
    void search_again(int c, int count, const uint32_t* start, const uint32_t* frequency);
    template <typename Found>
    void read_row(RansDecoder& decoder, const RowParameters& row, int pixels, int16_t* values,
                  const Found& found);

    const MixtureKernels* kernels_;
    std::unique_ptr<Scratch> scratch_;
};

}  // namespace residua::entropy
