// Pictures by rows through the public API, and strip files taken apart and put together again.
#pragma once

#include <algorithm>
#include <residua/residua.hpp>
#include <vector>

#include "container/strips.h"
#include "support/test_picture.h"

namespace residua::testing {

using FileBytes = std::vector<uint8_t>;

residua_encode_options strip_options(const char* model, uint32_t strip_height);

inline FileBytes bytes_of(const residua::buffer& buffer) { return {buffer.begin(), buffer.end()}; }

inline FileBytes metadata_of(const residua_image& picture, const char* name) {
    const auto bytes = residua::metadata(picture, name);
    return {bytes.begin(), bytes.end()};
}

// residua_encode_rows; notes the sizes of the pieces where `pieces` is given.
FileBytes encode_rows(residua::context& context, const TestPicture& picture,
                      const residua_encode_options& options, std::vector<size_t>* pieces = nullptr,
                      const residua_row_source& metadata = RESIDUA_INIT(residua_row_source));

struct RowsDecoded {
    uint32_t width = 0, height = 0, channels = 0;
    uint32_t rows = 0;  // that came
    FileBytes pixels, icc, exif, xmp;
};
// residua_decode_rows, from reads of at most `step` bytes. What came before an error stays in `decoded`.
void decode_rows(residua::context& context, const FileBytes& file, RowsDecoded& decoded, bool size_known,
                 size_t step = SIZE_MAX);

// A strip file, as its parts.
struct StripFile {
    uint8_t version = container::kStripVersion;
    FileBytes body;
    std::vector<FileBytes> parts;

    static StripFile parse(const FileBytes& bytes);
    // With sizes and a checksum that fit.
    FileBytes bytes() const;
};

}  // namespace residua::testing
