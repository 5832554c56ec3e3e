// Workers that share loops with the calling thread. Results never depend on how many there are.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace residua {

// Used by one thread at a time; loops do not nest.
class ThreadPool {
  public:
    // threads ≤ 0: one per hardware thread. The calling thread counts as one of them.
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    int size() const { return static_cast<int>(workers_.size()) + 1; }

    // Calls body(i, thread) for every i in [0, count), 0 ≤ thread < size(), each i once, in any order, and
    // returns when all are done. The first exception thrown by a body is rethrown here; iterations not yet
    // started are then skipped. Cheap enough (some microseconds) to be called per layer and band of rows.
    void parallel_for(int64_t count, const std::function<void(int64_t i, int thread)>& body);

  private:
    void worker(int thread);
    void run_iterations(int thread);

    std::vector<std::thread> workers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    const std::function<void(int64_t, int)>* body_ = nullptr;
    int64_t count_ = 0;
    std::atomic<int64_t> next_{0};
    std::atomic<uint64_t> generation_{0};
    std::atomic<int> busy_{0};
    bool stop_ = false;
    std::exception_ptr error_;
};

}  // namespace residua
