#include "entropy/mixture.h"

#include <algorithm>

#include "base/error.h"
#include "entropy/code_length.h"

namespace residua::entropy {

namespace {

// Columns are read in blocks of 16, so beyond the last pixel of a group.
constexpr int kReadBeyond = 15;

// `first`, or a copy of its `left` pixels where enough can be read.
const int16_t* readable(const int16_t* first, int left, int pitch, std::vector<int16_t>& edge) {
    if (left * pitch >= kGroupPixels * pitch + kReadBeyond) return first;
    std::copy_n(first, std::min(left, kGroupPixels) * pitch, edge.begin());
    return edge.data();
}

}  // namespace

const MixtureKernels& mixture_kernels(Isa isa) {
#ifdef RESIDUA_X86_KERNELS
    if (isa == Isa::kAvx512Vnni) return kMixtureAvx512;
    if (like_avx2(isa)) return kMixtureAvx2;
#endif
#ifdef RESIDUA_ARM_KERNELS
    if (isa != Isa::kScalar) return kMixtureNeon;
#endif
#ifdef RESIDUA_WASM_KERNELS
    if (isa != Isa::kScalar) return kMixtureSimd128;
#endif
    (void)isa;
    return kMixtureScalar;
}

void unpack(const DistributionTables& tables, const Alphabet& alphabet, int coded_channels,
            MixtureTables& to) {
    tables.check();
    if (coded_channels != 1 && coded_channels != tables.channels)
        throw Error(ErrorCode::kInvalidArgument, "the number of channels does not fit the model");
    std::copy(tables.multiplier.begin(), tables.multiplier.end(), to.multiplier);
    std::copy(tables.exp2.begin(), tables.exp2.end(), to.exp2);
    for (int i = 0; i < kOctave; ++i)
        to.sigma[i] = i == 0 ? tables.exp2[0] : 2 * tables.exp2[static_cast<size_t>(kOctave - i)];
    for (int i = 0; i < kLogisticCells; ++i)
        to.logistic[i] =
            static_cast<int32_t>(tables.logistic[i] << 12 | (tables.logistic[i + 1] - tables.logistic[i]));
    std::copy(tables.lambda.begin(), tables.lambda.end(), to.lambda);
    to.lambda_limit = tables.lambda_limit();
    to.components = tables.components;
    to.channels = tables.channels;
    to.coded_channels = coded_channels;
    to.v_min = tables.v_min;
    to.v_max = tables.v_max;
    to.base_shift = tables.base_shift;
    for (int c = 0; c < coded_channels; ++c) {
        to.low[c] = alphabet.low[c];
        to.high[c] = alphabet.high[c];
        if (to.low[c] < -512 || to.low[c] > to.high[c] || to.high[c] > 511)
            throw Error(ErrorCode::kCorrupt, "the file's range of symbols is impossible");
    }
    set_tau({}, to);
}

void set_tau(std::span<const int8_t> tau, MixtureTables& tables) {
    const size_t parameters = static_cast<size_t>(tables.components) * static_cast<size_t>(tables.channels);
    if (!tau.empty() && tau.size() != parameters)
        throw Error(ErrorCode::kInvalidArgument, "tau does not fit the model");
    std::fill_n(tables.tau, parameters, 0);
    std::copy(tau.begin(), tau.end(), tables.tau);
}

MixtureCoder::MixtureCoder(const DistributionTables& tables, const Alphabet& alphabet,
                           std::span<const int8_t> tau, int coded_channels, Isa isa)
    : kernels_(&mixture_kernels(isa)), scratch_(std::make_unique<Scratch>()) {
    unpack(tables, alphabet, coded_channels, scratch_->tables);
    set_tau(tau);
    for (std::vector<int16_t>& edge : scratch_->edge)
        edge.resize(static_cast<size_t>(kGroupPixels * std::max(tables.channels, 3) * tables.components +
                                        kReadBeyond));
}

void MixtureCoder::set_tau(std::span<const int8_t> tau) { entropy::set_tau(tau, scratch_->tables); }

void MixtureCoder::prepare(const RowParameters& row, int x, int pixels) {
    const MixtureTables& tables = scratch_->tables;
    const int left = pixels - x;
    const int pitch = tables.channels * tables.components;
    const int lambda_pitch = 3 * tables.components;
    const ptrdiff_t offset = static_cast<ptrdiff_t>(x) * pitch;
    GroupParameters group = {readable(row.mu + offset, left, pitch, scratch_->edge[0]),
                             readable(row.log_sigma + offset, left, pitch, scratch_->edge[1]),
                             readable(row.weight + offset, left, pitch, scratch_->edge[2]),
                             nullptr,
                             pitch,
                             lambda_pitch};
    if (tables.lambda_limit > 0)
        group.lambda = readable(row.lambda + static_cast<ptrdiff_t>(x) * lambda_pitch, left, lambda_pitch,
                                scratch_->edge[3]);
    const int count = std::min(left, kGroupPixels);
    kernels_->prepare(tables, group, count, scratch_->group);
    for (int c = 0; c < tables.coded_channels; ++c)
        for (int p = 0; p < count; ++p)
            scratch_->group.offset[c][p] =
                row.origin ? std::clamp<int>(row.origin[(x + p) * tables.coded_channels + c], -kMaxOrigin,
                                             kMaxOrigin)
                           : 0;
}

template <typename Check>
void MixtureCoder::find_intervals(const RowParameters& row, int pixels, const int16_t* values, Interval* out,
                                  const Check& check) {
    const MixtureTables& tables = scratch_->tables;
    MixtureGroup& group = scratch_->group;
    const int channels = tables.coded_channels;
    alignas(64) uint32_t start[kGroupPixels];
    alignas(64) uint32_t frequency[kGroupPixels];
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        for (int c = 0; c < channels; ++c) {
            for (int p = 0; p < count; ++p) {
                const int value = values[(x + p) * channels + c];
                if (value < tables.low[c] || value > tables.high[c])
                    throw Error(ErrorCode::kInvalidArgument, "a symbol lies outside the alphabet");
                group.value[c][p] = value;
            }
        }
        prepare(row, x, pixels);
        for (int c = 0; c < channels; ++c) {
            kernels_->move_means(tables, c, count, group);
            kernels_->begin_shares(tables, c, count, group);
            kernels_->intervals(tables, c, count, group, start, frequency);
            for (int p = 0; p < count; ++p) *out++ = {start[p], frequency[p]};
            check(c, count, start, frequency);
        }
    }
}

