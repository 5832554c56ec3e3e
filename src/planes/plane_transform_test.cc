#include "planes/plane_transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace residua::codec {
namespace {

using Bytes = std::vector<uint8_t>;

PlaneTransform parse(const Bytes& bytes, int width, int height, int planes, Allocator& allocator) {
    ByteReader reader(bytes, "plane transform");
    PlaneTransform transform = PlaneTransform::parse(reader, width, height, planes, allocator);
    EXPECT_TRUE(reader.at_end());
    return transform;
}

// What parse() throws for a picture of 4 × 4 pixels; kOk if nothing.
ErrorCode refusal(const Bytes& bytes, int planes = 3) {
    Allocator allocator;
    try {
        ByteReader reader(bytes, "plane transform");
        PlaneTransform::parse(reader, 4, 4, planes, allocator);
    } catch (const Error& error) {
        EXPECT_STRNE(error.what(), "");
        return error.code();
    }
    return ErrorCode::kOk;
}

Bytes inverse(const PlaneTransform& transform, Bytes planes) {
    ThreadPool threads(2);
    const MutablePictureView view = {planes.data(), transform.width, transform.height, transform.planes,
                                     static_cast<ptrdiff_t>(transform.width) * transform.planes};
    transform.inverse({view}, view, threads);
    return planes;
}

Bytes with_set(int how, const Bytes& set) {
    Bytes bytes = set;
    bytes.insert(bytes.begin(), {static_cast<uint8_t>(how), 1});
    return bytes;
}

constexpr int kLattice = 1 << 3;

int clamped(int value) { return std::clamp(value, 0, 255); }

TEST(JpegLattice, FormulaIsLibjpegs) {
    const LatticeTables& tables = lattice_tables(PlaneColours::kJpeg);
    int far = 0;  // from the rounded real matrix, which other decoders may have
    for (int cb = 0; cb < 256; ++cb) {
        for (int cr = 0; cr < 256; ++cr) {
            const int u = cb - 128, v = cr - 128;
            const double green = -1.772 * 0.114 / 0.587 * u - 1.402 * 0.299 / 0.587 * v;
            far += tables.green(128, cb, cr) != clamped(128 + static_cast<int>(std::lround(green)));
            for (const int y : {0, 77, 128, 255}) {
                // jdcolor.c: FIX(x) is x · 2^16, rounded.
                ASSERT_EQ(tables.red(y, cr), clamped(y + ((91881 * v + 32768) >> 16)));
                ASSERT_EQ(tables.green(y, cb, cr), clamped(y + ((-22554 * u - 46802 * v + 32768) >> 16)));
                ASSERT_EQ(tables.blue(y, cb), clamped(y + ((116130 * u + 32768) >> 16)));
            }
        }
    }
    EXPECT_LT(far, 100);
}

TEST(PhotoCdLattice, FormulaIsThePublishedMatrixRoundedDown) {
    const LatticeTables& tables = lattice_tables(PlaneColours::kPhotoCd);
    const auto floor_quotient = [](int64_t a) { return static_cast<int>((a + 100000000) / 10000 - 10000); };
    int wrong = 0;
    for (int y = 0; y < 256; ++y) {
        for (int c = 0; c < 256; ++c) {
            const int64_t blue = 22179 * (c - 156), red = 18215 * (c - 137);
            wrong += tables.red(y, c) != clamped(floor_quotient(13584 * y + red));
            wrong += tables.blue(y, c) != clamped(floor_quotient(13584 * y + blue));
            for (int other = 0; other < 256; ++other) {
                const int u = floor_quotient(22179 * (other - 156)), v = floor_quotient(red);
                wrong +=
                    tables.green(y, other, c) != clamped(floor_quotient(13584 * y - 1940 * u - 5090 * v));
            }
        }
    }
    EXPECT_EQ(wrong, 0);
}

TEST(PlaneTransform, OrdersAreThoseOfTheTable) {
    const char* const colours[] = {"GRB", "GBR", "RGB", "RBG", "BGR", "BRG"};
    const char* const triples[] = {"012", "021", "102", "120", "201", "210"};
    Allocator allocator;
    for (int order = 0; order < kPlaneOrders; ++order) {
        const PlaneTransform plain = parse({static_cast<uint8_t>(order), 0}, 1, 1, 3, allocator);
        const PlaneTransform lattice =
            parse({static_cast<uint8_t>(kLattice | order), 0, 0}, 1, 1, 3, allocator);
        for (int p = 0; p < 3; ++p) {
            EXPECT_EQ("RGB"[plain.component(p)], colours[order][p]) << order;
            EXPECT_EQ('0' + lattice.component(p), triples[order][p]) << order;
        }
        const Bytes pixel = inverse(plain, {10, 20, 30});
        for (size_t p = 0; p < 3; ++p)
            EXPECT_EQ(pixel[std::string("RGB").find(colours[order][p])], 10 * (p + 1));
    }
}

TEST(PlaneTransform, OneByHand) {
    Allocator allocator;
    // Y, Cr, Cb; of Cr the values 100, 128 and 140 only.
    // Pixel 1 is off by (+1, 0, −1), pixel 10 is (9, 8, 7).
    const Bytes bytes = {kLattice | 1,
                         2,
                         6,
                         100,
                         1,
                         27,
                         1,
                         11,
                         1,  // 100 absent, 1 present, 27 absent …
                         2,
                         49,
                         251,
                         0,
                         9,
                         8,
                         7};  // 28·1 + 9·2 + 3·1; 28·8 + 27, no further
    const PlaneTransform transform = parse(bytes, 4, 4, 3, allocator);
    ASSERT_EQ(transform.exceptions.size(), 2u);
    EXPECT_EQ(transform.exceptions[0].position, 1u);
    EXPECT_EQ(transform.exceptions[1].position, 10u);
    Bytes planes;
    for (int i = 0; i < 16; ++i) planes.insert(planes.end(), {200, 2, 90});
    const Bytes pixels = inverse(transform, planes);
    // Cb = 90, Cr = 140: R = 200 + 17, G = 200 + 4.5 (13.08 − 8.57), B = 200 − 67.
    EXPECT_EQ(Bytes(pixels.begin(), pixels.begin() + 6), (Bytes{217, 205, 133, 218, 205, 132}));
    EXPECT_EQ(Bytes(pixels.begin() + 30, pixels.begin() + 36), (Bytes{9, 8, 7, 217, 205, 133}));
    planes[1] = 3;  // a fourth rank
    EXPECT_THROW(inverse(transform, planes), Error);
    for (size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(refusal(Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size))),
                  ErrorCode::kTruncated)
            << size;
}

