// Pools whose threads are somebody else's, or cannot be had.
#include "base/thread_pool.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cerrno>

#include "base/error.h"

namespace {
int threads_to_be_had = -1;  // -1: no end of them
}

// In the place of the system's, for this program.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* attributes,
                                                                     void* (*start)(void*), void* argument) {
    if (threads_to_be_had == 0) return EAGAIN;
    if (threads_to_be_had > 0) --threads_to_be_had;
    static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
    return real(thread, attributes, start, argument);
}

namespace residua {
namespace {

// Each iteration once, on threads that the pool has.
void expect_whole_loops(ThreadPool& pool) {
    for (int round = 0; round < 50; ++round)
        for (const int64_t count : {0, 1, 2, 37}) {
            std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
            pool.parallel_for(count, [&](int64_t i, int thread) {
                EXPECT_GE(thread, 0);
                EXPECT_LT(thread, pool.size());
                ++calls[static_cast<size_t>(i)];
            });
            for (auto& number : calls) ASSERT_EQ(number, 1);
        }
}

// A loop that was begun and the ones meanwhile: each iteration once, and no thread's number in two at a time.
void expect_loops_beside_each_other(ThreadPool& pool) {
    for (int round = 0; round < 50; ++round)
        for (const int64_t count : {0, 1, 3, 20}) {
            std::vector<std::atomic<int>> busy(static_cast<size_t>(pool.size()));
            std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
            std::atomic<int> meanwhile = 0;
            const auto alone = [&busy](int thread) {
                EXPECT_EQ(busy[static_cast<size_t>(thread)]++, 0);
                std::atomic<int> work = 0;
                while (++work < 100) {
                }
                --busy[static_cast<size_t>(thread)];
            };
            pool.begin(count, [&](int64_t i, int thread) {
                alone(thread);
                ++calls[static_cast<size_t>(i)];
            });
            for (int loop = 0; loop < 3; ++loop)
                pool.parallel_for(7, [&](int64_t, int thread) {
                    alone(thread);
                    ++meanwhile;
                });
            EXPECT_EQ(meanwhile, 21);
            pool.finish();
            for (auto& number : calls) ASSERT_EQ(number, 1);
            pool.finish();  // of nothing
        }
    EXPECT_THROW(
        {
            pool.begin(4, [](int64_t, int) { throw Error(ErrorCode::kCancelled, "stop"); });
            pool.finish();
        },
        Error);
}

void expect_errors_passed_on(ThreadPool& pool) {
    for (int round = 0; round < 50; ++round)
        EXPECT_THROW(pool.parallel_for(20,
                                       [](int64_t i, int) {
                                           if (i == 7) throw Error(ErrorCode::kCancelled, "stop");
                                       }),
                     Error);
}

TEST(ThreadPool, GoesOnWithTheThreadsThatTheSystemGives) {
    for (const int given : {0, 1, 3}) {
        threads_to_be_had = given;
        ThreadPool pool(5);
        threads_to_be_had = -1;
        EXPECT_EQ(pool.size(), given + 1);
        EXPECT_EQ(pool.missing(), 4 - given);
        expect_whole_loops(pool);
        expect_loops_beside_each_other(pool);
        expect_errors_passed_on(pool);
    }
    ThreadPool pool(3);
    EXPECT_EQ(pool.size(), 3);
    EXPECT_EQ(pool.missing(), 0);
}

using Task = void (*)(void* data, size_t index);
struct Calls {
    size_t loops = 0, tasks = 0;
};

void run_in_order(void* user, Task task, void* data, size_t count) {
    auto& calls = *static_cast<Calls*>(user);
    ++calls.loops;
    calls.tasks += count;
    for (size_t i = 0; i < count; ++i) task(data, i);
}
void run_backwards(void*, Task task, void* data, size_t count) {
    for (size_t i = count; i-- > 0;) task(data, i);
}
void run_on_threads(void*, Task task, void* data, size_t count) {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < count; ++i) threads.emplace_back(task, data, i);
    for (auto& thread : threads) thread.join();
}
void run_nothing(void*, Task, void*, size_t) {}
void run_one_too_many(void*, Task task, void* data, size_t count) {
    for (size_t i = 0; i <= count + 300; ++i) task(data, i);
}

TEST(ThreadPool, WorksOnTheCallersThreads) {
    for (const auto run : {run_backwards, run_on_threads, run_nothing, run_one_too_many}) {
        threads_to_be_had = 0;
        ThreadPool pool(4, {run, nullptr});
        threads_to_be_had = -1;
        EXPECT_EQ(pool.size(), 4);
        EXPECT_EQ(pool.missing(), 0) << "it makes no threads of its own";
        expect_whole_loops(pool);
        expect_loops_beside_each_other(pool);
        expect_errors_passed_on(pool);
    }
}

TEST(ThreadPool, GivesTheRunnerNoMoreTasksThanItHasThreadsAndIterations) {
    Calls calls;
    ThreadPool pool(4, {run_in_order, &calls});
    pool.parallel_for(100, [](int64_t, int) {});
    EXPECT_EQ(calls.loops, 1u);
    EXPECT_EQ(calls.tasks, 4u);
    pool.parallel_for(3, [](int64_t, int) {});
    EXPECT_EQ(calls.tasks, 7u);
    pool.parallel_for(1, [](int64_t, int) {});
    EXPECT_EQ(calls.loops, 2u) << "one iteration needs nobody";
}

}  // namespace
}  // namespace residua
