// Files of kinds that other encoders, cameras and accidents make: what can be coded is, and all come back.
#include <gtest/gtest.h>

#include "jpeg/test_dissection.h"
#include "tests/support/jpeg_file.h"

namespace residua::jpeg {
namespace {

using test::JpegRecipe;
using test::JpegSpace;
using test::make_jpeg;
using test::ProgressiveScan;

constexpr uint8_t kSequential = 0xC0, kProgressive = 0xC2;

Bytes ordinary() { return make_jpeg({.width = 61, .height = 45, .sampling = {{2, 2}}}, 4); }

// By hand, of one scan.
Bytes one_scan(const Bits& bits, int blocks, int restart_interval) {
    return joined(
        {hand_made_head(kSequential, blocks, restart_interval), hand_made_scan(bits), end_of_image()});
}
// A block of some bits: DC difference 1, a coefficient 1 of 63, an end.
Bits& put_block(Bits& bits) { return bits.code(1, 1, 1).code(0x01, 1, 1).code(0); }

// Where the marker's 0xFF is; the file must have one.
size_t find_marker(const Bytes& file, uint8_t marker, size_t from = 0) {
    for (size_t at = from; at + 1 < file.size(); ++at)
        if (file[at] == 0xFF && file[at + 1] == marker) return at;
    ADD_FAILURE() << "no marker " << int{marker};
    return 0;
}

TEST(JpegOddities, PaddingOfAllKinds) {
    const std::vector<std::vector<uint8_t>> kinds = {
        {0xFF, 0xFF, 0xFF, 0xFF}, {0, 0, 0, 0},          {0xFF, 0, 0xFF, 0},
        {0x55, 0x2A, 0x55, 0x2A}, {0, 0, 0, 0xFF},       {0xFF, 0xFF, 0xFF, 0x15},
        {0xAA, 0xFF, 0xFF, 0xFF}, {0, 0x15, 0xFF, 0xFF},
    };
    for (const auto& kind : kinds) {
        Bits bits;
        for (size_t i = 0; i < kind.size(); ++i) {
            put_block(put_block(bits)).pad(kind[i]);
            if (i + 1 < kind.size()) bits.raw({0xFF, static_cast<uint8_t>(0xD0 + i)});
        }
        const Taken taken(one_scan(bits, 8, 2));
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, bits.bytes().size());
    }
}

TEST(JpegOddities, PaddingOfAllSizes) {
    // 0 … 7 bits that are missing.
    for (int more = 0; more < 8; ++more)
        for (const uint8_t fill : {0, 0x35, 0xFF}) {
            Bits bits;
            for (int i = 0; i < more + 1; ++i) bits.code(2, 3, 2).code(0x07, 100, 7).code(0);
            bits.pad(fill);
            const Taken taken(one_scan(bits, more + 1, 0));
            EXPECT_TRUE(taken.same);
            EXPECT_EQ(taken.coded, bits.bytes().size()) << more;
        }
}

TEST(JpegOddities, WholeBytesBeforeRestartMarkers) {
    const std::vector<Bytes> kinds = {
        {0xFF, 0},    {0xFF, 0, 0xFF, 0}, {0},           {1, 2, 3, 0xFF, 0, 4},    {0xFF}, {0xFF, 0xFF, 0xFF},
        {0, 0, 0, 0}, {0xFF, 0, 0xFF},    Bytes(300, 7), {0xFF, 0, 0, 0xFF, 0xFF}, {0x7F}};
    for (const Bytes& kind : kinds)
        for (const unsigned places : {0x1FFu, 1u, 0x104u}) {
            Bits bits;
            for (unsigned i = 0; i < 10; ++i) {
                put_block(put_block(bits)).pad();
                if (i == 9) break;
                if (places >> i & 1) bits.raw(kind);
                bits.raw({0xFF, static_cast<uint8_t>(0xD0 + i % 8)});
            }
            const Taken taken(one_scan(bits, 20, 2));
            EXPECT_TRUE(taken.same);
            EXPECT_EQ(taken.coded, bits.bytes().size());
            EXPECT_EQ(taken.recipe().mcus, 20u);
            EXPECT_EQ(taken.recipe().restarts, 9u);
        }
}

TEST(JpegOddities, WholeBytesBehindTheLastBlock) {
    // They are no restart marker's, and foreign.
    Bits bits;
    put_block(put_block(bits)).pad();
    const size_t size = bits.bytes().size();
    const Taken taken(one_scan(bits.raw({0xFF, 0, 1, 2}), 2, 0));
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.coded, size);
}