void MixtureCoder::intervals(const RowParameters& row, int pixels, const int16_t* values, Interval* out) {
    find_intervals(row, pixels, values, out, [](int, int, const uint32_t*, const uint32_t*) {});
}

void MixtureCoder::proved_intervals(const RowParameters& row, int pixels, const int16_t* values,
                                    Interval* out) {
    find_intervals(row, pixels, values, out,
                   [this](int c, int count, const uint32_t* start, const uint32_t* frequency) {
                       search_again(c, count, start, frequency);
                   });
}

void MixtureCoder::search_again(int c, int count, const uint32_t* start, const uint32_t* frequency) {
    MixtureGroup& group = scratch_->group;
    alignas(64) uint32_t slot[kGroupPixels] = {}, found_start[kGroupPixels], found_frequency[kGroupPixels];
    int32_t values[kGroupPixels];
    std::copy_n(group.value[c], count, values);
    for (const bool end : {false, true}) {
        for (int p = 0; p < count; ++p) slot[p] = end ? start[p] + frequency[p] - 1 : start[p];
        kernels_->search(scratch_->tables, c, 0, count, slot, group, found_start, found_frequency);
        if (!std::equal(values, values + count, group.value[c]) ||
            !std::equal(start, start + count, found_start) ||
            !std::equal(frequency, frequency + count, found_frequency))
            throw Error(ErrorCode::kInternal, "a symbol's interval does not hold the symbol");
    }
}

