#include "entropy/wide_coder.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include "base/error.h"
#include "entropy/code_length.h"

namespace residua::entropy {

namespace {

// A number below 2^bits, all of which are equally likely; bits ≤ 16.
Interval equal_interval(uint32_t number, int bits) {
    return {number << (kProbabilityBits - bits), kProbabilityOne >> bits};
}

// A guess that nothing but the mixture speaks for is asked for where that gives it so much.
constexpr uint32_t kLeastUnsure = 1 << 16;
// Of shares: octaves of them, and of what is left of 2^20.
constexpr int kLevels = 22;
int level_of(uint32_t share) {
    if (share < kProbabilityOne / 2) return std::clamp<int>(std::bit_width(share) - 8, 0, 11);
    return 12 + std::clamp<int>(kProbabilityBits - std::bit_width(kProbabilityOne - share), 0, 9);
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

int WideCoder::symbol_of(const WideSamples& samples, int i, int32_t value) const {
    const auto at = static_cast<size_t>(i);
    return std::clamp((value - samples.base[at]) >> samples.shift[at], -kWideReach, kWideReach);
}

void WideCoder::ask(const WideSamples& samples, const Guesses& guesses, Questions& questions) {
    if (decisions_.empty()) decisions_.resize(size_t{kGuessContexts} * kLevels);
    MixtureGroup& group = scratch_->group;
    alignas(64) uint32_t start[kGroupPixels], frequency[kGroupPixels];
    std::fill_n(group.value[0], kGroupPixels, 0);
    for (int i = 0; i < samples.count; ++i)
        if (guesses.value[static_cast<size_t>(i)] >= 0)
            group.value[0][i] = symbol_of(samples, i, guesses.value[static_cast<size_t>(i)]);
    kernels_->intervals_each(scratch_->tables, 0, samples.count, group, start, frequency);
    for (int i = 0; i < samples.count; ++i) {
        const auto at = static_cast<size_t>(i);
        Question& question = questions[at];
        question = {};
        if (guesses.value[at] < 0) continue;
        const uint32_t first = std::max(frequency[i] >> samples.shift[at], 1U);
        if (guesses.kind[at] != Guesses::Kind::kSeen && first < kLeastUnsure) continue;
        question.asked = true;
        question.plain = guesses.kind[at] == Guesses::Kind::kCentre;
        question.interval = {start[i], frequency[i]};
        question.decision = &decisions_[static_cast<size_t>(guesses.context[at] * kLevels + level_of(first))];
        question.share = question.decision->share(first);
        if (samples.shift[at] == 0 && std::abs(group.value[0][i]) < kWideReach)
            question.without = Without({start[i], frequency[i]});
    }
}

void WideCoder::take_shares(const WideSamples& samples, const Questions& questions, const uint32_t* start,
                            const uint32_t* frequency) {
    const MixtureGroup& group = scratch_->group;
    shares_.count = samples.count;
    for (int i = 0; i < samples.count; ++i) {
        const auto at = static_cast<size_t>(i);
        const Question& question = questions[at];
        shares_.known[at] = question.plain;
        if (!question.plain) continue;
        const Interval interval = question.answer ? question.interval : Interval{start[i], frequency[i]};
        shares_.share[at] = share_of_line(interval, static_cast<uint32_t>(group.origin[i]),
                                          static_cast<uint32_t>(group.total[i]));
    }
}

void WideCoder::encode(const RowParameters& row, const WideSamples& samples, const Guesses* guesses,
                       const int32_t* values, bool prove, SymbolList& list) {
    prepare(row, samples);
    MixtureGroup& group = scratch_->group;
    const MixtureTables& tables = scratch_->tables;
    alignas(64) uint32_t start[kGroupPixels], frequency[kGroupPixels];
    alignas(64) int32_t symbols[kGroupPixels] = {};
    for (int i = 0; i < samples.count; ++i) {
        if (values[i] < 0 || values[i] >= samples.levels)
            throw Error(ErrorCode::kInvalidArgument, "a sample lies outside its range");
        symbols[i] = symbol_of(samples, i, values[i]);
    }
    Questions questions;
    if (guesses) {
        ask(samples, *guesses, questions);
        for (int i = 0; i < samples.count; ++i) {
            const auto at = static_cast<size_t>(i);
            Question& question = questions[at];
            if (!question.asked) continue;
            question.answer = values[i] == guesses->value[at];
            list.add(interval_of(question.share, question.answer), i);
            question.decision->update(question.answer);
        }
    }
    std::copy_n(symbols, kGroupPixels, group.value[0]);
    kernels_->intervals_each(tables, 0, samples.count, group, start, frequency);
    if (guesses) take_shares(samples, questions, start, frequency);
    for (int i = 0; i < samples.count; ++i) {
        const Question& question = questions[static_cast<size_t>(i)];
        if (!question.answer) list.add(question.without.of({start[i], frequency[i]}), i);
    }
    for (int i = 0; i < samples.count; ++i) {
        const Rest rest = rest_of(samples, i, symbols[i]);
        if (rest.bits == 0 || questions[static_cast<size_t>(i)].answer) continue;
        const auto number = static_cast<uint32_t>((values[i] - rest.first) * rest.direction);
        list.add(equal_interval(number, rest.bits), i);
    }
    for (int end = 0; prove && end < 2; ++end) {
        alignas(64) uint32_t slot[kGroupPixels] = {}, found_start[kGroupPixels], found[kGroupPixels];
        for (int i = 0; i < samples.count; ++i) slot[i] = end ? start[i] + frequency[i] - 1 : start[i];
        kernels_->search_each(tables, 0, 0, samples.count, slot, group, found_start, found);
        if (!std::equal(symbols, symbols + samples.count, group.value[0]) ||
            !std::equal(start, start + samples.count, found_start) ||
            !std::equal(frequency, frequency + samples.count, found))
            throw Error(ErrorCode::kInternal, "a symbol's interval does not hold the symbol");
        for (int i = 0; i < samples.count; ++i) {
            const Question& question = questions[static_cast<size_t>(i)];
            if (question.answer) continue;
            const Interval interval = question.without.of({start[i], frequency[i]});
            const uint32_t of = question.without.slot_of(interval.start + (end ? interval.frequency - 1 : 0));
            if (interval.frequency == 0 || of < start[i] || of >= start[i] + frequency[i])
                throw Error(ErrorCode::kInternal, "a symbol's interval without the guess does not hold it");
        }
    }
}

void WideCoder::decode(RansDecoder& decoder, const RowParameters& row, const WideSamples& samples,
                       const Guesses* guesses, int32_t* values, uint32_t* lengths) {
    prepare(row, samples);
    MixtureGroup& group = scratch_->group;
    const int lanes = decoder.lanes();
    if (lengths) std::fill_n(lengths, samples.count, 0U);
    Questions questions;
    if (guesses) {
        ask(samples, *guesses, questions);
        for (int i = 0; i < samples.count; ++i) {
            Question& question = questions[static_cast<size_t>(i)];
            if (!question.asked) continue;
            const int lane = i & (lanes - 1);
            question.answer = decoder.slot(lane) < question.share;
            const Interval interval = interval_of(question.share, question.answer);
            decoder.advance(lane, interval);
            question.decision->update(question.answer);
            if (lengths) lengths[i] = code_length_units(interval.frequency);
        }
    }
    alignas(64) uint32_t slot[kGroupPixels] = {}, start[kGroupPixels], frequency[kGroupPixels];
    uint32_t starts[kGroupPixels], frequencies[kGroupPixels];  // (the kernels write beyond their range)
    for (int first = 0; first < samples.count; first += lanes) {
        const int end = std::min(first + lanes, samples.count);
        for (int p = first; p < end; ++p) {
            const Question& question = questions[static_cast<size_t>(p)];
            slot[p] = question.answer ? 0 : question.without.slot_of(decoder.slot(p - first));
        }
        kernels_->search_each(scratch_->tables, 0, first, end, slot, group, start, frequency);
        for (int p = first; p < end; ++p) {
            const Question& question = questions[static_cast<size_t>(p)];
            if (question.answer) continue;
            const Interval interval = question.without.of({start[p], frequency[p]});
            decoder.advance(p - first, interval);
            starts[p] = start[p], frequencies[p] = frequency[p];
            if (lengths) lengths[p] += code_length_units(interval.frequency);
        }
    }
    if (guesses) take_shares(samples, questions, starts, frequencies);
    for (int i = 0; i < samples.count; ++i) {
        const auto at = static_cast<size_t>(i);
        if (questions[at].answer) {
            values[i] = guesses->value[at];
            continue;
        }
        const Rest rest = rest_of(samples, i, group.value[0][i]);
        if (lengths) lengths[i] += static_cast<uint32_t>(rest.bits) << kBitUnitsLog2;
        uint32_t number = 0;
        if (rest.bits > 0) {
            const int lane = i & (lanes - 1);
            number = decoder.slot(lane) >> (kProbabilityBits - rest.bits);
            decoder.advance(lane, equal_interval(number, rest.bits));
        }
        values[i] = rest.first + rest.direction * static_cast<int32_t>(number);
        if (values[i] < 0 || values[i] >= samples.levels)
            throw Error(ErrorCode::kCorrupt, "the file is damaged: a sample leaves its range");
    }
}

}  // namespace residua::entropy
