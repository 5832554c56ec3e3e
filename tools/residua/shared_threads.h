// Threads that work on files of their own, and help each other once they have none.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

namespace tool {

class SharedThreads {
  public:
    // What residua_settings.run asks for; `user`: the SharedThreads. Index 0 is the caller's own.
    static void run(void* user, void (*task)(void* data, size_t index), void* data, size_t count);

    // Takes part in the others' runs until stop() was called.
    void help();
    void stop();

  private:
    struct Run {
        void (*task)(void* data, size_t index);
        void* data;
        size_t next, count;
        size_t helpers;  // that are within task
    };
    Run* waiting();  // one that has an index left

    std::mutex mutex_;
    std::condition_variable more_, less_;  // runs; helpers
    std::vector<Run*> runs_;
    size_t idle_ = 0;
    bool stopped_ = false;
};

}  // namespace tool
