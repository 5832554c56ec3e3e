// What becomes of the HEVC libraries where the system refuses them memory or threads: an error that says so,
// never a hang, a crash or a complaint about the file. Each case is a process of its own.
#include <grp.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "lossy/dec_hevc.h"
#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"
#include "lossy/startable_threads.h"

#if defined(__SANITIZE_ADDRESS__)
#define RESIDUA_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RESIDUA_ASAN
#endif
#endif

namespace residua::lossy {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kOther = 101;                // exit code: the result was not the expected one
constexpr int kWide = 1024, kHigh = 1024;  // has wavefronts
constexpr unsigned kHangs = 100;           // seconds

// The exit code of a process that does this; −1 when a signal ended it.
int in_child(const std::function<int()>& action) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(kHangs);
        _exit(action());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return static_cast<int>(error.code());
    } catch (const std::bad_alloc&) {
        return static_cast<int>(ErrorCode::kOutOfMemory);  // as the C interface has it
    }
    return static_cast<int>(ErrorCode::kOk);
}

Bytes picture(int width, int height) {
    Bytes pixels;
    for (int i = 0; i < width * height; ++i)
        pixels.push_back(static_cast<uint8_t>(i % width / 8 + i / width / 16));
    return pixels;
}

Bytes encode(const Bytes& pixels, int width, int height, int threads) {
    Allocator allocator;
    return encode_bpg({pixels.data(), width, height, 1, width}, {30, 10, 1, threads}, allocator);
}

void decode(const Bytes& bpg, int width, int height, int threads, Allocator& allocator) {
    Bytes pixels(static_cast<size_t>(width) * static_cast<size_t>(height));
    decode_bpg(bpg, {pixels.data(), width, height, 1, width}, allocator, threads);
}

// From now on so many threads beside this one. Root has no such limit: it becomes a user that has no other
// process. Of another user's threads nobody knows the number, so that only 0 can be asked for.
bool limit_threads(int threads) {
    const uid_t uid = 300000000 + static_cast<uid_t>(getpid());
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setuid(uid) != 0)) return false;
    const rlimit limit = {static_cast<rlim_t>(threads + 1), static_cast<rlim_t>(threads + 1)};
    const rlimit none = {0, 0};
    return setrlimit(RLIMIT_NPROC, threads > 0 ? &limit : &none) == 0;
}

int most_threads() { return geteuid() == 0 ? 6 : 0; }

constexpr int kOk = static_cast<int>(ErrorCode::kOk),
              kOutOfMemory = static_cast<int>(ErrorCode::kOutOfMemory);

TEST(RefusedThreads, AreCounted) {
    for (int threads = 0; threads <= most_threads(); ++threads)
        EXPECT_EQ(in_child([&] {
                      if (!limit_threads(threads)) return kOther;
                      // Again and again: those that have ended no longer count.
                      for (int i = 0; i < 20; ++i)
                          if (startable_threads(4) != std::min(threads, 4)) return kOther;
                      return kOk;
                  }),
                  kOk)
            << threads;
}

TEST(RefusedThreads, TheEncoderUsesThoseThatThereAre) {
    const Bytes small = picture(40, 24), large = picture(kWide, kHigh);
    const Bytes of_small = encode(small, 40, 24, 1), of_large = encode(large, kWide, kHigh, 1);
    for (int threads = 0; threads <= most_threads(); ++threads) {
        const auto result = [&](const Bytes& pixels, int width, int height, const Bytes& expected) {
            return in_child([&] {
                if (!limit_threads(threads)) return kOther;
                Bytes bytes;
                const int code = code_of([&] { bytes = encode(pixels, width, height, 4); });
                return code != kOk || bytes == expected ? code : kOther;
            });
        };
        EXPECT_EQ(result(small, 40, 24, of_small), threads < 1 ? kOutOfMemory : kOk) << threads;
        EXPECT_EQ(result(large, kWide, kHigh, of_large), threads < 2 ? kOutOfMemory : kOk) << threads;
    }
}

TEST(RefusedThreads, TheDecoderDoesWithout) {
    const Bytes bpg = encode(picture(kWide, kHigh), kWide, kHigh, 1);
    for (int threads = 0; threads <= most_threads(); ++threads)
        EXPECT_EQ(in_child([&] {
                      if (!limit_threads(threads)) return kOther;
                      return code_of([&] {
                          Allocator allocator;
                          decode(bpg, kWide, kHigh, 4, allocator);
                      });
                  }),
                  kOk)
            << threads;
}

// Nor do two that count at the same time take the same places.
TEST(RefusedThreads, AreSharedByDecoders) {
    const int threads = most_threads();
    if (threads == 0) GTEST_SKIP() << "needs to be another user, with a limit of its own";
    const Bytes bpg = encode(picture(40, 24), 40, 24, 1);
    EXPECT_EQ(in_child([&] {
                  if (!limit_threads(threads)) return kOther;
                  int codes[2] = {kOther, kOther};
                  const auto decode_often = [&](int& code) {
                      code = code_of([&] {
                          Allocator allocator;
                          for (int i = 0; i < 300; ++i) decode(bpg, 40, 24, 4, allocator);
                      });
                  };
                  std::thread first([&] { decode_often(codes[0]); }), second([&] { decode_often(codes[1]); });
                  first.join();
                  second.join();
                  return std::max(codes[0], codes[1]);
              }),
              kOk);
}

