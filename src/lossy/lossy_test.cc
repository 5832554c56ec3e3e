// The encoder and the decoder of the lossy layer together, on pictures made here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "lossy/bits.h"
#include "lossy/bpg.h"
#include "lossy/color.h"
#include "lossy/dec_hevc.h"
#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"
#include "lossy/hevc_nal.h"

namespace residua::lossy {
namespace {

using Bytes = std::vector<uint8_t>;

struct TestPicture {
    int width, height, channels;
    Bytes pixels;

    PictureView view() const {
        return {pixels.data(), width, height, channels, static_cast<ptrdiff_t>(width) * channels};
    }
};

// Waves, edges and noise: every prediction mode and large coefficients.
TestPicture make_picture(int width, int height, int channels) {
    TestPicture picture = {width, height, channels, {}};
    uint32_t random = 12345;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < channels; ++c) {
                random = random * 1664525 + 1013904223;
                const double wave = 60 * std::sin(x * 0.11 + c) + 50 * std::cos(y * 0.07 * (c + 1));
                const int edge = (x / 13 + y / 9) % 5 == 0 ? 70 : 0;
                const double value = 110 + wave + edge + static_cast<int>(random >> 28);
                picture.pixels.push_back(static_cast<uint8_t>(std::min(std::max(value, 0.0), 255.0)));
            }
    return picture;
}

Bytes decode(const Bytes& bpg, const TestPicture& like, int threads = 1) {
    Allocator allocator;
    Bytes pixels(like.pixels.size());
    decode_bpg(bpg, {pixels.data(), like.width, like.height, like.channels, like.view().stride}, allocator,
               threads);
    return pixels;
}

Bytes encode(const TestPicture& picture, const LossyOptions& options,
             const std::function<void(const PlanesView&)>& recon = nullptr) {
    Allocator allocator;
    Bytes bpg = encode_bpg(picture.view(), options, allocator, recon);
    EXPECT_EQ(allocator.used(), 0u);
    return bpg;
}

Bytes copy_planes(const PlanesView& planes) {
    Bytes bytes;
    const int row_bytes = planes.width * (planes.bit_depth > 8 ? 2 : 1);
    for (int c = 0; c < planes.count; ++c)
        for (int y = 0; y < planes.height; ++y)
            bytes.insert(bytes.end(), planes.row<uint8_t>(c, y), planes.row<uint8_t>(c, y) + row_bytes);
    return bytes;
}

double mean_squared_error(const Bytes& a, const Bytes& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum / static_cast<double>(a.size());
}

// The first bytes of the stream say what the quantiser is: init_qp_minus26 of the PPS and slice_qp_delta.
int coded_q(const Bytes& bpg) {
    const auto signed_number = [](BitReader& reader) {
        const int k = static_cast<int>(reader.ue());
        return k % 2 ? (k + 1) / 2 : -k / 2;
    };
    const BpgInfo info = parse_bpg(bpg);
    const auto nals = split_nals(info.hevc_data);
    const Bytes pps_bytes = remove_emulation_prevention(nals.at(0)),
                slice_bytes = remove_emulation_prevention(nals.at(1));
    BitReader pps(pps_bytes), slice(slice_bytes);
    pps.u(16);
    EXPECT_EQ(pps.u(2), 3u);                // ids 0
    EXPECT_EQ(pps.u(5), 0u);                // dependent slices, output flag, extra bits
    pps.u(2);                               // sign hiding, cabac_init_present
    pps.ue(), pps.ue();                     // reference counts
    const int q = 26 + signed_number(pps);  //
    slice.u(16);
    slice.u(2);
    EXPECT_EQ(slice.ue(), 0u);  // PPS
    EXPECT_EQ(slice.ue(), 2u);  // I
    if (info.tools.sample_adaptive_offset_enabled) slice.u(info.pixel_format == 0 ? 1 : 2);
    return q + signed_number(slice);
}

struct Case {
    int width, height, channels, bit_depth;
};
class Lossy : public testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Lossy,
                         testing::Values(Case{1, 1, 3, 10}, Case{1, 1, 1, 8}, Case{7, 5, 3, 10},
                                         Case{7, 5, 3, 8}, Case{7, 5, 1, 10}, Case{1, 100, 3, 10},
                                         Case{100, 1, 1, 10}, Case{17, 33, 3, 10}, Case{17, 33, 3, 8},
                                         Case{17, 33, 1, 8}, Case{64, 64, 3, 10}, Case{64, 64, 1, 10},
                                         Case{65, 130, 3, 8}, Case{161, 95, 3, 10}),
                         [](const auto& info) {
                             return std::to_string(info.param.width) + "x" +
                                    std::to_string(info.param.height) + "x" +
                                    std::to_string(info.param.channels) + "at" +
                                    std::to_string(info.param.bit_depth);
                         });

