// Runs a command's work in a cage. docs/safety.md.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "residua/app.h"

namespace tool {

// What the caged process may ask for, and nothing else.
struct FilesToServe {
    struct Output {
        bool overwrite = false;
        const Job* job = nullptr;  // whose output it is; null: a report or the like
    };
    std::set<std::string> inputs;
    std::map<std::string, Output> outputs;
};

// Whether the options and the kernel want a cage. Throws Failure where one is asked for and cannot be had.
bool wants_cage(const Options& options);

// Runs `work` in another process, and that in a cage; returns what it returns, in both processes. Only while
// the process has one thread. Throws Failure where it ended otherwise, and what `work` throws in the other
// process.
int run_in_cage(const Options& options, const FilesToServe& files, const std::function<int()>& work);

}  // namespace tool
