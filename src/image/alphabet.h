// The symbols that a plane has.
#pragma once

namespace residua {

// Symbols from lowest to highest occur; lowest ≤ 0 ≤ highest.
struct Alphabet {
    int lowest = 0;
    int highest = 0;
    bool operator==(const Alphabet&) const = default;
};
// Symbols of samples of 8 bits: sample − 128.
constexpr Alphabet kSampleSymbols = {-128, 127};

}  // namespace residua
