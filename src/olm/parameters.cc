#include "olm/parameters.h"

namespace residua::olm {

namespace {

std::vector<Input> default_inputs(int plane) {
    std::vector<Input> inputs = {{0, 0, -1}, {0, -1, 0}, {0, -1, -1}, {0, -1, 1}};
    const auto add = [&](int8_t from, std::initializer_list<std::array<int, 2>> places) {
        for (const auto& [dy, dx] : places)
            inputs.push_back({from, static_cast<int8_t>(dy), static_cast<int8_t>(dx)});
    };
    if (plane == 0) {
        add(0, {{0, -2}, {-2, 0}, {-1, -2}, {-1, 2}, {-2, -1}, {-2, 1}, {0, -3}, {-3, 0}, {-2, -2}, {-2, 2}});
        add(0,
            {{-1, -3}, {-1, 3}, {-3, -1}, {-3, 1}, {-2, -3}, {-2, 3}, {0, -4}, {-3, -2}, {-1, 4}, {-3, 2}});
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
    } else {
        add(2, {{1, -1}, {1, 1}});
    }
    return inputs;
}

}  // namespace

Parameters default_parameters() {
    Parameters parameters;
    for (int p = 0; p < kPlanes; ++p) {
        PlaneParameters& plane = parameters.planes[static_cast<size_t>(p)];
        plane.inputs = default_inputs(p);
        plane.prior.assign(plane.inputs.size(), 0);
        plane.prior[0] = plane.prior[1] = 0.5F;
        const int all = static_cast<int>(plane.inputs.size());
        const int few = p == 0 ? 10 : p == 1 ? 13 : 17;
        // ρ^8 for ρ = 0.95, 0.88, 0.80 and 0.985.
        plane.experts = {{all, 0.663F, 0.92F, 20},
                         {all, 0.360F, 0.82F, 60},
                         {few, 0.168F, 0.70F, 40},
                         {all, 0.886F, 0.97F, 8}};
    }
    return parameters;
}

}  // namespace residua::olm
