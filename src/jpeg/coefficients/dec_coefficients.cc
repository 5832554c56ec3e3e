#include "jpeg/coefficients/dec_coefficients.h"

#include "base/error.h"
#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

namespace {

// A reader takes up to eight bytes of zeros beyond the end, where they were left out, and leaves none.
void check_end(const WordSource& source) {
    if (source.missing > 8)
        throw Error(ErrorCode::kTruncated, "a stream of JPEG coefficients ends too early");
    if (source.at != source.end)
        throw Error(ErrorCode::kCorrupt, "a stream of JPEG coefficients is longer than what it holds");
}

WordSource source_of(std::span<const uint8_t> stream) {
    return {stream.data(), stream.data() + stream.size(), 0};
}

}  // namespace

void decode_dc(const Layout& layout, int band, std::span<const uint8_t> stream,
               std::span<int16_t* const> dc) {
    check_places(layout, dc.size(), dc.size());
    State state = State::of_dc(static_cast<int>(dc.size()));
    WordSource source = source_of(stream);
    kernels(active_isa()).read_dc(source, tables(), dc_work<int16_t>(layout, band, dc, state));
    check_end(source);
}

void decode_ac(const Layout& layout, int band, std::span<const uint8_t> stream,
               std::span<const int16_t* const> dc, std::span<int16_t* const> coefficients) {
    check_places(layout, dc.size(), coefficients.size());
    State state = State::of_ac(static_cast<int>(dc.size()), layout.effort());
    WordSource source = source_of(stream);
    kernels(active_isa())
        .read_ac[static_cast<int>(layout.effort())](source, tables(),
                                                    ac_work<int16_t>(layout, band, dc, coefficients, state));
    check_end(source);
}

}  // namespace residua::jpeg
