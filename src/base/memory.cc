#include "base/memory.h"

#include <new>
#include <string>

namespace residua {

namespace {
constexpr size_t kAlignment = 64;

void* heap_allocate(void*, size_t bytes, size_t alignment) {
    return ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
}
void heap_free(void*, void* pointer) { ::operator delete(pointer, std::align_val_t(kAlignment)); }
}  // namespace

Allocator::Allocator(uint64_t limit, AllocateFunction allocate, FreeFunction free, void* user)
    : limit_(limit),
      allocate_(allocate ? allocate : heap_allocate),
      free_(free ? free : heap_free),
      user_(user) {}

void Allocator::reserve(uint64_t bytes) {
    const uint64_t now = used_.fetch_add(bytes) + bytes;
    if (now < bytes || (limit_ != 0 && now > limit_)) {
        used_ -= bytes;
        throw Error(ErrorCode::kMemoryLimit, "this needs more memory than the limit of " +
                                                 std::to_string(limit_ >> 20) +
                                                 " MiB allows; raise the limit to code this picture");
    }
    uint64_t peak = peak_;
    while (now > peak && !peak_.compare_exchange_weak(peak, now)) {
    }
}

void* Allocator::allocate(size_t bytes) {
    reserve(bytes);
    // No object is larger than that, and what rounds a size up must not wrap around.
    const bool possible = bytes <= static_cast<size_t>(PTRDIFF_MAX) - kAlignment;
    void* pointer = possible ? allocate_(user_, bytes ? bytes : 1, kAlignment) : nullptr;
    if (!pointer) {
        unreserve(bytes);
        throw Error(ErrorCode::kOutOfMemory,
                    "out of memory (" + std::to_string(bytes >> 20) + " MiB were asked for)");
    }
    return pointer;
}

void Allocator::release(void* pointer, size_t bytes) noexcept {
    free_(user_, pointer);
    unreserve(bytes);
}

}  // namespace residua
