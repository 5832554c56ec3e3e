#include "tests/support/jpeg_plane.h"

// clang-format off
#include <cstdio>  // before the library's header, which needs it
#include <jpeglib.h>
// clang-format on

#include <cstddef>
#include <cstdlib>

namespace residua::test {

namespace {

struct Bytes {
    unsigned char* data = nullptr;
    unsigned long size = 0;
    ~Bytes() { std::free(data); }
};

void compress(const std::vector<uint8_t>& samples, int width, int height, int quality, Bytes& to) {
    jpeg_compress_struct jpeg;
    jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &to.data, &to.size);
    jpeg.image_width = static_cast<JDIMENSION>(width);
    jpeg.image_height = static_cast<JDIMENSION>(height);
    jpeg.input_components = 1;
    jpeg.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < height; ++y) {
        JSAMPROW row = const_cast<JSAMPROW>(samples.data() + static_cast<ptrdiff_t>(y) * width);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
}

class Decoder {
  public:
    explicit Decoder(const Bytes& bytes) {
        jpeg_.err = jpeg_std_error(&errors_);
        jpeg_create_decompress(&jpeg_);
        jpeg_mem_src(&jpeg_, bytes.data, bytes.size);
        jpeg_read_header(&jpeg_, TRUE);
    }
    ~Decoder() { jpeg_destroy_decompress(&jpeg_); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    void read_coefficients(JpegPlane& plane) {
        jvirt_barray_ptr* arrays = jpeg_read_coefficients(&jpeg_);
        const jpeg_component_info& component = jpeg_.comp_info[0];
        plane.columns = static_cast<int>(component.width_in_blocks);
        plane.rows = static_cast<int>(component.height_in_blocks);
        for (size_t k = 0; k < plane.steps.size(); ++k) plane.steps[k] = component.quant_table->quantval[k];
        for (int row = 0; row < plane.rows; ++row) {
            JBLOCKARRAY blocks = jpeg_.mem->access_virt_barray(
                reinterpret_cast<j_common_ptr>(&jpeg_), arrays[0], static_cast<JDIMENSION>(row), 1, FALSE);
            for (int column = 0; column < plane.columns; ++column)
                plane.coefficients.insert(plane.coefficients.end(), blocks[0][column],
                                          blocks[0][column] + 64);
        }
    }

    void read_samples(JpegPlane& plane) {
        jpeg_.raw_data_out = TRUE;
        jpeg_.dct_method = JDCT_ISLOW;
        jpeg_start_decompress(&jpeg_);
        plane.samples.resize(static_cast<size_t>(plane.width()) * static_cast<size_t>(plane.height()));
        for (int row = 0; row < plane.rows; ++row) {
            JSAMPROW lines[8];
            for (int y = 0; y < 8; ++y)
                lines[y] = plane.samples.data() + static_cast<ptrdiff_t>(8 * row + y) * plane.width();
            JSAMPARRAY planes[1] = {lines};
            jpeg_read_raw_data(&jpeg_, planes, 8);
        }
    }

  private:
    jpeg_decompress_struct jpeg_;
    jpeg_error_mgr errors_;
};

}  // namespace

JpegPlane through_jpeg(const std::vector<uint8_t>& samples, int width, int height, int quality) {
    Bytes bytes;
    compress(samples, width, height, quality, bytes);
    JpegPlane plane;
    Decoder(bytes).read_coefficients(plane);
    Decoder(bytes).read_samples(plane);
    return plane;
}

}  // namespace residua::test
