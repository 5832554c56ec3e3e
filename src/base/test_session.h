// What tests of many folders share: a session, and bytes to code.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/session.h"

namespace residua {

struct TestSession {
    explicit TestSession(int thread_count, std::function<bool(double)> report = nullptr)
        : threads(thread_count), progress(std::move(report)) {}

    Allocator allocator;
    ThreadPool threads;
    Progress progress;
    std::function<void(LogLevel, const std::string&)> log = [](LogLevel, const std::string&) {};
    Session session{allocator, threads, progress, log};
};

// Half of them noise, half of them steps from 0 to 255.
inline std::vector<uint8_t> random_bytes(int count, unsigned seed) {
    std::mt19937 random(seed);
    std::vector<uint8_t> bytes(static_cast<size_t>(count));
    for (size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<uint8_t>(i % 1000 < 500 ? random() : random() % 2 ? 255 : 0);
    return bytes;
}

}  // namespace residua
