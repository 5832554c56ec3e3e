// A command over its inputs: several at once where there are several.
#pragma once

#include <functional>

#include "app.h"
#include "plan.h"

namespace tool {

// What is done for an input. Called on any thread, with an App of that thread's own; not from two threads
// with the same one.
using Action = std::function<void(App& app, Job& job)>;

// The folder for an output in -d, made where it is missing: as deep as the input lies in its own, and with
// the same modes.
void make_place(const Options& options, const Job& job);

// Plans, works, sums up, and writes --report and --timing. Goes on after a failure; returns the exit code of
// the first one in the inputs' order. Throws Failure where nothing may be begun.
int run_batch(const Options& options, const Work& work, const Action& action);

}  // namespace tool
