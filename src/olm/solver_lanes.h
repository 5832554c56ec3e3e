// Least squares, kNative systems at once: those of lanes first … first + kNative − 1. Not a general header:
// only predictor_lanes.h includes it.
#pragma once

#include "olm/lanes.h"
#include "olm/plane_state.h"

namespace residua::olm::RESIDUA_SIMD {

// Entry number i of an array of all lanes.
RESIDUA_INLINE float* entry(float* array, int i) { return array + static_cast<ptrdiff_t>(i) * kLanes; }
RESIDUA_INLINE const float* entry(const float* array, int i) {
    return array + static_cast<ptrdiff_t>(i) * kLanes;
}

// Adds to the block's sums, for S samples in turn, the products of the inputs with each other and with the
// target, each times the sample's share. sums, shares and values: of lane `first`; values: of one sample
// after the other, each the inputs and the target.
template <int S>
void accumulate(float* sums, const float* values, int inputs, const float* shares) {
    const auto value = [&](int sample, int i) __attribute__((always_inline)) {
        return F::load(entry(values, sample * kStateValues + i));
    };
    const auto add = [&](float* sum, const F* products, int j) __attribute__((always_inline)) {
        F total = F::load(entry(sum, j));
        for (int s = 0; s < S; ++s) total = total + products[s] * value(s, j);
        total.store(entry(sum, j));
    };
    // Two rows at a time: what is loaded serves twice. The target's row is as long as the one before it.
    for (int i = 0; i <= inputs; i += 2) {
        float *row = entry(sums, triangle(i)), *below = entry(sums, triangle(i + 1));
        F products[S], products_below[S];
        for (int s = 0; s < S; ++s) products[s] = F::load(entry(shares, s)) * value(s, i);
        if (i == inputs) {
            for (int j = 0; j < inputs; ++j) add(row, products, j);
            break;
        }
        for (int s = 0; s < S; ++s) products_below[s] = F::load(entry(shares, s)) * value(s, i + 1);
        for (int j = 0; j <= i; ++j) {
            add(row, products, j);
            add(below, products_below, j);
        }
        if (i + 1 < inputs) add(below, products_below, i + 1);
    }
}

// The sums of a whole block join the solver's, and the next block's base is made. block: of all `block_inputs`
// inputs. went_on, goes_on: per lane 1 where the block just done, or the next one, has one before it in its row,
// otherwise 0. carry_in: what lane 15 left for lane 0's next block; carry_out: where it leaves what it has now;
// the same place when there is no delay.
struct BlockEnd {
    const float* block;
    int block_inputs;
    const float *went_on, *goes_on;
    const float* carry_in;
    float* carry_out;
};

// For kVectors vectors of lanes from `first` on.
template <int kVectors>
void next_block(SolverState& solver, const BlockEnd& end, int first) {
    const bool has_last = first + kVectors * kNative == kLanes;
    F kept[kVectors], keeps[kVectors];
    for (int v = 0; v < kVectors; ++v) {
        kept[v] = F::load(end.went_on + first + v * kNative) * solver.along;
        keeps[v] = F::load(end.goes_on + first + v * kNative) * solver.along;
    }
    float* next_above = solver.above[++solver.blocks % 2];  // still that of the block before
    const int products = triangle(solver.inputs);
    for (int i = 0; i < products + solver.inputs; ++i) {
        const float* of_block =
            entry(end.block, i < products ? i : triangle(end.block_inputs) + i - products) + first;
        float *row = entry(solver.row, i) + first, *above = entry(next_above, i) + first;
        F sums[kVectors], below[kVectors];
        for (int v = 0; v < kVectors; ++v) {
            const int l = v * kNative;
            const F done = F::load(of_block + l);
            const F before = F::load(row + l);
            // The block before the one just done now knows what followed it; the row below starts from it.
            below[v] = without_dust((F::load(above + l) + before + kept[v] * done) * solver.down);
            sums[v] = without_dust(kept[v] * before + done);
            sums[v].store(row + l);
        }
        if (has_last) end.carry_out[i] = last_lane(below[kVectors - 1]);
        F lane_above = F::all(first == 0 ? end.carry_in[i] : 0.0F);
        for (int v = 0; v < kVectors; ++v) {
            const F from_above = moved_on(lane_above, below[v]);
            lane_above = below[v];
            from_above.store(above + v * kNative);
            (from_above + keeps[v] * sums[v]).store(entry(solver.base, i) + first + v * kNative);
        }
    }
}

// For as few vectors, a half, a quarter … of all, as hold these lanes.
template <int kVectors = kLanes / kNative>
void next_block_of(uint32_t lanes, SolverState& solver, const BlockEnd& end) {
    if constexpr (kVectors > 1)
        if (vectors_of(lanes).count <= kVectors / 2) return next_block_of<kVectors / 2>(lanes, solver, end);
    const int first = vectors_of(lanes).first, last_first = kLanes - kVectors * kNative;
    next_block<kVectors>(solver, end, first < last_first ? first : last_first);
}

// L·D·Lᵀ, with the right side as a last row, gives the weights w of
// (base + block + ridge·I) w = right side + ridge·prior. Several rows and columns are worked on at once, so
// that what is loaded serves them all; each entry sees the operations of a loop over rows, in their order.
class Solve {
  public:
    // All arrays are of lane `first`; scratch: solve_entries(solver.inputs) of them.
    RESIDUA_INLINE Solve(const SolverState& solver, const float* base, const float* block, int block_inputs,
                         const float* prior, float* scratch)
        : n_(solver.inputs),
          ridge_(solver.ridge),
          grain_(solver.grain),
          base_(base),
          block_(block),
          right_(entry(block, triangle(block_inputs))),
          prior_(prior),
          lower_(scratch),
          inverse_(entry(scratch, triangle(n_ + 1))),
          product_(entry(inverse_, n_)) {}

