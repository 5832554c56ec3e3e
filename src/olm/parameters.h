// What a model says of OLM's experts. docs/format-olm.md defines their arithmetic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace residua::olm {

constexpr int kPlanes = 3;           // kinds of planes: those that see none, one and two before them
constexpr int kMostPlanes = 5;       // of a tile
constexpr int kMaxInputs = 40;       // of a plane's least squares
constexpr int kMaxLeastSquares = 6;  // experts that solve
// Behind them come the median-edge predictor and the first expert, corrected by its context.
constexpr int kMaxExperts = kMaxLeastSquares + 2;
constexpr int kReach = 4;  // columns to both sides

// A sample that least squares uses: of the plane being coded (plane 0) or of one coded before it (1: the one
// before, 2: the one before that), rows and columns relative to the sample being coded. In the plane itself
// it comes before the sample: dy −3 … 0, dx < 0 in its own row; in earlier planes dy −3 … 2.
struct Input {
    int8_t plane;
    int8_t dy;
    int8_t dx;
};

// Weighted least squares over what has been coded. A sample's share in the
// sums shrinks by `along` from one block of kBlock pixels to the next one of
// its row, and by `down` from row to row; `ridge` is added to the diagonal.
struct LeastSquares {
    int inputs;  // the first of the plane's
    float along;
    float down;
    float ridge;
};

struct PlaneParameters {
    std::vector<Input> inputs;  // the first two are the left and the upper neighbour
    std::vector<LeastSquares> experts;
    std::vector<float> prior;  // [input] the weights that the ridge pulls to
};

struct Parameters {
    int solve_every = 4;  // pixels; divides kBlock
    std::array<PlaneParameters, kPlanes> planes;
};

// Those of the released models, in the order of their efforts.
inline constexpr std::array kParameterNames = {"olm-light", "olm-fast", "olm-mid", "olm", "olm-best"};
Parameters light_parameters();
Parameters fast_parameters();
Parameters middle_parameters();
Parameters default_parameters();
Parameters best_parameters();
// One of kParameterNames. Throws kInvalidArgument for others.
Parameters named_parameters(std::string_view name);

}  // namespace residua::olm
