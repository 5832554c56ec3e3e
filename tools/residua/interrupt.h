// Signals. SIGINT, SIGTERM and SIGHUP: the first one ends the work in good order, at the library's next report
// of progress. Where none follows within some seconds, and at the second one, the process ends at once, and
// says so. SIGQUIT and SIGPIPE end it at once, as they do without a handler. No unfinished file stays behind
// in any case. A file that becomes larger than allowed (SIGXFSZ) is an error of writing.
#pragma once

#include <atomic>
#include <csignal>

namespace tool {

void catch_interrupts();

bool interrupted();

// From now on this process is another one's, and only what that passes on, SIGUSR1, ends its work in good
// order.
void obey_outside();

// While it lives, signals wait: on this thread, and for good on the threads that it starts meanwhile.
class SignalsHeld {
  public:
    SignalsHeld();
    ~SignalsHeld();
    SignalsHeld(const SignalsHeld&) = delete;

  private:
    sigset_t before_;
};

// While it lives, this thread makes a file that has no UnfinishedFile yet, and the end at once waits for that.
class FileBeingMade {
  public:
    FileBeingMade();
    ~FileBeingMade();
    FileBeingMade(const FileBeingMade&) = delete;

  private:
    const SignalsHeld held_;  // the handler must not wait for its own thread
};

// An output that is being written: an end at once removes what there is of it. On any thread; made within the
// FileBeingMade in which the file is.
class UnfinishedFile {
  public:
    explicit UnfinishedFile(const char* name);  // "": nothing is to be removed
    ~UnfinishedFile();
    UnfinishedFile(const UnfinishedFile&) = delete;

  private:
    size_t slot_;
};

}  // namespace tool
