#include "network/layers.h"

#include <gtest/gtest.h>

#include "image/padding.h"

namespace residua::train {
namespace {

using torch::Tensor;

TEST(Padding, ContinuesPicturesAsTheCodecDoes) {
    for (const auto& [width, height] : {std::pair{1, 1}, {2, 5}, {3, 9}, {16, 8}, {17, 4}}) {
        const Tensor picture = torch::randint(0, 256, {2, height, width, 3}).to(torch::kFloat32);
        const Tensor padded = pad_by_reflection(picture, 8);
        ASSERT_EQ(padded.size(1), residua::padded(height, 8));
        ASSERT_EQ(padded.size(2), residua::padded(width, 8));
        for (int y = 0; y < padded.size(1); ++y)
            for (int x = 0; x < padded.size(2); ++x)
                ASSERT_TRUE(
                    torch::equal(padded[1][y][x], picture[1][reflected(y, height)][reflected(x, width)]))
                    << width << "x" << height << " at " << x << "," << y;
    }
}

}  // namespace
}  // namespace residua::train
