#include "base/thread_pool.h"

#include <algorithm>
#include <utility>

namespace residua {

namespace {
// How often a waiting thread looks before it sleeps: loops follow each other within microseconds.
constexpr int kSpins = 2000;

inline void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}
}  // namespace

ThreadPool::ThreadPool(int threads, Runner runner) : runner_(runner) {
    if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    if (runner_.run) {
        size_ = threads;
        return;
    }
    workers_.reserve(static_cast<size_t>(threads - 1));
    // What starting a thread throws must not leave here: those that run already would end the process.
    try {
        for (; size_ < threads; ++size_) workers_.emplace_back([this, i = size_] { worker(i); });
    } catch (...) {
        missing_ = threads - size_;
    }
}

ThreadPool::~ThreadPool() {
    {
        std::lock_guard lock(mutex_);
        stop_ = true;
        ++generation_;
    }
    wake_.notify_all();
    for (auto& thread : workers_) thread.join();
}

void ThreadPool::run_iterations(int thread) {
    const StageScope stage(stage_);
    for (int64_t i; (i = next_.fetch_add(1)) < count_;) {
        try {
            (*body_)(i, thread);
        } catch (...) {
            std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            next_ = count_;
        }
    }
}

void ThreadPool::worker(int thread) {
    uint64_t seen = 0;
    for (;;) {
        for (int spin = 0; spin < kSpins && generation_ == seen; ++spin) relax();
        if (generation_ == seen) {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return generation_ != seen; });
        }
        seen = generation_;
        if (stop_) return;
        run_iterations(thread);
        --busy_;
    }
}

void ThreadPool::parallel_for(int64_t count, const std::function<void(int64_t, int)>& body) {
    if (size_ == 1 || count <= 1) {
        for (int64_t i = 0; i < count; ++i) body(i, 0);
        return;
    }
    body_ = &body;
    count_ = count;
    stage_ = StageScope::current();
    next_ = 0;
    error_ = nullptr;
    if (runner_.run) {
        const auto task = [](void* data, size_t index) {
            auto& pool = *static_cast<ThreadPool*>(data);
            if (index < static_cast<size_t>(pool.size_)) pool.run_iterations(static_cast<int>(index));
        };
        runner_.run(runner_.user, task, this, static_cast<size_t>(std::min<int64_t>(count, size_)));
        run_iterations(0);  // nothing, unless the runner has left tasks out
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
        return;
    }
    busy_ = static_cast<int>(workers_.size());
    {
        std::lock_guard lock(mutex_);
        ++generation_;
    }
    wake_.notify_all();
    run_iterations(0);
    const StageScope waiting(Stage::kWaiting);
    for (int spin = 0; busy_ != 0; ++spin) {
        relax();
        if (spin > kSpins) std::this_thread::yield();
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace residua
