// JPEG through libjpeg-turbo: the pixels that its default decoder gives.
// clang-format off
#include <cstdio>  // before the library's headers, which need it
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "image_io/image.h"

namespace image_io {

namespace {

constexpr std::string_view kExifMark{"Exif\0\0", 6};
constexpr std::string_view kXmpMark{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kLongXmpMark{"http://ns.adobe.com/xmp/extension/\0", 35};
constexpr std::string_view kIccMark{"ICC_PROFILE\0", 12};

// The library reports errors by a call that must not return. Nothing between setjmp and longjmp has a
// destructor.
struct Errors {
    jpeg_error_mgr manager;
    jmp_buf escape;
    char message[JMSG_LENGTH_MAX] = "";
};

void fail(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}

void warn(j_common_ptr info, int level) {
    // Bytes between two parts of the file harm nothing.
    if (level >= 0 || info->err->msg_code == JWRN_EXTRANEOUS_DATA) return;
    auto* errors = reinterpret_cast<Errors*>(info->err);
    ++info->err->num_warnings;
    info->err->format_message(info, errors->message);
}

bool has_mark(const jpeg_marker_struct* marker, std::string_view mark) {
    return marker->data_length >= mark.size() && std::memcmp(marker->data, mark.data(), mark.size()) == 0;
}

void read_metadata(const jpeg_decompress_struct& info, Image& image) {
    bool comments = false, others = false;
    for (const jpeg_marker_struct* marker = info.marker_list; marker; marker = marker->next) {
        const JOCTET* begin = marker->data;
        const JOCTET* end = begin + marker->data_length;
        if (marker->marker == JPEG_APP0 + 1 && has_mark(marker, kExifMark) && image.exif.empty())
            image.exif.assign(begin + kExifMark.size(), end);
        else if (marker->marker == JPEG_APP0 + 1 && has_mark(marker, kXmpMark) && image.xmp.empty())
            image.xmp.assign(begin + kXmpMark.size(), end);
        else if (marker->marker == JPEG_APP0 + 1 && has_mark(marker, kLongXmpMark))
            image.lost.push_back("a part of XMP that JPEG keeps apart (extended XMP)");
        else if (marker->marker == JPEG_COM)
            comments = true;
        else if (marker->marker != JPEG_APP0 + 2 || !has_mark(marker, kIccMark))
            others = true;
    }
    if (comments) image.lost.push_back("text comments");
    if (others) image.lost.push_back("application data that is not ICC, Exif or XMP");
}

// False when the library failed; errors.message then says why. `image` and `icc` are complete otherwise.
bool decode(jpeg_decompress_struct& info, Errors& errors, std::span<const uint8_t> file, Image& image,
            JOCTET*& icc, unsigned& icc_size, const char*& refused, uint64_t max_bytes) {
    if (setjmp(errors.escape)) return false;
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, file.data(), static_cast<unsigned long>(file.size()));
    jpeg_save_markers(&info, JPEG_COM, 0xffff);
    for (int marker = JPEG_APP0 + 1; marker <= JPEG_APP0 + 15; ++marker)
        if (marker != JPEG_APP0 + 14)
            jpeg_save_markers(&info, marker, 0xffff);  // 14: Adobe's, read by the library
    jpeg_read_header(&info, TRUE);
    if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK)
        refused = "this is a CMYK picture; Residua codes grey and RGB";
    else if (info.num_components != 1 && info.num_components != 3)
        refused = "this JPEG has neither 1 nor 3 channels";
    if (refused) return true;
    info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    image.allocate(info.output_width, info.output_height, static_cast<uint32_t>(info.output_components),
                   max_bytes);
    const size_t row_bytes = size_t{image.width} * image.channels;
    while (info.output_scanline < info.output_height) {
        JSAMPROW row = image.pixels.data() + info.output_scanline * row_bytes;
        jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_read_icc_profile(&info, &icc, &icc_size);
    read_metadata(info, image);  // the library forgets the markers when it finishes
    jpeg_finish_decompress(&info);
    return true;
}

}  // namespace

Image read_jpeg(std::span<const uint8_t> file, uint64_t max_bytes) {
    Image image;
    Errors errors;
    struct Decompressor : jpeg_decompress_struct {
        Decompressor() : jpeg_decompress_struct{} {}
        ~Decompressor() { jpeg_destroy_decompress(this); }
    } info;
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = fail;
    errors.manager.emit_message = warn;
    JOCTET* icc = nullptr;
    unsigned icc_size = 0;
    const char* refused = nullptr;
    const bool decoded = decode(info, errors, file, image, icc, icc_size, refused, max_bytes);
    if (decoded && icc) image.icc.assign(icc, icc + icc_size);
    const long warnings = errors.manager.num_warnings;
    std::free(icc);
    if (refused) unsupported(refused);
    // A damaged JPEG is decoded with grey where data is missing: better said than coded.
    if (!decoded || warnings > 0) damaged(std::string("the JPEG file is damaged: ") + errors.message);
    return image;
}

}  // namespace image_io
