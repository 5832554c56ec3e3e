// The directories of a TIFF file, and of what is built like one (Exif, MPF): tags and where their values are.
#pragma once

#include <vector>

#include "image_io/directory.h"
#include "image_io/image.h"
#include "image_io/source.h"

namespace image_io {

class TiffDirectories {
  public:
    struct Entry {
        uint16_t tag, type;
        uint64_t count;
        uint64_t position;  // of its values
        uint64_t bytes;
        bool outside;  // of the file: count and bytes are 0
    };
    struct Directory {
        std::vector<Entry> entries;
        uint64_t next = 0;                      // of the chain; 0: none
        const Entry* find(uint16_t tag) const;  // nullptr: none
    };

    // `base`: where positions count from. Throws ImageError for what is no TIFF file.
    TiffDirectories(Source& source, const ReadOptions& options, uint64_t base = 0);

    bool big_endian() const { return big_endian_; }
    uint64_t first() const { return first_; }
    Directory read(uint64_t position);

    // Value `index` of integers, or of SHORT, LONG, IFD and so on. Throws ImageError where there is none.
    uint64_t number(const Entry& entry, uint64_t index = 0);
    std::vector<uint64_t> numbers(const Entry& entry);
    // As the file has them, and with the lower bytes first.
    std::vector<uint8_t> values(const Entry& entry);
    std::vector<uint8_t> little_endian(const Entry& entry);

    // Where in the source a position of the file is.
    uint64_t at(uint64_t position) const { return base_ + position; }
    // Behind all that has been read.
    uint64_t end() const { return end_; }

  private:
    uint64_t decode(const uint8_t* bytes, size_t size) const;

    Source& source_;
    const ReadOptions& options_;
    uint64_t base_;
    bool big_endian_ = false, large_ = false;
    uint64_t first_ = 0, end_ = 0;
    uint64_t taken_ = 0;  // bytes of values that have been given out
};

}  // namespace image_io
