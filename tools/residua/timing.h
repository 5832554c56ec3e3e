// --timing: where the library spent its time, as JSON.
#pragma once

#include <string>
#include <vector>

#include "app.h"

namespace tool {

// A line about the library's last call.
std::string timing_line(residua::context& context);

// The lines of all inputs, in their order, as a file that is there once write() returns.
class Timing {
  public:
    // Throws Failure when the file exists and must not be overwritten.
    explicit Timing(App& app);

    void write(App& app, const std::vector<Job>& jobs) const;  // nothing where nobody asked for it

  private:
    const Options& options_;
};

}  // namespace tool
