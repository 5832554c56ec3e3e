// clang-format off
#include <cstdio>  // before the library's header, which needs it
#include <jpeglib.h>
// clang-format on

#include <cstdlib>

#include "image_io/test_files.h"

namespace image_io {

Bytes jpeg_segment(int marker, std::span<const uint8_t> data) {
    return joined({Bytes{0xff, static_cast<uint8_t>(marker)}, big_endian(data.size() + 2, 2), data});
}

Bytes make_jpeg(const JpegKind& kind, const std::vector<std::pair<int, Bytes>>& segments) {
    jpeg_compress_struct info{};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* data = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &data, &size);
    info.image_width = static_cast<JDIMENSION>(kind.width);
    info.image_height = static_cast<JDIMENSION>(kind.height);
    info.input_components = kind.components;
    info.in_color_space = kind.space ? static_cast<J_COLOR_SPACE>(kind.space) : JCS_RGB;
    jpeg_set_defaults(&info);
    if (kind.space == JCS_CMYK && kind.adobe) jpeg_set_colorspace(&info, JCS_YCCK);
    if (kind.progressive) jpeg_simple_progression(&info);
    jpeg_start_compress(&info, TRUE);
    for (const auto& [marker, bytes] : segments)
        jpeg_write_marker(&info, marker, bytes.data(), static_cast<unsigned>(bytes.size()));
    if (!kind.icc.empty())
        jpeg_write_icc_profile(&info, kind.icc.data(), static_cast<unsigned>(kind.icc.size()));
    const auto row_bytes = static_cast<size_t>(kind.width * kind.components);
    const Bytes pixels =
        kind.pixels.empty() ? noise(row_bytes * static_cast<size_t>(kind.height), 8) : kind.pixels;
    while (info.next_scanline < info.image_height) {
        auto* row = const_cast<JSAMPLE*>(pixels.data() + info.next_scanline * row_bytes);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    Bytes file(data, data + size);
    std::free(data);
    return file;
}

Bytes decoded_jpeg(std::span<const uint8_t> file, int space) {
    jpeg_decompress_struct info{};
    jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data(), file.size());
    jpeg_read_header(&info, TRUE);
    info.out_color_space = static_cast<J_COLOR_SPACE>(space);
    jpeg_start_decompress(&info);
    const size_t row_bytes = size_t{info.output_width} * static_cast<size_t>(info.output_components);
    Bytes pixels(row_bytes * info.output_height);
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = pixels.data() + info.output_scanline * row_bytes;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    return pixels;
}

}  // namespace image_io
