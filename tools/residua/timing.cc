#include "timing.h"

#include <cstdio>
#include <residua/research.hpp>

namespace tool {

Timing::Timing(App& app) : app_(app) {
    if (!app.options().timing.empty()) app.check_place(app.options().timing);
}

void Timing::note() {
    if (app_.options().timing.empty()) return;
    const residua_research_times times = residua::research::last_times(app_.context());
    const struct {
        const char* name;
        double seconds;
    } parts[] = {{"bpg", times.lossy_layer},
                 {"network", times.network},
                 {"entropy", times.entropy_coder},
                 {"q_classifier", times.q_classifier},
                 {"tau", times.tau},
                 {"proof", times.proof},
                 {"other", times.other}};
    double total = 0;
    for (const auto& part : parts) total += part.seconds;
    char text[80];
    std::snprintf(text, sizeof text, "{\"total\": %.6f", total);
    lines_ += text;
    for (const auto& part : parts) {
        if (part.seconds == 0) continue;  // not in this file
        std::snprintf(text, sizeof text, ", \"%s\": %.6f", part.name, part.seconds);
        lines_ += text;
    }
    lines_ += "}\n";
}

void Timing::write() {
    if (!app_.options().timing.empty()) app_.write(app_.options().timing, lines_.data(), lines_.size());
}

}  // namespace tool
