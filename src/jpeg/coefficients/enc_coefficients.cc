#include "jpeg/coefficients/enc_coefficients.h"

#include "jpeg/coefficients/enc_output.h"
#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

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
