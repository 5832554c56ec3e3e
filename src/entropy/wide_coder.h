// Codes samples of more values than MixtureCoder's alphabets have, with the same mixtures: a symbol stands for
// 2^shift values, as many as do not matter to a mixture so wide, and bits that are all alike say which of them
// it is. No table of all values is ever made. docs/format-deep.md is the definition.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "base/cpu.h"
#include "entropy/dec_rans.h"
#include "entropy/decision.h"
#include "entropy/mixture.h"
#include "entropy/scale_score.h"
#include "entropy/symbol_list.h"
#include "entropy/without.h"

namespace residua::entropy {

// How up to 16 samples, each with a value 0 … levels − 1, become symbols: symbol h of sample i stands for the
// values from base[i] + h · 2^shift[i] on.
struct WideSamples {
    int count;
    int levels;                               // 65536 at most
    std::array<int32_t, kGroupPixels> base;   // 0 … levels − 1
    std::array<int32_t, kGroupPixels> shift;  // 0 … 15
};

// A value for each sample that it may well have, and what speaks for it: one of kGuessContexts. That of a plane
// that is seen is asked for wherever there is one; others where the mixture has much for them.
struct Guesses {
    enum class Kind : uint8_t { kSeen, kFlat, kCentre };
    std::array<int32_t, kGroupPixels> value;  // −1: none
    std::array<int32_t, kGroupPixels> context;
    std::array<Kind, kGroupPixels> kind;
};
inline constexpr int kGuessContexts = 512;

// What the samples of a step own of their mixtures on the whole line; known: of those for which nothing but the
// mixture spoke.
struct WideShares {
    int count;
    std::array<bool, kGroupPixels> known;
    std::array<Share, kGroupPixels> share;
};

// For one thread at a time. Every instruction set gives the same integers.
class WideCoder {
  public:
    // Tables of one channel, without coupling.
    explicit WideCoder(const DistributionTables& tables, Isa isa = active_isa());

    // Of a row, 16 pixels and 15 numbers more must be readable, whatever the count; its means and origins are
    // in 1/64 symbol.
    //
    // Adds the intervals of these values: those of all symbols, then those of the bits behind them. prove: the
    // decoder's search must find each symbol at both ends of its interval; kInternal otherwise.
    //
    // guesses: decisions come first, whether a sample is what is guessed; null: there are none.
    void encode(const RowParameters& row, const WideSamples& samples, const Guesses* guesses,
                const int32_t* values, bool prove, SymbolList& list);

    // Of the step that was coded last, with guesses.
    const WideShares& shares() const { return shares_; }

    // Reads values. lengths: gets how many bits each took, in the units of code_length.h; null: nobody wants
    // to know. Throws kCorrupt for values that cannot be.
    void decode(RansDecoder& decoder, const RowParameters& row, const WideSamples& samples,
                const Guesses* guesses, int32_t* values, uint32_t* lengths);

  private:
    // The bits behind a symbol, and where the values that they tell begin: downwards in the lowest symbol
    // where that stands for all that is below, upwards everywhere else.
    struct Rest {
        int bits;
        int32_t first;
        int direction;
    };
    Rest rest_of(const WideSamples& samples, int i, int symbol) const;
    void prepare(const RowParameters& row, const WideSamples& samples);

    // What is asked of a sample, and what its mixture is once the answer is no.
    struct Question {
        bool asked = false, answer = false, plain = true;
        Interval interval = {0, 0};  // of the guess's symbol
        uint32_t share = 0;
        Decision* decision = nullptr;
        Without without;
    };
    using Questions = std::array<Question, kGroupPixels>;
    void ask(const WideSamples& samples, const Guesses& guesses, Questions& questions);
    void take_shares(const WideSamples& samples, const Questions& questions, const uint32_t* start,
                     const uint32_t* frequency);
    int symbol_of(const WideSamples& samples, int i, int32_t value) const;

    struct Scratch {
        MixtureTables tables;
        MixtureGroup group;
    };
    const MixtureKernels* kernels_;
    std::unique_ptr<Scratch> scratch_;
    std::vector<Decision> decisions_;
    WideShares shares_{};
};

}  // namespace residua::entropy
