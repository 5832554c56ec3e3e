// How long a run has trained.
#pragma once

#include <functional>

namespace residua::train {

// Seconds from any start.
using SecondsNow = std::function<double()>;
double steady_seconds();

class TrainingClock {
  public:
    // before: what earlier calls of the run have trained.
    TrainingClock(double before, SecondsNow now) : before_(before), now_(std::move(now)), start_(now_()) {}

    // Of training, without what was done apart: over all resumes, or of this call.
    double seconds() const { return before_ + of_this_call(); }
    double of_this_call() const { return now_() - start_ - apart_; }

    // Does what is no training: it does not count.
    template <typename Action>
    void apart(Action&& action) {
        const double begin = now_();
        action();
        apart_ += now_() - begin;
    }

  private:
    double before_;
    SecondsNow now_;
    double start_, apart_ = 0;
};

}  // namespace residua::train
