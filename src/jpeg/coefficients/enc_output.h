// Where a kernel writes a stream.
#pragma once

#include <algorithm>
#include <vector>

#include "jpeg/coefficients/kernels.h"

namespace residua::jpeg {

// A vector that a kernel writes to.
struct Output {
    std::vector<uint8_t> bytes;
    WordSink sink;

    Output() {
        sink.owner = this;
        sink.grow = [](WordSink& s) { static_cast<Output*>(s.owner)->grow(); };
    }
    void grow() {
        const size_t used = size();
        bytes.resize(std::max<size_t>(2 * bytes.size(), 4096));
        sink.begin = bytes.data();
        sink.at = sink.begin + used;
        sink.end = sink.begin + bytes.size();
    }
    size_t size() const { return static_cast<size_t>(sink.at - sink.begin); }
    std::vector<uint8_t> take() {
        bytes.resize(size());
        return std::move(bytes);
    }
};

}  // namespace residua::jpeg
