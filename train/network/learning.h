// How a network begins and how its parts learn, where that is a matter of the recipe.
#pragma once

namespace residua::train {

enum class FirstWeights {
    kPyramid,  // L3C begins as a coder that interpolates
    kRandom,   // every weight and bias uniform, ±1/√(inputs), as torch's layers begin
};

// Of L3C; RC's networks have none of it.
struct Learning {
    FirstWeights first_weights = FirstWeights::kPyramid;
    double encoder_rate = 0.1;   // E's share of the learning rate
    double ease = 0.05;          // share of the run over which the price of z grows to its full size
    double encoder_from = 0.85;  // share of the run that E of anchored means rests for
};

}  // namespace residua::train
