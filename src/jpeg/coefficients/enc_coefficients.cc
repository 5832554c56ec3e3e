#include "jpeg/coefficients/enc_coefficients.h"

#include <algorithm>

#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

namespace {

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

}  // namespace

std::vector<uint8_t> encode_dc(const Layout& layout, int band, std::span<const int16_t* const> dc) {
    check_places(layout, dc.size(), dc.size());
    State state = State::of_dc(static_cast<int>(dc.size()));
    Output output;
    kernels(active_isa()).write_dc(output.sink, tables(), dc_work<const int16_t>(layout, band, dc, state));
    return output.take();
}

std::vector<uint8_t> encode_ac(const Layout& layout, int band, std::span<const int16_t* const> dc,
                               std::span<const int16_t* const> coefficients) {
    check_places(layout, dc.size(), coefficients.size());
    State state = State::of_ac(static_cast<int>(dc.size()), layout.effort());
    Output output;
    kernels(active_isa())
        .write_ac[static_cast<int>(layout.effort())](
            output.sink, tables(), ac_work<const int16_t>(layout, band, dc, coefficients, state));
    return output.take();
}

}  // namespace residua::jpeg
