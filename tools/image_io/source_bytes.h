// Runs of bytes at places of a file, checked against its end, and what readers say of them.
#pragma once

#include <string_view>
#include <vector>

#include "image_io/bytes.h"
#include "image_io/image.h"

namespace image_io {

// The bytes there, fewer at the file's end; the caller has checked `size` against its limit.
std::vector<uint8_t> bytes_at(Source& source, uint64_t position, uint64_t size);

bool starts_with(std::span<const uint8_t> bytes, std::string_view beginning);

// Keeps what the file has from `position` on as ORIGIN:trailing, and says so.
void keep_trailing(Source& source, uint64_t position, const std::string& origin, const ReadOptions& options,
                   Description& picture);

// Throws ImageError where options.page is beyond the pictures that there are.
void check_page(const ReadOptions& options, uint64_t pictures);

// What a file says, for a message: all but printable ASCII as \\xNN.
std::string shown(std::string_view text);

// "1 byte", "2 bytes"
std::string count_of(uint64_t number, const std::string& what);

// Whether an Exif block begins as one must: with a TIFF header.
bool is_exif(std::span<const uint8_t> bytes);

}  // namespace image_io