    // weights [input]
    RESIDUA_INLINE void run(float* weights) {
        int i = 0;
        for (; i + kRows <= n_; i += kRows) rows<kRows>(i);
        if (kRows > 4 && i + 4 <= n_) rows<4>(i), i += 4;
        if (i + 2 <= n_) rows<2>(i), i += 2;
        if (i < n_) rows<1>(i);
        columns<1>(n_);
        substitute(weights);
    }

  private:
    static constexpr int kRows = kRegisters < 32 ? 2 : kSolveRows;  // as registers allow

    RESIDUA_INLINE float* lower(int i, int j) {
        return entry(lower_, triangle(i) + j);
    }  // of L; D⁻¹L⁻¹ of the right side
    RESIDUA_INLINE float* product(int row, int j) {
        return entry(product_, row * n_ + j);
    }  // L·D of the rows worked on

    RESIDUA_INLINE F sum(int i, int j) const {
        const F base = F::load(entry(base_, triangle(i) + j));
        if (i == n_) return base + F::load(entry(right_, j)) + ridge_ * prior_[j];
        return base + F::load(entry(block_, triangle(i) + j));
    }

    RESIDUA_INLINE void finish(int i, int row, int j, F value) {
        value.store(product(row, j));
        (value * F::load(entry(inverse_, j))).store(lower(i + row, j));
    }

    // R rows from the i-th.
    template <int R>
    RESIDUA_INLINE void rows(int i) {
        columns<R>(i);
        diagonal<R>(i);
    }

    // All columns before the diagonal's.
    template <int R>
    RESIDUA_INLINE void columns(int i) {
        int j = 0;
        for (; j + 4 <= i; j += 4) part<R, 4>(i, j);
        if (j + 2 <= i) part<R, 2>(i, j), j += 2;
        if (j < i) part<R, 1>(i, j);
    }

