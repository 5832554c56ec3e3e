#include <gtest/gtest.h>

#include <atomic>
#include <numeric>

#include "base/byte_input.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/thread_pool.h"

namespace residua {
namespace {

ErrorCode code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Bytes, ReadsBackWhatWasWritten) {
    ByteWriter writer;
    const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, 0xffffffffull, ~0ull};
    for (uint64_t value : values) writer.varint(value);
    writer.u16(0x1234);
    writer.i32(-5);
    ByteReader reader(writer.bytes, "test");
    for (uint64_t value : values) EXPECT_EQ(reader.varint(), value);
    EXPECT_EQ(reader.u16(), 0x1234);
    EXPECT_EQ(reader.i32(), -5);
    EXPECT_TRUE(reader.at_end());
    EXPECT_EQ(code_of([&] { reader.u8(); }), ErrorCode::kTruncated);
}

TEST(Bytes, RefusesLongAndOverflowingVarints) {
    const std::vector<uint8_t> not_shortest = {0x80, 0x00};
    const std::vector<uint8_t> too_long(11, 0xff);
    EXPECT_EQ(code_of([&] { ByteReader(not_shortest, "test").varint(); }), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of([&] { ByteReader(too_long, "test").varint(); }), ErrorCode::kCorrupt);
    EXPECT_EQ(code_of([&] { ByteReader(too_long, "test").take(~0ull); }), ErrorCode::kTruncated);
}

TEST(Allocator, KeepsTheLimitAndCountsThePeak) {
    Allocator allocator(1000);
    {
        Buffer<uint8_t> first(allocator, 600);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(first.data()) % 64, 0u);
        EXPECT_EQ(code_of([&] { Buffer<uint8_t> second(allocator, 401); }), ErrorCode::kMemoryLimit);
        Reservation reservation(allocator, 400);
        EXPECT_EQ(code_of([&] { allocator.reserve(1); }), ErrorCode::kMemoryLimit);
    }
    EXPECT_EQ(allocator.used(), 0u);
    EXPECT_EQ(allocator.peak(), 1000u);
}

// Sizes that would wrap around when they are rounded up.
TEST(Allocator, RefusesWhatNoMachineHas) {
    int calls = 0;
    Allocator allocator(
        0, [](void* user, size_t, size_t) -> void* { return ++*static_cast<int*>(user), nullptr; },
        [](void*, void*) {}, &calls);
    for (const size_t size : {SIZE_MAX, SIZE_MAX - 62, SIZE_MAX / 2 + 1, SIZE_MAX / 2 - 1})
        EXPECT_EQ(code_of([&] { allocator.allocate(size); }), ErrorCode::kOutOfMemory) << size;
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(allocator.used(), 0u);
}

TEST(FunctionInput, RefusesWhatNoMachineHas) {
    for (const uint64_t expected : {UINT64_MAX, UINT64_MAX - 63, uint64_t{1} << 63}) {
        Allocator allocator;
        const uint8_t before[100] = {};
        FunctionInput input([](uint8_t*, size_t size) { return size; }, expected, allocator);
        EXPECT_EQ(code_of([&] { input.take_up_to(UINT64_MAX, before); }), ErrorCode::kMemoryLimit);
    }
}

TEST(ThreadPool, RunsEachIterationOnceAndPassesOnErrors) {
    for (int threads : {1, 2, 5}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.size(), threads);
        for (int round = 0; round < 200; ++round) {
            std::vector<std::atomic<int>> calls(37);
            pool.parallel_for(37, [&](int64_t i, int thread) {
                EXPECT_LT(thread, threads);
                ++calls[static_cast<size_t>(i)];
            });
            for (auto& count : calls) ASSERT_EQ(count, 1);
        }
        EXPECT_EQ(code_of([&] {
                      pool.parallel_for(9, [](int64_t i, int) {
                          if (i == 4) throw Error(ErrorCode::kCancelled, "stop");
                      });
                  }),
                  ErrorCode::kCancelled);
    }
}

}  // namespace
}  // namespace residua
