// What the stages of a call cost, as a table.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/stage_profile.h"

namespace residua::bench {

struct StageRow {
    Stage stage;
    StageCost cost;
};

struct Profile {
    std::vector<StageRow> rows;  // of the stages that were at work, dearest first
    double seconds = 0;          // of processors, by the whole process: the sum of all rows
    double elapsed = 0;
    int runs = 0;

    double sum() const;
    const StageRow* find(Stage stage) const;
};

// Of action(), which is called until that many seconds of processors have been used; once at least. Numbers are of one
// call. What the reading of clocks itself takes is taken out of each stage; what threads do between the stages, which is
// looking for work, is Stage::kWaiting.
Profile profile(const std::function<void()>& action, double seconds);

// Lines of: stage, CPU seconds, share, MB/s of what it reads and writes, MB read, MB written.
std::string table(const Profile& profile);

}  // namespace residua::bench
