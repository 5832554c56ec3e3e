#include "olm/parameters.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace residua::olm {

namespace {

// The most useful first; every set takes as many from the beginning as it can afford.
std::vector<Input> inputs_of(int plane) {
    std::vector<Input> inputs = {{0, 0, -1}, {0, -1, 0}, {0, -1, -1}, {0, -1, 1}};
    const auto add = [&](int8_t from, std::initializer_list<std::array<int, 2>> places) {
        for (const auto& [dy, dx] : places)
            inputs.push_back({from, static_cast<int8_t>(dy), static_cast<int8_t>(dx)});
    };
    if (plane == 0) {
        add(0, {{0, -2}, {-2, 0}, {-1, -2}, {-1, 2}, {-2, -1}, {-2, 1}, {0, -3}, {-3, 0}, {-2, -2}, {-2, 2}});
        add(0,
            {{-1, -3}, {-1, 3}, {-3, -1}, {-3, 1}, {-2, -3}, {-2, 3}, {0, -4}, {-3, -2}, {-1, 4}, {-3, 2}});
        add(0, {{-1, -4}, {-3, -3}, {-3, 3}, {-2, -4}, {-2, 4}, {-3, -4}, {-3, 4}});
        return inputs;
    }
    add(1, {{0, 0}, {0, -1}, {-1, 0}, {0, 1}, {1, 0}, {-1, -1}, {-1, 1}});
    add(0, {{0, -2}, {-2, 0}});
    if (plane == 2) add(2, {{0, 0}, {0, -1}, {-1, 0}, {0, 1}, {1, 0}, {-1, -1}, {-1, 1}});
    add(0, {{-1, -2}, {-1, 2}, {-2, -1}, {-2, 1}});
    add(1, {{1, -1}, {1, 1}, {0, -2}, {0, 2}});
    add(0, {{0, -3}, {-3, 0}, {-2, -2}, {-2, 2}});
    if (plane == 1) add(0, {{-1, 3}});
    add(1, {{2, 0}, {-2, 0}});
    if (plane == 1) {
        add(0, {{-1, -3}});
        add(1, {{1, 2}});
        add(1, {{1, -2}, {-1, 2}, {-1, -2}, {2, 1}, {2, -1}, {-2, 1}});
        add(0, {{-2, 3}, {-3, 1}, {-3, -1}, {-2, -3}});
    } else {
        add(2, {{1, -1}, {1, 1}});
        add(1, {{1, 2}});
        add(0, {{-1, 3}, {-1, -3}});
        add(2, {{0, 2}});
    }
    return inputs;
}

// Of one plane; 0 inputs are all that the plane has.
using Experts = std::vector<LeastSquares>;

Parameters make_parameters(int solve_every, const std::array<int, kPlanes>& inputs,
                           const std::array<Experts, kPlanes>& experts) {
    Parameters parameters;
    parameters.solve_every = solve_every;
    for (size_t p = 0; p < kPlanes; ++p) {
        PlaneParameters& plane = parameters.planes[p];
        plane.inputs = inputs_of(static_cast<int>(p));
        plane.inputs.resize(std::min(plane.inputs.size(), static_cast<size_t>(inputs[p])));
        plane.prior.assign(plane.inputs.size(), 0);
        plane.prior[0] = plane.prior[1] = 0.5F;
        plane.experts = experts[p];
        for (LeastSquares& expert : plane.experts)
            if (expert.inputs == 0) expert.inputs = static_cast<int>(plane.inputs.size());
    }
    return parameters;
}

}  // namespace

Parameters default_parameters() {
    const auto experts = [](int few) {
        // ρ^8 for ρ = 0.95, 0.88, 0.80 and 0.985.
        return Experts{
            {0, 0.663F, 0.92F, 20}, {0, 0.360F, 0.82F, 60}, {few, 0.168F, 0.70F, 40}, {0, 0.886F, 0.97F, 8}};
    };
    return make_parameters(4, {24, 36, 36}, {experts(10), experts(13), experts(17)});
}

// One large expert with many inputs is worth two with few;
// a small second one tells the head where it is unsure.
Parameters middle_parameters() {
    const auto experts = [](int few) { return Experts{{0, 0.663F, 0.92F, 20}, {few, 0.168F, 0.70F, 40}}; };
    return make_parameters(8, {24, 36, 36}, {experts(10), experts(13), experts(17)});
}

Parameters fast_parameters() {
    const auto experts = [](int few) { return Experts{{0, 0.663F, 0.92F, 20}, {few, 0.360F, 0.82F, 60}}; };
    return make_parameters(8, {20, 32, 32}, {experts(10), experts(13), experts(17)});
}

Parameters light_parameters() {
    const Experts experts = {{0, 0.663F, 0.92F, 20}};
    return make_parameters(8, {16, 24, 24}, {experts, experts, experts});
}

Parameters best_parameters() {
    const auto experts = [](int few) {
        return Experts{{0, 0.663F, 0.92F, 20},
                       {0, 0.360F, 0.82F, 60},
                       {few, 0.168F, 0.70F, 40},
                       {0, 0.886F, 0.97F, 8},
                       {few, 0.886F, 0.97F, 8}};
    };
    return make_parameters(1, {24, 36, 36}, {experts(10), experts(13), experts(17)});
}

Parameters named_parameters(std::string_view name) {
    if (name == "olm-light") return light_parameters();
    if (name == "olm-fast") return fast_parameters();
    if (name == "olm-mid") return middle_parameters();
    if (name == "olm" || name == "olm-deep") return default_parameters();
    if (name == "olm-best") return best_parameters();
    throw Error(ErrorCode::kInvalidArgument,
                "there are no experts '" + std::string(name) +
                    "'; there are: olm-light, olm-fast, olm-mid, olm and olm-best");
}

}  // namespace residua::olm
