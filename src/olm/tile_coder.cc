#include "olm/tile_coder.h"

#include <algorithm>
#include <bit>
#include <cfenv>
#include <optional>

#include "olm/adjustment.h"
#include "olm/guesses.h"
#include "olm/step_bytes.h"

namespace residua::olm {

namespace {

constexpr int kCentre = 128;     // symbols are samples − 128
constexpr int kWholeUnit = 64;   // of PlaneState::whole_centre
constexpr int kPart = 64;        // steps that are done at once
constexpr int kReadBeyond = 16;  // of the coders' vectors
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
        const int16_t* outputs = run_head(state);
        size_t count = 0;
        for (int lane = 0; lane < kLanes; ++lane) {
            if (!state.active[lane]) continue;
            origin_[count] = static_cast<int16_t>(state.whole_centre[lane] - kCentre * kWholeUnit);
            put(count++, outputs, state.whole_scale[lane], state.log_scale[lane]);
            outputs += 3 * components_;
        }
        return {mu_.data(), log_sigma_.data(), weight_.data(), nullptr, origin_.data()};
    }

    // The same in symbols of a wide plane, which it chooses: docs/format-deep.md, 2.
    entropy::RowParameters of(const PlaneState& state, const PlaneShape& shape,
                              entropy::WideSamples& samples) {
        const int16_t* outputs = run_head(state);
        samples.levels = shape.levels;
        size_t count = 0;
        for (int lane = 0; lane < kLanes; ++lane) {
            if (!state.active[lane]) continue;
            WidePlace place = wide_place(state, shape, lane);
            samples.base[count] = place.base;
            samples.shift[count] = place.shift;
            if (shape.guesses) adjust(state, shape, lane, count, place);
            origin_[count] = narrow(place.origin);
            put(count++, outputs, place.scale, place.log_scale);
            outputs += 3 * components_;
        }
        samples.count = static_cast<int>(count);
        return {mu_.data(), log_sigma_.data(), weight_.data(), nullptr, origin_.data()};
    }

    int components() const { return components_; }

    void learn(const entropy::WideShares& shares) { adjustment_.learn(shares); }

  private:
    // The outputs of the active lanes, one after the other: narrow tiles have few of them at a time.
    const int16_t* run_head(const PlaneState& state) {
        const auto size = static_cast<size_t>(state.head_inputs);
        int count = 0, first = kLanes;
        for (int lane = kLanes; lane-- > 0;)
            if (state.active[lane]) ++count, first = lane;
        const uint8_t* inputs = state.head_input + static_cast<size_t>(first) * size;
        if (!std::all_of(state.active + first, state.active + first + std::min(count, kLanes - first),
                         [](bool active) { return active; })) {
            uint8_t* to = inputs_.data();
            for (int lane = 0; lane < kLanes; ++lane) {
                if (!state.active[lane]) continue;
                std::memcpy(to, state.head_input + static_cast<size_t>(lane) * size, size);
                to += size;
            }
            inputs = inputs_.data();
        }
        return head_.run(inputs, count, scratch_);
    }

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
    std::array<uint8_t, size_t{kMaxHeadInputs} * kLanes> inputs_;
    std::array<int16_t, kLanes> origin_{};
};

class TileCoder::PlaneEncoder {
  public:
    PlaneEncoder(const PlaneSamples<const uint8_t>& samples, bool prove, entropy::SymbolList& list)
        : samples_(samples), prove_(prove), list_(list) {}

    void narrow(const TileState& tile, entropy::MixtureCoder& coder, const entropy::RowParameters& parameters,
                int16_t* symbols, int count) const {
        const auto& from = samples_;
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane))
                symbols[i++] = static_cast<int16_t>(from.at(tile.row(lane), tile.column(lane)) - kCentre);
        entropy::Interval* intervals = list_.add_group(count);
        if (prove_)
            coder.proved_intervals(parameters, count, symbols, intervals);
        else
            coder.intervals(parameters, count, symbols, intervals);
    }
    void wide(const TileState& tile, entropy::WideCoder& coder, const entropy::RowParameters& parameters,
              const entropy::WideSamples& samples, const entropy::Guesses* guesses, int32_t* values) const {
        const auto& from = samples_;
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (tile.active(lane)) values[i++] = from.at(tile.row(lane), tile.column(lane));
        coder.encode(parameters, samples, guesses, values, prove_, list_);
    }

  private:
    const PlaneSamples<const uint8_t> samples_;
    const bool prove_;
    entropy::SymbolList& list_;
};

class TileCoder::PlaneDecoder {
  public:
    // note: as TileCoder's.
    PlaneDecoder(entropy::RansDecoder& decoder, int plane, const PlaneSamples<uint8_t>& samples,
                 const std::function<void(int, int, int, uint32_t)>& note)
        : decoder_(decoder), plane_(plane), samples_(samples), note_(note) {}

