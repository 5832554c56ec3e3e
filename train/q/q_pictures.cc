#include "q/q_pictures.h"

#include <algorithm>

namespace residua::train {

QWindow random_window(const Patch& patch, int side, std::mt19937_64& random) {
    const auto below = [&random](int count) {
        return static_cast<int>(random() % static_cast<uint64_t>(count));
    };
    const int x = below(patch.width - side + 1), y = below(patch.height - side + 1);
    return {x, y, below(2) == 1, below(2) == 1};
}

std::vector<QWindow> grid_windows(const Patch& patch, int side) {
    const int columns = patch.width / side, rows = patch.height / side;
    const auto start = [side](int length, int count, int i) {
        return length * (2 * i + 1) / (2 * count) - side / 2;
    };
    std::vector<QWindow> windows;
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j)
            windows.push_back({start(patch.width, columns, j), start(patch.height, rows, i)});
    return windows;
}

void append_window(const Patch& patch, const QWindow& window, int side, std::vector<uint8_t>& bytes) {
    for (int i = 0; i < side; ++i) {
        const int y = window.y + (window.flip_y ? side - 1 - i : i);
        for (int j = 0; j < side; ++j) {
            const int x = window.x + (window.flip_x ? side - 1 - j : j);
            const uint8_t* pixel = patch.image + 3 * (static_cast<ptrdiff_t>(y) * patch.width + x);
            bytes.insert(bytes.end(), pixel, pixel + 3);
        }
    }
}

QResult judge(const std::vector<QPicture>& pictures, const std::vector<size_t>& choices, size_t fixed) {
    QResult result;
    const double share = 1.0 / static_cast<double>(std::max<size_t>(1, pictures.size()));
    for (size_t i = 0; i < pictures.size(); ++i) {
        const size_t best = best_class(pictures[i].sizes), choice = choices[i];
        result.accuracy += choice == best ? share : 0;
        result.within_one += choice <= best + 1 && best <= choice + 1 ? share : 0;
        result.bpsp += share * pictures[i].bpsp(choice);
        result.best_bpsp += share * pictures[i].bpsp(best);
        result.fixed_bpsp += share * pictures[i].bpsp(fixed);
    }
    return result;
}

}  // namespace residua::train
