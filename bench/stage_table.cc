#include "stage_table.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <numeric>

namespace residua::bench {

namespace {

constexpr double kMega = 1e6;

double process_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Of one reading of the clock that stages are measured with.
double seconds_of_a_turn() {
    constexpr int kTurns = 20000;
    const double begun = StageProfile::thread_seconds();
    for (int i = 1; i < kTurns; ++i) StageProfile::thread_seconds();
    return (StageProfile::thread_seconds() - begun) / kTurns;
}

}  // namespace

double Profile::sum() const {
    return std::accumulate(rows.begin(), rows.end(), 0.0,
                           [](double sum, const StageRow& row) { return sum + row.cost.seconds; });
}

const StageRow* Profile::find(Stage stage) const {
    const auto found =
        std::find_if(rows.begin(), rows.end(), [stage](const StageRow& row) { return row.stage == stage; });
    return found == rows.end() ? nullptr : &*found;
}

Profile profile(const std::function<void()>& action, double seconds) {
    const double turn = seconds_of_a_turn();
    Profile result;
    StageProfile stages;
    const auto begun = std::chrono::steady_clock::now();
    const double begun_seconds = process_seconds();
    double used = 0;
    do {
        {
            const StageScope all(Stage::kOther);
            action();
        }
        ++result.runs;
        used = process_seconds() - begun_seconds;
    } while (used < seconds);
    const double runs = result.runs;
    result.elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count() / runs;
    StageCosts costs = stages.costs();
    double known = 0;
    for (StageCost& cost : costs) {
        known += cost.seconds;
        cost.seconds = std::max(0.0, cost.seconds - turn * static_cast<double>(cost.turns)) / runs;
    }
    costs[static_cast<size_t>(Stage::kWaiting)].seconds += std::max(0.0, used - known) / runs;
    for (size_t i = 0; i < kStages; ++i) {
        StageCost& cost = costs[i];
        cost.bytes_read /= static_cast<uint64_t>(result.runs);
        cost.bytes_written /= static_cast<uint64_t>(result.runs);
        result.seconds += cost.seconds;
        if (cost.turns > 0 || cost.seconds > 0) result.rows.push_back({static_cast<Stage>(i), cost});
    }
    std::stable_sort(result.rows.begin(), result.rows.end(),
                     [](const StageRow& a, const StageRow& b) { return a.cost.seconds > b.cost.seconds; });
    return result;
}

std::string table(const Profile& profile) {
    std::string text;
    char line[160];
    std::snprintf(line, sizeof line, "%-14s %10s %7s %9s %10s %11s\n", "stage", "CPU s", "share", "MB/s",
                  "MB read", "MB written");
    text += line;
    for (const StageRow& row : profile.rows) {
        const StageCost& cost = row.cost;
        const double share = profile.seconds > 0 ? 100 * cost.seconds / profile.seconds : 0;
        std::snprintf(line, sizeof line, "%-14s %10.4f %5.1f %%", stage_name(row.stage), cost.seconds, share);
        text += line;
        const auto read = static_cast<double>(cost.bytes_read) / kMega,
                   written = static_cast<double>(cost.bytes_written) / kMega;
        if (cost.bytes_read + cost.bytes_written == 0 || cost.seconds == 0)
            std::snprintf(line, sizeof line, " %9s %10s %11s\n", "-", "-", "-");
        else
            std::snprintf(line, sizeof line, " %9.0f %10.1f %11.1f\n", (read + written) / cost.seconds, read,
                          written);
        text += line;
    }
    std::snprintf(line, sizeof line, "%-14s %10.4f %5.1f %%\n", "all", profile.seconds, 100.0);
    return text + line;
}

}  // namespace residua::bench
