// SIGINT and SIGTERM: the first one ends the work in good order, at the library's next report of progress.
// Where none follows within some seconds, and at the second one, the process ends at once, and says so. No
// unfinished file stays behind either way.
#pragma once

#include <csignal>

namespace tool {

void catch_interrupts();

bool interrupted();

// While it lives, signals wait: on this thread, and for good on the threads that it starts meanwhile.
class SignalsHeld {
  public:
    SignalsHeld();
    ~SignalsHeld();
    SignalsHeld(const SignalsHeld&) = delete;

  private:
    sigset_t before_;
};

// The output that is being written: an end at once removes what there is of it. One at a time; made while
// the signals are held since before the file was there.
class UnfinishedFile {
  public:
    explicit UnfinishedFile(const char* name);  // "": nothing is to be removed
    ~UnfinishedFile();
    UnfinishedFile(const UnfinishedFile&) = delete;
};

}  // namespace tool