// The caller's own allocator.
TEST(RefusedMemory, OfTheCallerIsToldAsSuch) {
    const Bytes bpg = encode(picture(kWide, kHigh), kWide, kHigh, 1);
    const auto refuse = [](void*, size_t, size_t) -> void* { return nullptr; };
    Allocator none(0, refuse, [](void*, void*) {});
    EXPECT_EQ(code_of([&] { decode(bpg, kWide, kHigh, 1, none); }), kOutOfMemory);
    EXPECT_EQ(none.used(), 0u);
    Allocator generous;
    decode(bpg, kWide, kHigh, 1, generous);
    Allocator limited(generous.peak() - 1);
    EXPECT_EQ(code_of([&] { decode(bpg, kWide, kHigh, 1, limited); }),
              static_cast<int>(ErrorCode::kMemoryLimit));
    EXPECT_EQ(limited.used(), 0u);
    Allocator enough(generous.peak());
    EXPECT_EQ(code_of([&] { decode(bpg, kWide, kHigh, 1, enough); }), kOk);
}

// Sample adaptive offset works on a copy of the planes. Without threads the library makes one itself, a plane
// at a time, which counts against the limit.
TEST(RefusedMemory, OfTheCopyIsTheCallersToo) {
    constexpr int kEffort = 5;  // has sample adaptive offset
    const Bytes pixels = picture(kWide, kHigh);
    Allocator heap;
    const Bytes bpg = encode_bpg({pixels.data(), kWide, kHigh, 1, kWide}, {30, 10, kEffort, 1}, heap);
    struct Calls {
        int count = 0, most = 2;
    };
    const auto allocate = [](void* user, size_t bytes, size_t alignment) -> void* {
        auto& calls = *static_cast<Calls*>(user);
        return ++calls.count > calls.most ? nullptr : std::aligned_alloc(alignment, bytes);
    };
    const auto free_again = [](void*, void* pointer) { std::free(pointer); };
    uint64_t peaks[2];
    for (const int threads : {1, 4}) {
        Calls calls;
        Allocator own(0, allocate, free_again, &calls);
        decode(bpg, kWide, kHigh, threads, own);
        EXPECT_EQ(calls.count, threads == 1 ? 1 : 2);
        peaks[threads == 1 ? 0 : 1] = own.peak();
    }
    // More than the bits, which are counted here as none, could make up for.
    const uint64_t plane = uint64_t{2} * kWide * kHigh;
    const uint64_t library = hevc_decoder_memory({0, 10, kWide, kHigh}, 0);
    ASSERT_LT(2 * bpg.size(), plane / 2);
    EXPECT_GE(peaks[0], library + 2 * plane);
    EXPECT_GE(peaks[1], library + 2 * plane);
    Calls calls{.most = 1};
    Allocator own(0, allocate, free_again, &calls);
    EXPECT_EQ(code_of([&] { decode(bpg, kWide, kHigh, 4, own); }), kOutOfMemory);
    EXPECT_EQ(own.used(), 0u);
}

#ifndef RESIDUA_ASAN  // whose memory no limit fits

#ifdef __GLIBC__
// Large blocks have mappings of their own, and threads no heaps: what was freed before does not serve again.
const bool kNothingSpare = mallopt(M_MMAP_THRESHOLD, 1 << 16) && mallopt(M_ARENA_MAX, 1);
#endif

// From now on so many bytes of memory more than there are.
bool limit_memory(size_t more) {
    std::ifstream file("/proc/self/statm");
    rlim_t pages = 0;
    if (!(file >> pages)) return false;
    const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + more;
    const rlimit limit = {bytes, bytes};
    return setrlimit(RLIMIT_AS, &limit) == 0;
}

// However much is missing.
void check_memory(const std::function<void()>& action) {
    if (!std::ifstream("/proc/self/statm")) GTEST_SKIP() << "how much memory there is is not known here";
    int refused = 0, done = 0;
    for (size_t more = 0; done < 3 && more <= size_t{128} << 20; more += size_t{768} << 10) {
        const int code = in_child([&] { return limit_memory(more) ? code_of(action) : kOther; });
        EXPECT_TRUE(code == kOk || code == kOutOfMemory) << (more >> 10) << " KiB: " << code;
        refused += code == kOutOfMemory;
        done += code == kOk;
    }
    EXPECT_GT(refused, 0);
    EXPECT_EQ(done, 3);
}

TEST(RefusedMemory, OfTheSystemIsToldByTheDecoder) {
    const Bytes bpg = encode(picture(kWide, kHigh), kWide, kHigh, 1);
    check_memory([&] {
        Allocator allocator;
        decode(bpg, kWide, kHigh, 1, allocator);
    });
}

TEST(RefusedMemory, OfTheSystemIsToldByTheEncoder) {
    const Bytes pixels = picture(kWide, kHigh);
    check_memory([&] { encode(pixels, kWide, kHigh, 1); });
}

#endif

}  // namespace
}  // namespace residua::lossy
