#include "q/q_windows.h"

namespace residua::train {

using torch::Tensor;

Tensor window_tensor(const std::vector<uint8_t>& bytes, int crop) {
    const auto count = static_cast<int64_t>(bytes.size()) / (3 * int64_t{crop} * crop);
    return torch::from_blob(const_cast<uint8_t*>(bytes.data()), {count, crop, crop, 3}, torch::kUInt8)
        .clone();
}

std::vector<size_t> choose_classes(QNetwork& network, const std::vector<QPicture>& pictures, int crop,
                                   bool bfloat16) {
    torch::NoGradGuard no_grad;
    std::vector<size_t> choices;
    for (const QPicture& picture : pictures) {
        std::vector<uint8_t> bytes;
        for (const QWindow& window : grid_windows(picture.patch(), crop))
            append_window(picture.patch(), window, crop, bytes);
        const Tensor means = network.features(window_tensor(bytes, crop), bfloat16).mean(0, true);
        choices.push_back(static_cast<size_t>(network.scores(means).argmax(1).item<int64_t>()));
    }
    return choices;
}

}  // namespace residua::train
