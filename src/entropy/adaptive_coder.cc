#include "entropy/adaptive_coder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.h"
#include "entropy/code_length.h"
#include "entropy/scale_score.h"

namespace residua::entropy {

namespace {

const AdaptationKernels& adaptation_kernels(Isa isa) {
#ifdef RESIDUA_X86_KERNELS
    if (isa == Isa::kAvx512Vnni) return kAdaptationAvx512;
    if (like_avx2(isa)) return kAdaptationAvx2;
#endif
#ifdef RESIDUA_ARM_KERNELS
    if (isa != Isa::kScalar) return kAdaptationNeon;
#endif
#ifdef RESIDUA_WASM_KERNELS
    if (isa != Isa::kScalar) return kAdaptationSimd128;
#endif
    (void)isa;
    return kAdaptationScalar;
}

struct Place {
    int x, y;    // relative to the sample
    int weight;  // of its errors' size
};

// In the sample's own channel: all are features, those with a weight count for the scale.
constexpr std::array<Place, 11> kOwn = {{{-1, 0, 4},
                                         {0, -1, 4},
                                         {1, -1, 3},
                                         {-1, -1, 3},
                                         {-2, 0, 2},
                                         {0, -2, 2},
                                         {2, -1, 2},
                                         {-2, -1, 2},
                                         {1, -2, 0},
                                         {-1, -2, 0},
                                         {-3, 0, 0}}};
// In the two channels before it, and in the two after it.
constexpr std::array<Place, 5> kEarlier = {{{0, 0, 4}, {-1, 0, 0}, {0, -1, 0}, {1, -1, 0}, {-1, -1, 0}}};
constexpr std::array<Place, 2> kLater = {{{-1, 0, 0}, {0, -1, 0}}};
constexpr int kOtherChannels = 2;

// Columns are read in blocks of 16, so beyond the last pixel's numbers.
constexpr size_t kReadBeyond = 16;

}  // namespace

AdaptiveCoder::AdaptiveCoder(const DistributionTables& tables, const Alphabet& alphabet,
                             std::span<const int8_t> tau, int coded_channels, int width, bool ahead,
                             Allocator& allocator, Isa isa)
    : kernels_(&mixture_kernels(isa)),
      adaptation_(&adaptation_kernels(isa)),
      width_(width),
      channels_(coded_channels),
      ahead_(ahead),
      state_memory_(std::make_unique<Reservation>(allocator, sizeof(State))),
      state_(std::make_unique<State>()) {
    unpack(tables, alphabet, coded_channels, state_->tables);
    set_tau(tau, state_->tables);
    const int columns = tables.channels * tables.components;
    for (Block* block : {&mu_, &log_sigma_, &weight_}) *block = make_block(columns, allocator);
    if (tables.coupled()) lambda_ = make_block(3 * tables.components, allocator);
    origin_ = make_block(coded_channels, allocator);
    symbols_ = {allocator, static_cast<size_t>(kWavefrontRows * row_symbols())};
    above_ = {allocator, static_cast<size_t>(2 * row_symbols())};
    for (int slot = 0; slot < kHistory; ++slot)
        for (int c = 0; c < channels_; ++c) connect(slot, c);
    begin_tile();
}

AdaptiveCoder::Block AdaptiveCoder::make_block(int per_pixel, Allocator& allocator) const {
    Block block;
    block.pitch = per_pixel;
    // A lane begins kWavefrontLag pixels before the row's first one.
    block.stride = ptrdiff_t{width_ + kWavefrontLag} * per_pixel;
    const size_t rows = static_cast<size_t>(block.stride) * kWavefrontRows + kReadBeyond * 16;
    if (ahead_) block.half = static_cast<ptrdiff_t>(rows);
    block.numbers = {allocator, ahead_ ? 2 * rows : rows, 0};
    return block;
}

// Where in `seen` the neighbours of a step in that slot are.
void AdaptiveCoder::connect(int slot, int c) {
    AdaptationInputs& inputs = state_->inputs[slot][c];
    inputs.features = inputs.neighbours = 0;
    const auto add = [&](const Place& place, int channel) {
        if (channel < 0 || channel >= channels_) return;
        const int steps = place.x + kWavefrontLag * place.y;
        Seen& there = state_->seen[(slot + steps) & (kHistory - 1)][channel];
        const int lane = kLaneZero + place.y;
        inputs.error[inputs.features++] = there.error.at + lane;
        if (place.weight == 0) return;
        inputs.magnitude[inputs.neighbours] = there.magnitude.at + lane;
        inputs.spread[inputs.neighbours] = there.spread.at + lane;
        inputs.weight[inputs.neighbours++] = place.weight;
    };
    for (const Place& place : kOwn) add(place, c);
    for (int other = 1; other <= kOtherChannels; ++other) {
        for (const Place& place : kEarlier) add(place, c - other);
        for (const Place& place : kLater) add(place, c + other);
    }
}

void AdaptiveCoder::begin_tile() {
    for (AdaptationModel& model : state_->model) model = {};
    std::fill_n(above_.data(), above_.size(), Known{});
}

void AdaptiveCoder::add_row(const RowParameters& row) {
    const auto copy = [this](const int16_t* from, Block& to) {
        std::copy_n(from, ptrdiff_t{width_} * to.pitch,
                    to.numbers.data() + (adds_second_ ? to.half : 0) + added_ * to.stride);
    };
    copy(row.mu, mu_);
    copy(row.log_sigma, log_sigma_);
    copy(row.weight, weight_);
    if (!lambda_.numbers.empty()) copy(row.lambda, lambda_);
    has_origin_ = row.origin != nullptr;
    if (has_origin_) copy(row.origin, origin_);
    ++added_;
}

void AdaptiveCoder::take_rows() {
    rows_ = std::exchange(added_, 0);
    codes_second_ = adds_second_;
    if (ahead_) adds_second_ = !adds_second_;
}

// Lanes −1 and −2 of step t: the rows above the wavefront.
void AdaptiveCoder::look_above(int t) {
    for (int c = 0; c < channels_; ++c) {
        Seen& seen = state_->seen[t & (kHistory - 1)][c];
        for (const int lane : {-1, -2}) {
            const int x = t - kWavefrontLag * lane;
            Known known{};
            if (x >= 0 && x < width_)
                known = above_[static_cast<size_t>(((2 + lane) * width_ + x) * channels_ + c)];
            seen.error.at[kLaneZero + lane] = known.error;
            seen.magnitude.at[kLaneZero + lane] = known.magnitude;
            seen.spread.at[kLaneZero + lane] = known.spread;
        }
    }
}

void AdaptiveCoder::prepare(int t, int first, int end) {
    const auto lane_zero = [this, t](const Block& block) {
        return block.numbers.data() + (codes_second_ ? block.half : 0) + ptrdiff_t{t} * block.pitch;
    };
    const auto step = [](const Block& block) {
        return static_cast<int>(block.stride - ptrdiff_t{kWavefrontLag} * block.pitch);
    };
    GroupParameters parameters = {lane_zero(mu_), lane_zero(log_sigma_), lane_zero(weight_), nullptr,
                                  step(mu_),      step(lambda_)};
    if (!lambda_.numbers.empty()) parameters.lambda = lane_zero(lambda_);
    kernels_->prepare(state_->tables, parameters, kGroupPixels, state_->group);
    for (int c = 0; c < channels_; ++c) {
        int32_t* offset = state_->group.offset[c];
        std::fill_n(offset, kGroupPixels, 0);
        if (!has_origin_) continue;
        const int16_t* origin = lane_zero(origin_) + c;
        for (int lane = first; lane < end; ++lane)
            offset[lane] = std::clamp<int>(origin[ptrdiff_t{lane} * step(origin_)], -kMaxOrigin, kMaxOrigin);
    }
}

void AdaptiveCoder::remember(int t, int c) {
    const AdaptationStep& step = state_->step;
    Seen& seen = state_->seen[t & (kHistory - 1)][c];
    std::copy_n(step.error, kGroupPixels, seen.error.at + kLaneZero);
    std::copy_n(step.magnitude, kGroupPixels, seen.magnitude.at + kLaneZero);
    std::copy_n(step.spread, kGroupPixels, seen.spread.at + kLaneZero);
    // The last two lanes are what the next sixteen rows have above them. Those of these rows have been read:
    // lanes −1 and −2 are far ahead.
    for (const int row : {0, 1}) {
        const int lane = kGroupPixels - 2 + row, x = t - kWavefrontLag * lane;
        if (x >= 0 && x < width_)
            above_[static_cast<size_t>((row * width_ + x) * channels_ + c)] = {
                step.error[lane], step.magnitude[lane], step.spread[lane]};
    }
}

// The bins' deltas rise where symbols fell farther out in their mixtures than those say, and fall otherwise.
void AdaptiveCoder::learn_scale(int c, int first, int end, const uint32_t* start, const uint32_t* frequency) {
    int32_t* const delta = state_->model[c].delta;
    const MixtureGroup& group = state_->group;
    for (int lane = first; lane < end; ++lane) {
        const Share share =
            share_of_line({start[lane], frequency[lane]}, static_cast<uint32_t>(group.origin[lane]),
                          static_cast<uint32_t>(group.total[lane]));
        const int32_t gain =
            (score(share.begin) - score(share.end)) / static_cast<int32_t>(16 * (share.end - share.begin));
        const int position = state_->step.position[lane], bin = position >> 3, part = position & 7;
        delta[bin] = std::clamp(delta[bin] + gain * (8 - part), -kDeltaLimit, kDeltaLimit);
        delta[bin + 1] = std::clamp(delta[bin + 1] + gain * part, -kDeltaLimit, kDeltaLimit);
    }
}

// code(t, c, first, end, start, frequency): finds value[c] or the intervals of the lanes first … end − 1.
template <typename Code>
void AdaptiveCoder::run(const Code& code) {
    State& state = *state_;
    for (auto& step : state.seen)
        for (Seen& seen : step) seen = {};
    for (int t = 1 - kHistory; t < 0; ++t) look_above(t);
    alignas(64) uint32_t start[kGroupPixels], frequency[kGroupPixels];
    const int steps = width_ + kWavefrontLag * (rows_ - 1);
    for (int t = 0; t < steps; ++t) {
        const int first = std::max(0, (t - width_) / kWavefrontLag + (t >= width_));
        const int end = std::min(rows_, t / kWavefrontLag + 1);
        look_above(t);
        prepare(t, first, end);
        for (int c = 0; c < channels_; ++c) {
            const AdaptationInputs& inputs = state.inputs[t & (kHistory - 1)][c];
            kernels_->move_means(state.tables, c, kGroupPixels, state.group);
            adaptation_->adapt(state.tables, c, inputs, state.model[c], state.group, state.step);
            kernels_->begin_shares(state.tables, c, kGroupPixels, state.group);
            code(t, c, first, end, start, frequency);
            adaptation_->learn(state.group, c, first, end, inputs, state.model[c], state.step);
            learn_scale(c, first, end, start, frequency);
            remember(t, c);
        }
    }
    rows_ = 0;
}

void AdaptiveCoder::encode(Interval* intervals, uint8_t* positions) {
    State& state = *state_;
    run([&](int t, int c, int first, int end, uint32_t* start, uint32_t* frequency) {
        for (int lane = first; lane < end; ++lane) {
            const int value = symbols(lane)[(t - kWavefrontLag * lane) * channels_ + c];
            if (value < state.tables.low[c] || value > state.tables.high[c])
                throw Error(ErrorCode::kInvalidArgument, "a symbol lies outside the alphabet");
            state.group.value[c][lane] = value;
        }
        kernels_->intervals(state.tables, c, kGroupPixels, state.group, start, frequency);
        for (int lane = first; lane < end; ++lane) {
            *intervals++ = {start[lane], frequency[lane]};
            *positions++ = static_cast<uint8_t>(lane);
        }
    });
}

void AdaptiveCoder::decode(RansDecoder& decoder, uint32_t* lengths) {
    State& state = *state_;
    alignas(64) uint32_t slot[kGroupPixels] = {}, found_start[kGroupPixels], found_frequency[kGroupPixels];
    const int lanes = decoder.lanes();
    run([&](int t, int c, int first, int end, uint32_t* start, uint32_t* frequency) {
        for (int at = first; at < end;) {
            const int stop = std::min((at / lanes + 1) * lanes, end);
            for (int lane = at; lane < stop; ++lane) slot[lane] = decoder.slot(lane % lanes);
            kernels_->search(state.tables, c, at, stop, slot, state.group, found_start, found_frequency);
            for (int lane = at; lane < stop; ++lane) {
                start[lane] = found_start[lane];
                frequency[lane] = found_frequency[lane];
                decoder.advance(lane % lanes, {start[lane], frequency[lane]});
                symbols(lane)[(t - kWavefrontLag * lane) * channels_ + c] =
                    static_cast<int16_t>(state.group.value[c][lane]);
            }
            at = stop;
        }
        if (lengths)
            for (int lane = first; lane < end; ++lane)
                lengths[lane * row_symbols() + (t - kWavefrontLag * lane) * channels_ + c] =
                    code_length_units(frequency[lane]);
    });
}

}  // namespace residua::entropy
