#include "origin/blocks/enc_settled_table.h"

#include <algorithm>

namespace residua::codec {

namespace {

// Annex K of the JPEG standard; libjpeg scales them by its quality.
constexpr QuantTable kLuma = {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                              14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                              18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                              49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr QuantTable kChroma = {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
                                24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
                                99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
                                99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};
// N. Robidoux's, in ImageMagick and mozjpeg: for luma and chroma.
constexpr QuantTable kRobidoux = {16, 16, 16, 18,  25,  37,  56,  85,  16, 17, 20,  27,  34,  40,  53,  75,
                                  16, 20, 24, 31,  43,  62,  91,  135, 18, 27, 31,  40,  53,  74,  106, 156,
                                  25, 34, 43, 53,  69,  94,  131, 189, 37, 40, 62,  74,  94,  124, 169, 238,
                                  56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418};
// Of baseline JPEG, which libjpeg keeps to if it is asked; else of its extended form.
constexpr int kMostSteps[] = {255, 32767};
// Of luma's steps: so many at least are those of libjpeg's table, if it is one.
constexpr int kLeastAlike = 60;
constexpr int kQualities = 100;
// From this share of the blocks on, a frequency's coefficients are well known.
constexpr double kWellKnown = 0.03;
constexpr int kFewestWellKnown = 4;
// Of the well-known steps: so many may be otherwise than the table's.
constexpr double kMostOthers = 0.1;
// Of the well-known steps: so many at least are another plane's, if all are.
constexpr double kMostlyEqual = 0.7;
// Few coefficients: below this share of the blocks.
constexpr double kFew = 0.01;
constexpr int kFarBelow = 3;  // times

QuantTable scaled(const QuantTable& base, int quality, int most) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    QuantTable table;
    for (size_t i = 0; i < kBlockSize; ++i)
        table[i] = static_cast<uint16_t>(std::clamp((base[i] * scale + 50) / 100, 1, most));
    return table;
}

}  // namespace

QuantTable settled_table(const QuantTable& estimate, const std::array<uint64_t, kBlockSize>& known,
                         uint64_t blocks, const QuantTable* other) {
    const auto share = [&](size_t i) {
        return blocks > 0 ? static_cast<double>(known[i]) / static_cast<double>(blocks) : 0;
    };
    int well_known = 0;
    for (size_t i = 0; i < kBlockSize; ++i) well_known += share(i) >= kWellKnown;
    QuantTable best = estimate;
    double least = 0;  // what speaks against the best one
    bool found = false;
    for (const QuantTable* base : {&kLuma, &kChroma}) {
        for (int i = 0; well_known >= kFewestWellKnown && i < 2 * kQualities; ++i) {
            const QuantTable table = scaled(*base, i / 2 + 1, kMostSteps[i % 2]);
            int others = 0;
            double against = 0;
            for (size_t k = 0; k < kBlockSize; ++k) {
                if (table[k] == estimate[k]) continue;
                others += share(k) >= kWellKnown;
                against += std::min(share(k), kWellKnown);
            }
            if (others > kMostOthers * well_known || (found && against >= least)) continue;
            found = true;
            least = against;
            best = table;
        }
    }
    if (found) return best;
    int equal = 0, multiples = 0;
    for (size_t i = 0; other && i < kBlockSize; ++i) {
        if (share(i) < kWellKnown) continue;
        equal += estimate[i] == (*other)[i];
        multiples += estimate[i] % (*other)[i] == 0;
    }
    if (other && well_known >= kFewestWellKnown && multiples == well_known &&
        equal >= kMostlyEqual * well_known)
        return *other;
    for (size_t i = 1; i < kBlockSize; ++i) {
        const int left = i % kBlockSide > 0 ? best[i - 1] : 0,
                  above = i >= kBlockSide ? best[i - kBlockSide] : 0;
        const int larger = std::max(left, above);
        if (share(i) < kFew && kFarBelow * best[i] <= larger) best[i] = static_cast<uint16_t>(larger);
    }
    return best;
}

std::vector<QuantTable> chroma_tables(const QuantTable& luma) {
    std::vector<QuantTable> tables;
    for (int i = 0; i < 2 * kQualities; ++i) {
        const QuantTable table = scaled(kLuma, i / 2 + 1, kMostSteps[i % 2]);
        int alike = 0;
        for (size_t k = 0; k < kBlockSize; ++k) alike += table[k] == luma[k];
        if (alike < kLeastAlike) continue;
        tables.push_back(scaled(kChroma, i / 2 + 1, kMostSteps[i % 2]));
    }
    return tables;
}

std::vector<QuantTable> usual_tables() {
    std::vector<QuantTable> tables;
    for (const QuantTable* base : {&kLuma, &kChroma, &kRobidoux})
        for (int i = 0; i < 2 * kQualities; ++i) {
            const QuantTable table = scaled(*base, i / 2 + 1, kMostSteps[i % 2]);
            if (tables.empty() || table != tables.back()) tables.push_back(table);
        }
    return tables;
}

}  // namespace residua::codec
