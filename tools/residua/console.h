// Standard error: messages, each as a whole, and one line that shows how far the work is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tool {

// May be used by any thread.
class Console {
  public:
    // `bar`: show progress. It is never shown where standard error is no terminal.
    explicit Console(bool bar);

    // Inputs to come: how many, and their bytes (1 at least for each).
    void expect(size_t inputs, uint64_t bytes);

    // Worker `worker` begins with an input, is so far with it, has done with it.
    void begin(size_t worker, const std::string& name, uint64_t bytes);
    void progress(size_t worker, double fraction);
    void end(size_t worker);
    // An input that needs no work, or was begun in vain and will be begun again.
    void skip(uint64_t bytes);
    void take_back(size_t worker);

    // Whole lines of printable text, above the bar.
    void print(const std::string& lines);

    // A bar's text without what steers the terminal. `seconds`: since the work began.
    static std::string bar_text(double share, double seconds, size_t done, size_t inputs,
                                const std::string& name);

  private:
    struct Worker {
        std::string name;
        uint64_t bytes = 0;
        double fraction = 0;
    };
    void clear();
    void draw(bool at_once);
    double share() const;

    const bool shown_;
    std::mutex mutex_;
    std::vector<Worker> workers_;
    size_t inputs_ = 0, done_inputs_ = 0, latest_ = 0;
    uint64_t bytes_ = 0, done_bytes_ = 0;
    std::chrono::steady_clock::time_point begun_, drawn_;
    std::string line_;  // what stands on the terminal; empty: nothing
};

}  // namespace tool