TEST(JpegOddities, RestartMarkersThatAreMissing) {
    // The first `there` of nine are; behind them the predictions of DC go on.
    for (unsigned there = 0; there <= 9; ++there) {
        Bits bits;
        for (unsigned i = 0; i < 10; ++i) {
            put_block(put_block(bits));
            if (i < there) bits.pad().raw({0xFF, static_cast<uint8_t>(0xD0 + i % 8)});
        }
        bits.pad();
        const Taken taken(one_scan(bits, 20, 2));
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, bits.bytes().size()) << there;
        EXPECT_EQ(taken.recipe().restarts, there);
    }
}

TEST(JpegOddities, RestartMarkersThatAreSurplusOrWrong) {
    Bits bits;
    put_block(put_block(bits)).pad();
    const size_t size = bits.bytes().size();
    // One behind the last block, as some encoders write it.
    for (const int interval : {0, 2}) {
        const Bytes file = one_scan(Bits(bits).raw({0xFF, 0xD0}), 2, interval);
        const Taken taken(file);
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, size);
    }
    // Where none is due, or with another number: what is before it is coded.
    for (const uint8_t marker : {0xD0, 0xD3})
        for (const int interval : {0, 2, 3}) {
            Bits more(bits);
            more.raw({0xFF, marker});
            put_block(put_block(more)).pad();
            const bool whole = marker == 0xD0 && interval == 2;
            const Taken taken(one_scan(more, 4, interval));
            EXPECT_TRUE(taken.same);
            EXPECT_EQ(taken.coded, whole ? more.bytes().size() : size);
        }
}

TEST(JpegOddities, ZerosBeforeTheEndOfABlock) {
    for (int runs = 0; runs <= 3; ++runs) {
        Bits bits;
        for (int block = 0; block < 3; ++block) {
            bits.code(1, 1, 1).code(0x01, 0, 1);
            for (int i = 0; block == 1 && i < runs; ++i) bits.code(0xF0);
            bits.code(0);
        }
        const Bytes scan = bits.pad().bytes();
        const Taken taken(one_scan(bits, 3, 0));
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, scan.size()) << runs;
        EXPECT_EQ(taken.recipe().surplus_zeros.size(), runs > 0 ? 1u : 0u);
    }
    // So many that they fill the block, and nothing says that it ends.
    Bits full;
    for (int block = 0; block < 3; ++block) {
        full.code(0);
        for (int k = 1; k <= 15; ++k) full.code(0x01, 1, 1);
        full.code(0xF0).code(0xF0).code(0xF0);
    }
    full.pad();
    expect_all_coded(one_scan(full, 3, 0), full.bytes().size());
}

TEST(JpegOddities, CodesThatAreNotTheShortestStayForeign) {
    // The table has symbol 1 twice, and the file uses the second code.
    Bytes file = one_scan(Bits().code(2, 3, 2).code(0x01, 1, 1).code(0).pad(), 1, 0);
    const size_t table = find_marker(file, 0xC4) + 4 + 1 + 16;
    file[table + 2] = 1;
    ASSERT_EQ(file[table + 1], 1);
    expect_all_coded(file, 0);
}

