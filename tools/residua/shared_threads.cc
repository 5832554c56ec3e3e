#include "shared_threads.h"

#include <algorithm>

namespace tool {

void SharedThreads::run(void* user, void (*task)(void* data, size_t index), void* data, size_t count) {
    auto& self = *static_cast<SharedThreads*>(user);
    if (count == 0) return;
    Run run{task, data, 1, count, 0};
    {
        const std::lock_guard lock(self.mutex_);
        self.runs_.push_back(&run);
        if (self.idle_ > 0) self.more_.notify_all();
    }
    task(data, 0);
    std::unique_lock lock(self.mutex_);
    while (run.next < run.count) {
        const size_t index = run.next++;
        lock.unlock();
        task(data, index);
        lock.lock();
    }
    std::erase(self.runs_, &run);
    self.less_.wait(lock, [&] { return run.helpers == 0; });
}

SharedThreads::Run* SharedThreads::waiting() {
    const auto found = std::ranges::find_if(runs_, [](const Run* run) { return run->next < run->count; });
    return found == runs_.end() ? nullptr : *found;
}

void SharedThreads::help() {
    std::unique_lock lock(mutex_);
    ++idle_;
    for (;;) {
        more_.wait(lock, [&] { return stopped_ || waiting(); });
        Run* run = waiting();
        if (!run) return;  // stopped
        const size_t index = run->next++;
        ++run->helpers;
        --idle_;
        lock.unlock();
        run->task(run->data, index);
        lock.lock();
        ++idle_;
        if (--run->helpers == 0) less_.notify_all();
    }
}

void SharedThreads::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    more_.notify_all();
}

}  // namespace tool
