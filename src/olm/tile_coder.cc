#include "olm/tile_coder.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <optional>

#include "olm/adjustment.h"
#include "olm/guesses.h"

namespace residua::olm {

namespace {

constexpr int kCentre = 128;        // symbols are samples − 128
constexpr int kWholeUnit = 64;      // of PlaneState::whole_centre
constexpr int kReportEvery = 1024;  // steps
constexpr int kReadBeyond = 16;     // of the coders' vectors
// Of a wide plane: a local scale of 2^kScaleOctave symbols or more is made one of less than twice that.
constexpr int kScaleOctave = 4;
constexpr int kMostShift = 15;

// To the nearest, ties to even, as the processor rounds; |a| < 2^22.
int32_t nearest(float a) {
    constexpr float kWhole = 3 << 22;
    return static_cast<int32_t>((a + kWhole) - kWhole);
}

int16_t narrow(int value) { return static_cast<int16_t>(std::clamp(value, -32768, 32767)); }

// How a sample of a wide plane becomes a symbol, and what its mixture is relative to: docs/format-deep.md, 3.
struct WidePlace {
    int32_t base;
    int shift;
    int origin, scale;  // 1/64 symbol
    int log_scale;      // 1/32 octave
};
WidePlace wide_place(const PlaneState& state, const PlaneShape& shape, int lane) {
    const float scale = state.scale[lane] * state.levels, centre = state.centre[lane] * state.levels;
    const int octave = static_cast<int>(std::bit_cast<uint32_t>(scale) >> 23) - 127;
    const int shift = std::clamp(octave - kScaleOctave, 0, kMostShift);
    const auto step = static_cast<float>(1 << shift);
    const int32_t base = nearest(centre);
    const float from_base = ((centre - static_cast<float>(base) + 0.5F) / step - 0.5F) * kWholeUnit;
    return {base, shift, nearest(from_base), nearest(scale / step * kWholeUnit),
            state.log_scale[lane] + 32 * (shape.exponent - shift)};
}

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
        : head_(head), tables_(tables), scratch_(head, allocator), components_(tables.components) {
        for (auto* values : {&mu_, &log_sigma_, &weight_})
            values->resize(static_cast<size_t>(kLanes * components_ + kReadBeyond));
    }

    entropy::RowParameters of(const PlaneState& state) {
        const int16_t* outputs = head_.run(state.head_input, scratch_);
        size_t count = 0;
        for (int lane = 0; lane < kLanes; ++lane, outputs += 3 * components_) {
            if (!state.active[lane]) continue;
            origin_[count] = static_cast<int16_t>(state.whole_centre[lane] - kCentre * kWholeUnit);
            put(count++, outputs, state.whole_scale[lane], state.log_scale[lane]);
        }
        return {mu_.data(), log_sigma_.data(), weight_.data(), nullptr, origin_.data()};
    }

    // The same in symbols of a wide plane, which it chooses: docs/format-deep.md, 2.
    entropy::RowParameters of(const PlaneState& state, const PlaneShape& shape,
                              entropy::WideSamples& samples) {
        const int16_t* outputs = head_.run(state.head_input, scratch_);
        samples.levels = shape.levels;
        size_t count = 0;
        for (int lane = 0; lane < kLanes; ++lane, outputs += 3 * components_) {
            if (!state.active[lane]) continue;
            WidePlace place = wide_place(state, shape, lane);
            samples.base[count] = place.base;
            samples.shift[count] = place.shift;
            if (shape.guesses) adjust(state, shape, lane, count, place);
            origin_[count] = narrow(place.origin);
            put(count++, outputs, place.scale, place.log_scale);
        }
        samples.count = static_cast<int>(count);
        return {mu_.data(), log_sigma_.data(), weight_.data(), nullptr, origin_.data()};
    }

    void learn(const entropy::WideShares& shares) { adjustment_.learn(shares); }

  private:
    // docs/format-deep.md, 5.
    void adjust(const PlaneState& state, const PlaneShape& shape, int lane, size_t sample, WidePlace& place) {
        const auto change = adjustment_.of(state, lane, state.log_scale[lane] + 32 * shape.exponent, sample);
        const int octaves = (change.octaves + 31) >> 5;  // 2^(change / 32) = 2^octaves · 2^(−part / 32)
        const int part = 32 * octaves - change.octaves;
        place.origin += nearest(change.move * static_cast<float>(place.scale));
        place.scale = (place.scale * tables_.exp2[static_cast<size_t>(part)]) >> (15 - octaves);
        place.log_scale += change.octaves;
    }

