#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
namespace residua::dct::priors {
template <size_t Classes, int Inputs>
constexpr std::array<std::array<int16_t, 2 * Inputs + 1>, Classes> even() {
    std::array<std::array<int16_t, 2 * Inputs + 1>, Classes> w{};
    for (auto& c : w)
        for (size_t i = 0; i < Inputs; ++i) c[2 * i] = 614 / Inputs;
    return w;
}
inline constexpr auto kCoefficient = even<8, 15>();
inline constexpr auto kSign = even<1, 8>();
inline constexpr auto kBit = even<1, 6>();
inline constexpr auto kCount = even<3, 8>();
inline constexpr auto kDc = even<3, 8>();
}  // namespace residua::dct::priors
