// Contexts with models of the tests' own, and what they report.
#pragma once

#include <residua/residua.hpp>
#include <vector>

#include "stages/test_models.h"
#include "support/test_model.h"

namespace residua::testing {

// One thread, unless the settings say otherwise.
inline residua::context context_with(const std::vector<std::vector<uint8_t>>& models,
                                     residua_settings settings = RESIDUA_INIT(residua_settings)) {
    if (settings.threads == 0) settings.threads = 1;
    residua::context context(settings);
    for (const auto& model : models) context.add_model(model.data(), model.size());
    return context;
}

inline residua_settings on_threads(size_t threads) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = threads;
    return settings;
}

// A model of each codec: "test" (rc), "scales" (l3c) and "experts" (olm).
inline residua::context context_of_every_codec(residua_settings settings = RESIDUA_INIT(residua_settings)) {
    return context_with(
        {make_test_model(), models::make_l3c_model({.name = "scales"}), models::make_olm_model()}, settings);
}

template <typename Action>
residua_status status_of(const Action& action) {
    try {
        action();
    } catch (const residua::error& error) {
        return error.status();
    }
    return RESIDUA_OK;
}

// Notes what a context reports, and cancels from `cancel_at` on.
struct Progress {
    std::vector<double> seen;
    double cancel_at = 2;

    static int report(void* user, double fraction) {
        auto& progress = *static_cast<Progress*>(user);
        progress.seen.push_back(fraction);
        return fraction >= progress.cancel_at;
    }
    residua_settings settings() {
        residua_settings settings = on_threads(1);
        settings.progress = report;
        settings.user = this;
        return settings;
    }
};

}  // namespace residua::testing
