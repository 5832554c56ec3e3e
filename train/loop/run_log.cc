#include "loop/run_log.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace residua::train {

namespace {

using Json = nlohmann::json;

std::string describe(const Rates& rates) {
    std::string text;
    for (const auto& [name, value] : rates) {
        char part[64];
        std::snprintf(part, sizeof part, "%s%s %.4f", text.empty() ? "" : "  ",
                      name.substr(0, name.rfind('_')).c_str(), value);
        text += part;
    }
    return text;
}

std::string hours_minutes(double seconds) {
    char text[32];
    const int minutes = static_cast<int>(std::min(seconds, 3.6e6) / 60 + 0.5);
    std::snprintf(text, sizeof text, "%d:%02d h", minutes / 60, minutes % 60);
    return text;
}

}  // namespace

RunLog::RunLog(const std::string& folder)
    : log_(folder + "/log.jsonl", std::ios::app), board_(folder + "/tensorboard") {}

void RunLog::start(const std::string& json) { log_ << json << std::endl; }

void RunLog::step(const StepReport& report) {
    Json entry = {{"event", "train"},
                  {"step", report.step},
                  {"seconds", report.seconds},
                  {"learning_rate", report.learning_rate},
                  {"gradient_norm", report.gradient_norm},
                  {"pixels_per_second", report.pixels_per_second},
                  {"waiting_share", report.waiting_share}};
    std::map<std::string, double> scalars = {{"train/learning_rate", report.learning_rate},
                                             {"train/gradient_norm", report.gradient_norm},
                                             {"train/pixels_per_second", report.pixels_per_second}};
    for (const auto& [name, value] : report.rates) {
        entry[name] = value;
        scalars["train/" + name] = value;
    }
    log_ << entry.dump() << std::endl;
    board_.scalars(report.step, scalars);
    std::fprintf(stderr, "step %lld  %s  lr %.2g  %.0f kpx/s  waiting %.1f %%  left %s\n",
                 static_cast<long long>(report.step), describe(report.rates).c_str(), report.learning_rate,
                 report.pixels_per_second / 1e3, 100 * report.waiting_share,
                 hours_minutes(report.seconds_left).c_str());
}

void RunLog::validation(int64_t step, double seconds, const Rates& rates) {
    Json entry = {{"event", "validation"}, {"step", step}, {"seconds", seconds}};
    std::map<std::string, double> scalars;
    for (const auto& [name, value] : rates) {
        entry[name] = value;
        scalars["validation/" + name] = value;
    }
    log_ << entry.dump() << std::endl;
    board_.scalars(step, scalars);
    std::fprintf(stderr, "validation at step %lld: %s\n", static_cast<long long>(step),
                 describe(rates).c_str());
}

}  // namespace residua::train
