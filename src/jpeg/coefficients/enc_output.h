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
        const auto used = static_cast<size_t>(sink.at - sink.begin);
        bytes.resize(std::max<size_t>(2 * bytes.size(), 4096));
        sink.begin = bytes.data();
        sink.at = sink.begin + used;
        sink.end = sink.begin + bytes.size();
    }
    std::vector<uint8_t> take() {
        bytes.resize(static_cast<size_t>(sink.at - sink.begin));
        return std::move(bytes);
    }
};

}  // namespace residua::jpeg
