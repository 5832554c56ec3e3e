// Workers that share loops with the calling thread. Results never depend on how many there are.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/stage_profile.h"

namespace residua {

// Somebody else's threads: run(user, task, data, count) calls task(data, index) once for each index below
// count, on any threads, and returns when all have returned.
struct Runner {
    void (*run)(void* user, void (*task)(void* data, size_t index), void* data, size_t count) = nullptr;
    void* user = nullptr;
};

// Used by one thread at a time; loops do not nest.
class ThreadPool {
  public:
    // threads ≤ 0: one per hardware thread. The calling thread counts as one of them. With a runner, no
    // threads are made. Where the system gives fewer threads, the pool is smaller.
    explicit ThreadPool(int threads = 0, Runner runner = {});
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int size() const { return size_; }
    // How many threads were asked for and could not be made.
    int missing() const { return missing_; }

    // Calls body(i, thread) for every i in [0, count), 0 ≤ thread < size(), each i once, in any order, and
    // returns when all are done. The first exception thrown by a body is rethrown here; iterations not yet
    // started are then skipped. Cheap enough (some microseconds) to be called per layer and band of rows.
    void parallel_for(int64_t count, const std::function<void(int64_t i, int thread)>& body);

    // Begins such a loop on the other threads, while the caller goes on; loops that it starts meanwhile are
    // shared by the threads that are free. One at a time. Without threads of the pool's own all is done when
    // this returns.
    void begin(int64_t count, std::function<void(int64_t i, int thread)> body);
    // Waits for what was begun, if anything was; takes the iterations that no thread has. Errors as above.
    void finish();

  private:
    using Body = std::function<void(int64_t i, int thread)>;
    struct Loop {
        const Body* body = nullptr;
        int64_t count = 0;
        std::atomic<int64_t> next{0};
        std::atomic<int> threads{-1};  // at work, beside the caller; -1: closed
        Stage stage = Stage::kOther;   // that the caller is at
        std::mutex error_mutex;
        std::exception_ptr error;

        void open(const Body& what, int64_t how_often);
        void run(int thread);
        void join(int thread);  // runs, if it is open
        void close();           // waits for all threads; rethrows
    };

    void worker(int thread);
    void wake_all();

    Runner runner_;
    int size_ = 1;
    int missing_ = 0;
    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Loop loop_;   // of parallel_for
    Loop begun_;  // of begin
    Body begun_body_;
    std::atomic<uint64_t> generation_{0};
    bool stop_ = false;
};

}  // namespace residua