    void put(size_t sample, const int16_t* outputs, int scale, int log_scale) {
        size_t to = sample * static_cast<size_t>(components_);
        for (int k = 0; k < components_; ++k, ++to) {
            weight_[to] = outputs[k];
            mu_[to] = narrow((outputs[components_ + k] * scale + 128) >> 8);
            log_sigma_[to] = narrow(outputs[2 * components_ + k] + log_scale);
        }
    }

    const Head& head_;
    const entropy::DistributionTables& tables_;
    Adjustment adjustment_;
    Head::Scratch scratch_;
    const int components_;
    std::vector<int16_t> mu_, log_sigma_, weight_;
    std::array<int16_t, kLanes> origin_{};
};

class TileCoder::PlaneEncoder {
  public:
    PlaneEncoder(const TileSource& samples, bool prove, entropy::SymbolList& list)
        : samples_(samples), prove_(prove), list_(list) {}

    void narrow(const TileState& tile, int plane, entropy::MixtureCoder& coder,
                const entropy::RowParameters& parameters, int16_t* symbols, int count) const {
        const auto& from = samples_[static_cast<size_t>(plane)];
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane))
                symbols[i++] = static_cast<int16_t>(from.at(tile.row(lane), tile.column(lane)) - kCentre);
        entropy::Interval* intervals = list_.add_group(count);
        if (prove_)
            coder.proved_intervals(parameters, count, symbols, intervals);
        else
            coder.intervals(parameters, count, symbols, intervals);
    }
    void wide(const TileState& tile, int plane, entropy::WideCoder& coder,
              const entropy::RowParameters& parameters, const entropy::WideSamples& samples,
              const entropy::Guesses* guesses, int32_t* values) const {
        const auto& from = samples_[static_cast<size_t>(plane)];
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane)) values[i++] = from.at(tile.row(lane), tile.column(lane));
        coder.encode(parameters, samples, guesses, values, prove_, list_);
    }

  private:
    const TileSource& samples_;
    const bool prove_;
    entropy::SymbolList& list_;
};

class TileCoder::PlaneDecoder {
  public:
    // note: as TileCoder's.
    PlaneDecoder(entropy::RansDecoder& decoder, const TileTarget& samples,
                 const std::function<void(int, int, int, uint32_t)>& note)
        : decoder_(decoder), samples_(samples), note_(note) {}

    void narrow(const TileState& tile, int plane, entropy::MixtureCoder& coder,
                const entropy::RowParameters& parameters, int16_t* symbols, int count) const {
        uint32_t lengths[kLanes];
        coder.decode_row(decoder_, parameters, count, symbols, note_ ? lengths : nullptr);
        keep(tile, plane, lengths, [symbols](int i) { return symbols[i] + kCentre; });
    }
    void wide(const TileState& tile, int plane, entropy::WideCoder& coder,
              const entropy::RowParameters& parameters, const entropy::WideSamples& samples,
              const entropy::Guesses* guesses, int32_t* values) const {
        uint32_t lengths[kLanes];
        coder.decode(decoder_, parameters, samples, guesses, values, note_ ? lengths : nullptr);
        keep(tile, plane, lengths, [values](int i) { return values[i]; });
    }

  private:
    template <typename Value>
    void keep(const TileState& tile, int plane, const uint32_t* lengths, const Value& value) const {
        const auto& to = samples_[static_cast<size_t>(plane)];
        for (int lane = 0, i = 0; lane < kLanes; ++lane) {
            if (!tile.active(lane)) continue;
            if (note_) note_(plane, tile.row(lane), tile.column(lane), lengths[i]);
            to.put(tile.row(lane), tile.column(lane), value(i++));
        }
    }

    entropy::RansDecoder& decoder_;
    const TileTarget& samples_;
    const std::function<void(int, int, int, uint32_t)>& note_;
};

TileCoder::TileCoder(const Model& model, const TileShape& shape, Allocator& allocator, Isa isa)
    : model_(model),
      shape_(shape),
      allocator_(allocator),
      isa_(isa),
      kernels_(kernels(isa)),
      planes_(model.parameters, shape, allocator) {}

template <typename Side>
void TileCoder::code(const Side& side) {
    const StandardArithmetic standard;
    uint64_t samples = 0;
    for (int plane = 0; plane < shape_.planes; ++plane) {
        code_plane(plane, samples, side);
        samples += shape_.plane_samples(plane);
    }
}

