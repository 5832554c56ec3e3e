// The checks that make a graph safe to run, whoever built it.
#pragma once

#include "nn/graph.h"

namespace residua::nn {

// Throws kCorrupt with the node's number unless: inputs are earlier nodes of fitting
// kind and size, every array has its length, every parameter lies in its documented
// range, and no accumulator can leave int32 for any input (proved per output channel
// in int64: |bias| + Σ|w|·max|value| < 2^31; beta + 255·Σ gamma < 2^31 for GDN).
void validate(const Graph& graph);

}  // namespace residua::nn
