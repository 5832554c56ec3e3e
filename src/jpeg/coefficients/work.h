// Makes what the kernels take of what callers give: the same for encoder and decoder.
#pragma once

#include <span>

#include "jpeg/coefficients/layout.h"
#include "jpeg/coefficients/state.h"

namespace residua::jpeg {

void check_places(const Layout& layout, size_t dc, size_t coefficients);

// Coefficient: int16_t for a decoder, const int16_t for an encoder.
template <class Coefficient>
BandWork<Coefficient> ac_work(const Layout& layout, int band, std::span<const int16_t* const> dc,
                              std::span<Coefficient* const> coefficients, State& state) {
    BandWork<Coefficient> work{};
    work.components = static_cast<int>(layout.components().size());
    for (int k = 0; k < work.components; ++k) {
        const auto at = static_cast<size_t>(k);
        const ComponentShape& shape = layout.components()[at];
        const RowRange rows = layout.ac_rows(band, k);
        auto& own = work.component[k];
        own = {shape.columns,
               rows.count(),
               rows.first,
               shape.rows,
               shape.across,
               shape.down,
               dc[at],
               coefficients[at],
               plan_of(shape, k),
               &state.model(k),
               state.rows(static_cast<size_t>(shape.columns))};
        if (shape.columns > 0 && rows.count() > 0) own.dc += ptrdiff_t{rows.first} * shape.columns;
    }
    return work;
}

template <class Dc>
DcWork<Dc> dc_work(const Layout& layout, int band, std::span<Dc* const> dc, State& state) {
    DcWork<Dc> work{};
    work.components = static_cast<int>(layout.components().size());
    for (int k = 0; k < work.components; ++k) {
        const auto at = static_cast<size_t>(k);
        const ComponentShape& shape = layout.components()[at];
        const RowRange rows = layout.dc_rows(band, k);
        auto& own = work.component[k];
        own = {shape.columns, rows.count(),
               shape.across,  shape.down,
               dc[at],        &state.model(k).dc,
               nullptr,       state.errors(static_cast<size_t>(shape.columns))};
        if (shape.columns > 0 && rows.count() > 0) own.dc += ptrdiff_t{rows.first} * shape.columns;
    }
    return work;
}

}  // namespace residua::jpeg
