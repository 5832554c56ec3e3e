#include "olm/tile_coder.h"

#include <algorithm>
#include <cfenv>
#include <optional>

namespace residua::olm {

namespace {

constexpr int kCentre = 128;        // symbols are samples − 128
constexpr int kWholeUnit = 64;      // of PlaneState::whole_centre
constexpr int kReportEvery = 1024;  // steps
constexpr int kReadBeyond = 16;     // of MixtureCoder's vectors

int16_t narrow(int value) { return static_cast<int16_t>(std::clamp(value, -32768, 32767)); }

static_assert(sizeof(std::fenv_t) <= 64);

}  // namespace

StandardArithmetic::StandardArithmetic() {
    std::fegetenv(reinterpret_cast<std::fenv_t*>(saved_));
    std::fesetenv(FE_DFL_ENV);
}

StandardArithmetic::~StandardArithmetic() { std::fesetenv(reinterpret_cast<const std::fenv_t*>(saved_)); }

class TileCoder::Mixtures {
  public:
    Mixtures(const Head& head, const entropy::DistributionTables& tables, Allocator& allocator)
        : head_(head), scratch_(head, allocator), components_(tables.components) {
        for (auto* values : {&mu_, &log_sigma_, &weight_})
            values->resize(static_cast<size_t>(kLanes * components_ + kReadBeyond));
    }

    entropy::RowParameters of(const PlaneState& state) {
        const int16_t* outputs = head_.run(state.head_input, scratch_);
        size_t to = 0, count = 0;
        for (int lane = 0; lane < kLanes; ++lane, outputs += 3 * components_) {
            if (!state.active[lane]) continue;
            origin_[count++] = static_cast<int16_t>(state.whole_centre[lane] - kCentre * kWholeUnit);
            const int scale = state.whole_scale[lane], log_scale = state.log_scale[lane];
            for (int k = 0; k < components_; ++k, ++to) {
                weight_[to] = outputs[k];
                mu_[to] = narrow((outputs[components_ + k] * scale + 128) >> 8);
                log_sigma_[to] = narrow(outputs[2 * components_ + k] + log_scale);
            }
        }
        return {mu_.data(), log_sigma_.data(), weight_.data(), nullptr, origin_.data()};
    }

  private:
    const Head& head_;
    Head::Scratch scratch_;
    const int components_;
    std::vector<int16_t> mu_, log_sigma_, weight_;
    std::array<int16_t, kLanes> origin_{};
};

TileCoder::TileCoder(const Model& model, const TileShape& shape, Allocator& allocator, Isa isa)
    : model_(model),
      shape_(shape),
      allocator_(allocator),
      kernels_(kernels(isa)),
      planes_(model.parameters, shape, allocator) {}

// code(tile, plane, mixture coder, parameters, symbols of the
// active lanes, their number): reads or fills the symbols.
template <typename Code>
void TileCoder::code(const Code& code) {
    const StandardArithmetic standard;
    uint64_t samples = 0;
    for (int plane = 0; plane < shape_.planes; ++plane) {
        code_plane(plane, samples, code);
        samples += shape_.plane_samples(plane);
    }
}

template <typename Code>
void TileCoder::code_plane(int plane, uint64_t samples_before, const Code& code) {
    const auto p = static_cast<size_t>(plane);
    TileState& tile = planes_.begin(plane);
    PlaneState& s = tile.state();
    const entropy::DistributionTables& tables = *model_.tables[p];
    entropy::Alphabet alphabet{};
    alphabet.low[0] = shape_.low[p];
    alphabet.high[0] = shape_.high[p];
    entropy::MixtureCoder coder(tables, alphabet, {}, 1);
    Mixtures mixtures(*model_.heads[p], tables, allocator_);
    const auto all = static_cast<double>(shape_.samples()), before = static_cast<double>(samples_before),
               per_step = static_cast<double>(shape_.plane_samples(plane)) / tile.wave().steps;
    alignas(64) float values[kLanes];
    int16_t symbols[kLanes];
    for (int t = 0; t < tile.wave().steps; ++t) {
        if (progress && t % kReportEvery == 0) progress((before + t * per_step) / all);
        const int count = tile.begin_step(t, values);
        kernels_.predict(s, t);
        if (count > 0) {
            code(tile, plane, coder, mixtures.of(s), symbols, count);
            for (int lane = 0, i = 0; lane < kLanes; ++lane)
                if (s.active[lane]) values[lane] = static_cast<float>(symbols[i++] + kCentre);
        }
        kernels_.update(s, t, values);
    }
    tile.end_plane();
}

void TileCoder::encode(const TileSource& samples, entropy::Interval* intervals, uint8_t* positions) {
    code([&](const TileState& tile, int plane, entropy::MixtureCoder& coder,
             const entropy::RowParameters& parameters, int16_t* symbols, int count) {
        const auto& from = samples[static_cast<size_t>(plane)];
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane))
                symbols[i++] = static_cast<int16_t>(from.at(tile.row(lane), tile.column(lane)) - kCentre);
        if (prove_intervals)
            coder.proved_intervals(parameters, count, symbols, intervals);
        else
            coder.intervals(parameters, count, symbols, intervals);
        intervals += count;
        for (int i = 0; i < count; ++i) *positions++ = static_cast<uint8_t>(i);
    });
}

