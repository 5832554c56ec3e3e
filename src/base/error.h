// The one error type inside the library. The C API turns it into a code and a message.
#pragma once

#include <stdexcept>
#include <string>

namespace residua {

// Same values as residua_status in residua.h (checked by a static_assert where they meet).
enum class ErrorCode : int {
    kOk = 0,
    kInvalidArgument = 1,  // the caller broke a documented precondition
    kUnsupported = 2,      // well-formed, but not something this version can code
    kCorrupt = 3,          // the bytes are not a valid file, or a checksum differs
    kTruncated = 4,        // the bytes end too early
    kModelMissing = 5,     // the file names a model that is not installed
    kMemoryLimit = 6,      // the caller's memory limit would be exceeded
    kOutOfMemory = 7,      // the allocator returned nothing
    kIo = 8,               // reading or writing failed
    kCancelled = 9,        // the progress callback asked to stop
    kInternal = 10,        // a defect of Residua; the proof after encoding failed, for example
};

// `what()` is one sentence for a person: what is wrong and, where possible, what to do.
class Error : public std::runtime_error {
  public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const { return code_; }

  private:
    ErrorCode code_;
};

}  // namespace residua
