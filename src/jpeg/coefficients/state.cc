#include "jpeg/coefficients/state.h"

#include <algorithm>

#include "base/error.h"
#include "dct/logistic.h"
#include "jpeg/coefficients/start_weights.h"
#include "jpeg/coefficients/weighted_sums.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {

static_assert(kMaxLogit == dct::kMaxLogit);

const Tables& tables() {
    static const Tables made = [] {
        Tables t;
        for (int i = -kMaxLogit; i <= kMaxLogit; ++i)
            t.squash[i + kMaxLogit] = static_cast<uint16_t>(dct::squash(i));
        for (uint32_t p = 0; p < 4096; ++p) t.stretch[p] = dct::stretch(p);
        for (int n = 0; n < 1024; ++n) t.slot_rate[n] = 131072 / (2 * n + 3);
        for (int n = 0; n < 256; ++n) t.weight_rate[n] = kLowRate + kHighRate / (n + 4);
        return t;
    }();
    return made;
}

ComponentPlan plan_of(const ComponentShape& shape, int component) {
    ComponentPlan plan;
    plan.prior = &kWeightedSums[class_of(component)];
    for (size_t i = 0; i < 64; ++i) {
        plan.step[i] = std::max<int32_t>(shape.steps[i], 1);
        plan.sixteenth[i] = (1 << 24) / plan.step[i];
    }
    plan.sixteenth[0] = 0;  // nothing is expected of the DC
    return plan;
}

// How much of what a kind of decisions has.
struct State::Shape {
    int contexts, votes;
    bool rich;
    size_t slots;
    size_t sets[kMostVotes];
    size_t finals;
    size_t maps[2];
    // The weights that sets begin with, 2^-10, by class of node; the class is the set's number & mask, at most the
    // last.
    const int16_t* weights;
    size_t mask, classes;
};

template <class T>
T* State::take(size_t count) {
    // Aligned, so that the slots of one context's nodes lie in one line of the cache.
    constexpr size_t kLine = 64;
    void* p = std::calloc(count * sizeof(T) + kLine, 1);
    if (p == nullptr)
        throw Error(ErrorCode::kOutOfMemory, "there is not enough memory for a JPEG file's coder");
    memory_.emplace_back(p);
    size_t space = count * sizeof(T) + kLine;
    return static_cast<T*>(std::align(kLine, count * sizeof(T), p, space));
}

void State::make(Bank& bank, const Shape& shape) {
    bank.slots = take<int32_t>(shape.slots);
    const auto inputs = static_cast<size_t>((shape.rich ? 2 : 1) * shape.contexts), size = inputs + 8;
    for (size_t k = 0; k < static_cast<size_t>(shape.votes); ++k) {
        bank.weights[k] = take<int32_t>(shape.sets[k] * size);
        for (size_t set = 0; set < shape.sets[k]; ++set) {
            const int16_t* const from =
                shape.weights + std::min(set & shape.mask, shape.classes - 1) * inputs;
            for (size_t i = 0; i < inputs; ++i)
                bank.weights[k][set * size + i] = int32_t{from[i]} * (1 << (16 + kWeightBits - 10));
        }
    }
    const size_t finals = shape.finals * static_cast<size_t>(shape.votes);
    bank.finals = take<int32_t>(finals);
    std::fill_n(bank.finals, finals, 65536 / shape.votes);
    for (size_t m = 0; m < 2; ++m) {
        bank.maps[m] = take<uint16_t>(kMapPoints * shape.maps[m]);
        for (size_t i = 0; i < kMapPoints * shape.maps[m]; ++i)
            bank.maps[m][i] = static_cast<uint16_t>(dct::squash(
                std::clamp(static_cast<int>(i % kMapPoints) * 128 - 2048, -kMaxLogit, kMaxLogit)));
    }
}

void State::fill_model(Model& model, int effort, int model_class) {
    const auto c = static_cast<size_t>(model_class);
    const bool rich = kRich[effort];
    const int16_t* const coefficient[kEfforts] = {&start::kFast[c][0][0], &start::kDefault[c][0][0],
                                                  &start::kDense[c][0][0]};
    make(model.coefficient, {kContexts[effort],
                             kVotes[effort],
                             rich,
                             kCoefficientBase[kContexts[effort]],
                             {64 * 8, 48 * 8, 17 * 8, 32 * 8, 256 * 8, 256 * 8},
                             64 * 8,
                             {32 * 8, 128 * 8},
                             coefficient[effort],
                             7,
                             8});
    make(model.sign, {8,
                      rich ? 2 : 1,
                      rich,
                      kSignBase[8],
                      {64, 32},
                      64,
                      {32 * 64, 64},
                      rich ? &start::kSign[c][0][0] : &start::kFastSign[c][0][0],
                      0,
                      1});
    make(model.digit, {8,
                       rich ? 2 : 1,
                       rich,
                       kDigitBase[9],
                       {512, 64},
                       512,
                       {32 * 32, 512},
                       rich ? &start::kDigit[c][0][0] : &start::kFastDigit[c][0][0],
                       0,
                       1});
    make(model.count, {8,
                       rich ? 3 : 1,
                       rich,
                       kCountBase[8],
                       {64, 64 * 6, 64 * 6},
                       64,
                       {64, 64 * 6},
                       rich ? &start::kCount[c][0][0] : &start::kFastCount[c][0][0],
                       0,
                       1});
}

State State::of_ac(int components, Effort effort) {
    State state;
    for (int k = 0; k < components; ++k)
        if (state.model(k).coefficient.slots == nullptr)
            state.fill_model(state.model(k), static_cast<int>(effort), class_of(k));
    return state;
}

State State::of_dc(int components) {
    State state;
    for (int k = 0; k < components; ++k) {
        Bank& bank = state.model(k).dc;
        if (bank.slots != nullptr) continue;
        const auto c = static_cast<size_t>(class_of(k));
        state.make(
            bank,
            {8, 2, true, kDcBase[8], {64, 32 * 64}, 64, {32 * 64, 32 * 64}, &start::kDc[c][0][0], 63, 3});
    }
    return state;
}

void check_places(const Layout& layout, size_t dc, size_t coefficients) {
    if (dc != layout.components().size() || coefficients != dc)
        throw Error(ErrorCode::kInvalidArgument, "each component of JPEG coefficients needs its place");
}

RowMemory* State::rows(size_t columns) { return take<RowMemory>(columns + 2); }
int16_t* State::errors(size_t columns) { return take<int16_t>(columns + 2); }

}  // namespace residua::jpeg
