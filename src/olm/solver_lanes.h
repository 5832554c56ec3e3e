// Least squares, N systems at once: those of lanes first … first + N − 1. Not a general header: only
// predictor_lanes.h includes it.
#pragma once

#include "olm/lanes.h"
#include "olm/plane_state.h"

namespace residua::olm {

// Entry number i of an array of all lanes.
RESIDUA_INLINE float* entry(float* array, int i) { return array + static_cast<ptrdiff_t>(i) * kLanes; }
RESIDUA_INLINE const float* entry(const float* array, int i) {
    return array + static_cast<ptrdiff_t>(i) * kLanes;
}

// Adds to the block's sums the products of the inputs with each other and with the target, each times the
// sample's share. sums, values: of lane `first`.
template <int N>
void accumulate(float* sums, const float* values, int inputs, Floats<N> share, Floats<N> target) {
    using F = Floats<N>;
    for (int i = 0; i <= inputs; ++i) {
        const F row = share * (i < inputs ? F::load(entry(values, i)) : target);
        const int length = i < inputs ? i + 1 : inputs;
        for (int j = 0; j < length; ++j, sums += kLanes)
            (F::load(sums) + row * F::load(entry(values, j))).store(sums);
    }
}

// The sums of a whole block join the solver's, and the next block's base is made, for all lanes. block: of
// all `block_inputs` inputs. went_on, goes_on: per lane 1 where the block just done, or the next one, has one
// before it in its row, otherwise 0. carry_in: what lane 15 left for lane 0's next block; carry_out: where it
// leaves what it has now; the same place when there is no delay.
template <int N>
void next_block(const SolverState& solver, const float* block, int block_inputs, const float* went_on,
                const float* goes_on, const float* carry_in, float* carry_out) {
    using F = Floats<N>;
    const F down = F::all(solver.down);
    const int products = triangle(solver.inputs);
    for (int i = 0; i < products + solver.inputs; ++i) {
        const float* of_block = entry(block, i < products ? i : triangle(block_inputs) + i - products);
        float *next = entry(solver.next, i), *row = entry(solver.row, i), *above = entry(solver.above, i);
        alignas(64) float below[kLanes + 1];
        for (int l = 0; l < kLanes; l += N) {
            const F done = F::load(of_block + l), keep = F::load(went_on + l) * solver.along;
            // The block before the one just done now knows what followed it; the row below starts from it.
            without_dust((F::load(next + l) + keep * done) * down).store(below + 1 + l);
            const F sums = without_dust(keep * F::load(row + l) + done);
            (F::load(above + l) + sums).store(next + l);
            sums.store(row + l);
        }
        carry_out[i] = below[kLanes];
        below[0] = carry_in[i];
        for (int l = 0; l < kLanes; l += N) {
            const F from_above = F::load(below + l);
            from_above.store(above + l);
            const F keep = F::load(goes_on + l) * solver.along;
            (from_above + keep * F::load(row + l)).store(entry(solver.base, i) + l);
        }
    }
}

// L·D·Lᵀ by rows, with the right side as a last row, gives the weights w of
// (base + block + ridge·I) w = right side + ridge·prior. Each d is at least half the ridge, which it would be
// without rounding. `base`, `block`, `weights` and `scratch` are of lane `first`; weights [input].
template <int N>
void solve(const SolverState& solver, const float* base, const float* block, int block_inputs,
           const float* prior, float* weights, float* scratch) {
    using F = Floats<N>;
    const int n = solver.inputs;
    float* lower = scratch;  // triangle(n + 1): L's rows, then D⁻¹L⁻¹ of the right side
    float* inverse = entry(scratch, triangle(n + 1));  // of D
    float* row = entry(inverse, n);                    // of L·D
    const F floor = F::all(solver.ridge * 0.5F);
    for (int i = 0; i <= n; ++i) {
        const bool right = i == n;
        const float* base_row = entry(base, triangle(i));
        const float* block_row = entry(block, triangle(right ? block_inputs : i));
        float* out = entry(lower, triangle(i));
        const auto sum_of = [&](int j) __attribute__((always_inline)) {
            const F sum = F::load(entry(base_row, j)) + F::load(entry(block_row, j));
            return right ? sum + solver.ridge * prior[j] : sum;
        };
        const auto finish = [&](int j, F value) __attribute__((always_inline)) {
            value.store(entry(row, j));
            (value * F::load(entry(inverse, j))).store(entry(out, j));
        };
        const auto term = [&](F & sum, int j, int k) __attribute__((always_inline)) {
            sum = sum - F::load(entry(row, k)) * F::load(entry(lower, triangle(j) + k));
        };
        int j = 0;
        for (; j + 4 <= i; j += 4) {
            F a = sum_of(j), b = sum_of(j + 1), c = sum_of(j + 2), d = sum_of(j + 3);
            const float *la = entry(lower, triangle(j)), *lb = entry(lower, triangle(j + 1)),
                        *lc = entry(lower, triangle(j + 2)), *ld = entry(lower, triangle(j + 3));
            for (int k = 0; k < j; ++k) {
                const F r = F::load(entry(row, k));
                a = a - r * F::load(entry(la, k));
                b = b - r * F::load(entry(lb, k));
                c = c - r * F::load(entry(lc, k));
                d = d - r * F::load(entry(ld, k));
            }
            finish(j, a);
            term(b, j + 1, j), term(c, j + 2, j), term(d, j + 3, j);
            finish(j + 1, b);
            term(c, j + 2, j + 1), term(d, j + 3, j + 1);
            finish(j + 2, c);
            term(d, j + 3, j + 2);
            finish(j + 3, d);
        }
        for (; j < i; ++j) {
            F a = sum_of(j);
            for (int k = 0; k < j; ++k) term(a, j, k);
            finish(j, a);
        }
        if (right) break;
        F diagonal = sum_of(i) + solver.ridge;
        for (int k = 0; k < i; ++k) diagonal = diagonal - F::load(entry(row, k)) * F::load(entry(out, k));
        (F::all(1) / max(diagonal, floor)).store(entry(inverse, i));
    }
    const float* solution = entry(lower, triangle(n));
    for (int i = n - 1; i >= 0; --i) {
        F sum = F::load(entry(solution, i));
        for (int k = n - 1; k > i; --k)
            sum = sum - F::load(entry(weights, k)) * F::load(entry(lower, triangle(k) + i));
        sum.store(entry(weights, i));
    }
}

}  // namespace residua::olm
