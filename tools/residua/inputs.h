// The inputs of a run: what the command line names, and with -r what lies in folders.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "job.h"

namespace tool {

enum class InputKind { kPictures, kCoded };

struct Inputs {
    std::vector<Job> jobs;              // without outputs; what cannot be read has failed already
    std::vector<std::string> left_out;  // in folders: hidden, or of another kind
};

// Folders are walked where `recursive`, their files in the order of their names. What is hidden in them, no
// file of that kind, unfinished, or a link to a folder is left out; with `no_links`, every link.
Inputs find_inputs(const std::vector<std::string>& named, InputKind kind, bool recursive, bool no_links);

// Does the file begin as one that Residua has written?
bool is_coded_file(const std::string& path);
// And whether it keeps a JPEG file.
bool keeps_jpeg(const std::string& path);

}  // namespace tool