TEST(PlaneTransform, RefusesWhatIsNone) {
    constexpr auto kCorrupt = ErrorCode::kCorrupt, kUnsupported = ErrorCode::kUnsupported;
    EXPECT_EQ(refusal({5, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({6, 0}), kCorrupt);  // orders
    EXPECT_EQ(refusal({7, 0}), kCorrupt);
    EXPECT_EQ(refusal({3 << 3, 0, 0}), kUnsupported);  // colours
    EXPECT_EQ(refusal({255, 0, 0}), kUnsupported);
    constexpr int kSmaller = kLattice | kSmallerChroma, kPhotoCd = 2 << 3 | kSmallerChroma;
    EXPECT_EQ(refusal({kSmaller, 1, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kSmaller, 1 | 1 << 4 | 1 << 5, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kSmaller, 0, 0, 0}), kCorrupt);           // no upsampling
    EXPECT_EQ(refusal({kSmaller, 4, 0, 0}), kCorrupt);           // Photo CD's
    EXPECT_EQ(refusal({kSmaller, 2 | 1 << 5, 0, 0}), kCorrupt);  // an offset of what is not halved
    EXPECT_EQ(refusal({kSmaller, 5, 0, 0}), kUnsupported);
    EXPECT_EQ(refusal({kSmaller, 1 | 1 << 6, 0, 0}), kUnsupported);
    EXPECT_EQ(refusal({kSmaller, 1, 1, 1, 255, 0}), kCorrupt);  // with a map
    EXPECT_EQ(refusal({kSmaller | 1, 1, 0, 0}), kCorrupt);      // with an order
    EXPECT_EQ(refusal({kPhotoCd, 4, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kPhotoCd, 1, 0, 0}), kCorrupt);
    EXPECT_EQ(refusal({kSmallerChroma, 1, 0}), kCorrupt);  // of samples
    EXPECT_EQ(refusal({kSmaller, 1, 0, 0}, 1), kCorrupt);
    EXPECT_EQ(refusal({0, 0}, 1), ErrorCode::kOk);
    EXPECT_EQ(refusal({1, 0}, 1), kCorrupt);  // of one plane
    EXPECT_EQ(refusal({kLattice, 0, 0}, 1), kCorrupt);
    // What files had not from the beginning: of planes that may have it.
    constexpr int kForms = kLattice | kHasForms, kGreyBlocks = kHasForms | kHasBlocks;
    EXPECT_EQ(refusal({kForms, kCodedExceptions, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kForms, kCodedExceptions | 5, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kForms, kCodedExceptions | 6, 0, 0}), kCorrupt);
    EXPECT_EQ(refusal({kForms, kBorderLeft, 0, 0}), kCorrupt);  // chroma is not smaller
    EXPECT_EQ(refusal({kForms | kSmallerChroma, kBorderLeft, 1 | 1 << 4, 0, 0}),
              kCorrupt);  // is no neighbour's
    EXPECT_EQ(refusal({kForms | kSmallerChroma, kBorderRight, 1 | 1 << 4, 0, 0}), kCorrupt);
    EXPECT_EQ(refusal({kForms | kSmallerChroma, kBorderAbove, 2, 0, 0}), kCorrupt);  // rows are not halved
    EXPECT_EQ(refusal({kForms | kSmallerChroma, kBorderAbove, 1, 0, 0}), ErrorCode::kTruncated);
    EXPECT_EQ(refusal({2 << 3 | kHasForms | kSmallerChroma, kBorderAbove, 4, 0, 0}), kCorrupt);  // Photo CD
    Bytes grey(64, 9);
    grey.insert(grey.begin(), {kGreyBlocks, kCodedExceptions, 0});
    grey.insert(grey.end(), {0, 0});
    EXPECT_EQ(refusal(grey, 1), ErrorCode::kOk);
    EXPECT_EQ(refusal(grey, 3), kCorrupt);
    grey[1] = 0;
    EXPECT_EQ(refusal(grey, 1), kCorrupt);  // its exceptions are coded
    EXPECT_EQ(refusal({0, 8}), kCorrupt);   // a fourth plane's map
    EXPECT_EQ(refusal({0, 2}, 1), kCorrupt);

    EXPECT_EQ(refusal(with_set(0, {1, 255})), ErrorCode::kOk);
    EXPECT_EQ(refusal(with_set(0, {1, 0})), kCorrupt);     // all values
    EXPECT_EQ(refusal(with_set(0, {2, 0, 0})), kCorrupt);  // an empty run
    EXPECT_EQ(refusal(with_set(0, {3, 5, 0, 3})), kCorrupt);
    EXPECT_EQ(refusal(with_set(0, {3, 5, 1, 3})), ErrorCode::kOk);
    EXPECT_EQ(refusal(with_set(0, {3, 255, 1, 1})), kCorrupt);     // runs beyond 255
    EXPECT_EQ(refusal(with_set(0, {2, 0, 255})), ErrorCode::kOk);  // 255 alone does not occur
    EXPECT_EQ(refusal(with_set(0, Bytes(40, 32))), kCorrupt);      // too many runs
    Bytes bits(33);
    EXPECT_EQ(refusal(with_set(0, bits)), kCorrupt);  // no value
    bits[7] = 1;
    EXPECT_EQ(refusal(with_set(0, bits)), ErrorCode::kOk);
    std::fill(bits.begin() + 1, bits.end(), 255);
    EXPECT_EQ(refusal(with_set(0, bits)), kCorrupt);  // every value

    EXPECT_EQ(refusal({kLattice, 0, 1, 0}), ErrorCode::kOk);
    EXPECT_EQ(refusal({kLattice, 0, 1, 13}), kCorrupt);               // no difference
    EXPECT_EQ(refusal({kLattice, 0, 1, 252}), kCorrupt);              // a gap code that is none
    EXPECT_EQ(refusal({kLattice, 0, 17, 0}), kCorrupt);               // more than pixels
    EXPECT_EQ(refusal({kLattice, 0, 1, 28 * 8, 7}), ErrorCode::kOk);  // the last pixel
    EXPECT_EQ(refusal({kLattice, 0, 1, 28 * 8, 8}), kCorrupt);        // one further
    EXPECT_EQ(refusal({kLattice, 0, 2, 28 * 8, 7, 0}), kCorrupt);     // the next
    EXPECT_EQ(refusal({kLattice, 0, 1, 28 * 8, 0x80, 0}), kCorrupt);  // a varint that is too long
    EXPECT_EQ(refusal({kLattice, 0, 3, 0, 0}), ErrorCode::kTruncated);
}

TEST(PlaneTransform, CountsAreNotBelieved) {
    Allocator allocator;
    const Bytes bytes = {kLattice, 0, 0x80, 0x80, 0x80, 0x80, 4, 0};  // 2^30 exceptions in one byte
    ByteReader reader(bytes, "plane transform");
    EXPECT_THROW(PlaneTransform::parse(reader, 65535, 65535, 3, allocator), Error);
    EXPECT_EQ(allocator.peak(), 0u);
}

TEST(PlaneTransform, ExceptionsStayInsideTheSamplesRange) {
    Allocator allocator;
    const PlaneTransform transform = parse({kLattice, 0, 1, 26}, 1, 1, 3, allocator);  // + 1 each
    EXPECT_EQ(inverse(transform, {254, 128, 128}), (Bytes{255, 255, 255}));
    EXPECT_THROW(inverse(transform, {255, 128, 128}), Error);
    const PlaneTransform last =
        parse({kLattice, 0, 1, 28 * 8 + 27, 0xf6, 0xff, 0x03, 1, 2, 3}, 65535, 1, 3, allocator);
    EXPECT_EQ(last.exceptions[0].position, 65534u);
}

}  // namespace
}  // namespace residua::codec
