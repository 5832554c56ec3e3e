#include "api/versioned.h"

#include <residua/residua.h>

#include <algorithm>
#include <string>

#include "base/error.h"

namespace residua::api {

SizeFault size_fault(const void* given, std::span<const size_t> sizes) noexcept {
    size_t size = 0;
    std::memcpy(&size, given, sizeof size);
    if (size < sizes.front() || size > kLargestStructure) return SizeFault::kNotSet;
    const size_t known = sizes.back();
    if (size < known)
        return std::ranges::find(sizes, size) != sizes.end() ? SizeFault::kNone : SizeFault::kNeverWas;
    const auto* bytes = static_cast<const unsigned char*>(given);
    return std::all_of(bytes + known, bytes + size, [](unsigned char byte) { return byte == 0; })
               ? SizeFault::kNone
               : SizeFault::kUnknownFields;
}

void check_size(const void* given, std::span<const size_t> sizes, const char* name) {
    const SizeFault fault = size_fault(given, sizes);
    if (fault == SizeFault::kNone) return;
    const std::string structure = name;
    if (fault == SizeFault::kUnknownFields)
        throw Error(ErrorCode::kUnsupported,
                    structure + " asks for something that this version of Residua (" + residua_version() +
                        ") does not know; leave its newer fields zero, or use a "
                        "later version of the library");
    size_t size = 0;
    std::memcpy(&size, given, sizeof size);
    throw Error(ErrorCode::kInvalidArgument, structure + ".struct_size is " + std::to_string(size) +
                                                 ", which no version has; set it to "
                                                 "sizeof(" +
                                                 structure + "), as RESIDUA_INIT does");
}

void refuse_reserved(const char* name) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string("a reserved field of ") + name + " is not zero; begin with RESIDUA_INIT");
}

}  // namespace residua::api
