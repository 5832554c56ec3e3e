// Arithmetic-coded files: the coder is the standard's, and what other encoders and damage leave at the ends
// of scans comes back. jpeg_files_test.cc has all kinds of them.
#include <gtest/gtest.h>

#include <random>

#include "jpeg/arithmetic_encoder.h"
#include "jpeg/enc_arithmetic_decoder.h"
#include "jpeg/test_dissection.h"
#include "tests/support/jpeg_file.h"

namespace residua::jpeg {
namespace {

using test::JpegRecipe;
using test::JpegSpace;
using test::make_jpeg;

struct BytesSink {
    Bytes bytes;
    void put(uint8_t value) { bytes.push_back(value); }
};

// The standard's own test, K.4.1: one bin, 256 decisions.
TEST(JpegArithmetic, CodesTheStandardsTest) {
    const Bytes decisions = {0x00, 0x02, 0x00, 0x51, 0x00, 0x00, 0x00, 0xC0, 0x03, 0x52, 0x87,
                             0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x82, 0xC0, 0x20, 0x00, 0xFC, 0xD7,
                             0x9E, 0xF6, 0x74, 0xEA, 0xAB, 0xF7, 0x69, 0x7E, 0xE7, 0x4C};
    const Bytes coded = {0x65, 0x5B, 0x51, 0x44, 0xF7, 0x96, 0x9D, 0x51, 0x78, 0x55,
                         0xBF, 0xFF, 0x00, 0xFC, 0x51, 0x84, 0xC7, 0xCE, 0xF9, 0x39,
                         0x00, 0x28, 0x7D, 0x46, 0x70, 0x8E, 0xCB, 0xC0, 0xF6};
    BytesSink sink;
    ArithmeticEncoder<BytesSink> encoder(sink);
    // Twice: an encoder that has finished is as new.
    for (int i = 0; i < 2; ++i) {
        sink.bytes.clear();
        Bin bin = 0;
        for (size_t at = 0; at < 256; ++at) encoder.decide(bin, decisions[at / 8] >> (7 - at % 8) & 1);
        encoder.finish();
        EXPECT_EQ(sink.bytes, coded);
    }
    ArithmeticDecoder decoder(coded, 0);
    Bin bin = 0;
    for (size_t at = 0; at < 256; ++at)
        ASSERT_EQ(decoder.decide(bin, false), (decisions[at / 8] >> (7 - at % 8) & 1) != 0) << at;
}

// Of any probability; long runs lead to carries, and to zeros at the end.
TEST(JpegArithmetic, DecisionsComeBack) {
    std::mt19937 random(1);
    for (int trial = 0; trial < 1000; ++trial) {
        const unsigned rare = 1 + random() % 300, count = random() % 3000;
        std::vector<std::pair<size_t, bool>> decisions;
        for (unsigned i = 0; i < count; ++i)
            decisions.emplace_back(random() % 3, (random() % rare == 0) != (trial % 2 == 1));
        BytesSink sink;
        ArithmeticEncoder<BytesSink> encoder(sink);
        Bin bins[] = {0, 0, kFixedBin}, again[] = {0, 0, kFixedBin};
        for (const auto& [which, value] : decisions) encoder.decide(bins[which], value);
        encoder.finish();
        EXPECT_TRUE(sink.bytes.empty() || sink.bytes.back() != 0 ||
                    sink.bytes[sink.bytes.size() - 2] == 0xFF);
        ArithmeticDecoder decoder(sink.bytes, 0);
        for (const auto& [which, value] : decisions) ASSERT_EQ(decoder.decide(again[which], false), value);
        EXPECT_EQ(again[2], kFixedBin);
    }
}

JpegRecipe small(bool progressive, int restart_mcus = 0) {
    JpegRecipe recipe{.width = 45, .height = 37, .sampling = {{2, 2}}, .quality = 60};
    recipe.restart_mcus = restart_mcus;
    recipe.progressive = progressive;
    recipe.arithmetic = true;
    return recipe;
}

TEST(JpegArithmetic, CoefficientsAreThoseOfHuffmanCodes) {
    for (const bool progressive : {false, true})
        for (const JpegSpace space : {JpegSpace::kGrey, JpegSpace::kYcc, JpegSpace::kCmyk}) {
            JpegRecipe recipe = small(progressive);
            recipe.space = space;
            recipe.quality = 95;
            const Taken arithmetic(make_jpeg(recipe, 5));
            recipe.arithmetic = false;
            const Taken huffman(make_jpeg(recipe, 5));
            const auto& a = arithmetic.kept.jpegs.at(0).planes;
            const auto& b = huffman.kept.jpegs.at(0).planes;
            ASSERT_EQ(a.size(), b.size());
            for (size_t k = 0; k < a.size(); ++k) EXPECT_TRUE(std::ranges::equal(a[k].span(), b[k].span()));
        }
}

TEST(JpegArithmetic, OtherConditioning) {
    for (const bool progressive : {false, true}) {
        JpegRecipe recipe = small(progressive, 5);
        recipe.quality = 97;
        recipe.other_conditioning = true;
        const Bytes file = make_jpeg(recipe, 5);
        expect_all_coded(file, Scans(file).bytes());
        // What DAC may not say: the JPEG is bytes.
        const Bytes kDac = {0xFF, 0xCC};
        const auto dac = std::search(file.begin(), file.end(), kDac.begin(), kDac.end());
        ASSERT_NE(dac, file.end());
        for (const auto& [at, value] : {std::pair(4, 4), {4, 0x20}, {5, 0x01}}) {
            Bytes wrong = file;
            wrong[static_cast<size_t>(dac - file.begin() + at)] = static_cast<uint8_t>(value);
            expect_all_coded(wrong, 0);
        }
    }
}

// All zeros: arithmetic coding leaves no bytes.
TEST(JpegArithmetic, ScansWithoutBytes) {
    JpegRecipe recipe{.width = 100, .height = 100, .space = JpegSpace::kGrey};
    recipe.arithmetic = true;
    for (const bool progressive : {false, true}) {
        recipe.progressive = progressive;
        const Bytes file = make_jpeg(recipe, 5);
        const Scans scans(file);
        // By the decoder a scan that is gone is one of zeros.
        Bytes empty;
        size_t at = 0;
        for (const Scans::Range& range : scans.ranges) {
            empty = joined({empty, part_of(file, at, range.begin)});
            at = range.end;
        }
        empty = joined({empty, part_of(file, at, file.size())});
        const Taken taken(empty);
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, 0u);
        ASSERT_EQ(taken.kept.jpegs.size(), 1u);
        EXPECT_EQ(taken.kept.jpegs[0].scans.size(), scans.ranges.size());
        EXPECT_TRUE(taken.kept.jpegs[0].whole());
    }
}

// A JPEG within another's segment goes on into the outer one's markers, and ends with a scan of no bytes just
// where a scan of the outer one begins.
TEST(JpegArithmetic, ScansThatBeginAtOnePlace) {
    JpegRecipe recipe{.width = 64, .height = 64, .space = JpegSpace::kGrey, .quality = 95};
    recipe.arithmetic = true;
    const Bytes grey = make_jpeg(recipe, 5);
    const Scans::Range coded = Scans(grey).ranges.at(0);
    const auto frame = [](uint8_t sof, uint8_t side) {
        return Bytes{0xFF, sof, 0, 14, 8, 0, side, 0, side, 2, 1, 0x11, 0, 2, 0x11, 0};
    };
    const auto scan_head = [](uint8_t component) {
        return Bytes{0xFF, 0xDA, 0, 8, 1, component, 0, 0, 63, 0};
    };
    const Bytes inner = joined({{0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0},
                                Bytes(64, 1),
                                frame(0xC9, 64),
                                scan_head(1),
                                part_of(grey, coded.begin, coded.end)});
    const size_t length = inner.size() + 2;
    const Bytes head = hand_made_head(0xC0, 1, 0), scan = Bits().code(3, 5, 3).code(0).pad().bytes();
    const Bytes file = joined({part_of(head, 0, head.size() - 13),
                               frame(0xC0, 8),
                               scan_head(1),
                               scan,
                               {0xFF, 0xE1, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)},
                               inner,
                               scan_head(2),
                               scan,
                               end_of_image()});
    const Taken taken(file);
    EXPECT_TRUE(taken.same);
    ASSERT_EQ(taken.kept.jpegs.size(), 2u);
    EXPECT_EQ(taken.kept.jpegs[0].scans.size(), 2u);
    EXPECT_EQ(taken.kept.jpegs[1].scans.size(), 2u);
    EXPECT_EQ(taken.coded, coded.end - coded.begin + 2 * scan.size());
}

