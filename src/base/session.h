// What every step of encoding and decoding needs from its caller.
#pragma once

#include <algorithm>
#include <functional>
#include <string>

#include "base/error.h"
#include "base/memory.h"
#include "base/thread_pool.h"
#include "base/work_clock.h"

namespace residua {

// Progress of one call, made of phases that follow each other.
class Progress {
  public:
    // `report` gets the share done, 0…1, and returns false to cancel. May be empty.
    explicit Progress(std::function<bool(double)> report = nullptr) : report_(std::move(report)) {}

    // The next phase takes `share` of the whole; what the phase before had left counts as done.
    void begin_phase(double share) {
        start_ += share_;
        share_ = share;
        update(0);
    }
    // `fraction` of the phase is done. Throws kCancelled when the caller wants to stop.
    void update(double fraction) {
        if (report_ && !report_(std::min(1.0, start_ + share_ * fraction)))
            throw Error(ErrorCode::kCancelled, "cancelled");
    }

    // All is done.
    void finish() {
        start_ = 1;
        share_ = 0;
        update(0);
    }

  private:
    std::function<bool(double)> report_;
    double start_ = 0;
    double share_ = 0;
};

enum class LogLevel { kWarning = 0, kInfo = 1, kDebug = 2 };

struct Session {
    Allocator& allocator;
    ThreadPool& threads;
    Progress& progress;
    const std::function<void(LogLevel, const std::string&)>& log;  // never empty
    WorkClock* clock = nullptr;                                    // null: nobody wants to know
};

}  // namespace residua
