#include "stages/l3c/enc_latents.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/test_session.h"
#include "image/padding.h"
#include "nn/executor.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

int floor_shift(int value, int shift) {
    const int divisor = 1 << shift;
    return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

// The definition in enc_latents.h, sample by sample.
int halved(const std::vector<uint8_t>& p, int width, int height, int i, int k, int c) {
    const int t[] = {-3, -9, 29, 111, 111, 29, -9, -3};
    int sum = 2048;
    for (int n = 0; n < 8; ++n) {
        const int y = std::clamp(2 * k - 3 + n, 0, height - 1);
        int h = 8;
        for (int j = 0; j < 8; ++j) {
            const int x = std::clamp(2 * i - 3 + j, 0, width - 1);
            h += t[j] * p[static_cast<size_t>((y * width + x) * 3 + c)];
        }
        sum += t[n] * floor_shift(h, 4);
    }
    return std::clamp(floor_shift(sum, 12), 0, 255);
}

TEST(Latents, HalvingEqualsItsDefinition) {
    for (const int threads : {1, 3}) {
        TestSession work(threads);
        for (const int width : {2, 4, 30}) {
            for (const int height : {2, 6, 70}) {
                const auto p = random_bytes(width * height * 3, static_cast<unsigned>(width * height));
                const Picture out = halve_rgb(
                    [&](int y, uint8_t* row) { std::copy_n(p.begin() + y * width * 3, width * 3, row); },
                    width, height, work.session);
                ASSERT_EQ(out.width, width / 2);
                ASSERT_EQ(out.height, height / 2);
                for (int k = 0; k < out.height; ++k)
                    for (int i = 0; i < out.width; ++i)
                        for (int c = 0; c < 3; ++c)
                            ASSERT_EQ(out.row(k)[3 * i + c], halved(p, width, height, i, k, c))
                                << width << "x" << height << " at " << i << "," << k;
            }
        }
    }
}

TEST(Latents, PyramidsAreHalvedAgainAndAgain) {
    TestSession work(2);
    const std::vector<uint8_t> bytes = models::make_l3c_model({.variant = models::L3cVariant::kRgb});
    const models::ModelFile file = models::parse_model_file(bytes);
    const models::L3cModel model(file);
    const auto pixels = random_bytes(21 * 13, 3);
    const PictureView x = {pixels.data(), 21, 13, 1, 21};
    Known known;
    find_latents(model, x, known, work.session);
    // The padded picture, 24 × 16, with grey in all channels.
    std::vector<uint8_t> p(24 * 16 * 3);
    for (int y = 0; y < 16; ++y) fill_padded_rgb_row(x, 24, y, p.data() + y * 24 * 3);
    int width = 24, height = 16;
    for (size_t s = 1; s <= 3; ++s, width /= 2, height /= 2) {
        const Picture& z = *known.z[s];
        ASSERT_EQ(z.width, width / 2);
        ASSERT_EQ(z.height, height / 2);
        std::vector<uint8_t> next;
        for (int k = 0; k < z.height; ++k)
            for (int i = 0; i < z.width; ++i)
                for (int c = 0; c < 3; ++c)
                    next.push_back(static_cast<uint8_t>(halved(p, width, height, i, k, c)));
        ASSERT_TRUE(std::ranges::equal(z.samples.span(), next)) << s;
        p = next;
    }
}

TEST(Latents, LearnedOnesAreTheNearestSymbols) {
    TestSession work(2);
    models::L3cParts parts = models::make_l3c_parts({.levels = 7});
    // Eight times what the model would say, so that many values lie beyond the levels.
    for (const nn::Output& output : parts.encoder->outputs) {
        auto& layer = std::get<nn::Convolution>(parts.encoder->nodes[static_cast<size_t>(output.node)].layer);
        for (uint8_t& shift : layer.out.shift) shift -= 3;
    }
    const std::vector<uint8_t> bytes = models::write_l3c_model(parts, "loud");
    const models::ModelFile file = models::parse_model_file(bytes);
    const models::L3cModel model(file);
    const auto pixels = random_bytes(45 * 29 * 3, 4);
    const PictureView x = {pixels.data(), 45, 29, 3, 45 * 3};
    Known known;
    find_latents(model, x, known, work.session);

    nn::Executor executor(*model.encoder, 48, 32, work.allocator, work.threads);
    std::vector<int> seen(256);
    executor.run([&](int y, uint8_t* row) { fill_padded_rgb_row(x, 48, y, row); },
                 [&](const nn::Executor::OutputRows& rows) {
                     for (int output = 0; output < 3; ++output) {
                         const Picture& z = *known.z[static_cast<size_t>(output + 1)];
                         ASSERT_EQ(z.width, 48 >> (output + 1));
                         ASSERT_EQ(z.height, 32 >> (output + 1));
                         for (int y = rows.first_row_of(output); y < rows.end_row_of(output); ++y) {
                             for (int i = 0; i < z.width * z.channels; ++i) {
                                 const int v = std::clamp(floor_shift(rows.row(output, y)[i] + 32, 6), -3, 3);
                                 ASSERT_EQ(z.row(y)[i], 128 + v);
                                 ++seen[z.row(y)[i]];
                             }
                         }
                     }
                 });
    for (int v = -3; v <= 3; ++v) EXPECT_GT(seen[static_cast<size_t>(128 + v)], 0) << v;
}

}  // namespace
}  // namespace residua::codec