TEST(JpegArithmetic, OfTwelveBits) {
    Bytes file = make_jpeg(small(false), 5);
    const Bytes frame = {0xFF, 0xC9, 0, 17, 8};
    const auto found = std::search(file.begin(), file.end(), frame.begin(), frame.end());
    ASSERT_NE(found, file.end());
    found[4] = 12;
    expect_all_coded(file, Scans(file).bytes());
}

TEST(JpegArithmetic, FilesCutAtEveryLengthComeBack) {
    for (const bool progressive : {false, true})
        for (const int restart_mcus : {0, 2}) {
            const Bytes file = make_jpeg(small(progressive, restart_mcus), 3);
            const Scans scans(file);
            size_t all = 0, lengths = 0;
            for (size_t end = 0; end < file.size(); ++end) {
                const Taken taken(part_of(file, 0, end));
                ASSERT_TRUE(taken.same) << end;
                // Decoders go on with zeros, mostly to the end; an MCU where that cannot be is left out.
                ASSERT_GE(taken.coded + 200, scans.bytes(end)) << end << " of " << file.size();
                all += taken.coded == scans.bytes(end);
                lengths += scans.bytes(end) > 0;
            }
            EXPECT_GT(all, lengths / 2);
        }
}

TEST(JpegArithmetic, DamagedFilesComeBack) {
    std::mt19937 random(1);
    for (const bool progressive : {false, true})
        for (const int restart_mcus : {0, 2}) {
            const Bytes file = make_jpeg(small(progressive, restart_mcus), 3);
            for (int trial = 0; trial < 300; ++trial) {
                Bytes damaged = file;
                for (unsigned i = 0; i <= random() % 4; ++i)
                    damaged[2 + random() % (damaged.size() - 2)] =
                        random() % 4 == 0 ? uint8_t{0xFF} : static_cast<uint8_t>(random());
                ASSERT_TRUE(Taken(damaged).same) << trial;
            }
        }
}