// found(x, channel, first, end, slot, start, frequency): symbols first … end − 1 of the group that begins at
// pixel x were read.
template <typename Found>
void MixtureCoder::read_row(RansDecoder& decoder, const RowParameters& row, int pixels, int16_t* values,
                            const Found& found) {
    const MixtureTables& tables = scratch_->tables;
    MixtureGroup& group = scratch_->group;
    const int channels = tables.coded_channels;
    const int lanes = decoder.lanes();
    alignas(64) uint32_t slot[kGroupPixels] = {};
    alignas(64) uint32_t start[kGroupPixels];
    alignas(64) uint32_t frequency[kGroupPixels];
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        prepare(row, x, pixels);
        for (int c = 0; c < channels; ++c) {
            kernels_->move_means(tables, c, count, group);
            kernels_->begin_shares(tables, c, count, group);
            for (int first = 0; first < count; first += lanes) {
                const int end = std::min(first + lanes, count);
                for (int p = first; p < end; ++p) slot[p] = decoder.slot(p - first);
                kernels_->search(tables, c, first, end, slot, group, start, frequency);
                for (int p = first; p < end; ++p) decoder.advance(p - first, {start[p], frequency[p]});
                found(x, c, first, end, slot, start, frequency);
            }
            for (int p = 0; p < count; ++p)
                values[(x + p) * channels + c] = static_cast<int16_t>(group.value[c][p]);
        }
    }
}

void MixtureCoder::decode_row(RansDecoder& decoder, const RowParameters& row, int pixels, int16_t* values,
                              uint32_t* lengths) {
    if (!lengths)
        return read_row(decoder, row, pixels, values,
                        [](int, int, int, int, uint32_t*, uint32_t*, uint32_t*) {});
    const int channels = scratch_->tables.coded_channels;
    read_row(decoder, row, pixels, values,
             [&](int x, int c, int first, int end, uint32_t*, uint32_t*, const uint32_t* frequency) {
                 for (int p = first; p < end; ++p)
                     lengths[(x + p) * channels + c] = code_length_units(frequency[p]);
             });
}

void MixtureCoder::draw_row(RansDecoder& random, const RowParameters& row, int pixels, int16_t* values) {
    read_row(random, row, pixels, values,
             [&](int, int c, int first, int end, uint32_t* slot, uint32_t* start, uint32_t* frequency) {
                 for (;;) {
                     uint32_t again = 0;  // bit p: pixel p
                     for (int p = first; p < end; ++p) {
                         if (slot[p] != start[p]) continue;
                         again |= 1u << p;
                         slot[p] = random.slot(p - first);
                     }
                     if (!again) return;
                     kernels_->search(scratch_->tables, c, first, end, slot, scratch_->group, start,
                                      frequency);
                     for (int p = first; p < end; ++p)
                         if (again >> p & 1) random.advance(p - first, {start[p], frequency[p]});
                 }
             });
}

void MixtureCoder::means(const RowParameters& row, int pixels, int16_t* values) {
    const MixtureTables& tables = scratch_->tables;
    MixtureGroup& group = scratch_->group;
    const int channels = tables.coded_channels;
    for (int x = 0; x < pixels; x += kGroupPixels) {
        const int count = std::min(kGroupPixels, pixels - x);
        prepare(row, x, pixels);
        for (int c = 0; c < channels; ++c) {
            kernels_->move_means(tables, c, count, group);
            kernels_->begin_shares(tables, c, count, group);
            const MixtureComponent* component = group.component + c * tables.components;
            for (int p = 0; p < count; ++p) {
                int64_t sum = 0, weight = 0;
                for (int k = 0; k < tables.components; ++k) {
                    sum += int64_t{component[k].weight[p]} * component[k].mean[p];
                    weight += component[k].weight[p];
                }
                // floor(sum / (64 · weight) + ½); the weights are not all 0.
                const int64_t numerator = sum + 32 * weight, denominator = 64 * weight;
                const int64_t mean = numerator / denominator - (numerator % denominator < 0);
                group.value[c][p] =
                    static_cast<int32_t>(std::clamp<int64_t>(mean, tables.low[c], tables.high[c]));
                values[(x + p) * channels + c] = static_cast<int16_t>(group.value[c][p]);
            }
        }
    }
}

}  // namespace residua::entropy