// step(values): codes the active lanes, and leaves there what their samples are, in units of the experts.
template <typename Step>
void TileCoder::walk(TileState& tile, int plane, uint64_t samples_before, const Step& step) {
    PlaneState& s = tile.state();
    const auto all = static_cast<double>(shape_.samples()), before = static_cast<double>(samples_before),
               per_step = static_cast<double>(shape_.plane_samples(plane)) / tile.wave().steps;
    alignas(64) float values[kLanes];
    for (int t = 0; t < tile.wave().steps; ++t) {
        if (progress && t % kReportEvery == 0) progress((before + t * per_step) / all);
        const int count = tile.begin_step(t, values);
        kernels_.predict(s, t);
        if (count > 0) step(values, count);
        kernels_.update(s, t, values);
    }
    tile.end_plane();
}

template <typename Side>
void TileCoder::code_plane(int plane, uint64_t samples_before, const Side& side) {
    const auto p = static_cast<size_t>(plane);
    const PlaneShape& shape = shape_.plane[p];
    const auto kind = static_cast<size_t>(shape.seen);
    TileState& tile = planes_.begin(plane);
    PlaneState& s = tile.state();
    const entropy::DistributionTables& tables = *model_.tables[kind];
    Mixtures mixtures(*model_.heads[kind], tables, allocator_);
    if (shape.wide()) {
        entropy::WideCoder coder(tables, isa_);
        entropy::WideSamples samples{};
        entropy::Guesses guesses{};
        int32_t decoded[kLanes];
        const float unit = 1 / s.levels;
        walk(tile, plane, samples_before, [&](float* values, int) {
            const entropy::RowParameters parameters = mixtures.of(s, shape, samples);
            if (shape.guesses) guess(tile, shape, samples, guesses);
            side.wide(tile, plane, coder, parameters, samples, shape.guesses ? &guesses : nullptr, decoded);
            if (shape.guesses) mixtures.learn(coder.shares());
            for (int lane = 0, i = 0; lane < kLanes; ++lane)
                if (s.active[lane]) values[lane] = static_cast<float>(decoded[i++]) * unit;
        });
        return;
    }
    entropy::Alphabet alphabet{};
    alphabet.low[0] = shape_.low[p];
    alphabet.high[0] = shape_.high[p];
    entropy::MixtureCoder coder(tables, alphabet, {}, 1, isa_);
    int16_t symbols[kLanes];
    walk(tile, plane, samples_before, [&](float* values, int count) {
        side.narrow(tile, plane, coder, mixtures.of(s), symbols, count);
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (s.active[lane]) values[lane] = static_cast<float>(symbols[i++] + kCentre);
    });
}

void TileCoder::encode(const TileSource& samples, entropy::SymbolList& list) {
    code(PlaneEncoder(samples, prove_intervals, list));
}

void TileCoder::decode(entropy::RansDecoder& decoder, const TileTarget& samples) {
    code(PlaneDecoder(decoder, samples, note));
}

void visit_training_samples(const Parameters& parameters, const TileShape& shape, const TileSource& samples,
                            Allocator& allocator, const std::function<void(const TrainingSample&)>& visit) {
    const StandardArithmetic standard;
    const Kernels& arithmetic = kernels(active_isa());
    TilePlanes planes(parameters, shape, allocator);
    for (int plane = 0; plane < shape.planes; ++plane) {
        const PlaneShape& plane_shape = shape.plane[static_cast<size_t>(plane)];
        TileState& tile = planes.begin(plane);
        PlaneState& s = tile.state();
        alignas(64) float values[kLanes];
        for (int t = 0; t < tile.wave().steps; ++t) {
            tile.begin_step(t, values);
            arithmetic.predict(s, t);
            for (int lane = 0; lane < kLanes; ++lane) {
                if (!s.active[lane]) continue;
                const int sample = samples[static_cast<size_t>(plane)].at(tile.row(lane), tile.column(lane));
                values[lane] = static_cast<float>(sample) / s.levels;
                const uint8_t* inputs = s.head_input + static_cast<ptrdiff_t>(lane) * s.head_inputs;
                if (!plane_shape.wide()) {
                    visit({inputs, plane_shape.seen, s.whole_centre[lane], s.whole_scale[lane],
                           s.log_scale[lane], sample});
                    continue;
                }
                // (What is as in the plane before is mostly coded without the head.)
                if (plane_shape.seen > 0 && samples[static_cast<size_t>(plane_shape.sees[0])].at(
                                                tile.row(lane), tile.column(lane)) == sample)
                    continue;
                const WidePlace place = wide_place(s, plane_shape, lane);
                const int symbol = std::clamp((sample - place.base) >> place.shift, -entropy::kWideReach,
                                              entropy::kWideReach);
                visit({inputs, plane_shape.seen, place.origin + kCentre * kWholeUnit, place.scale,
                       place.log_scale, symbol + kCentre});
            }
            arithmetic.update(s, t, values);
        }
        tile.end_plane();
    }
}

}  // namespace residua::olm
