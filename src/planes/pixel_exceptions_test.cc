#include "planes/pixel_exceptions.h"

#include <gtest/gtest.h>

#include <random>

#include "planes/enc_pixel_exceptions.h"

namespace residua::codec {
namespace {

// Some pixels here and there, and a rectangle that was painted over.
std::vector<PixelException> some(int width, int height, int samples, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<PixelException> list;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const bool painted = x >= width / 3 && x < width / 2 && y >= height / 4 && y < height / 2;
            if (!painted && random() % 50) continue;
            PixelException exception = {};
            exception.position = static_cast<uint32_t>(y * width + x);
            exception.kind = painted ? PixelException::kExplicit : PixelException::kDifference;
            for (size_t c = 0; c < static_cast<size_t>(samples); ++c)
                exception.values[c] = static_cast<uint8_t>(painted ? 40 * c + 1 : random());
            if (!painted && exception.values == std::array<uint8_t, 3>{}) exception.values[0] = 128;
            list.push_back(exception);
        }
    return list;
}

TEST(PixelExceptions, ComeBack) {
    Allocator allocator;
    for (const int samples : {1, 3})
        for (const int width : {1, 7, 8, 9, 100})
            for (const int height : {1, 8, 33}) {
                const auto list = some(width, height, samples, static_cast<unsigned>(width * height));
                ByteWriter out;
                write_coded_exceptions(list, width, height, samples, allocator, out);
                ByteReader in(out.bytes, "exceptions");
                const auto back = parse_coded_exceptions(in, width, height, samples, allocator);
                EXPECT_TRUE(in.at_end());
                ASSERT_EQ(back.size(), list.size());
                for (size_t i = 0; i < list.size(); ++i) {
                    ASSERT_EQ(back[i].position, list[i].position);
                    ASSERT_EQ(back[i].kind, list[i].kind);
                    ASSERT_EQ(back[i].values, list[i].values);
                }
            }
}

// A painted area costs a fraction of a bit a pixel, which is four bytes in the list.
TEST(PixelExceptions, AreasAreCheap) {
    Allocator allocator;
    std::vector<PixelException> list;
    for (uint32_t y = 20; y < 120; ++y)
        for (uint32_t x = 30; x < 130; ++x)
            list.push_back({y * 200 + x, PixelException::kExplicit, {255, 160, 0}});
    ByteWriter out;
    write_coded_exceptions(list, 200, 200, 3, allocator, out);
    EXPECT_LT(out.bytes.size(), 250u);
}

TEST(PixelExceptions, CountsAreNotBelieved) {
    const auto list = some(60, 40, 3, 5);
    Allocator allocator;
    ByteWriter good;
    write_coded_exceptions(list, 60, 40, 3, allocator, good);
    ByteReader sizes(good.bytes, "exceptions");
    sizes.varint();
    const auto stream = sizes.take(sizes.remaining());
    for (const uint64_t count : {list.size() - 1, list.size() + 1, size_t{60 * 40}}) {
        ByteWriter bad;
        bad.varint(count);
        bad.put(stream);
        ByteReader in(bad.bytes, "exceptions");
        EXPECT_THROW(parse_coded_exceptions(in, 60, 40, 3, allocator), Error) << count;
    }
    Allocator small(1 << 20);
    ByteWriter many;
    many.varint(uint64_t{1} << 30);
    many.put(stream);
    ByteReader in(many.bytes, "exceptions");
    EXPECT_THROW(parse_coded_exceptions(in, 65535, 65535, 3, small), Error);
}

}  // namespace
}  // namespace residua::codec
