#pragma once
#include <span>
#include "dct/coefficient_model.h"
namespace residua::dct {
template <class Bits, class C>
void code_picture(Bits& bits, std::span<const C> comps) {
    std::vector<std::vector<int>> errors(comps.size());
    for (size_t k = 0; k < comps.size(); ++k) {
        const C& comp = comps[k];
        auto model = std::make_unique<CoefficientModel<Bits>>(static_cast<int>(k));
        std::vector<BlockInfo> above(static_cast<size_t>(comp.columns) + 2), now(static_cast<size_t>(comp.columns) + 2);
        errors[k].assign(static_cast<size_t>(comp.columns) * comp.rows, 0);
        for (int r = 0; r < comp.rows; ++r) {
            for (int x = 0; x < comp.columns; ++x) {
                const size_t i = static_cast<size_t>(x) + 1;
                typename CoefficientModel<Bits>::Side side;
                const size_t at = static_cast<size_t>(r) * comp.columns + x;
                if (k > 0) {
                    const C& y = comps[0];
                    const int fx = y.columns > comp.columns ? 2 : 1, fy = y.rows > comp.rows ? 2 : 1;
                    int sum_error = 0;
                    for (int dy = 0; dy < fy; ++dy)
                        for (int dx = 0; dx < fx; ++dx) {
                            const int yr = std::min(r * fy + dy, y.rows - 1), yx = std::min(x * fx + dx, y.columns - 1);
                            const size_t ya = static_cast<size_t>(yr) * y.columns + yx;
                            const int16_t* yc = y.coefficients + 64 * ya;
                            sum_error += errors[0][ya];
                            for (int v = 0; v < 8; ++v)
                                for (int u = 0; u < 8; ++u) {
                                    // frequency u of chroma over fx blocks
                                    const int sv = fy == 2 ? v / 2 : v, su = fx == 2 ? u / 2 : u;
                                    const int t = yc[8 * sv + su];
                                    const size_t p = static_cast<size_t>(8 * v + u);
                                    side.luma[p] = static_cast<uint16_t>(side.luma[p] + std::abs(t) * (4 / (fx * fy)));
                                    if (fx * fy == 1) side.luma_value[p] = static_cast<int16_t>(t);
                                }
                        }
                    side.luma_error = sum_error;
                    if (k == 2) {
                        side.cb = comps[1].coefficients + 64 * at;
                        side.cb_error = errors[1][at];
                    }
                }
                model->block(bits, comp.coefficients + 64 * at, comp.steps, now[i], now[i - 1], above[i], above[i - 1], above[i + 1], side);
                errors[k][at] = now[i].dc_error;
            }
            std::swap(above, now);
            now.front() = BlockInfo{};
        }
    }
}
}  // namespace residua::dct
