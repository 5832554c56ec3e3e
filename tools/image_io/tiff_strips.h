// Strips of a TIFF file, compressed by Deflate as libtiff does it.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <span>
#include <vector>

namespace image_io {

inline constexpr uint16_t kDeflateCompression = 8, kHorizontalPredictor = 2;  // values of their tags

class DeflatedStrips {
  public:
    // `channels`: of which each sample is told by its difference to the one before; 0: none, as suits numbers of
    // colours.
    DeflatedStrips(uint32_t bits, uint32_t channels);
    ~DeflatedStrips();
    DeflatedStrips(const DeflatedStrips&) = delete;

    // Differences are for whole samples of one or two bytes alone.
    bool is_predicted() const { return channels_ > 0; }
    // A row as an uncompressed file has it. It is changed.
    void add(std::span<uint8_t> row, bool big_endian);
    // All rows since the last time. Valid until the next call.
    std::span<const uint8_t> finish();

  private:
    void run(int flush);

    const uint32_t channels_, sample_bytes_;
    z_stream stream_ = {};
    std::vector<uint8_t> out_;
    size_t size_ = 0;  // of out_ that is used
};

}  // namespace image_io
