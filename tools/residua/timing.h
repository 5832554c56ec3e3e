// --timing: where the library spent its time, as JSON.
#pragma once

#include <string>

#include "app.h"

namespace tool {

// One line for each input, in their order. The file is there once write() returns.
class Timing {
  public:
    // Throws Failure when the file exists and must not be overwritten.
    explicit Timing(App& app);

    void note();   // of the library's last call
    void write();  // nothing where nobody asked for it

  private:
    App& app_;
    std::string lines_;
};

}  // namespace tool
