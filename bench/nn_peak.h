// What a core can do: a loop of nothing but multiply-adds.
#pragma once

#include "base/cpu.h"

namespace residua::nn {

// Multiply-adds per second of the pure loop in this run of the program, the best of some short ones.
double peak(Isa isa);

}  // namespace residua::nn
