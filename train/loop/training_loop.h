// The training loop of every network here: steps, log, checkpoints, the end.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "loop/loop_settings.h"
#include "loop/process_group.h"
#include "loop/run_folder.h"
#include "loop/run_log.h"
#include "loop/training_clock.h"

namespace residua::train {

// A network with what it learns from: what differs between the
// runs of RC and L3C, of OLM's heads and of Q-classifiers.
class Trainee {
  public:
    virtual ~Trainee() = default;
    Trainee(const Trainee&) = delete;
    Trainee& operator=(const Trainee&) = delete;

    Layers& network() { return network_; }
    Optimizer& optimizer() { return optimizer_; }

    // For the log's first line: how much there is to learn from, by name.
    virtual nlohmann::json facts() const = 0;
    // Before each step: the share of the run that is done, 0…1.
    virtual void begin_step(double /*done*/) {}
    // Adds the gradients of the loss on batch number n to those of the parameters. Where they are not finite
    // the weights stay, and the next batch follows.
    virtual void learn(int64_t n) = 0;
    // Means over the steps since the last call, for the log.
    virtual Rates take_rates() = 0;
    // Of each process, as the log counts them: pixels, for OLM records.
    virtual double pixels_per_step() const = 0;
    virtual double seconds_waited() const { return 0; }  // for data, by this call of the run
    // How good it is on what it does not learn from; empty where there is nothing of that.
    virtual Rates validate() = 0;
    virtual bool validates_at_start() const { return false; }
    virtual void finish() {}                         // after the run's last step
    virtual LossyRange lossy() const { return {}; }  // what its files are to record of lossy layers

  protected:
    Trainee(Layers& network, const OptimizerSettings& settings)
        : network_(network), optimizer_(network.parameters(), settings) {}

  private:
    Layers& network_;
    Optimizer optimizer_;
};

// Throws std::runtime_error unless the settings say how long to train.
void check_length(const LoopSettings& settings);

// Throws what check_length() and RunFolder do: for what a run needs before, and takes hours to make.
void check_start(const LoopSettings& settings);

// Sets torch's threads and looks at the run's folder, of which it throws what RunFolder does.
RunFolder begin_run(const LoopSettings& settings);

// Trains from `state` on until the run's end, settings.stop_after or a signal; every
// process of the group calls it, and the first one writes to the folder. A batch's number
// depends on the steps before alone, so that a resumed run does what an uninterrupted one
// would; process r of n gets every n-th one, from the r-th on. Throws std::runtime_error,
// and leaves the last checkpoint, when 100 batches in a row give no finite gradient.
void run_loop(Trainee& trainee, const RunState& state, const RunFolder& folder, const LoopSettings& settings,
              ProcessGroup& group, const SecondsNow& now = steady_seconds);

}  // namespace residua::train
