#include "interrupt.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "app.h"

namespace tool {

namespace {

constexpr unsigned kPatience = 5;  // seconds without progress
constexpr int kWaits = 1000;       // milliseconds for files that are just being made

constexpr int kEnding[] = {SIGINT, SIGTERM, SIGHUP};

enum SlotState { kFree, kTaken, kReady };
struct Slot {
    std::atomic<int> state{kFree};
    char name[4096];
};

// What a signal's handler may touch: no string, no lock. Two signals may be handled at the same time, on
// threads of the HEVC libraries.
std::atomic<int> caught{0};
std::atomic<int> ending{0};
std::atomic<int> being_made{0};
std::array<Slot, 600> slots;  // more than threads and files of a run's own; a full table is no error
static_assert(std::atomic<int>::is_always_lock_free);

void remove_unfinished() {
    ending = 1;
    for (int i = 0; being_made > 0 && i < kWaits; ++i) ::poll(nullptr, 0, 1);
    for (Slot& slot : slots)
        if (slot.state == kReady) ::unlink(slot.name);
}

template <size_t N>
void end_at_once(const char (&text)[N]) {
    remove_unfinished();
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

// What the signal does without a handler, once this one returns.
void on_fatal(int signal) {
    remove_unfinished();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

sigset_t all_handled() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1})
        sigaddset(&signals, signal);
    return signals;
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    action.sa_mask = all_handled();  // on one thread, one after the other
    sigaction(signal, &action, nullptr);
}

// As nohup has it for SIGHUP, and some callers for SIGPIPE.
bool is_ignored(int signal) {
    struct sigaction action = {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

void catch_interrupts() {
    handle(SIGALRM, on_no_progress);
    for (const int signal : kEnding)
        if (signal != SIGHUP || !is_ignored(SIGHUP)) handle(signal, on_interrupt);
    handle(SIGQUIT, on_fatal);
    if (!is_ignored(SIGPIPE)) handle(SIGPIPE, on_fatal);
    ::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return caught != 0; }

void obey_outside() {
    for (const int signal : kEnding) ::signal(signal, SIG_IGN);
    handle(SIGUSR1, [](int) { caught = 1; });
}

SignalsHeld::SignalsHeld() {
    const sigset_t signals = all_handled();
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

SignalsHeld::~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

FileBeingMade::FileBeingMade() {
    ++being_made;
    if (!ending) return;
    --being_made;
    for (;;) ::pause();  // the process ends
}

FileBeingMade::~FileBeingMade() { --being_made; }

UnfinishedFile::UnfinishedFile(const char* name) : slot_(slots.size()) {
    const size_t size = std::strlen(name);
    if (size == 0 || size >= sizeof slots[0].name) return;
    for (slot_ = 0; slot_ < slots.size(); ++slot_) {
        int free = kFree;
        if (!slots[slot_].state.compare_exchange_strong(free, kTaken)) continue;
        std::memcpy(slots[slot_].name, name, size + 1);
        slots[slot_].state = kReady;
        return;
    }
}

UnfinishedFile::~UnfinishedFile() {
    if (slot_ < slots.size()) slots[slot_].state = kFree;
}

}  // namespace tool
