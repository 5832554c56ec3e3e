#include "jpeg/coefficients/light_state.h"

#include <algorithm>
#include <bit>

#include "jpeg/coefficients/light_start.h"
#include "jpeg/coefficients/state.h"
#include "jpeg/coefficients/weighted_sums.h"

namespace residua::jpeg {

namespace {

constexpr uint16_t kMetBefore = 7;  // of signs that begin with a share that was learned

// A weight of dequantised coefficients, 2^-12, as one of quantised ones: times from / to.
struct Scaled {
    int64_t to_inverse;  // 2^24 / step

    int16_t operator()(int64_t weight, int64_t from, int shift) const {
        return static_cast<int16_t>(
            std::clamp<int64_t>((weight * from * to_inverse) >> shift, -32767, 32767));
    }
};

int step(const ComponentShape& shape, size_t p) { return std::max<int>(shape.steps[p], 1); }

void start(SymbolSlot& slot, const int16_t* sums) {
    std::copy_n(sums, kSymbols - 1, slot.sums);
    slot.sums[kSymbols - 1] = 32767;
}

template <int N>
void start_evenly(SlotBank<N>& bank) {
    for (SymbolSlot& slot : bank.slot)
        for (int i = 0; i < kSymbols; ++i) slot.sums[i] = static_cast<int16_t>(2048 * (i + 1) - 1);
}

std::unique_ptr<LightAcModel> ac_model(int of) {
    auto model = std::make_unique<LightAcModel>();
    for (size_t i = 0; i < kExpectedLevels * kFills; ++i)
        start(model->expected.slot[i], light_start::kExpected[of][i]);
    for (size_t z = 1; z < 64; ++z)
        for (size_t r = 0; r < kRemainingLevels; ++r)
            start(model->place.slot[z * kRemainingLevels + r],
                  light_start::kPlace[of][static_cast<size_t>(std::bit_width(z) - 1)][r]);
    for (size_t i = 0; i < kCountContexts; ++i) {
        start(model->count_around.slot[i], light_start::kCountAround[of][i]);
        start(model->count_expected.slot[i], light_start::kCountExpected[of][i]);
    }
    start_evenly(model->escape);
    for (size_t i = 0; i < std::size(model->sign); ++i)
        model->sign[i] = {light_start::kSign[of][i % kGuessLevels], kMetBefore};
    return model;
}

std::unique_ptr<LightDcModel> dc_model(int of) {
    auto model = std::make_unique<LightDcModel>();
    for (size_t i = 0; i < kDcContexts; ++i) {
        start(model->busy.slot[i], light_start::kBusy[of][i]);
        start(model->missed.slot[i], light_start::kMissed[of][i]);
    }
    start_evenly(model->escape);
    return model;
}

}  // namespace

LightPlan light_plan(const std::vector<ComponentShape>& components, int component) {
    const ComponentShape& own = components[static_cast<size_t>(component)];
    const ComponentShape& luma = components[0];
    const ComponentShape& previous = components[static_cast<size_t>(std::max(component - 1, 0))];
    const Prior& prior = kWeightedSums[class_of(component)];
    LightPlan plan{};
    const int down = std::max(1, luma.down / own.down), across = std::max(1, luma.across / own.across);
    plan.luma_factor = 1024 / (down * across);
    // The frequency of a block that belongs to frequency f of a block of another component.
    const auto frequency = [](size_t f, int other, int of_own) {
        if (other >= of_own) {
            const auto ratio = static_cast<size_t>(other / of_own);
            return (f + ratio - 1) / ratio;
        }
        return std::min<size_t>(f * static_cast<size_t>(of_own) / static_cast<size_t>(other), 7);
    };
    for (size_t q = 1; q < 64; ++q) {
        const size_t to = kZigzag[q];
        const Scaled scaled{(1 << 24) / step(own, to)};
        for (size_t j = 1; j < 64; ++j) {
            const size_t from = kZigzag[j];
            const int64_t s = step(own, from);
            if (q < kGuessed) {
                plan.left[j][q] = scaled(prior.left[from][to], s, 24);
                plan.above[j][q] = scaled(prior.above[from][to], s, 24);
                plan.own[j][q] = scaled(prior.own[from][to], s, 24);
            }
            plan.around_size[j][q] = static_cast<int16_t>(scaled(prior.around_size[from][to], s, 22) / 3);
            plan.own_size[j][q] = scaled(prior.own_size[from][to], s, 24);
        }
        for (size_t i = 0; i < 8 && q < kGuessed; ++i)
            plan.dc[i][q] = scaled(prior.dc[i][to], step(own, 0), 22);
        if (component == 0) continue;
        // Several frequencies may have one of luma's in common.
        int64_t of_luma[64] = {};
        for (size_t p = 1; p < 64; ++p) {
            of_luma[8 * frequency(p / 8, luma.down, own.down) + frequency(p % 8, luma.across, own.across)] +=
                prior.luma_size[p][to];
            plan.previous_size[p][q] = scaled(prior.previous_size[p][to], step(previous, p), 24);
        }
        for (size_t p = 1; p < 64; ++p) plan.luma_size[p][q] = scaled(of_luma[p], step(luma, p), 24);
    }
    return plan;
}

template <class Coefficient>
LightWork<Coefficient> LightState::ac_work(const Layout& layout, int band, std::span<const int16_t* const> dc,
                                           std::span<Coefficient* const> coefficients) {
    LightWork<Coefficient> work{};
    work.components = static_cast<int>(layout.components().size());
    for (int k = 0; k < work.components; ++k) {
        const auto at = static_cast<size_t>(k);
        const ComponentShape& shape = layout.components()[at];
        const RowRange rows = layout.ac_rows(band, k);
        auto& own = work.component[k];
        own.columns = shape.columns;
        own.rows = rows.count();
        own.first_row = rows.first;
        own.all_rows = shape.rows;
        own.across = shape.across;
        own.down = shape.down;
        if (shape.columns == 0 || rows.count() == 0) continue;
        own.dc = dc[at] + ptrdiff_t{rows.first} * shape.columns;
        own.coefficients = coefficients[at];
        own.plan = plans_.emplace_back(std::make_unique<LightPlan>(light_plan(layout.components(), k))).get();
        auto& model = ac_[model_of(k)];
        if (!model) model = ac_model(class_of(k));
        own.model = model.get();
        own.blocks = blocks_.emplace_back(2 * (static_cast<size_t>(shape.columns) + 2)).data();
    }
    return work;
}

template <class Dc>
DcWork<Dc> LightState::dc_work(const Layout& layout, int band, std::span<Dc* const> dc) {
    DcWork<Dc> work{};
    work.components = static_cast<int>(layout.components().size());
    for (int k = 0; k < work.components; ++k) {
        const auto at = static_cast<size_t>(k);
        const ComponentShape& shape = layout.components()[at];
        const RowRange rows = layout.dc_rows(band, k);
        auto& model = dc_[model_of(k)];
        if (!model) model = dc_model(class_of(k));
        auto& errors = errors_.emplace_back(static_cast<size_t>(shape.columns) + 2);
        work.component[k] = {shape.columns, rows.count(), shape.across, shape.down,
                             dc[at],        nullptr,      model.get(),  errors.data()};
        if (shape.columns > 0 && rows.count() > 0)
            work.component[k].dc += ptrdiff_t{rows.first} * shape.columns;
    }
    return work;
}

template LightWork<int16_t> LightState::ac_work(const Layout&, int, std::span<const int16_t* const>,
                                                std::span<int16_t* const>);
template LightWork<const int16_t> LightState::ac_work(const Layout&, int, std::span<const int16_t* const>,
                                                      std::span<const int16_t* const>);
template DcWork<int16_t> LightState::dc_work(const Layout&, int, std::span<int16_t* const>);
template DcWork<const int16_t> LightState::dc_work(const Layout&, int, std::span<const int16_t* const>);

}  // namespace residua::jpeg
