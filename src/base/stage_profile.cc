#include "base/stage_profile.h"

#include <ctime>

namespace residua {

namespace {

struct OfThread {
    bool within = false;  // a scope
    Stage stage = Stage::kOther;
    double since = 0;
    StageCosts costs{};
};
thread_local OfThread of_thread;

bool is_whole(Stage stage) { return stage == Stage::kProof || stage == Stage::kTau; }

// What has passed belongs to the stage so far.
void go_on_as(const StageProfile& profile, Stage stage) {
    const double now = profile.now();
    StageCost& cost = of_thread.costs[static_cast<size_t>(of_thread.stage)];
    cost.seconds += now - of_thread.since;
    ++cost.turns;
    of_thread.since = now;
    of_thread.stage = stage;
}

}  // namespace

const char* stage_name(Stage stage) {
    switch (stage) {
        case Stage::kOther:
            return "other";
        case Stage::kOrigin:
            return "origin";
        case Stage::kPlanes:
            return "planes";
        case Stage::kExperts:
            return "experts";
        case Stage::kHead:
            return "head";
        case Stage::kMixtures:
            return "mixtures";
        case Stage::kLearning:
            return "learning";
        case Stage::kStreams:
            return "streams";
        case Stage::kBlocks:
            return "blocks";
        case Stage::kLossyLayer:
            return "lossy layer";
        case Stage::kNetwork:
            return "network";
        case Stage::kQClassifier:
            return "q classifier";
        case Stage::kTau:
            return "tau";
        case Stage::kProof:
            return "proof";
        case Stage::kWaiting:
            return "waiting";
    }
    return "other";
}

double StageProfile::thread_seconds() {
#ifdef CLOCK_THREAD_CPUTIME_ID
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
#else
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
#endif
}

StageProfile::StageProfile(Now now) : now_(now), costs_{} { active_ = this; }
StageProfile::~StageProfile() { active_ = nullptr; }

StageCosts StageProfile::costs() const {
    const std::lock_guard lock(mutex_);
    return costs_;
}

void StageProfile::add(const StageCosts& costs) {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < kStages; ++i) {
        costs_[i].seconds += costs[i].seconds;
        costs_[i].turns += costs[i].turns;
        costs_[i].bytes_read += costs[i].bytes_read;
        costs_[i].bytes_written += costs[i].bytes_written;
    }
}

Stage StageScope::current() { return of_thread.within ? of_thread.stage : Stage::kOther; }

void StageScope::begin(Stage stage) {
    if (!of_thread.within) {
        outermost_ = true;
        of_thread = {true, stage, profile_->now(), {}};
        return;
    }
    before_ = of_thread.stage;
    within_whole_ = is_whole(before_);
    if (!within_whole_) go_on_as(*profile_, stage);
}

void StageScope::turn(Stage stage) const {
    if (!within_whole_ && stage != of_thread.stage) go_on_as(*profile_, stage);
}

void StageScope::end() const {
    if (within_whole_) return;
    go_on_as(*profile_, before_);
    if (!outermost_) return;
    of_thread.within = false;
    profile_->add(of_thread.costs);
}

void StageScope::add(uint64_t bytes_read, uint64_t bytes_written) {
    StageCost& cost = of_thread.costs[static_cast<size_t>(of_thread.stage)];
    cost.bytes_read += bytes_read;
    cost.bytes_written += bytes_written;
}

}  // namespace residua
