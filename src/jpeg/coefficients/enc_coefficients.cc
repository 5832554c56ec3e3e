#include "jpeg/coefficients/enc_coefficients.h"

#include <array>

#include "base/bytes.h"
#include "jpeg/coefficients/enc_output.h"
#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/light_state.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

namespace {

// write(sinks) writes the parts of a stream of the light coder.
template <class Write>
std::vector<uint8_t> light_stream(const Write& write) {
    std::array<Output, kLightParts> outputs;
    std::array<WordSink*, kLightParts> sinks;
    for (size_t i = 0; i < kLightParts; ++i) sinks[i] = &outputs[i].sink;
    write(sinks.data());
    ByteWriter stream;
    for (size_t i = 0; i + 1 < kLightParts; ++i) stream.varint(outputs[i].size());
    for (Output& output : outputs) stream.put(output.take());
    return std::move(stream.bytes);
}

}  // namespace

std::vector<uint8_t> encode_dc(const Layout& layout, int band, std::span<const int16_t* const> dc) {
    check_places(layout, dc.size(), dc.size());
    if (layout.effort() == Effort::kLight) {
        LightState state;
        const auto work = state.dc_work(layout, band, dc);
        return light_stream(
            [&](WordSink* const* sinks) { kernels(active_isa()).write_light_dc(sinks, work); });
    }
    State state = State::of_dc(static_cast<int>(dc.size()));
    Output output;
    kernels(active_isa()).write_dc(output.sink, tables(), dc_work<const int16_t>(layout, band, dc, state));
    return output.take();
}

std::vector<uint8_t> encode_ac(const Layout& layout, int band, std::span<const int16_t* const> dc,
                               std::span<const int16_t* const> coefficients) {
    check_places(layout, dc.size(), coefficients.size());
    if (layout.effort() == Effort::kLight) {
        LightState state;
        const auto work = state.ac_work(layout, band, dc, coefficients);
        return light_stream(
            [&](WordSink* const* sinks) { kernels(active_isa()).write_light_ac(sinks, work); });
    }
    State state = State::of_ac(static_cast<int>(dc.size()), layout.effort());
    Output output;
    kernels(active_isa())
        .write_ac[static_cast<int>(layout.effort())](
            output.sink, tables(), ac_work<const int16_t>(layout, band, dc, coefficients, state));
    return output.take();
}

}  // namespace residua::jpeg