void TileCoder::decode(entropy::RansDecoder& decoder, const TileTarget& samples) {
    if (note) return decode_and_note(decoder, samples);
    code([&](const TileState& tile, int plane, entropy::MixtureCoder& coder,
             const entropy::RowParameters& parameters, int16_t* symbols, int count) {
        const auto& to = samples[static_cast<size_t>(plane)];
        coder.decode_row(decoder, parameters, count, symbols);
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane))
                to.at(tile.row(lane), tile.column(lane)) = static_cast<uint8_t>(symbols[i++] + kCentre);
    });
}

void TileCoder::decode_and_note(entropy::RansDecoder& decoder, const TileTarget& samples) {
    code([&](const TileState& tile, int plane, entropy::MixtureCoder& coder,
             const entropy::RowParameters& parameters, int16_t* symbols, int count) {
        const auto& to = samples[static_cast<size_t>(plane)];
        uint32_t lengths[kLanes];
        coder.decode_row(decoder, parameters, count, symbols, lengths);
        for (int lane = 0, i = 0; lane < kLanes; ++lane) {
            if (!tile.active(lane)) continue;
            note(plane, tile.row(lane), tile.column(lane), lengths[i]);
            to.at(tile.row(lane), tile.column(lane)) = static_cast<uint8_t>(symbols[i++] + kCentre);
        }
    });
}

void visit_training_samples(const Parameters& parameters, const TileShape& shape, const TileSource& samples,
                            Allocator& allocator, const std::function<void(const TrainingSample&)>& visit) {
    const StandardArithmetic standard;
    const Kernels& arithmetic = kernels(active_isa());
    TilePlanes planes(parameters, shape, allocator);
    for (int plane = 0; plane < shape.planes; ++plane) {
        TileState& tile = planes.begin(plane);
        PlaneState& s = tile.state();
        alignas(64) float values[kLanes];
        for (int t = 0; t < tile.wave().steps; ++t) {
            tile.begin_step(t, values);
            arithmetic.predict(s, t);
            for (int lane = 0; lane < kLanes; ++lane) {
                if (!s.active[lane]) continue;
                const int sample = samples[static_cast<size_t>(plane)].at(tile.row(lane), tile.column(lane));
                values[lane] = static_cast<float>(sample);
                visit({s.head_input + static_cast<ptrdiff_t>(lane) * s.head_inputs, plane,
                       s.whole_centre[lane], s.whole_scale[lane], s.log_scale[lane], sample});
            }
            arithmetic.update(s, t, values);
        }
        tile.end_plane();
    }
}

}  // namespace residua::olm
