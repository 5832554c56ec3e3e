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
    ~Waiting() {
        {
            const std::lock_guard lock(mutex_);
            over_ = true;
        }
        wake_.notify_all();
        for (std::thread& thread : threads_) thread.join();
        for (const long number : numbers_) await_end(number);
    }

    int start(int wanted) {
        threads_.reserve(static_cast<size_t>(wanted));
        numbers_.reserve(static_cast<size_t>(wanted));
        try {
            while (static_cast<int>(threads_.size()) < wanted) threads_.emplace_back([this] { wait(); });
        } catch (const std::system_error&) {
        }
        return static_cast<int>(threads_.size());
    }

  private:
    void wait() {
        std::unique_lock lock(mutex_);
        numbers_.push_back(own_number());
        wake_.wait(lock, [this] { return over_; });
    }

    // A joined thread counts against the limit for some microseconds yet.
    static void await_end(long number) {
        constexpr auto kPause = std::chrono::microseconds(50);
        constexpr int kMostPauses = 20000;
        for (int i = 0; i < kMostPauses && !is_gone(number); ++i) std::this_thread::sleep_for(kPause);
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    std::vector<std::thread> threads_;
    std::vector<long> numbers_;
};

}  // namespace

int startable_threads(int wanted) { return Waiting().start(wanted); }

}  // namespace residua::lossy
