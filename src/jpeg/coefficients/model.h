// What is learned of a component, where it lies in memory, and what is known beforehand. Plain data only.
// docs/format-jpeg-coefficients.md, 4 to 8.
#pragma once

#include <cstddef>
#include <cstdint>

namespace residua::jpeg {

inline constexpr uint32_t kSlotStart = 1u << 31;  // a half, never met
inline constexpr int32_t kMaxLogit = 2047;        // log odds have 8 fractional bits
inline constexpr int32_t kWeightBits = 13;        // of the upper half of a weight
inline constexpr int32_t kMostWeight = 1 << 30;
inline constexpr int32_t kMostFinal = 1 << 19;
inline constexpr int32_t kLowRate = 40, kHighRate = 4000;
inline constexpr int32_t kLeastShare = 8;  // of 2^16

// By effort: contexts and votes of a coefficient's decisions.
inline constexpr int kEfforts = 3;
inline constexpr int kContexts[kEfforts] = {8, 8, 24};
inline constexpr int kVotes[kEfforts] = {1, 2, 6};
inline constexpr bool kRich[kEfforts] = {false, true, true};
inline constexpr int kMostVotes = 6;
inline constexpr int kMapPoints = 33;

// docs/format-jpeg-coefficients.md, 4.
struct Tables {
    uint16_t squash[2 * kMaxLogit + 1];
    int32_t stretch[4096];
    int32_t slot_rate[1024];
    int32_t weight_rate[256];
};

// What a kind of decisions learns.
struct Bank {
    int32_t* slots;
    int32_t* weights[kMostVotes];
    int32_t* finals;
    uint16_t* maps[2];
};

inline constexpr uint8_t kZigzag[64] = {0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,
                                        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6,  7,  14, 21, 28,
                                        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
                                        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};
// Frequencies of a kind: 0 … 15.
inline constexpr uint8_t kZone[64] = {0,  10, 11, 11, 12, 12, 13, 13, 8,  0, 1, 2, 3, 4, 5, 5,
                                      9,  1,  2,  3,  4,  5,  5,  6,  9,  2, 3, 4, 5, 5, 6, 6,
                                      14, 3,  4,  5,  5,  6,  6,  7,  14, 4, 5, 5, 6, 6, 7, 7,
                                      15, 5,  5,  6,  6,  7,  7,  7,  15, 5, 6, 6, 7, 7, 7, 7};

inline constexpr int32_t kMostInput = 16383;
inline constexpr int32_t kCoefficientMost = 400, kSignMost = 250, kDigitMost = 1000, kCountMost = 250,
                         kDcMost = 250;

// Weighted sums of what surrounds a coefficient: its mean, and how large it is. Rows of 64 for each input, in 2^-12.
struct Prior {
    int16_t left[64][64], above[64][64], own[64][64], dc[8][64];
    int16_t around_size[64][64], own_size[64][64], luma_size[64][64], previous_size[64][64];
};

struct ComponentPlan {
    const Prior* prior;
    int32_t step[64];       // 1 … 65535
    int32_t sixteenth[64];  // 2^24 / step; of the DC 0
};

struct Model {
    Bank coefficient, sign, digit, count, dc;
};

// Of the blocks above.
struct RowMemory {
    uint64_t mask = 0;
    uint8_t count = 0, count2 = 0;
};

// A component's part of a band.
template <class Coefficient>
struct BandComponent {
    int columns, rows, first_row, all_rows, across, down;
    const int16_t* dc;          // of the band's first row; those above and below lie around it
    Coefficient* coefficients;  // of the band's first row
    ComponentPlan plan;
    Model* model;
    RowMemory* memory;  // columns + 2
};

template <class Coefficient>
struct BandWork {
    int components;
    BandComponent<Coefficient> component[4];
};

struct LightDcModel;

// A component's DCs in a band.
template <class Dc>
struct DcComponent {
    int columns, rows, across, down;
    Dc* dc;               // of the band's first row
    Bank* bank;           // or,
    LightDcModel* light;  // of the light coder, this
    int16_t* errors;      // columns + 2
};

template <class Dc>
struct DcWork {
    int components;
    DcComponent<Dc> component[4];
};

template <int N>
struct Bases {
    uint32_t at[N + 1];
    constexpr uint32_t operator[](int i) const { return at[i]; }
};
template <int N>
constexpr Bases<N> bases(const uint32_t (&sizes)[N]) {
    Bases<N> b{};
    for (int i = 0; i < N; ++i) b.at[i + 1] = b.at[i] + sizes[i];
    return b;
}

inline constexpr Bases<24> kCoefficientBase =
    bases<24>({4096 * 8, 2048 * 8, 1536 * 8, 4096 * 8, 6144 * 8, 4096 * 8, 4096 * 8, 4096 * 8,
               2048 * 8, 1024 * 8, 4096 * 8, 4096 * 8, 4096 * 8, 8192 * 8, 6144 * 8, 4096 * 8,
               3072 * 8, 4096 * 8, 4096 * 8, 4096 * 8, 4096 * 8, 4096 * 8, 6144 * 8, 4096 * 8});
inline constexpr Bases<8> kSignBase = bases<8>({2048, 32, 2048, 2048, 2048, 2048, 8 * 1024, 16 * 32 * 8});
inline constexpr Bases<9> kDigitBase =
    bases<9>({512 * 32, 512 * 64, 512 * 64, 512 * 256, 512 * 256, 512 * 512, 512 * 64, 512 * 256, 512 * 64});
inline constexpr Bases<8> kDcBase =
    bases<8>({1024 * 64, 32 * 64, 1024 * 64, 1024 * 64, 512 * 64, 512 * 64, 512 * 64, 256 * 64});
inline constexpr Bases<8> kCountBase =
    bases<8>({128 * 64, 256 * 64, 512 * 64, 128 * 64, 256 * 64, 512 * 64, 512 * 64, 256 * 64});

}  // namespace residua::jpeg
