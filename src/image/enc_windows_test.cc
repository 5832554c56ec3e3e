#include "image/enc_windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

namespace residua {
namespace {

constexpr WindowPlan kPlan = {.side = 64, .share = 32, .min_windows = 4, .max_windows = 16};

TEST(SampleWindows, LieInThePictureAndAreFew) {
    for (const int width : {1, 3, 63, 64, 65, 127, 128, 200, 513, 4000, 65535}) {
        for (const int height : {1, 2, 64, 100, 129, 3000, 65535}) {
            const std::vector<SampleWindow> windows = sample_windows(width, height, kPlan);
            ASSERT_FALSE(windows.empty());
            ASSERT_LE(windows.size(), 16u);
            int64_t pixels = 0;
            for (const SampleWindow& window : windows) {
                EXPECT_EQ(window.width, windows[0].width);
                EXPECT_GE(window.x, 0);
                EXPECT_GE(window.y, 0);
                EXPECT_LE(window.x + window.width, width);
                EXPECT_LE(window.y + window.height, height);
                pixels += int64_t{window.width} * window.height;
            }
            EXPECT_GE(pixels, std::min<int64_t>(int64_t{width} * height, 64)) << width << "x" << height;
            EXPECT_LE(pixels, int64_t{width} * height) << width << "x" << height;
            if (HasFailure()) FAIL() << width << "x" << height;
        }
    }
}

TEST(SampleWindows, OfALargePictureReachAllItsParts) {
    bool quarter[2][2] = {};
    const std::vector<SampleWindow> windows = sample_windows(4000, 3000, kPlan);
    EXPECT_GE(windows.size(), 12u);
    for (const SampleWindow& window : windows) quarter[window.y >= 1500][window.x >= 2000] = true;
    EXPECT_TRUE(quarter[0][0] && quarter[0][1] && quarter[1][0] && quarter[1][1]);
}

}  // namespace
}  // namespace residua
