// Large buffers come from the caller's allocator and count against the caller's memory limit.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/error.h"

namespace residua {

// Thread-safe. All memory whose size depends on the picture or the file goes through it; small fixed objects
// do not. What the HEVC libraries allocate themselves is reserved here as an estimate (see Reservation).
class Allocator {
  public:
    using AllocateFunction = void* (*)(void* user, size_t bytes, size_t alignment);
    using FreeFunction = void (*)(void* user, void* pointer);

    // limit in bytes, 0 = none. Null functions: the C++ heap. Functions and `user` must outlive the
    // allocator.
    explicit Allocator(uint64_t limit = 0, AllocateFunction allocate = nullptr, FreeFunction free = nullptr,
                       void* user = nullptr);
    Allocator(const Allocator&) = delete;
    Allocator& operator=(const Allocator&) = delete;

    void* allocate(size_t bytes);  // 64-byte aligned, never null; throws kMemoryLimit or kOutOfMemory
    void release(void* pointer, size_t bytes) noexcept;
    void reserve(uint64_t bytes);  // counts without allocating; throws kMemoryLimit
    void unreserve(uint64_t bytes) noexcept { used_ -= bytes; }

    uint64_t used() const { return used_; }
    uint64_t peak() const { return peak_; }
    uint64_t limit() const { return limit_; }

  private:
    uint64_t limit_;
    AllocateFunction allocate_;
    FreeFunction free_;
    void* user_;
    std::atomic<uint64_t> used_{0};
    std::atomic<uint64_t> peak_{0};
};

// Counts memory that a library allocates for us, for as long as it lives.
class Reservation {
  public:
    Reservation(Allocator& allocator, uint64_t bytes) : allocator_(allocator), bytes_(bytes) {
        allocator_.reserve(bytes);
    }
    ~Reservation() { allocator_.unreserve(bytes_); }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

  private:
    Allocator& allocator_;
    uint64_t bytes_;
};

// Of numbers that are not negative: the size of a Buffer, in 64 bits on every machine. What does not fit into
// them becomes their largest number, which no Buffer has.
template <typename... Numbers>
constexpr uint64_t product(Numbers... numbers) {
    uint64_t result = 1;
    const auto times = [&result](uint64_t number) {
        result = number > 0 && result > UINT64_MAX / number ? UINT64_MAX : result * number;
    };
    (times(static_cast<uint64_t>(numbers)), ...);
    return result;
}

// An owned, 64-byte aligned array of a trivial type; movable. Elements are uninitialised unless filled.
template <typename T>
class Buffer {
  public:
    Buffer() = default;
    // A count of 64 bits on every machine, so that a product of a file's numbers (product, below) is refused
    // where it does not fit, and not cut.
    Buffer(Allocator& allocator, uint64_t count) : allocator_(&allocator) {
        if (count > PTRDIFF_MAX / sizeof(T))
            throw Error(ErrorCode::kMemoryLimit,
                        sizeof(size_t) < 8 ? "this needs a larger array than this machine can address; "
                                             "code the picture on one with 64 bits"
                                           : "this needs a larger array than any machine can address");
        count_ = static_cast<size_t>(count);
        data_ = static_cast<T*>(allocator.allocate(count_ * sizeof(T)));
    }
    Buffer(Allocator& allocator, uint64_t count, T value) : Buffer(allocator, count) {
        for (size_t i = 0; i < count_; ++i) data_[i] = value;
    }
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        Buffer moved(std::move(other));
        swap(moved);
        return *this;
    }
    ~Buffer() {
        if (data_) allocator_->release(data_, count_ * sizeof(T));
    }

    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    T& operator[](size_t i) { return data_[i]; }
    const T& operator[](size_t i) const { return data_[i]; }
    std::span<T> span() { return {data_, count_}; }
    std::span<const T> span() const { return {data_, count_}; }

  private:
    void swap(Buffer& other) noexcept {
        std::swap(allocator_, other.allocator_);
        std::swap(data_, other.data_);
        std::swap(count_, other.count_);
    }
    Allocator* allocator_ = nullptr;
    T* data_ = nullptr;
    size_t count_ = 0;
};

// Empty for no bytes.
inline Buffer<uint8_t> copy(std::span<const uint8_t> bytes, Allocator& allocator) {
    if (bytes.empty()) return {};
    Buffer<uint8_t> buffer(allocator, bytes.size());
    std::memcpy(buffer.data(), bytes.data(), bytes.size());
    return buffer;
}

}  // namespace residua