TEST(JpegOddities, BetweenMarkersAndBehindTheEnd) {
    const Bytes file = ordinary();
    const size_t scan = Scans(file).bytes();
    // Behind each segment, and behind the scan: no 0xFF, fills, stuffed ones, restart markers, a segment.
    for (size_t at = 2; at < file.size();) {
        for (const Bytes& more : std::vector<Bytes>{
                 {1, 2, 3}, {0xFF, 0xFF}, {0xFF, 0, 7}, {0xFF, 0xD2}, {0xFF, 0xFE, 0, 5, 0xFF, 0xD9, 0xFF}})
            expect_all_coded(inserted(file, at, more), scan);
        if (file[at + 1] == 0xD9) break;
        const bool scan_follows = file[at + 1] == 0xDA;
        at = scan_follows ? file.size() - 2 : at + 2 + size_t{file[at + 2]} * 256 + file[at + 3];
    }
    Bytes noise(1000);
    for (size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<uint8_t>(i * i * 7 >> 3);
    expect_all_coded(joined({file, noise}), scan);
    expect_all_coded(joined({file, Bytes(5000, 0xFF)}), scan);
    expect_all_coded(part_of(file, 0, file.size() - 2), scan);  // no EOI
    expect_all_coded(joined({part_of(file, 0, file.size() - 2), noise}), scan);
}

TEST(JpegOddities, JpegsWithinAndBehindOthers) {
    const Bytes small = make_jpeg({.width = 40, .height = 30, .sampling = {{2, 1}}}, 8);
    for (const bool progressive : {false, true}) {
        const Bytes large =
            make_jpeg({.width = 99, .height = 75, .sampling = {{2, 2}}, .progressive = progressive}, 9);
        const size_t scans = Scans(large).bytes() + Scans(small).bytes();
        const auto length = static_cast<uint16_t>(small.size() + 8);
        const Bytes exif = {
            0xFF, 0xE1, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length), 'E', 'x', 'i', 'f',
            0,    0};
        const Bytes segment = joined({exif, small});
        expect_all_coded(inserted(large, 2, segment), scans);                         // as a thumbnail
        expect_all_coded(inserted(large, find_marker(large, 0xDA), segment), scans);  // late
        expect_all_coded(joined({large, small}), scans);                              // behind
        expect_all_coded(joined({large, Bytes(77, 5), small}), scans);
        expect_all_coded(joined({inserted(large, 2, segment), small, small}),
                         scans + 2 * Scans(small).bytes());
        if (!progressive) continue;
        // Between two scans.
        expect_all_coded(inserted(large, Scans(large).ranges[2].end, segment), scans);
    }
    // Behind bytes of another kind of file.
    Taken taken(joined({Bytes(100, 'x'), small}));
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.coded, Scans(small).bytes());
    EXPECT_EQ(taken.kept.main(), nullptr);
}

TEST(JpegOddities, TablesThatAreMissing) {
    for (const JpegSpace space : {JpegSpace::kGrey, JpegSpace::kYcc}) {
        Bytes file = make_jpeg({.width = 61, .height = 45, .space = space}, 4);
        const size_t scan = Scans(file).bytes();
        for (const int tables : {2, 4}) {
            if (tables == 4 && space == JpegSpace::kGrey) break;
            for (int i = 0; i < 2; ++i) {
                const size_t at = find_marker(file, 0xC4);
                file.erase(
                    file.begin() + static_cast<ptrdiff_t>(at),
                    file.begin() + static_cast<ptrdiff_t>(at + 2 + file[at + 3] + 256u * file[at + 2]));
            }
            expect_all_coded(file, scan);
        }
    }
}

TEST(JpegOddities, HeightBehindTheFirstScan) {
    for (const bool separate : {false, true}) {
        Bytes file = make_jpeg({.width = 61, .height = 45, .separate_scans = separate}, 4);
        const size_t scan = Scans(file).bytes();
        const size_t frame = find_marker(file, 0xC0);
        file[frame + 5] = file[frame + 6] = 0;
        expect_all_coded(file, 0);
        const Bytes dnl = {0xFF, 0xDC, 0, 4, 0, 45};
        const Taken taken(inserted(file, Scans(file).ranges[0].end, dnl));
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, scan);
        ASSERT_NE(taken.kept.main(), nullptr);
        EXPECT_EQ(taken.kept.main()->height, 45);
    }
}

// Progressive, of blocks side by side: DCs, then ACs from `ac`, and bits of theirs from `refined`.
Bytes progressive(int blocks, const Bits& ac, const Bits* refined, uint8_t last) {
    Bits dc;
    for (int i = 0; i < blocks; ++i) dc.code(1, 1, 1);
    Bytes file = joined({hand_made_head(kProgressive, blocks, 0), hand_made_scan(dc.pad(), 0, 0),
                         hand_made_scan(ac, 1, last, refined ? 0x01 : 0)});
    if (refined) file = joined({file, hand_made_scan(*refined, 1, last, 0x10)});
    return joined({file, end_of_image()});
}
void expect_progressive(int blocks, const Bits& ac, const Bits* refined, uint8_t last) {
    const Bytes file = progressive(blocks, ac, refined, last);
    expect_all_coded(file, Scans(file).bytes());
}
// A run of blocks without anything more; bits behind it not included.
Bits& put_run(Bits& bits, uint32_t blocks) {
    int size = 0;
    while (blocks >> (size + 1)) ++size;
    return bits.code(size << 4, blocks & ((1u << size) - 1), size);
}

