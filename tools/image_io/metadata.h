// What comes with a picture beside its pixels, byte for byte, under names that the library keeps as they are.
//
//   icc            an ICC profile
//   exif           an Exif block, from its TIFF header on
//   xmp            an XMP packet
//   ORIGIN:KEY     what only one format has. The origin is the format, in small letters: "png:gAMA" and
//                  "png:tEXt" hold a chunk's data, "png-end:tEXt" those of one behind the pixels;
//                  "jpeg:APP13" and "jpeg:COM" a segment's data without its length; "tiff:305" a tag's type
//                  (u16), count (u32) and values, little-endian; "webp:XXXX" a chunk's data
//   ORIGIN:trailing  bytes behind the picture's end
//   ORIGIN:KEY-empty  a part that has no data; the value is one zero byte
//
// What the readers make beside that:
//
//   png:IHDR        of a palette or interlaced picture; png:PLTE and png:tRNS as they are. A chunk whose data have
//                   become icc, exif or xmp is not kept again; png:iCCP-name is the profile's name,
//                   where that is not "ICC profile"
//   png:IDAT-empty  the pixels' place, where icc, exif or xmp stands behind it and no png-end: before
//   jpeg:leading    bytes before the picture's beginning, jpeg:extraneous those between two segments
//   tiff:258, tiff:factor   the bits of samples that were narrowed to 16, and by what they were divided
//   tiff:262        photometric interpretation, where the values alone do not tell it: MinIsWhite, palettes
//   bmp:header      both headers, with the masks; bmp:palette; bmp:gap: bytes between them and the pixels
//   gif:screen, gif:frame   the descriptors; gif:palette and gif:frame-palette their colours; gif:F9 and so on:
//                   an extension, each block after its length; gif-end:…: behind the frame
//   ico:entry       the file's head and what its list says of the picture; ico:mask: which pixels are transparent,
//                   of a picture that has alpha beside it
//   qoi:colorspace  where it is not 0
//   pnm:maxval      as decimal digits, where it is not 2^bits − 1; pnm:comment; pnm:tuple-type where it is unusual
//
// A name may come several times; the order is the file's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace image_io {

struct Metadata {
    std::string name;
    std::vector<uint8_t> bytes;  // may be none, as of a chunk without data

    friend bool operator==(const Metadata&, const Metadata&) = default;
};

}  // namespace image_io
