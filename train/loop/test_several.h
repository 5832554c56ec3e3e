// The environment of a process among several.
#pragma once

#include <cstdlib>

namespace residua::train {

// While one lives, a launcher has started two.
class TwoProcesses {
  public:
    TwoProcesses() {
        setenv("RANK", "0", 1);
        setenv("WORLD_SIZE", "2", 1);
    }
    ~TwoProcesses() {
        unsetenv("RANK");
        unsetenv("WORLD_SIZE");
    }
    TwoProcesses(const TwoProcesses&) = delete;
    TwoProcesses& operator=(const TwoProcesses&) = delete;
};

}  // namespace residua::train
