#include <tiffio.h>

#include <bit>
#include <cstdlib>
#include <cstring>

#include "image_io/test_files.h"

namespace image_io {

namespace {

// Integers of 24, 32 or 64 bits as the machine has them.
Bytes widened(const Bytes& samples, uint32_t bits, bool is_signed) {
    Bytes row;
    for (size_t i = 0; i < samples.size(); i += 2) {
        uint16_t low = 0;
        std::memcpy(&low, &samples[i], 2);
        const int64_t value = is_signed ? static_cast<int16_t>(low) : low;
        uint8_t bytes[8];
        std::memcpy(bytes, &value, 8);
        const size_t skipped = std::endian::native == std::endian::big ? 8 - bits / 8 : 0;
        row.insert(row.end(), bytes + skipped, bytes + skipped + bits / 8);
    }
    return row;
}

// Samples of one row as libtiff takes them: packed, the first in the highest bits; 16 bits as the machine has them.
Bytes packed(const Bytes& samples, uint32_t bits, bool is_signed) {
    if (bits == 8 || bits == 16) return samples;
    if (bits > 16) return widened(samples, bits, is_signed);
    const uint32_t size = bits > 8 ? 2 : 1;
    Bytes row((samples.size() / size * bits + 7) / 8);
    for (size_t i = 0; i < samples.size() / size; ++i) {
        uint16_t value = samples[i];
        if (size == 2) std::memcpy(&value, &samples[2 * i], 2);
        for (uint32_t b = 0; b < bits; ++b) {
            const size_t at = i * bits + b;
            row[at / 8] |= static_cast<uint8_t>((value >> (bits - 1 - b) & 1) << (7 - at % 8));
        }
    }
    return row;
}

// A part of the picture, with zeros beyond it; of one plane, or of all (-1).
Bytes part_of(const TestTiff& kind, const Bytes& samples, uint32_t x0, uint32_t y, uint32_t width,
              int plane) {
    const size_t size = kind.bits > 8 ? 2 : 1;
    Bytes row;
    for (uint32_t x = x0; x < x0 + width; ++x)
        for (uint32_t c = 0; c < kind.samples; ++c) {
            if (plane >= 0 && static_cast<int>(c) != plane) continue;
            const size_t at = ((size_t{y} * kind.width + x) * kind.samples + c) * size;
            for (size_t b = 0; b < size; ++b)
                row.push_back(x < kind.width && y < kind.height ? samples[at + b] : uint8_t{0});
        }
    return packed(row, kind.bits, kind.format == SAMPLEFORMAT_INT);
}

}  // namespace

Bytes make_tiff(const TestTiff& kind, const Bytes& samples, const std::function<void(TIFF*)>& change) {
    char path[] = "/tmp/residua-tiff-XXXXXX";
    const std::string mode = std::string("w") + (kind.big_endian ? "b" : "l") + (kind.large ? "8" : "4");
    TIFF* tiff = TIFFFdOpen(mkstemp(path), path, mode.c_str());
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, kind.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, kind.height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.samples);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind.planar);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
    if (kind.format != SAMPLEFORMAT_UINT) TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, kind.format);
    if (kind.extra >= 0) {
        const auto meaning = static_cast<uint16_t>(kind.extra);
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &meaning);
    }
    if (kind.rows_per_strip > 0) {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind.rows_per_strip);
    } else {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    }
    if (change) change(tiff);
    const bool planar = kind.planar == PLANARCONFIG_SEPARATE;
    for (int plane = 0; plane < (planar ? kind.samples : 1); ++plane) {
        const int wanted = planar ? plane : -1;
        if (kind.rows_per_strip > 0) {
            for (uint32_t y = 0; y < kind.height; ++y) {
                Bytes row = part_of(kind, samples, 0, y, kind.width, wanted);
                TIFFWriteScanline(tiff, row.data(), y, static_cast<uint16_t>(plane));
            }
            continue;
        }
        for (uint32_t top = 0; top < kind.height; top += 16)
            for (uint32_t left = 0; left < kind.width; left += 16) {
                Bytes tile;
                for (uint32_t y = top; y < top + 16; ++y) {
                    const Bytes row = part_of(kind, samples, left, y, 16, wanted);
                    tile.insert(tile.end(), row.begin(), row.end());
                }
                TIFFWriteTile(tiff, tile.data(), left, top, 0, static_cast<uint16_t>(plane));
            }
    }
    TIFFClose(tiff);
    const File file(std::fopen(path, "rb"));
    std::remove(path);
    Bytes bytes(size_t{1} << 24);
    bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file.get()));
    return bytes;
}

}  // namespace image_io