    // And C columns from the j-th.
    template <int R, int C>
    RESIDUA_INLINE void part(int i, int j) {
        F sums[R][C];
        RESIDUA_UNROLL
        for (int r = 0; r < R; ++r) RESIDUA_UNROLL
        for (int c = 0; c < C; ++c) sums[r][c] = sum(i + r, j + c);
        for (int k = 0; k < j; ++k) {
            F right[C];
            RESIDUA_UNROLL
            for (int c = 0; c < C; ++c) right[c] = F::load(lower(j + c, k));
            RESIDUA_UNROLL
            for (int r = 0; r < R; ++r) {
                const F left = F::load(product(r, k));
                RESIDUA_UNROLL
                for (int c = 0; c < C; ++c) sums[r][c] = sums[r][c] - left * right[c];
            }
        }
        RESIDUA_UNROLL
        for (int c = 0; c < C; ++c) RESIDUA_UNROLL
        for (int r = 0; r < R; ++r) {
            finish(i, r, j + c, sums[r][c]);
            RESIDUA_UNROLL
            for (int later = c + 1; later < C; ++later)
                sums[r][later] = sums[r][later] - sums[r][c] * F::load(lower(j + later, j + c));
        }
    }

    // The rows' own columns.
    template <int R>
    RESIDUA_INLINE void diagonal(int i) {
        F sums[R][R];
        RESIDUA_UNROLL
        for (int r = 0; r < R; ++r) {
            RESIDUA_UNROLL
            for (int c = 0; c < r; ++c) sums[r][c] = sum(i + r, i + c);
            sums[r][r] = sum(i + r, i + r) * grain_ + ridge_;
        }
        for (int k = 0; k < i; ++k) {
            F right[R];
            RESIDUA_UNROLL
            for (int c = 0; c < R; ++c) right[c] = F::load(lower(i + c, k));
            RESIDUA_UNROLL
            for (int r = 0; r < R; ++r) {
                const F left = F::load(product(r, k));
                RESIDUA_UNROLL
                for (int c = 0; c <= r; ++c) sums[r][c] = sums[r][c] - left * right[c];
            }
        }
        const F floor = F::all(ridge_ * 0.5F);  // what each d is without rounding
        RESIDUA_UNROLL
        for (int c = 0; c < R; ++c) {
            (F::all(1) / max(sums[c][c], floor)).store(entry(inverse_, i + c));
            RESIDUA_UNROLL
            for (int r = c + 1; r < R; ++r) {
                finish(i, r, i + c, sums[r][c]);
                RESIDUA_UNROLL
                for (int later = c + 1; later <= r; ++later)
                    sums[r][later] = sums[r][later] - sums[r][c] * F::load(lower(i + later, i + c));
            }
        }
    }

    // Lᵀ w = the last row, from the last weight to the first, four at a time.
    RESIDUA_INLINE void substitute(float* weights) {
        int i = n_;
        for (; i >= 4; i -= 4) substitute<4>(weights, i - 4);
        for (; i > 0; --i) substitute<1>(weights, i - 1);
    }
    template <int C>
    RESIDUA_INLINE void substitute(float* weights, int i) {
        F sums[C];
        RESIDUA_UNROLL
        for (int c = 0; c < C; ++c) sums[c] = F::load(lower(n_, i + c));
        for (int k = n_ - 1; k >= i + C; --k) {
            const F weight = F::load(entry(weights, k));
            RESIDUA_UNROLL
            for (int c = 0; c < C; ++c) sums[c] = sums[c] - weight * F::load(lower(k, i + c));
        }
        RESIDUA_UNROLL
        for (int c = C - 1; c >= 0; --c) {
            sums[c].store(entry(weights, i + c));
            RESIDUA_UNROLL
            for (int other = 0; other < c; ++other)
                sums[other] = sums[other] - sums[c] * F::load(lower(i + c, i + other));
        }
    }

    const int n_;
    const float ridge_, grain_;
    const float *base_, *block_, *right_, *prior_;
    float *lower_, *inverse_, *product_;  // inverse: of D
};

}  // namespace residua::olm::RESIDUA_SIMD
