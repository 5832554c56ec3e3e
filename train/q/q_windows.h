// Windows of pictures as tensors, and what the network chooses by them.
#pragma once

#include <cstdint>
#include <vector>

#include "q/q_network.h"
#include "q/q_pictures.h"

namespace residua::train {

// Bytes [N, crop, crop, 3], of windows behind one another.
torch::Tensor window_tensor(const std::vector<uint8_t>& bytes, int crop);

// The classes that the network chooses for whole pictures.
std::vector<size_t> choose_classes(QNetwork& network, const std::vector<QPicture>& pictures, int crop,
                                   bool bfloat16);

}  // namespace residua::train
