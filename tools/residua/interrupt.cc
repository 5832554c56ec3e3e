#include "interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cstring>

#include "app.h"

namespace tool {

namespace {

constexpr unsigned kPatience = 5;  // seconds without progress

// What a signal's handler may touch: no string, no lock. Two signals may be handled at the same time, on
// threads of the HEVC libraries.
std::atomic<int> caught{0};
char unfinished_name[4096];
std::atomic<int> has_unfinished{0};
static_assert(std::atomic<int>::is_always_lock_free);

template <size_t N>
void end_at_once(const char (&text)[N]) {
    if (has_unfinished) ::unlink(unfinished_name);
    if (::write(STDERR_FILENO, text, N - 1) < 0) {
        // There is nobody left to tell.
    }
    ::_exit(kInterrupted);
}

void on_no_progress(int) {
    end_at_once("\nresidua: interrupted; ended at once, as the work did not come to a stop\n");
}

void on_interrupt(int) {
    if (caught.exchange(1)) end_at_once("\nresidua: interrupted twice; ended at once\n");
    ::alarm(kPatience);
}

sigset_t all_handled() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGALRM}) sigaddset(&signals, signal);
    return signals;
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    action.sa_mask = all_handled();  // on one thread, one after the other
    sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_interrupts() {
    handle(SIGALRM, on_no_progress);
    handle(SIGINT, on_interrupt);
    handle(SIGTERM, on_interrupt);
}

bool interrupted() { return caught != 0; }

SignalsHeld::SignalsHeld() {
    const sigset_t signals = all_handled();
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

SignalsHeld::~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

UnfinishedFile::UnfinishedFile(const char* name) {
    const size_t size = std::strlen(name);
    if (size == 0 || size >= sizeof unfinished_name) return;
    std::memcpy(unfinished_name, name, size + 1);
    has_unfinished = 1;
}

UnfinishedFile::~UnfinishedFile() { has_unfinished = 0; }

}  // namespace tool