TEST(JpegOddities, RunsThatAreShorterThanTheyCouldBe) {
    const std::vector<std::vector<uint32_t>> kinds = {
        {1, 1, 1, 1, 1, 1, 1, 1, 1, 1},  // encoders that know no runs
        {3, 3, 3, 1},
        {4, 4, 2},
        {10},
        {1, 2, 7},
        {5, 3, 2},
        {9, 1},
        {2, 2, 2, 2, 2},
        {1, 9},
        {3, 4, 3},
    };
    for (const auto& kind : kinds) {
        Bits runs;
        for (const uint32_t blocks : kind) put_run(runs, blocks);
        expect_progressive(10, runs.pad(), nullptr, 63);
        // Blocks with something more begin and end them.
        Bits some;
        some.code(0x11, 1, 1);
        for (const uint32_t blocks : kind) put_run(some, blocks);
        some.code(0x00 | 0x02, 3, 2).code(0x00);
        expect_progressive(11, some.pad(), nullptr, 63);
    }
}

TEST(JpegOddities, RunsBeyondThePicture) {
    for (const uint32_t beyond : {1u, 5u, 100u}) {
        Bits bits;
        put_run(bits.code(0x11, 1, 1), 4 + beyond);
        expect_progressive(4, bits.pad(), nullptr, 63);
    }
}

TEST(JpegOddities, ZerosBeforeTheEndOfAProgressiveBlock) {
    Bits first;
    put_run(first.code(0x01, 1, 1).code(0xF0).code(0xF0), 3);
    put_run(first.code(0xF0), 1);
    expect_progressive(4, first.pad(), nullptr, 63);
    // Bands that they fill.
    Bits full;
    for (int i = 0; i < 5; ++i) full.code(0xF0);
    expect_progressive(5, full.pad(), nullptr, 16);
    Bits mixed;
    put_run(mixed.code(0xF0), 2);
    mixed.code(0xF0).code(0x51, 0, 1);
    put_run(mixed, 1);
    expect_progressive(6, mixed.code(0xF0).pad(), nullptr, 16);
}

TEST(JpegOddities, ZerosBeforeTheEndOfARefinedBlock) {
    // The first block has a 1 at 3, the second nothing.
    Bits first;
    put_run(first.code(0x21, 1, 1), 2);
    first.pad();
    for (int runs = 0; runs <= 3; ++runs) {
        Bits refined;
        // The first code passes the coefficient that is there, whose bit follows.
        for (int i = 0; i < runs; ++i) i == 0 ? refined.code(0xF0, 1, 1) : refined.code(0xF0);
        put_run(refined, 2);
        if (runs == 0) refined.put(1, 1);
        expect_progressive(2, first, &refined.pad(), 63);
    }
    // A new coefficient behind zeros, and zeros that fill the band.
    Bits fresh;
    fresh.code(0xF0, 1, 1).code(0x11, 1, 1);
    put_run(fresh, 1);
    fresh.code(0xF0).code(0xF0).code(0xF0);
    put_run(fresh, 1);
    expect_progressive(2, first, &fresh.pad(), 63);
    Bits full;
    Bits none;
    put_run(none, 3);
    full.code(0xF0).code(0xF0).code(0xF0);
    expect_progressive(3, none.pad(), &full.pad(), 16);
}

TEST(JpegOddities, RunsWithMoreCorrectionsThanLibjpegKeeps) {
    constexpr int kBlocks = 40;
    Bits first;
    for (int i = 0; i < kBlocks; ++i)
        for (int k = 1; k < 64; ++k) first.code(0x01, 1, 1);
    first.pad();
    for (const uint32_t run : {40u, 20u, 16u, 15u, 10u}) {
        Bits refined;
        for (uint32_t block = 0; block < kBlocks; block += run) {
            const uint32_t here = std::min(run, kBlocks - block);
            put_run(refined, here);
            for (uint32_t i = 0; i < 63 * here; ++i) refined.put(i % 3 == 0, 1);
        }
        expect_progressive(kBlocks, first, &refined.pad(), 63);
    }
}

}  // namespace
}  // namespace residua::jpeg
