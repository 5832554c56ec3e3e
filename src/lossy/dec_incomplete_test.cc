// Streams that end before their picture does, with nothing wrong but that: all tree blocks that they have are
// whole, and their slice says that it ends.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "lossy/bpg.h"
#include "lossy/dec_hevc_planes.h"
#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"

namespace residua::lossy {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes encoded(int width, int height, int channels, int bit_depth) {
    Bytes pixels;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c)
                pixels.push_back(static_cast<uint8_t>(
                    std::lround(120 + 60 * std::sin(x * 0.13 + c) * std::cos(y * 0.09))));
    Allocator allocator;
    return encode_bpg({pixels.data(), width, height, channels, static_cast<ptrdiff_t>(width) * channels},
                      {30, bit_depth, 1, 1}, allocator);
}

// The picture's header says another size than its slice was made for.
Bytes with_size(const Bytes& bpg, int width, int height) {
    BpgInfo info = parse_bpg(bpg);
    info.width = width;
    info.height = height;
    return write_bpg(info);
}

ErrorCode decoded(const Bytes& bpg, int width, int height, int channels, int threads) {
    Allocator allocator;
    Bytes pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * static_cast<size_t>(channels));
    try {
        decode_bpg(bpg, {pixels.data(), width, height, channels, static_cast<ptrdiff_t>(width) * channels},
                   allocator, threads);
    } catch (const Error& error) {
        EXPECT_EQ(allocator.used(), 0u);
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(IncompletePicture, IsRefused) {
    struct Size {
        int width, height;
    };
    for (const int channels : {1, 3}) {
        for (const int bit_depth : {8, 10}) {
            const Bytes bpg = encoded(64, 64, channels, bit_depth);
            EXPECT_EQ(decoded(bpg, 64, 64, channels, 1), ErrorCode::kOk);
            for (const Size size : {Size{64, 128}, Size{64, 72}, Size{128, 64}, Size{72, 64}, Size{640, 480}})
                for (const int threads : {1, 3})
                    EXPECT_EQ(decoded(with_size(bpg, size.width, size.height), size.width, size.height,
                                      channels, threads),
                              ErrorCode::kCorrupt)
                        << size.width << 'x' << size.height << ", " << channels << " channels, " << bit_depth
                        << " bits, " << threads << " threads";
        }
    }
}

// Of wavefronts, which libde265 decodes and filters with several threads.
TEST(IncompletePicture, IsRefusedWithWavefronts) {
    const Bytes bpg = encoded(1024, 1024, 1, 10);
    for (const int threads : {1, 4}) {
        EXPECT_EQ(decoded(bpg, 1024, 1024, 1, threads), ErrorCode::kOk);
        EXPECT_EQ(decoded(with_size(bpg, 1024, 1088), 1024, 1088, 1, threads), ErrorCode::kCorrupt)
            << threads;
    }
}

template <typename Sample>
void check_planes(const HevcFormat& format) {
    Allocator allocator;
    HevcPlanes memory(format, allocator), again(format, allocator);
    PlanesView planes;
    planes.count = memory.count();
    planes.width = format.width;
    planes.height = format.height;
    planes.bit_depth = format.bit_depth;
    for (int c = 0; c < planes.count; ++c) {
        planes.plane[c] = memory.plane(c);
        planes.stride[c] = memory.stride_bytes();
        for (int y = 0; y < format.height; ++y) {
            const Sample* row = planes.row<Sample>(c, y);
            ASSERT_EQ(std::memcmp(row, again.plane(c) + planes.stride[c] * y, sizeof(Sample) * 72), 0);
            for (int x = 0; x < format.width; ++x) ASSERT_LT(row[x], 1 << format.bit_depth);
        }
    }
    // A decoder that writes all blocks but one: any value, as the noise is no picture's.
    const auto write = [&](int first, int end, Sample value) {
        for (int y = first; y < end; ++y) {
            auto* row = const_cast<Sample*>(planes.row<Sample>(0, y));
            std::fill(row, row + format.width, value);
        }
    };
    EXPECT_FALSE(all_blocks_decoded(planes, 8));
    write(0, 40, 7);
    EXPECT_FALSE(all_blocks_decoded(planes, 8));
    write(40, 48, 100);
    EXPECT_TRUE(all_blocks_decoded(planes, 8));
    auto* last = const_cast<Sample*>(planes.row<Sample>(0, 40)) + 64;
    const auto* noise = reinterpret_cast<const Sample*>(again.plane(0)) + 40 * again.stride() + 64;
    for (int y = 0; y < 8; ++y)
        std::memcpy(last + y * memory.stride(), noise + y * again.stride(), 8 * sizeof(Sample));
    EXPECT_FALSE(all_blocks_decoded(planes, 8)) << "one block";
    // Deblocking from a block that was decoded at its right.
    for (int y = 0; y < 8; ++y)
        std::fill(last + y * memory.stride() + 5, last + y * memory.stride() + 8, Sample{9});
    EXPECT_FALSE(all_blocks_decoded(planes, 8)) << "one block, deblocked";
}

TEST(HevcPlanes, TellWhetherTheyWereWritten) {
    check_planes<uint8_t>({0, 8, 72, 48});
    check_planes<uint8_t>({3, 8, 72, 48});
    check_planes<uint16_t>({0, 10, 72, 48});
    check_planes<uint16_t>({3, 10, 72, 48});
}

}  // namespace
}  // namespace residua::lossy
