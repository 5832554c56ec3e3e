// Strip files, version 2 of the format: a large picture as complete files of version 1, one below the other,
// so that no one needs more of it at a time than one of them. docs/format.md, 3.
#pragma once

#include "base/byte_input.h"
#include "container/container.h"

namespace residua::container {

constexpr uint8_t kStripVersion = 2;
constexpr int kStripUnit = 16;  // strips' heights are multiples of it,
// but for pictures so wide that sixteen of their rows are too much.
constexpr int strip_unit(int width) { return width > kMaxPlainSide ? 1 : kStripUnit; }

struct StripHead {
    PictureKind picture;  // as decoded
    int width = 0;
    int height = 0;
    int strip_height = 0;  // rows; the last strip may have fewer
    Metadata metadata;
    BodyParts body = {};         // of a reader
    uint64_t metadata_size = 0;  // of a reader: as File::metadata_size

    int count() const { return (height - 1) / strip_height + 1; }
    int first_row(int strip) const { return strip * strip_height; }
    int rows(int strip) const { return std::min(strip_height, height - first_row(strip)); }
};

// What the first bytes of a file say. Neither of both: parse() tells why it is refused.
enum class FileVersion { kWhole, kStrips, kOther };
constexpr size_t kVersionBytes = kMagic.size() + 1;
FileVersion version_of(std::span<const uint8_t> first_bytes);

// Reads a strip file in order. All that it reads is checked as parse() does it. Throws kCorrupt, kTruncated,
// kUnsupported or kMemoryLimit, whatever the bytes are.
class StripReader {
  public:
    // `input` stands behind the first kVersionBytes of a file of FileVersion::kStrips, and must outlive this.
    StripReader(ByteInput& input, Methods methods);

    const StripHead& head() const { return head_; }
    uint64_t size() const { return size_; }  // bytes of the file, as far as it was read

    struct Part {
        Bytes bytes;
        File file;  // points into the bytes
    };
    // The next strip, head().count() times in all.
    Part next();

  private:
    Bytes take(uint64_t count);
    uint64_t take_number(std::vector<uint8_t>& bytes);

    ByteInput& input_;
    const Methods methods_;
    uint64_t size_ = kVersionBytes;
    Bytes body_;  // what the head's metadata point into
    StripHead head_;
    int next_ = 0;
};

// The bytes before the first part. The head must be valid.
Buffer<uint8_t> write_strip_head(const StripHead& head, Allocator& allocator);

// What stands before each part.
std::vector<uint8_t> write_part_head(int strip, uint64_t size);

}  // namespace residua::container
