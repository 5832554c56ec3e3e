// What the coder of screen content knows and learns, and where it lies in memory. Plain data only: kernels of every
// instruction set include it. docs/format-scc.md.
#pragma once

#include <cstddef>
#include <cstdint>

#include "jpeg/coefficients/model.h"

namespace residua::scc {

inline constexpr int kMostChannels = 5;
inline constexpr int kPad = 4;  // pixels known beyond both ends of a row

// Colours have numbers, in the order in which they were first seen; 0: none, or one that came when there were
// kMostColours of them.
inline constexpr int kColourBits = 18;
inline constexpr uint32_t kMostColours = (1u << kColourBits) - 1;

struct Colour {
    uint16_t sample[8];  // those beyond the channels are 0
};

// Whole colours: contexts of neighbours' colours, each of which remembers three colours that followed it.
inline constexpr int kOrders = 13;
inline constexpr int kRemembered = 3;
inline constexpr int kQuestions = 4;  // is it this one?
inline constexpr int kQuestionInputs = 16;
inline constexpr int kLevelInputs = 16;  // besides, where an effort looks at levels
inline constexpr int kStates = 256;      // of what a context says of a candidate

struct Memory {
    uint32_t check;
    uint32_t entry[kRemembered];  // colour, how often << kColourBits; most frequent first
};

// How much is known of a decision. Those of levels look at one channel's samples, too, when they ask for a colour,
// and have larger tables.
enum class Effort : uint8_t { kFast = 0, kDefault = 1, kDense = 2, kLevels = 3, kDenseLevels = 4 };
inline constexpr int kEfforts = 5;
inline constexpr bool kHasLevels[kEfforts] = {false, false, false, true, true};
// The channel of levels: the only one beside alpha, or that of green.
constexpr int level_channel(int channels) { return channels > 2 ? 1 : 0; }

// Other colours, sample by sample: contexts of 16 nodes in hashed tables, and of what may be expected. By effort.
inline constexpr int kHashed[kEfforts] = {5, 18, 42, 18, 42};
inline constexpr int kFewHashed = 5, kManyHashed = 18, kMostHashed = 42;
inline constexpr int kExpected[kEfforts] = {3, 6, 6, 6, 6};
inline constexpr int kMostExpected = 6;
inline constexpr int kVotes[kEfforts] = {1, 3, 3, 3, 3};  // of decisions about samples
inline constexpr int kQuestionVotes[kEfforts] = {1, 3, 3, 4, 4};
inline constexpr bool kRich[kEfforts] = {false, true, true, true, true};  // of both kinds of decisions
inline constexpr uint32_t kSampleMaps = 1 << 14;

// Where all around is of one colour: pixels at a time, and how many more must be known above them.
inline constexpr int kLeap = 16;
inline constexpr int kBeyond = 8;
inline constexpr int kFlatStates = 32 * 16;  // of a pixel; a leap has 32 more

// The number of nodes of a group of bits, of which the first holds those that are left over.
inline constexpr int kGroupBits = 4;

inline constexpr int32_t kMostCount = 1000;  // how often slots are met, as far as they count

// What a tile's coder needs. All memory is the caller's.
struct Work {
    int width, height, channels, bits;  // of the tile
    int first_row, end_row;             // to be coded now
    uint8_t* samples;                   // the tile's; an encoder does not write there
    ptrdiff_t stride;
    int sample_bytes;

    uint32_t* ids;    // colours' numbers of all pixels, with kPad on both sides and three rows of zeros above
    uint16_t* rows;   // [4][channels][width + 2 · kPad]: the row at hand and three above, in turn
    Colour* colours;  // by number
    uint32_t* places;  // numbers of colours, by hash: 2 · 2^kColourBits
    uint32_t colour_count;

    Memory* memories;  // [kOrders][2^memory_bits]
    int memory_bits;
    int level_bits;     // tables of 2^level_bits slots for each context of levels and question
    uint32_t* matches;  // pixels, by hash: 2^match_bits; 1 more than their place
    int match_bits;
    jpeg::Bank question, sample;
    int32_t* flat;    // slots
    int sample_bits;  // tables of 2^sample_bits contexts

    // From one call to the next.
    uint32_t match_place, match_length, misses, calm;
    // The coder's own.
    uint64_t low, range, value;

    // Where a reader notes how long each pixel's bits are, row by row without gaps, in the units of length(); null:
    // nobody wants to know. length: of a bit with so many of 2^20 parts.
    uint32_t* lengths;
    uint32_t (*length)(uint32_t share);
};

}  // namespace residua::scc