    void narrow(const TileState& tile, entropy::MixtureCoder& coder, const entropy::RowParameters& parameters,
                int16_t* symbols, int count) const {
        uint32_t lengths[kLanes];
        coder.decode_row(decoder_, parameters, count, symbols, note_ ? lengths : nullptr);
        keep(tile, lengths, [symbols](int i) { return symbols[i] + kCentre; });
    }
    void wide(const TileState& tile, entropy::WideCoder& coder, const entropy::RowParameters& parameters,
              const entropy::WideSamples& samples, const entropy::Guesses* guesses, int32_t* values) const {
        uint32_t lengths[kLanes];
        coder.decode(decoder_, parameters, samples, guesses, values, note_ ? lengths : nullptr);
        keep(tile, lengths, [values](int i) { return values[i]; });
    }

  private:
    template <typename Value>
    void keep(const TileState& tile, const uint32_t* lengths, const Value& value) const {
        for (int lane = 0, i = 0; lane < kLanes; ++lane) {
            if (!tile.active(lane)) continue;
            if (note_) note_(plane_, tile.row(lane), tile.column(lane), lengths[i]);
            samples_.put(tile.row(lane), tile.column(lane), value(i++));
        }
    }

    entropy::RansDecoder& decoder_;
    const int plane_;
    const PlaneSamples<uint8_t> samples_;
    const std::function<void(int, int, int, uint32_t)>& note_;
};

class TileCoder::PlaneWork {
  public:
    virtual ~PlaneWork() = default;
    // Steps first … end − 1, which follow those done before.
    virtual void run(int first, int end) = 0;
};

template <typename Side>
class TileCoder::WorkOf final : public PlaneWork {
  public:
    WorkOf(TileCoder& tile, int plane, const Side& side)
        : kernels_(tile.kernels_),
          shape_(tile.planes_.plane(plane)),
          side_(side),
          state_(tile.planes_.begin(plane)),
          mixtures_(*tile.model_.heads[kind()], *tile.model_.tables[kind()], tile.allocator_) {
        const entropy::DistributionTables& tables = *tile.model_.tables[kind()];
        if (shape_.wide()) {
            wide_coder_.emplace(tables, tile.isa_);
            return;
        }
        const auto p = static_cast<size_t>(plane);
        entropy::Alphabet alphabet{};
        alphabet.low[0] = tile.shape_.low[p];
        alphabet.high[0] = tile.shape_.high[p];
        coder_.emplace(tables, alphabet, std::span<const int8_t>{}, 1, tile.isa_);
    }

    void run(int first, int end) override {
        PlaneState& s = state_->state();
        const StepBytes bytes(s);
        alignas(64) float values[kLanes];
        StageScope stage(Stage::kExperts);
        for (int t = first; t < end; ++t) {
            const int count = state_->begin_step(t, values);
            kernels_.predict(s, t);
            bytes.experts(stage, t);
            if (count > 0) {
                stage.turn_to(Stage::kHead);
                bytes.head(stage, count, mixtures_.components());
                coder_ ? step(values, count, stage) : wide_step(values, stage);
                bytes.mixtures(stage, count, mixtures_.components());
            }
            stage.turn_to(Stage::kLearning);
            kernels_.update(s, t, values);
            bytes.learning(stage, t);
            stage.turn_to(Stage::kExperts);
        }
    }

  private:
    size_t kind() const { return static_cast<size_t>(shape_.seen); }

    // Codes the active lanes, and leaves in `values` what their samples are, in units of the experts.
    void step(float* values, int count, StageScope& stage) {
        const PlaneState& s = state_->state();
        int16_t symbols[kLanes];
        const entropy::RowParameters parameters = mixtures_.of(s);
        stage.turn_to(Stage::kMixtures);
        side_.narrow(*state_, *coder_, parameters, symbols, count);
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (s.active[lane]) values[lane] = static_cast<float>(symbols[i++] + kCentre);
    }
    void wide_step(float* values, StageScope& stage) {
        const PlaneState& s = state_->state();
        const float unit = 1 / s.levels;
        int32_t decoded[kLanes];
        const entropy::RowParameters parameters = mixtures_.of(s, shape_, wide_samples_);
        stage.turn_to(Stage::kMixtures);
        if (shape_.guesses) guess(*state_, shape_, wide_samples_, guesses_);
        side_.wide(*state_, *wide_coder_, parameters, wide_samples_, shape_.guesses ? &guesses_ : nullptr,
                   decoded);
        if (shape_.guesses) mixtures_.learn(wide_coder_->shares());
        for (int lane = 0, i = 0; lane < kLanes; ++lane)
            if (s.active[lane]) values[lane] = static_cast<float>(decoded[i++]) * unit;
    }

