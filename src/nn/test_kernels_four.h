#pragma once

#include "nn/kernels.h"

namespace residua::nn {

Kernels four_kernels();

}  // namespace residua::nn
