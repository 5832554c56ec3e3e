// Encoding by rows, from top to bottom: a picture that is cut into strips needs the memory of one strip.
#pragma once

#include <functional>

#include "codec/enc_codec.h"

namespace residua::codec {

struct RowSource {
    int width, height;
    PictureKind kind;
    // The rows first_row … first_row + rows − 1, asked for once
    // each and from top to bottom; valid until the next call.
    std::function<PictureView(int first_row, int rows)> read;
};

// Gets the bytes of the file in order, piece by piece, each after its proof.
using FileReceiver = std::function<void(Buffer<uint8_t> bytes)>;

// How many rows each strip of a picture has: `asked`, or for 0 what its size and method suggest. 0: it is not
// cut. Throws kInvalidArgument.
int choose_strip_height(uint64_t asked, const Method& method, int width, int height);

// Of the request, all but its picture is used. A picture that is not cut becomes what encode_whole() makes of
// it. The progress is complete in the end. Throws as encode_whole(), and as source and receiver do.
void encode_rows(const RowSource& source, EncodeRequest request, uint64_t strip_height,
                 const models::Registry& models, Session& session, const FileReceiver& receiver);

}  // namespace residua::codec
