// Structures that begin with struct_size: what callers with an older or a newer header than this library's
// give and get (docs/abi.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace residua::api {

// Of each structure: `name`, for messages; `sizes`, those that a header ever gave it, ascending, each the end
// of that version's last field; and `reserved(value)`, not 0 when a reserved field is set. structures.h has
// those of the interface.
template <typename T>
struct Versions;

// The sizes that can be right; a larger one is what a structure that nobody initialised holds.
constexpr size_t kLargestStructure = 4096;

enum class SizeFault { kNone, kNotSet, kNeverWas, kUnknownFields };

SizeFault size_fault(const void* given, std::span<const size_t> sizes) noexcept;

// Throws kInvalidArgument, or kUnsupported for fields that this version does not know.
void check_size(const void* given, std::span<const size_t> sizes, const char* name);
[[noreturn]] void refuse_reserved(const char* name);

// The caller's structure as this version has it; for null, all defaults. Throws as check_size.
template <typename T>
T read(const T* given) {
    static_assert(Versions<T>::sizes[std::size(Versions<T>::sizes) - 1] == sizeof(T),
                  "no padding at the end: a later field would lie where callers never wrote");
    T value{};
    if (given) {
        check_size(given, Versions<T>::sizes, Versions<T>::name);
        std::memcpy(&value, given, given->struct_size < sizeof(T) ? given->struct_size : sizeof(T));
        if (Versions<T>::reserved(value) != 0) refuse_reserved(Versions<T>::name);
    }
    value.struct_size = sizeof(T);
    return value;
}

// Fills the caller's structure as far as it reaches; its struct_size stays. Throws as check_size.
template <typename T>
void write(T* to, const T& value) {
    check_size(to, Versions<T>::sizes, Versions<T>::name);
    const size_t size = to->struct_size < sizeof(T) ? to->struct_size : sizeof(T);
    std::memcpy(reinterpret_cast<char*>(to) + sizeof(size_t),
                reinterpret_cast<const char*>(&value) + sizeof(size_t), size - sizeof(size_t));
}

// The same with an empty value; null and structures whose struct_size is wrong stay as they are.
template <typename T>
void empty(T* to) noexcept {
    if (to && size_fault(to, Versions<T>::sizes) == SizeFault::kNone) write(to, T{});
}

}  // namespace residua::api