// What other encoders leave at the end, and at restart markers: zeros, fewer bytes, others.
TEST(JpegArithmetic, OtherEndsComeBack) {
    const Bytes file = make_jpeg(small(false, 2), 3);
    const Scans::Range scan = Scans(file).ranges.at(0);
    size_t restarts = 0;
    for (size_t at = scan.begin; at <= scan.end; ++at) {
        const bool marker = file[at] == 0xFF && file[at + 1] != 0;
        if (!marker) continue;
        ++restarts;
        for (const Bytes& more :
             std::vector<Bytes>{{0}, {0, 0, 0}, {1}, {0xFF, 0}, {0xFF}, {7, 7, 7, 7, 7}}) {
            const Taken taken(inserted(file, at, more));
            EXPECT_TRUE(taken.same);
            // At the end, and of what a decoder takes for a number, all but the last few bytes are coded.
            EXPECT_GE(taken.coded + 8, scan.end - scan.begin);
        }
        Bytes shorter = file;
        shorter.erase(shorter.begin() + static_cast<ptrdiff_t>(at) - 1);
        EXPECT_TRUE(Taken(shorter).same);
    }
    EXPECT_GT(restarts, 2u);
    // What follows a wrong marker is no longer read; what is before it is.
    for (size_t at = scan.begin; at < scan.end; ++at)
        if (file[at] == 0xFF && file[at + 1] == 0xD1) {
            Bytes wrong = file;
            wrong[at + 1] = 0xD6;
            const Taken taken(wrong);
            EXPECT_TRUE(taken.same);
            EXPECT_EQ(taken.coded, at - scan.begin);
        }
}

// A restart interval, and no markers.
TEST(JpegArithmetic, RestartsThatAreMissing) {
    const Bytes file = make_jpeg(small(false), 3), interval = {0xFF, 0xDD, 0, 4, 0, 2};
    const Bytes without = inserted(file, 2, interval);
    expect_all_coded(without, Scans(without).bytes());
}

}  // namespace
}  // namespace residua::jpeg
