#include "timing.h"

#include <cstdio>
#include <residua/research.hpp>

namespace tool {

std::string timing_line(residua::context& context) {
    const residua_research_times times = residua::research::last_times(context);
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
    std::string line;
    std::snprintf(text, sizeof text, "{\"total\": %.6f", total);
    line += text;
    for (const auto& part : parts) {
        if (part.seconds == 0) continue;  // not in this file
        std::snprintf(text, sizeof text, ", \"%s\": %.6f", part.name, part.seconds);
        line += text;
    }
    return line + "}\n";
}

Timing::Timing(App& app) : options_(app.options()) {
    if (!options_.timing.empty()) app.check_place(options_.timing);
}

void Timing::write(App& app, const std::vector<Job>& jobs) const {
    if (options_.timing.empty()) return;
    std::string lines;
    for (const Job& job : jobs) lines += job.outcome.timing;
    app.write(options_.timing, lines.data(), lines.size());
}

}  // namespace tool