TEST_P(Lossy, DecoderGivesTheEncodersReconstruction) {
    const TestPicture picture = make_picture(GetParam().width, GetParam().height, GetParam().channels);
    for (const int effort : {1, 5, 9}) {
        Bytes recon, decoded;
        const Bytes bpg = encode(picture, {12, GetParam().bit_depth, effort, 1},
                                 [&](const PlanesView& planes) { recon = copy_planes(planes); });
        const BpgInfo info = parse_bpg(bpg);
        EXPECT_EQ(info.width, std::max(picture.width, kSmallestBpgSide));
        EXPECT_EQ(info.height, std::max(picture.height, kSmallestBpgSide));
        EXPECT_EQ(info.bit_depth, GetParam().bit_depth);
        EXPECT_EQ(info.pixel_format, picture.channels == 3 ? 3 : 0);
        Allocator allocator;
        decode_hevc({coded_format(info), info.tools}, info.hevc_data, allocator, 1,
                    [&](const PlanesView& planes) { decoded = copy_planes(planes); });
        EXPECT_EQ(decoded, recon);
        EXPECT_LT(mean_squared_error(decode(bpg, picture), picture.pixels), 3);
    }
}

TEST_P(Lossy, FinePictureRoundsToThePicture) {
    const TestPicture picture = make_picture(GetParam().width, GetParam().height, GetParam().channels);
    const Bytes bpg = encode(picture, {14, GetParam().bit_depth, 3, 1}), pixels = decode(bpg, picture);
    std::vector<uint16_t> fine(pixels.size());
    Allocator allocator;
    decode_bpg_fine(bpg, {fine.data(), picture.width, picture.height, picture.channels}, allocator, 1);
    for (size_t i = 0; i < fine.size(); ++i) EXPECT_EQ(round_fine(fine[i]), pixels[i]);
}

TEST(LossyLayer, QIsTheSlicesQp) {
    const TestPicture picture = make_picture(64, 48, 3);
    for (const int bit_depth : {8, 10})
        for (const int q : {1, 8, 12, 17, 40, 51})
            EXPECT_EQ(coded_q(encode(picture, {q, bit_depth, 5, 1})), q);
}

TEST(LossyLayer, BytesDoNotDependOnThreads) {
    for (const int side : {96, 1024}) {  // without and with wavefronts
        const TestPicture picture = make_picture(side, side, 3);
        const Bytes one = encode(picture, {17, 10, 1, 1});
        EXPECT_EQ(encode(picture, {17, 10, 1, 4}), one);
        const Bytes pixels = decode(one, picture, 1);
        EXPECT_EQ(decode(one, picture, 4), pixels);
    }
}

TEST(LossyLayer, PaddingRepeatsTheLastColumnAndRow) {
    const TestPicture small = make_picture(7, 5, 3), odd = make_picture(17, 33, 1);
    const auto padded = [](const TestPicture& picture, int width, int height) {
        TestPicture out = {width, height, picture.channels, {}};
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const uint8_t* pixel = picture.view().row(std::min(y, picture.height - 1)) +
                                       std::min(x, picture.width - 1) * picture.channels;
                out.pixels.insert(out.pixels.end(), pixel, pixel + picture.channels);
            }
        return out;
    };
    EXPECT_EQ(encode(small, {}), encode(padded(small, 16, 16), {}));
    const Bytes odd_file = encode(odd, {}), even_file = encode(padded(odd, 24, 40), {});
    const auto odd_data = parse_bpg(odd_file).hevc_data, even_data = parse_bpg(even_file).hevc_data;
    EXPECT_EQ(Bytes(odd_data.begin(), odd_data.end()), Bytes(even_data.begin(), even_data.end()));
}

