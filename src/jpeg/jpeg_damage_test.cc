// Files that were cut or damaged come back as they are; descriptions of them that are damaged end in an error.
#include <gtest/gtest.h>

#include <random>

#include "jpeg/scan_writer.h"
#include "jpeg/test_dissection.h"
#include "tests/support/jpeg_file.h"

namespace residua::jpeg {
namespace {

using test::JpegRecipe;
using test::JpegSpace;
using test::make_jpeg;

std::vector<Bytes> small_files() {
    std::vector<Bytes> files;
    for (const bool progressive : {false, true})
        for (const int restart_mcus : {0, 2}) {
            JpegRecipe recipe{.width = 45, .height = 37, .sampling = {{2, 2}}, .quality = 60};
            recipe.restart_mcus = restart_mcus;
            recipe.progressive = progressive;
            files.push_back(make_jpeg(recipe, 3));
        }
    return files;
}

TEST(JpegDamage, FilesCutAtEveryLengthComeBack) {
    for (const Bytes& file : small_files()) {
        const Scans scans(file);
        for (size_t end = 0; end < file.size(); ++end) {
            const Taken taken(part_of(file, 0, end));
            ASSERT_TRUE(taken.same) << end;
            // All MCUs that are there whole are coded. None has more bytes than this.
            ASSERT_GE(taken.coded + 200, scans.bytes(end)) << end << " of " << file.size();
            for (const Scans::Range& range : scans.ranges)
                if (end == range.end) {
                    ASSERT_EQ(taken.coded, scans.bytes(end)) << end;
                }
        }
    }
}

TEST(JpegDamage, DamagedFilesComeBack) {
    std::mt19937 random(1);
    for (const Bytes& file : small_files()) {
        const size_t scan = Scans(file).ranges[0].begin;
        for (int trial = 0; trial < 1000; ++trial) {
            Bytes damaged = file;
            for (unsigned i = 0; i <= random() % 4; ++i) {
                // Headers are mostly tables; half of the damage goes there, and half to scans.
                const size_t at = random() % 2 ? random() % scan : scan + random() % (file.size() - scan);
                damaged[at] = random() % 4 == 0   ? uint8_t{0xFF}
                              : random() % 2 == 0 ? static_cast<uint8_t>(damaged[at] ^ 1u << random() % 8)
                                                  : static_cast<uint8_t>(random());
            }
            ASSERT_TRUE(Taken(damaged).same) << trial;
        }
    }
}

TEST(JpegDamage, PartsInAnotherOrderComeBack) {
    // Pieces of files, cut anywhere and joined: markers, tables and scans that do not belong together.
    const std::vector<Bytes> files = small_files();
    std::mt19937 random(2);
    for (int trial = 0; trial < 1000; ++trial) {
        Bytes mixed = part_of(files[random() % files.size()], 0, 2);
        for (unsigned i = 0; i <= random() % 6; ++i) {
            const Bytes& from = files[random() % files.size()];
            const size_t begin = random() % from.size(), end = begin + random() % (from.size() - begin);
            mixed = joined({mixed, part_of(from, begin, end)});
        }
        ASSERT_TRUE(Taken(mixed).same) << trial;
    }
}

TEST(JpegDamage, OtherBytesComeBack) {
    for (const Bytes& bytes :
         std::vector<Bytes>{{}, {0xFF}, {0xFF, 0xD8}, {0xFF, 0xD8, 0xFF}, Bytes(70, 0xFF)}) {
        const Taken taken(bytes);
        EXPECT_TRUE(taken.same);
        EXPECT_EQ(taken.coded, 0u);
    }
}

// What a reader of damaged descriptions may do: end with one of two errors, or write some bytes.
void read_and_write(const Bytes& structure, const Bytes& foreign, size_t size, unsigned& good) {
    Allocator allocator(uint64_t{64} << 20);
    Bytes file(size);
    try {
        Dissection read = read_structure(structure, foreign, file, allocator);
        for (JpegPart& part : read.jpegs) part.allocate(allocator);
        write_scans(read, file);
        ++good;
    } catch (const Error& error) {
        ASSERT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated ||
                    error.code() == ErrorCode::kMemoryLimit)
            << error.what();
    }
}

TEST(JpegDamage, DamagedDescriptionsEndInAnErrorOrBytes) {
    std::mt19937 random(3);
    unsigned good = 0;
    for (const Bytes& file : small_files()) {
        const Taken taken(file);
        for (int trial = 0; trial < 1000; ++trial) {
            Bytes structure = taken.structure, foreign = taken.foreign;
            for (unsigned i = 0; i <= random() % 2; ++i) {
                Bytes& which = random() % 2 ? structure : foreign;
                which[random() % which.size()] = static_cast<uint8_t>(random());
            }
            if (random() % 8 == 0) structure.resize(random() % structure.size());
            if (random() % 8 == 0) foreign.resize(random() % foreign.size());
            if (random() % 8 == 0) structure.push_back(static_cast<uint8_t>(random()));
            read_and_write(structure, foreign, file.size(), good);
        }
        // Too few bytes, too many.
        for (const size_t size : {file.size() - 1, file.size() + 1, size_t{0}, size_t{1}}) {
            unsigned none = 0;
            read_and_write(taken.structure, taken.foreign, size, none);
            EXPECT_EQ(none, 0u);
        }
    }
    // Zeros can be written where only bytes of no scan were changed, if the size is theirs; most are not.
    EXPECT_LT(good, 2000u);
}

TEST(JpegDamage, BlocksThatAreNotWholeAreZeros) {
    Bits bits;
    bits.code(2, 3, 2).code(0x01, 1, 1).code(0).code(2, 3, 2).code(0x01, 1, 1).pad();
    const Taken taken(joined({hand_made_head(0xC0, 2, 0), hand_made_scan(bits)}));
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.recipe().mcus, 1u);
    const Buffer<int16_t>& plane = taken.kept.jpegs.at(0).planes.at(0);
    EXPECT_EQ(plane[0], 3);
    for (size_t i = 64; i < 128; ++i) EXPECT_EQ(plane[i], 0) << i;
}