    const Kernels& kernels_;
    const PlaneShape& shape_;
    const Side side_;
    const std::unique_ptr<TileState> state_;
    Mixtures mixtures_;
    std::optional<entropy::MixtureCoder> coder_;
    std::optional<entropy::WideCoder> wide_coder_;
    entropy::WideSamples wide_samples_{};
    entropy::Guesses guesses_{};
};

TileCoder::TileCoder(const Model& model, const TileShape& shape, Allocator& allocator, Isa isa)
    : model_(model),
      shape_(shape),
      allocator_(allocator),
      isa_(isa),
      kernels_(kernels(isa)),
      planes_(model.parameters, shape, allocator) {}

TileCoder::~TileCoder() = default;

void TileCoder::begin_encoding(const TileSource& samples, std::span<entropy::SymbolList* const> lists) {
    together_ = lists.size() == 1;
    begin_ = [this, samples, lists](int plane) -> std::unique_ptr<PlaneWork> {
        const auto p = static_cast<size_t>(plane);
        return std::make_unique<WorkOf<PlaneEncoder>>(
            *this, plane, PlaneEncoder(samples[p], prove_intervals, *lists[together_ ? 0 : p]));
    };
}

void TileCoder::begin_decoding(std::span<entropy::RansDecoder* const> decoders, const TileTarget& samples) {
    together_ = decoders.size() == 1;
    begin_ = [this, decoders, samples](int plane) -> std::unique_ptr<PlaneWork> {
        const auto p = static_cast<size_t>(plane);
        return std::make_unique<WorkOf<PlaneDecoder>>(
            *this, plane, PlaneDecoder(*decoders[together_ ? 0 : p], plane, samples[p], note));
    };
}

bool TileCoder::complete(int plane) const {
    return plane_[static_cast<size_t>(plane)].done.load(std::memory_order_acquire) >
           planes_.wave(plane).steps;
}

bool TileCoder::ready(int plane) const {
    if (complete(plane)) return false;
    if (together_ || !planes_.side_by_side()) {
        for (int before = 0; before < plane; ++before)
            if (!complete(before)) return false;
        return true;
    }
    const Wavefront wave = planes_.wave(plane);
    const int done = plane_[static_cast<size_t>(plane)].done.load(std::memory_order_relaxed);
    const int needed = wave.steps_before(std::min(done + kPart, wave.steps) - 1);
    const PlaneShape& shape = planes_.plane(plane);
    for (size_t i = 0; i < static_cast<size_t>(shape.seen); ++i)
        if (plane_[static_cast<size_t>(shape.sees[i])].done.load(std::memory_order_acquire) < needed)
            return false;
    return true;
}

bool TileCoder::advance(int plane) {
    const StandardArithmetic standard;
    Plane& at = plane_[static_cast<size_t>(plane)];
    if (!at.work) at.work = begin_(plane);
    const int steps = planes_.wave(plane).steps, done = at.done.load(std::memory_order_relaxed);
    int end = std::min(done + kPart, steps);
    at.work->run(done, end);
    if (end == steps) {
        planes_.end(plane);
        at.work.reset();
        ++end;
    }
    at.done.store(end, std::memory_order_release);
    return end > steps;
}

double TileCoder::share() const {
    double done = 0, all = 0;
    for (int p = 0; p < shape_.planes; ++p) {
        done += plane_[static_cast<size_t>(p)].done.load(std::memory_order_relaxed);
        all += planes_.wave(p).steps + 1;
    }
    return done / all;
}

void TileCoder::do_all() {
    for (int plane = 0; plane < shape_.planes; ++plane)
        while (!advance(plane)) {
        }
}

void TileCoder::encode(const TileSource& samples, entropy::SymbolList& list) {
    entropy::SymbolList* const one[] = {&list};
    begin_encoding(samples, one);
    do_all();
}

void TileCoder::decode(entropy::RansDecoder& decoder, const TileTarget& samples) {
    entropy::RansDecoder* const one[] = {&decoder};
    begin_decoding(one, samples);
    do_all();
}

void visit_training_samples(const Parameters& parameters, const TileShape& shape, const TileSource& samples,
                            Allocator& allocator, const std::function<void(const TrainingSample&)>& visit) {
    const StandardArithmetic standard;
    const Kernels& arithmetic = kernels(active_isa());
    TilePlanes planes(parameters, shape, allocator);
    for (int plane = 0; plane < shape.planes; ++plane) {
        const PlaneShape& plane_shape = shape.plane[static_cast<size_t>(plane)];
        const std::unique_ptr<TileState> state = planes.begin(plane);
        TileState& tile = *state;
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
        planes.end(plane);
    }
}

}  // namespace residua::olm