TEST(LossyLayer, RowsMayHaveGaps) {
    const TestPicture picture = make_picture(33, 20, 3);
    constexpr ptrdiff_t kStride = 33 * 3 + 11;
    Bytes spaced(kStride * 20, 0xee), out(kStride * 20, 0xee);
    for (int y = 0; y < 20; ++y) std::memcpy(&spaced[y * kStride], picture.view().row(y), 33 * 3);
    Allocator allocator;
    const Bytes bpg = encode_bpg({spaced.data(), 33, 20, 3, kStride}, {}, allocator);
    EXPECT_EQ(bpg, encode(picture, {}));
    decode_bpg(bpg, {out.data(), 33, 20, 3, kStride}, allocator, 1);
    const Bytes dense = decode(bpg, picture);
    for (int y = 0; y < 20; ++y) {
        EXPECT_EQ(std::memcmp(&out[y * kStride], &dense[y * 33 * 3], 33 * 3), 0);
        for (ptrdiff_t i = 33 * 3; i < kStride; ++i) EXPECT_EQ(out[y * kStride + i], 0xee);
    }
}

ErrorCode decode_failure(const Bytes& bpg, const TestPicture& like, uint64_t limit = 0) {
    Allocator allocator(limit);
    Bytes pixels(like.pixels.size());
    try {
        decode_bpg(bpg, {pixels.data(), like.width, like.height, like.channels, like.view().stride},
                   allocator, 1);
    } catch (const Error& error) {
        EXPECT_EQ(allocator.used(), 0u);
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(LossyLayer, AnotherSizeOrKindIsRefused) {
    const Bytes bpg = encode(make_picture(40, 24, 3), {});
    EXPECT_EQ(decode_failure(bpg, make_picture(40, 24, 3)), ErrorCode::kOk);
    EXPECT_EQ(decode_failure(bpg, make_picture(39, 24, 3)), ErrorCode::kCorrupt);
    EXPECT_EQ(decode_failure(bpg, make_picture(40, 25, 3)), ErrorCode::kCorrupt);
    EXPECT_EQ(decode_failure(bpg, make_picture(40, 24, 1)), ErrorCode::kCorrupt);
}

// One byte at a time, in every byte: pixels or one of three errors, and nothing else.
TEST(LossyLayer, DamageEndsInPixelsOrAnError) {
    for (const int bit_depth : {8, 10}) {
        const TestPicture picture = make_picture(40, 24, bit_depth == 8 ? 1 : 3);
        const Bytes bpg = encode(picture, {28, bit_depth, 5, 1});
        int refused = 0;
        for (size_t i = 0; i < bpg.size(); ++i)
            for (const uint8_t flip : {0x01, 0x40, 0xff}) {
                Bytes damaged = bpg;
                damaged[i] ^= flip;
                const ErrorCode code = decode_failure(damaged, picture);
                if (code == ErrorCode::kOk) continue;
                ++refused;
                EXPECT_TRUE(code == ErrorCode::kCorrupt || code == ErrorCode::kTruncated ||
                            code == ErrorCode::kUnsupported);
            }
        EXPECT_GT(refused, static_cast<int>(bpg.size()));
        for (size_t length = 0; length < bpg.size(); ++length)
            EXPECT_NE(
                decode_failure(Bytes(bpg.begin(), bpg.begin() + static_cast<ptrdiff_t>(length)), picture),
                ErrorCode::kOk);
    }
}

TEST(LossyLayer, MemoryLimitHolds) {
    const TestPicture picture = make_picture(64, 64, 3);
    const Bytes bpg = encode(picture, {});
    EXPECT_EQ(decode_failure(bpg, picture, 1 << 20), ErrorCode::kMemoryLimit);
    Allocator small(1 << 20);
    try {
        encode_bpg(picture.view(), {}, small);
        ADD_FAILURE() << "encoded within a megabyte";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit);
    }
}

TEST(LossyLayer, OptionsOutOfRangeAreRefused) {
    const TestPicture picture = make_picture(16, 16, 3);
    Allocator allocator;
    for (const LossyOptions& options :
         {LossyOptions{52, 10, 5, 1}, LossyOptions{-1, 10, 5, 1}, LossyOptions{12, 9, 5, 1},
          LossyOptions{12, 10, 0, 1}, LossyOptions{12, 10, 10, 1}, LossyOptions{12, 10, 5, 0}})
        EXPECT_THROW(encode_bpg(picture.view(), options, allocator), Error);
    PictureView two_channels = picture.view();
    two_channels.channels = 2;
    EXPECT_THROW(encode_bpg(two_channels, {}, allocator), Error);
}

}  // namespace
}  // namespace residua::lossy