TEST(JpegDamage, ScansOfAnotherSizeAreRefused) {
    for (const Bytes& file : small_files()) {
        Taken taken(file);
        JpegPart& jpeg = taken.kept.jpegs.at(0);
        const auto& part = jpeg.scans.back();
        for (const int more : {-1, 1, 2, 100}) {
            Bytes to(part.recipe.size + static_cast<size_t>(more));
            EXPECT_THROW(write_scan(jpeg.frame, part.scan, part.recipe, jpeg.coefficients(), to), Error);
        }
    }
}

TEST(JpegDamage, MemoryOfManyScansIsCounted) {
    // A few bytes each, with tables that they stand for.
    constexpr size_t kScans = 5000;
    Bytes file = hand_made_head(0xC2, 1, 0);
    const Bytes scan = hand_made_scan(Bits().code(0), 0, 0);
    for (size_t i = 0; i < kScans; ++i) file.insert(file.end(), scan.begin(), scan.end());
    const Taken taken(file);
    EXPECT_TRUE(taken.same);
    EXPECT_EQ(taken.coded, kScans);
    EXPECT_GT(taken.allocator.used(), kScans * sizeof(Scan));
    const auto fails = [](const auto& action) {
        Allocator small(uint64_t{8} << 20);
        try {
            action(small);
            return false;
        } catch (const Error& error) {
            return error.code() == ErrorCode::kMemoryLimit;
        }
    };
    EXPECT_TRUE(fails([&](Allocator& small) { dissect(file, small); }));
    Bytes again(file.size());
    EXPECT_TRUE(
        fails([&](Allocator& small) { read_structure(taken.structure, taken.foreign, again, small); }));
    // A list that a description is full of.
    Bytes list = {0, 0, 2, 0, 1, 64, 0x80, 0x80, 0x40};
    list.resize(list.size() + (1 << 20));
    EXPECT_TRUE(fails([&](Allocator& small) { read_structure(list, {}, {}, small); }));
}

TEST(JpegDamage, ManySmallJpegsAreAllTaken) {
    const Bytes small = make_jpeg({.width = 40, .height = 30, .sampling = {{2, 1}}}, 8);
    Bytes file;
    for (int i = 0; i < 300; ++i) file.insert(file.end(), small.begin(), small.end());
    expect_all_coded(file, 300 * Scans(small).bytes());
}

TEST(JpegDamage, CoefficientsThatDoNotFitAreRefused) {
    for (const Bytes& file : small_files()) {
        Taken taken(file);
        for (JpegPart& part : taken.kept.jpegs)
            for (Buffer<int16_t>& plane : part.planes)
                for (int16_t& coefficient : plane.span()) coefficient = INT16_MIN;
        EXPECT_THROW(write_scans(taken.kept, taken.again), Error);
    }
}

}  // namespace
}  // namespace residua::jpeg
