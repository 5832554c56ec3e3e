// What a run will write, known as a whole before anything is written.
#pragma once

#include <string>
#include <vector>

#include "inputs.h"
#include "job.h"

namespace tool {

struct Options;

struct Work {
    InputKind inputs;
    std::string extension;  // of outputs that -o does not name; empty: nothing is written
    const char* done;       // what an input is afterwards: "encoded"
    bool jpegs = false;     // inputs that keep a JPEG file become that, .jpg
};

struct Plan {
    std::vector<Job> jobs;
    size_t left_out = 0;             // files in folders
    std::vector<std::string> names;  // of those
};

// Inputs and their outputs. Of those that cannot be read, or whose output must not be overwritten, the outcome
// says so. Throws Failure (kUsage) where two inputs would have one output, where an output is an input, and
// where a place for outputs is none: then nothing may be written.
Plan make_plan(const Options& options, const Work& work);

// The same refusals for a command that names its outputs itself, beginning with NAME + `suffix`; for one that
// has none but those of its options, the suffix is empty.
void check_places(const Options& options, const std::string& suffix = "");

// -o, or the input's name with another extension, beside the input or in -d; "-" for a pipe. Throws Failure.
std::string output_of(const Options& options, const Job& job, const std::string& extension);

}  // namespace tool
