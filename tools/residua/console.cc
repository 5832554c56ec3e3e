#include "console.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "text.h"

namespace tool {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBetweenBars = std::chrono::milliseconds(100);
constexpr double kShareForEstimate = 0.005, kSecondsForEstimate = 2;

std::string duration(double seconds) {
    const auto whole = static_cast<long long>(std::ceil(seconds));
    char text[40];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

}  // namespace

Console::Console(bool bar)
    : shown_(bar && isatty(STDERR_FILENO)),
      workers_(1),
      begun_(Clock::now()),
      drawn_(begun_ - kBetweenBars) {}

void Console::expect(size_t inputs, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    inputs_ = inputs;
    bytes_ = bytes;
    begun_ = Clock::now();
}

void Console::begin(size_t worker, const std::string& name, uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (workers_.size() <= worker) workers_.resize(worker + 1);
    workers_[worker] = {printable(name), bytes, 0};
    latest_ = worker;
}

void Console::progress(size_t worker, double fraction) {
    if (!shown_) return;
    const std::lock_guard lock(mutex_);
    workers_[worker].fraction = fraction;
    draw(false);
}

void Console::end(size_t worker) {
    const std::lock_guard lock(mutex_);
    done_bytes_ += workers_[worker].bytes;
    ++done_inputs_;
    workers_[worker] = {};
    if (done_inputs_ >= inputs_)
        clear();
    else
        draw(false);
}

void Console::skip(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    done_bytes_ += bytes;
    ++done_inputs_;
}

void Console::take_back(size_t worker) {
    const std::lock_guard lock(mutex_);
    workers_[worker] = {};
}

void Console::print(const std::string& lines) {
    if (lines.empty()) return;
    const std::lock_guard lock(mutex_);
    const bool bar = !line_.empty();
    clear();
    std::fwrite(lines.data(), 1, lines.size(), stderr);
    if (bar && done_inputs_ < inputs_) draw(true);
}

std::string Console::bar_text(double share, double seconds, size_t done, size_t inputs,
                              const std::string& name) {
    constexpr int kBar = 30;
    const int filled = static_cast<int>(share * kBar);
    char text[120];
    std::snprintf(text, sizeof text, "[%s%s] %3d %%", std::string(static_cast<size_t>(filled), '#').c_str(),
                  std::string(static_cast<size_t>(kBar - filled), '.').c_str(),
                  static_cast<int>(share * 100));
    std::string line = text;
    if (inputs > 1) {
        std::snprintf(text, sizeof text, " %zu/%zu files", done, inputs);
        line += text;
    }
    if (share >= kShareForEstimate && seconds >= kSecondsForEstimate)
        line += ", " + duration(seconds / share * (1 - share)) + " left";
    return name.empty() ? line : line + " " + name;
}

double Console::share() const {
    auto done = static_cast<double>(done_bytes_);
    for (const Worker& worker : workers_) done += worker.fraction * static_cast<double>(worker.bytes);
    return bytes_ > 0 ? std::min(1.0, done / static_cast<double>(bytes_)) : workers_[latest_].fraction;
}

void Console::clear() {
    if (!line_.empty()) std::fprintf(stderr, "\r\033[K");
    line_.clear();
}

// Where the terminal is narrower than the line, its end is left out instead of beginning a new one.
void Console::draw(bool at_once) {
    const auto now = Clock::now();
    if (!shown_ || (!at_once && now - drawn_ < kBetweenBars)) return;
    drawn_ = now;
    const std::string line = bar_text(share(), std::chrono::duration<double>(now - begun_).count(),
                                      done_inputs_, inputs_, workers_[latest_].name);
    if (line == line_) return;
    line_ = line;
    std::fprintf(stderr, "\r\033[K\033[?7l%s\033[?7h", line.c_str());
    std::fflush(stderr);
}

}  // namespace tool
