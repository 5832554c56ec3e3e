// JPEG files that are kept byte for byte.
#pragma once

#include <residua/residua.hpp>
#include <string>
#include <vector>

#include "app.h"

namespace tool {

// The first bytes of a file, which say whether it keeps a JPEG, and then all of it: also of a pipe.
class Peeked {
  public:
    explicit Peeked(FileInput& file);
    bool keeps_jpeg() const;
    size_t read(void* data, size_t size);
    // All that has not been read.
    std::vector<uint8_t> all(uint64_t limit);

  private:
    FileInput& file_;
    std::vector<uint8_t> bytes_;
    size_t given_ = 0;
};

// Whether the options leave a JPEG's bytes alone, and do not ask for anything that only pixels have.
bool keeps_jpegs(const Options& options);

// All of a source. Throws Failure (kMemory) where that is more than the limit.
std::vector<uint8_t> all_bytes(PictureSource& source, uint64_t limit);

// Whether an output of that name (or "-", or the default) of a kept JPEG gets its bytes.
bool wants_jpeg(const Options& options, const std::string& output);

// The JPEG's picture as the readers give it, metadata included. `jpeg` must outlive it.
PictureInput picture_of(App& app, const std::string& name, const residua::buffer& jpeg);

// What a file of ours says it holds: of a kept JPEG that of its picture.
image_io::Description described(App& app, const std::string& name, const uint8_t* data, size_t size);

}  // namespace tool
