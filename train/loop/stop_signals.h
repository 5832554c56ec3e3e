// SIGINT and SIGTERM as a wish to stop after the step at hand, so that nothing of a run is lost.
#pragma once

#include <csignal>

namespace residua::train {

// While one lives, the signals only set a flag. One at a time.
class StopSignals {
  public:
    StopSignals();
    ~StopSignals();  // the handlers of before
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    bool received() const;

  private:
    void (*interrupt_)(int);
    void (*terminate_)(int);
};

}  // namespace residua::train
