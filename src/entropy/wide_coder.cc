#include "entropy/wide_coder.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "entropy/code_length.h"

namespace residua::entropy {

namespace {

// A number below 2^bits, all of which are equally likely; bits ≤ 16.
Interval interval_of(uint32_t number, int bits) {
    return {number << (kProbabilityBits - bits), kProbabilityOne >> bits};
}

int bits_for(int32_t numbers) { return std::bit_width(static_cast<uint32_t>(numbers - 1)); }

}  // namespace

WideCoder::WideCoder(const DistributionTables& tables, Isa isa)
    : kernels_(&mixture_kernels(isa)), scratch_(std::make_unique<Scratch>()) {
    unpack(tables, {}, 1, scratch_->tables);
}

void WideCoder::prepare(const RowParameters& row, const WideSamples& samples) {
    MixtureGroup& group = scratch_->group;
    for (int i = 0; i < kGroupPixels; ++i) {
        group.low[i] = group.high[i] = group.offset[0][i] = 0;
        if (i >= samples.count) continue;
        const auto at = static_cast<size_t>(i);
        group.low[i] = std::max((0 - samples.base[at]) >> samples.shift[at], -kWideReach);
        group.high[i] = std::min((samples.levels - 1 - samples.base[at]) >> samples.shift[at], kWideReach);
        group.offset[0][i] = row.origin[i];
    }
    const MixtureTables& tables = scratch_->tables;
    const int pitch = tables.channels * tables.components;
    kernels_->prepare(tables, {row.mu, row.log_sigma, row.weight, nullptr, pitch, 0}, samples.count, group);
    kernels_->move_means(tables, 0, samples.count, group);
    kernels_->begin_shares_each(tables, 0, samples.count, group);
}

WideCoder::Rest WideCoder::rest_of(const WideSamples& samples, int i, int symbol) const {
    const auto at = static_cast<size_t>(i);
    const int shift = samples.shift[at];
    const int32_t first = samples.base[at] + symbol * (1 << shift);
    if (symbol == -kWideReach) return {bits_for(first + (1 << shift)), first + (1 << shift) - 1, -1};
    if (symbol == kWideReach) return {bits_for(samples.levels - first), first, 1};
    return {shift, first, 1};
}

void WideCoder::encode(const RowParameters& row, const WideSamples& samples, const int32_t* values,
                       bool prove, SymbolList& list) {
    prepare(row, samples);
    MixtureGroup& group = scratch_->group;
    const MixtureTables& tables = scratch_->tables;
    alignas(64) uint32_t start[kGroupPixels], frequency[kGroupPixels];
    alignas(64) int32_t symbols[kGroupPixels] = {};
    for (int i = 0; i < samples.count; ++i) {
        const auto at = static_cast<size_t>(i);
        if (values[i] < 0 || values[i] >= samples.levels)
            throw Error(ErrorCode::kInvalidArgument, "a sample lies outside its range");
        symbols[i] = std::clamp((values[i] - samples.base[at]) >> samples.shift[at], -kWideReach, kWideReach);
    }
    std::copy_n(symbols, kGroupPixels, group.value[0]);
    kernels_->intervals_each(tables, 0, samples.count, group, start, frequency);
    Interval* intervals = list.add_group(samples.count);
    for (int i = 0; i < samples.count; ++i) intervals[i] = {start[i], frequency[i]};
    for (int i = 0; i < samples.count; ++i) {
        const Rest rest = rest_of(samples, i, symbols[i]);
        if (rest.bits == 0) continue;
        const auto number = static_cast<uint32_t>((values[i] - rest.first) * rest.direction);
        list.add(interval_of(number, rest.bits), i);
    }
    for (int end = 0; prove && end < 2; ++end) {
        alignas(64) uint32_t slot[kGroupPixels] = {}, found_start[kGroupPixels], found[kGroupPixels];
        for (int i = 0; i < samples.count; ++i) slot[i] = end ? start[i] + frequency[i] - 1 : start[i];
        kernels_->search_each(tables, 0, 0, samples.count, slot, group, found_start, found);
        if (!std::equal(symbols, symbols + samples.count, group.value[0]) ||
            !std::equal(start, start + samples.count, found_start) ||
            !std::equal(frequency, frequency + samples.count, found))
            throw Error(ErrorCode::kInternal, "a symbol's interval does not hold the symbol");
    }
}

void WideCoder::decode(RansDecoder& decoder, const RowParameters& row, const WideSamples& samples,
                       int32_t* values, uint32_t* lengths) {
    prepare(row, samples);
    MixtureGroup& group = scratch_->group;
    const int lanes = decoder.lanes();
    alignas(64) uint32_t slot[kGroupPixels] = {}, start[kGroupPixels], frequency[kGroupPixels];
    for (int first = 0; first < samples.count; first += lanes) {
        const int end = std::min(first + lanes, samples.count);
        for (int p = first; p < end; ++p) slot[p] = decoder.slot(p - first);
        kernels_->search_each(scratch_->tables, 0, first, end, slot, group, start, frequency);
        for (int p = first; p < end; ++p) decoder.advance(p - first, {start[p], frequency[p]});
        // The kernels write beyond the range that they are given.
        for (int p = first; lengths && p < end; ++p) lengths[p] = code_length_units(frequency[p]);
    }
    for (int i = 0; i < samples.count; ++i) {
        const Rest rest = rest_of(samples, i, group.value[0][i]);
        if (lengths) lengths[i] += static_cast<uint32_t>(rest.bits) << kBitUnitsLog2;
        uint32_t number = 0;
        if (rest.bits > 0) {
            const int lane = i & (lanes - 1);
            number = decoder.slot(lane) >> (kProbabilityBits - rest.bits);
            decoder.advance(lane, interval_of(number, rest.bits));
        }
        values[i] = rest.first + rest.direction * static_cast<int32_t>(number);
        if (values[i] < 0 || values[i] >= samples.levels)
            throw Error(ErrorCode::kCorrupt, "the file is damaged: a sample leaves its range");
    }
}

}  // namespace residua::entropy
