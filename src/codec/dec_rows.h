// Decoding by rows, from top to bottom: a file of strips needs the memory of one strip.
#pragma once

#include <climits>
#include <functional>

#include "base/byte_input.h"
#include "codec/dec_codec.h"
#include "codec/dec_head.h"
#include "codec/limits.h"
#include "container/strips.h"

namespace residua::codec {

// What gets a picture. Rows come once each and from top to bottom, after their checksum was found right.
class RowReceiver {
  public:
    virtual ~RowReceiver() = default;
    // Once, before any work: the size of the picture.
    virtual void size(int width, int height) { (void)width, (void)height; }
    // Once, before the first rows.
    virtual void begin(const PictureHead& picture) = 0;
    virtual void rows(int first_row, Picture picture) = 0;
};

// A picture in the coded channels, of one whole file; uses `share` of the progress. decode_all() or
// preview_all().
using DecodeWhole = std::function<Decoded(const container::File& file, double share)>;

// Which rows are wanted: of a file of strips those that have none of them are not decoded, and what comes
// behind the last one is not read.
struct RowRange {
    int first = 0;
    int end = INT_MAX;

    bool meets(int from, int count) const { return from < end && from + count > first; }
};

// Both versions of the format. What is over the limits is refused before any of it is decoded. Without a
// receiver, the file is checked and no more. The progress is complete in the end. Throws as container::parse,
// as container::StripReader and as `decode` and the receiver do.
void decode_rows(ByteInput& input, const DecodeWhole& decode, Session& session, RowReceiver* receiver,
                 const Limits& limits, RowRange wanted = {});

}  // namespace residua::codec
