// Where a call spends its time: each part of the work apart, as the papers' tables of runtimes have it.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

#include "base/stage_profile.h"

namespace residua {

enum class Work { kOther, kLossyLayer, kNetwork, kEntropyCoder, kQClassifier, kTau, kProof };
constexpr size_t kWorks = 7;

// Used by the thread that called the library; what other threads do meanwhile counts as what it waits for.
class WorkClock {
  public:
    using Now = std::chrono::steady_clock::time_point (*)();
    explicit WorkClock(Now now = std::chrono::steady_clock::now) : now_(now), since_(now()) {}

    // Of wall time, up to now.
    double seconds(Work work) {
        turn_to(current_);
        return seconds_[static_cast<size_t>(work)];
    }
    // Of each Work, in their order.
    std::array<double, kWorks> all() {
        turn_to(current_);
        return seconds_;
    }
    // From now on the time is that of `work`. Returns what it was before.
    Work turn_to(Work work) {
        const auto now = now_();
        seconds_[static_cast<size_t>(current_)] += std::chrono::duration<double>(now - since_).count();
        since_ = now;
        const Work before = current_;
        current_ = work;
        return before;
    }

  private:
    Now now_;
    std::chrono::steady_clock::time_point since_;
    Work current_ = Work::kOther;
    std::array<double, kWorks> seconds_ = {};
};

// While it lives, the time is that of `work`; parts within it are taken out
// of it, but a proof and the search for tau are wholes. clock may be null.
class WorkScope {
  public:
    WorkScope(WorkClock* clock, Work work) : stage_(stage_of(work)), clock_(clock) {
        if (!clock_) return;
        before_ = clock_->turn_to(work);
        if (before_ == Work::kProof || before_ == Work::kTau) clock_->turn_to(before_);
    }
    ~WorkScope() {
        if (clock_) clock_->turn_to(before_);
    }
    WorkScope(const WorkScope&) = delete;
    WorkScope& operator=(const WorkScope&) = delete;

  private:
    static Stage stage_of(Work work) {
        constexpr Stage kStageOf[kWorks] = {Stage::kOther,    Stage::kLossyLayer,  Stage::kNetwork,
                                            Stage::kMixtures, Stage::kQClassifier, Stage::kTau,
                                            Stage::kProof};
        return kStageOf[static_cast<size_t>(work)];
    }

    const StageScope stage_;
    WorkClock* clock_;
    Work before_ = Work::kOther;
};

}  // namespace residua
