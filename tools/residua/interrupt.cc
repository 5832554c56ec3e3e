#include "interrupt.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include "app.h"

namespace tool {

namespace {

constexpr unsigned kPatience = 5;  // seconds without progress

volatile std::sig_atomic_t caught = 0;
// What a signal's handler may touch: no string, no lock.
char unfinished_name[4096];
std::atomic<bool> has_unfinished{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void end_at_once() {
    if (has_unfinished) ::unlink(unfinished_name);
    ::_exit(kInterrupted);
}

void on_no_progress(int) {
    constexpr char kText[] = "\nresidua: interrupted; ended at once, as the work did not come to a stop\n";
    if (::write(STDERR_FILENO, kText, sizeof kText - 1) < 0) {
        // There is nobody left to tell.
    }
    end_at_once();
}

void on_interrupt(int) {
    if (caught) end_at_once();
    caught = 1;
    ::alarm(kPatience);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    // One after the other.
    for (const int other : {SIGINT, SIGTERM, SIGALRM}) sigaddset(&action.sa_mask, other);
    sigaction(signal, &action, nullptr);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

void catch_interrupts() {
    handle(SIGALRM, on_no_progress);
    handle(SIGINT, on_interrupt);
    handle(SIGTERM, on_interrupt);
}

bool interrupted() { return caught != 0; }

// The library takes the first of its names that is free (base/file_io.h).
UnfinishedFile::UnfinishedFile(const std::string& path) {
    const std::string beginning = path + ".part" + std::to_string(::getpid()) + "-";
    std::string name;
    for (int i = 0; exists(beginning + std::to_string(i)); ++i) name = beginning + std::to_string(i);
    if (name.empty() || name.size() >= sizeof unfinished_name) return;
    *std::copy(name.begin(), name.end(), unfinished_name) = 0;
    has_unfinished = true;
}

UnfinishedFile::~UnfinishedFile() { has_unfinished = false; }

}  // namespace tool
