#include "jpeg/coefficients/dec_coefficients.h"

#include <array>

#include "base/bytes.h"
#include "base/error.h"
#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/light_state.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

namespace {

[[noreturn]] void ends_early() {
    throw Error(ErrorCode::kTruncated, "a stream of JPEG coefficients ends too early");
}
[[noreturn]] void goes_on() {
    throw Error(ErrorCode::kCorrupt, "a stream of JPEG coefficients is longer than what it holds");
}

// A reader takes up to eight bytes of zeros beyond the end, where they were left out, and leaves none.
void check_end(const WordSource& source) {
    if (source.missing > 8) ends_early();
    if (source.at != source.end) goes_on();
}

WordSource source_of(std::span<const uint8_t> stream) {
    return {stream.data(), stream.data() + stream.size(), 0};
}

// A stream of the light coder in its parts: docs/format-jpeg-light.md, 1.
class LightParts {
  public:
    explicit LightParts(std::span<const uint8_t> stream) {
        ByteReader reader(stream, "stream of JPEG coefficients");
        const uint64_t symbols = reader.varint(), bits = reader.varint();
        parts_ = {reader.take(symbols), reader.take(bits), {}};
        parts_[2] = reader.take(reader.remaining());
        for (size_t i = 0; i < kLightParts; ++i) sources_[i] = source_of(parts_[i]);
    }
    const WordSource* sources() const { return sources_.data(); }
    LightEnd* ends() { return ends_.data(); }

    // The bytes that intervals end with may have been zeros, which are left out.
    void check_ends() const {
        for (size_t i = 0; i < kLightParts; ++i) {
            const auto taken = static_cast<uint64_t>(ends_[i].at - parts_[i].data()) + ends_[i].missing;
            const uint64_t used = 8 * taken - static_cast<uint64_t>(ends_[i].unused);
            const bool intervals = i < 2;
            const uint64_t bytes = (used + (intervals ? 16 : 0) + 7) / 8;
            if (intervals ? ends_[i].missing > kMostMissing : bytes > parts_[i].size()) ends_early();
            if (parts_[i].size() > bytes) goes_on();
        }
    }

  private:
    static constexpr uint32_t kMostMissing = 16;

    std::array<std::span<const uint8_t>, kLightParts> parts_;
    std::array<WordSource, kLightParts> sources_;
    std::array<LightEnd, kLightParts> ends_;
};

}  // namespace

void decode_dc(const Layout& layout, int band, std::span<const uint8_t> stream,
               std::span<int16_t* const> dc) {
    check_places(layout, dc.size(), dc.size());
    if (layout.effort() == Effort::kLight) {
        LightState state;
        LightParts parts(stream);
        kernels(active_isa()).read_light_dc(parts.sources(), parts.ends(), state.dc_work(layout, band, dc));
        return parts.check_ends();
    }
    State state = State::of_dc(static_cast<int>(dc.size()));
    WordSource source = source_of(stream);
    kernels(active_isa()).read_dc(source, tables(), dc_work<int16_t>(layout, band, dc, state));
    check_end(source);
}

void decode_ac(const Layout& layout, int band, std::span<const uint8_t> stream,
               std::span<const int16_t* const> dc, std::span<int16_t* const> coefficients) {
    check_places(layout, dc.size(), coefficients.size());
    if (layout.effort() == Effort::kLight) {
        LightState state;
        LightParts parts(stream);
        kernels(active_isa())
            .read_light_ac(parts.sources(), parts.ends(), state.ac_work(layout, band, dc, coefficients));
        return parts.check_ends();
    }
    State state = State::of_ac(static_cast<int>(dc.size()), layout.effort());
    WordSource source = source_of(stream);
    kernels(active_isa())
        .read_ac[static_cast<int>(layout.effort())](source, tables(),
                                                    ac_work<int16_t>(layout, band, dc, coefficients, state));
    check_end(source);
}

}  // namespace residua::jpeg
