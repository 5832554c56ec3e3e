#include "origin/chroma/enc_chroma_bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace residua::codec {
namespace {

constexpr PlaneColours kLattices[] = {PlaneColours::kJpeg, PlaneColours::kPhotoCd};

struct Sample {
    uint8_t triple[3], rgb[3];
};

// A triple whose image is clamped, of chroma up to `reach` from grey.
Sample clamped_sample(const LatticeTables& tables, int reach, std::mt19937& random) {
    for (;;) {
        const auto near = [&](int grey) {
            const int away = static_cast<int>(random() % static_cast<unsigned>(2 * reach + 1)) - reach;
            return static_cast<uint8_t>(std::clamp(grey + away, 0, 255));
        };
        const bool is_jpeg = &tables == &lattice_tables(PlaneColours::kJpeg);
        Sample sample = {
            {static_cast<uint8_t>(random()), near(is_jpeg ? 128 : 156), near(is_jpeg ? 128 : 137)}, {}};
        tables.to_rgb(sample.triple, sample.rgb);
        if (may_be_clamped(sample.rgb)) return sample;
    }
}

// However far in luma its triples lie from one another: Photo CD has pixels with wide gaps between them.
TEST(EncChromaBounds, HoldTheChromaOfEveryTriple) {
    std::mt19937 random(8);
    for (const PlaneColours colours : kLattices) {
        const LatticeTables& tables = lattice_tables(colours);
        int narrow = 0;
        constexpr int kSamples = 100000;
        for (int k = 0; k < kSamples; ++k) {
            const Sample sample = clamped_sample(tables, k % 2 ? 30 : 128, random);
            const ChromaBounds bounds = lattice_chroma_bounds(tables, sample.rgb);
            ASSERT_TRUE(bounds[0] <= sample.triple[1] && sample.triple[1] <= bounds[1] &&
                        bounds[2] <= sample.triple[2] && sample.triple[2] <= bounds[3])
                << static_cast<int>(colours) << ": " << int{sample.triple[0]} << ' ' << int{sample.triple[1]}
                << ' ' << int{sample.triple[2]};
            narrow += bounds[1] - bounds[0] < 60;
        }
        EXPECT_GT(narrow, kSamples / 4) << static_cast<int>(colours);
    }
    const uint8_t white[] = {255, 255, 255};
    EXPECT_EQ(lattice_chroma_bounds(lattice_tables(PlaneColours::kJpeg), white),
              (ChromaBounds{128, 129, 128, 128}));
}

// What other colours and the other lattice left behind changes nothing.
TEST(EncChromaBounds, DoNotDependOnWhatWasAskedBefore) {
    std::mt19937 random(9);
    std::vector<std::pair<PlaneColours, Sample>> samples;
    for (int k = 0; k < 5000; ++k) {
        const PlaneColours colours = kLattices[k % 2];
        samples.emplace_back(colours, clamped_sample(lattice_tables(colours), 60, random));
    }
    const auto bounds_of = [](const std::pair<PlaneColours, Sample>& sample) {
        return lattice_chroma_bounds(lattice_tables(sample.first), sample.second.rgb);
    };
    std::vector<ChromaBounds> forwards, backwards;
    for (const auto& sample : samples) forwards.push_back(bounds_of(sample));
    for (size_t i = samples.size(); i-- > 0;) backwards.push_back(bounds_of(samples[i]));
    std::ranges::reverse(backwards);
    EXPECT_EQ(forwards, backwards);
}

}  // namespace
}  // namespace residua::codec
