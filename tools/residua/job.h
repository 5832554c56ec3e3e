// One input of a run, what becomes of it, and what came of it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

// Exit codes; `residua --help` lists them.
enum ExitCode {
    kSuccess = 0,
    kUsage = 1,
    kFileError = 2,
    kUnsupported = 3,
    kDamaged = 4,
    kModelMissing = 5,
    kMemory = 6,
    kInternal = 7,
    kIncomplete = 8,
    kInterrupted = 130,
};

enum class Status { kOpen, kDone, kSkipped, kFailed, kNotBegun };

// What is worth telling about a picture.
struct PictureKind {
    uint32_t width = 0, height = 0, bits = 0;
    uint32_t colour = 0;  // residua_colour
    bool alpha = false;
};

struct Outcome {
    Status status = Status::kOpen;
    ExitCode code = kSuccess;
    std::string error;
    std::string note;                 // of one that was skipped
    std::optional<uint64_t> written;  // bytes
    std::optional<PictureKind> picture;
    std::optional<uint64_t> checksum;  // of the pixels, as `residua info` shows it
    double seconds = 0;
    std::string messages;  // lines for standard error
    std::string timing;    // a line for --timing
};

struct Job {
    std::string input;   // "-": standard input
    std::string output;  // "-": standard output; empty: there is none
    // Where the input lies in the folder that was given, and that folder; empty: the input was given itself.
    std::string place, root;
    uint64_t bytes = 0;          // of the input; 0: not known
    bool regular = false;        // a file, which can be read again
    bool linked = false;         // by a symbolic link
    bool there = false;          // it has an output already
    std::pair<dev_t, ino_t> id;  // of a regular file
    Outcome outcome;

    void fail(ExitCode code, const std::string& error) {
        outcome.status = Status::kFailed;
        outcome.code = code;
        outcome.error = error;
    }
    bool open() const { return outcome.status == Status::kOpen; }
    // For messages.
    std::string name() const { return input == "-" ? "standard input" : input; }
    // What it counts in a bar.
    uint64_t weight() const { return bytes > 0 ? bytes : 1; }
};

}  // namespace tool
