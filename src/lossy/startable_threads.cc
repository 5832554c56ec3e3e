#include "lossy/startable_threads.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace residua::lossy {
namespace {

#ifdef __linux__
long own_number() { return syscall(SYS_gettid); }
bool is_gone(long number) { return syscall(SYS_tgkill, getpid(), number, 0) != 0; }
#else
long own_number() { return 0; }
bool is_gone(long) { return true; }
#endif

// Threads that wait until they are let go.
class Waiting {
  public:
    ~Waiting() { let_go(); }

    int start(int wanted) {
        threads_.reserve(static_cast<size_t>(wanted));
        numbers_.reserve(static_cast<size_t>(wanted));
        try {
            while (static_cast<int>(threads_.size()) < wanted) threads_.emplace_back([this] { wait(); });
        } catch (const std::system_error&) {
        }
        return static_cast<int>(threads_.size());
    }

    // How many of them the system still counts when they have had time to end.
    int end() {
        let_go();
        // A joined thread counts against the limit for some microseconds yet.
        constexpr auto kPause = std::chrono::microseconds(50);
        int pauses = 20000, left = 0;
        for (const long number : numbers_) {
            for (; !is_gone(number) && pauses > 0; --pauses) std::this_thread::sleep_for(kPause);
            left += !is_gone(number);
        }
        return left;
    }

  private:
    void let_go() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        numbers_.push_back(own_number());
        wake_.wait(lock, [this] { return over_; });
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::vector<std::thread> threads_;
    std::vector<long> numbers_;
};

}  // namespace

int startable_threads(int wanted) {
    Waiting threads;
    const int started = threads.start(wanted);
    return started - threads.end();
}

std::mutex& thread_start_mutex() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace residua::lossy
