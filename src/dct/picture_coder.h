// Walks through a picture's components and blocks. Encoder and decoder share it. docs/format-dct.md, 5.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "dct/block_coder.h"
#include "dct/component.h"

namespace residua::dct {

// What Cb and Cr see of the components before them.
template <class AnyComponent>
class SideView {
  public:
    explicit SideView(std::span<const AnyComponent> components) : components_(components) {
        errors_.resize(components.size());
        for (size_t k = 0; k < components.size(); ++k)
            errors_[k].resize(size_t(components[k].columns) * size_t(components[k].rows));
    }

    void keep(size_t component, size_t block, int dc_error) {
        errors_[component][block] = static_cast<int16_t>(dc_error);
    }

    Side at(size_t component, int row, int column) const {
        Side side;
        if (component == 0) return side;
        const AnyComponent& own = components_[component];
        add_luma(side, own, row, column);
        if (component == 2) {
            const size_t block = size_t(row) * size_t(own.columns) + size_t(column);
            side.has_cb = true;
            std::copy_n(components_[1].coefficients + 64 * block, 64, side.cb_value.begin());
            side.cb_error = errors_[1][block];
        }
        return side;
    }

  private:
    // Where luma has twice as many blocks, frequencies are twice as high.
    void add_luma(Side& side, const AnyComponent& own, int row, int column) const {
        const AnyComponent& luma = components_[0];
        if (luma.rows == 0 || luma.columns == 0) return;
        const int down = own.down, across = own.across;
        side.has_luma = true;
        for (int i = 0; i < down; ++i)
            for (int j = 0; j < across; ++j) {
                const auto y = size_t(std::min(row * down + i, luma.rows - 1));
                const auto x = size_t(std::min(column * across + j, luma.columns - 1));
                const size_t block = y * size_t(luma.columns) + x;
                const int16_t* values = luma.coefficients + 64 * block;
                side.luma_error += errors_[0][block];
                for (int p = 0; p < 64; ++p) {
                    const int v = down == 2 ? (p / 8 + 1) / 2 : p / 8,
                              u = across == 2 ? (p % 8 + 1) / 2 : p % 8;
                    const int value = values[8 * v + u];
                    auto& size = side.luma_size[size_t(p)];
                    size = static_cast<uint16_t>(size + std::abs(value) * (4 / (down * across)));
                    if (down * across == 1) side.luma_value[size_t(p)] = static_cast<int16_t>(value);
                }
            }
    }

    std::span<const AnyComponent> components_;
    std::vector<std::vector<int16_t>> errors_;
};

// AnyComponent: Component (the decoder's; coefficients are written) or ConstComponent. end_block(component,
// block): called when all bits of a block are coded.
template <class Bits, class AnyComponent, class EndBlock>
void code_picture(Bits& bits, std::span<const AnyComponent> components, const EndBlock& end_block) {
    SideView<AnyComponent> view(components);
    const auto is_empty = [](const AnyComponent& c) { return c.columns == 0 || c.rows == 0; };
    if (std::ranges::all_of(components, is_empty))
        bits.code(entropy::kProbabilityOne / 2, 0);  // no stream is empty
    for (size_t k = 0; k < components.size(); ++k) {
        const AnyComponent& own = components[k];
        const auto coder = std::make_unique<BlockCoder>();
        // Blocks 1 … columns; those before and behind stay unknown.
        std::vector<Block> now(size_t(own.columns) + 2), above = now, above2 = now;
        const Block none;
        for (int row = 0; row < own.rows; ++row) {
            for (int column = 0; column < own.columns; ++column) {
                const size_t i = size_t(column) + 1;
                const size_t block = size_t(row) * size_t(own.columns) + size_t(column);
                const Side side = view.at(k, row, column);
                const Surroundings near{
                    &now[i - 1], &above[i], &above[i - 1], &above[i + 1], column > 0 ? &now[i - 2] : &none,
                    &above2[i],  &side,     own.steps};
                coder->code(bits, own.coefficients + 64 * block, near, now[i]);
                view.keep(k, block, now[i].dc_error);
                end_block(k, block);
            }
            std::swap(above2, above);
            std::swap(above, now);
        }
    }
}

template <class Bits, class AnyComponent>
void code_picture(Bits& bits, std::span<const AnyComponent> components) {
    code_picture(bits, components, [](size_t, size_t) {});
}

}  // namespace residua::dct
