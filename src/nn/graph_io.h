// The graph section of a model file; byte layout in docs/format-network.md.
#pragma once

#include "base/bytes.h"
#include "nn/graph.h"

namespace residua::nn {

// Reads one graph and leaves the reader behind it. The result has passed validate(): it can be run as it is.
// Throws kTruncated or kCorrupt, whatever the bytes are.
Graph parse_graph(ByteReader& reader);

// The graph must pass validate().
void serialise_graph(const Graph& graph, ByteWriter& writer);

}  // namespace residua::nn
