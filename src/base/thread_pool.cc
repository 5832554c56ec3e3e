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
    }
    wake_all();
    for (auto& thread : workers_) thread.join();
}

void ThreadPool::Loop::open(const Body& what, int64_t how_often) {
    body = &what;
    count = how_often;
    next = 0;
    error = nullptr;
    stage = StageScope::current();
    threads = 0;
}

void ThreadPool::Loop::run(int thread) {
    const StageScope scope(stage);
    for (int64_t i; (i = next.fetch_add(1)) < count;) {
        try {
            (*body)(i, thread);
        } catch (...) {
            std::lock_guard lock(error_mutex);
            if (!error) error = std::current_exception();
            next = count;
        }
    }
}

void ThreadPool::Loop::join(int thread) {
    int others = threads;
    while (others >= 0)
        if (threads.compare_exchange_weak(others, others + 1)) {
            run(thread);
            --threads;
            return;
        }
}

void ThreadPool::Loop::close() {
    const StageScope waiting(Stage::kWaiting);
    int none = 0;
    for (int spin = 0; !threads.compare_exchange_weak(none, -1); ++spin, none = 0) {
        relax();
        if (spin > kSpins) std::this_thread::yield();
    }
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
}

void ThreadPool::wake_all() {
    {
        std::lock_guard lock(mutex_);
        ++generation_;
    }
    wake_.notify_all();
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
        begun_.join(thread);
        loop_.join(thread);
    }
}

void ThreadPool::parallel_for(int64_t count, const Body& body) {
    if (size_ == 1 || count <= 1) {
        for (int64_t i = 0; i < count; ++i) body(i, 0);
        return;
    }
    loop_.open(body, count);
    if (runner_.run) {
        const auto task = [](void* data, size_t index) {
            auto& pool = *static_cast<ThreadPool*>(data);
            if (index < static_cast<size_t>(pool.size_)) pool.loop_.run(static_cast<int>(index));
        };
        runner_.run(runner_.user, task, this, static_cast<size_t>(std::min<int64_t>(count, size_)));
    } else {
        wake_all();
    }
    loop_.run(0);  // nothing, where a runner has left no tasks out
    loop_.close();
}

void ThreadPool::begin(int64_t count, Body body) {
    if (size_ == 1 || runner_.run) return parallel_for(count, body);
    begun_body_ = std::move(body);
    begun_.open(begun_body_, count);
    wake_all();
}

void ThreadPool::finish() {
    if (begun_.threads < 0) return;
    begun_.run(0);
    begun_.close();
}

}  // namespace residua
