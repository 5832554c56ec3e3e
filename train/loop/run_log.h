// What a run tells: log.jsonl, TensorBoard's files and lines for people.
#pragma once

#include <fstream>
#include <map>
#include <string>

#include "loop/tensorboard.h"

namespace residua::train {

// Bits per sub-pixel by name with "_bpsp" at the end, the whole under "bpsp".
using Rates = std::map<std::string, double>;
constexpr double kBitsPerNat = 1.4426950408889634;

// Of one training step in the log, means since the last one.
struct StepReport {
    int64_t step;
    double seconds;  // of training so far
    double learning_rate, gradient_norm;
    double pixels_per_second;  // of all processes
    double waiting_share;      // of the time: for data
    double seconds_left;
    Rates rates;
};

class RunLog {
  public:
    // Appends to `folder`'s logs.
    explicit RunLog(const std::string& folder);

    void start(const std::string& json);  // a JSON object on one line: how the run begins
    void step(const StepReport& report);
    void validation(int64_t step, double seconds, const Rates& rates);

  private:
    std::ofstream log_;
    TensorBoardWriter board_;
};

}  // namespace residua::train
