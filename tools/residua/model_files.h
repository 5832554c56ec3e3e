// The model files that every command adds to those of the library.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tool {

struct Options;

struct ModelFile {
    std::string path;
    std::vector<uint8_t> bytes;
    bool installed = false;  // by `residua models add`: one that is no good is left out
    std::string error;       // of an installed one that could not be read
};

// Those that --model-file names, those in the folders of RESIDUA_MODELS, the installed ones. Read once: a
// caged process cannot. Throws Failure where one that is not installed cannot be read.
const std::vector<ModelFile>& model_files(const Options& options);

}  // namespace tool
