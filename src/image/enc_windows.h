// Parts of a picture that stand for the whole of it, where an encoder cannot afford to look at everything.
#pragma once

#include <vector>

namespace residua {

struct SampleWindow {
    int x, y, width, height;
};

struct WindowPlan {
    int side;                      // of a window; less where the picture is smaller
    int share;                     // one pixel in so many is seen,
    int min_windows, max_windows;  // within these bounds
};

// Windows of one size in the picture, spread evenly over it, at least one. They do not overlap.
std::vector<SampleWindow> sample_windows(int width, int height, const WindowPlan& plan);

}  // namespace residua
