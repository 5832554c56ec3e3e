// JPEG through libjpeg-turbo: the pixels that its default decoder gives.
// clang-format off
#include <cstdio>  // before the library's headers, which need it
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "image_io/image.h"

namespace image_io {

namespace {

constexpr std::string_view kExifMark{"Exif\0\0", 6};
constexpr std::string_view kXmpMark{"http://ns.adobe.com/xap/1.0/\0", 29};
constexpr std::string_view kLongXmpMark{"http://ns.adobe.com/xmp/extension/\0", 35};
constexpr std::string_view kIccMark{"ICC_PROFILE\0", 12};

// The library reports errors by a call that must not return.
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

void read_metadata(const jpeg_decompress_struct& info, Description& image) {
    bool comments = false, others = false;
    for (const jpeg_marker_struct* marker = info.marker_list; marker; marker = marker->next) {
        const JOCTET* begin = marker->data;
        const JOCTET* end = begin + marker->data_length;
        if (marker->marker == JPEG_APP0 + 1 && has_mark(marker, kExifMark) && !image.has("exif"))
            image.add("exif", {begin + kExifMark.size(), end});
        else if (marker->marker == JPEG_APP0 + 1 && has_mark(marker, kXmpMark) && !image.has("xmp"))
            image.add("xmp", {begin + kXmpMark.size(), end});
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

// The library's way to bytes: as its own for memory, from a Source.
struct Bytes {
    jpeg_source_mgr manager;
    Source* source;
    JOCTET buffer[size_t{1} << 16];
};

boolean fill(j_decompress_ptr info) {
    auto* bytes = reinterpret_cast<Bytes*>(info->src);
    size_t count = bytes->source->read(bytes->buffer, sizeof bytes->buffer);
    if (count == 0) {
        WARNMS(info, JWRN_JPEG_EOF);
        bytes->buffer[0] = 0xff;
        bytes->buffer[1] = JPEG_EOI;
        count = 2;
    }
    bytes->manager.next_input_byte = bytes->buffer;
    bytes->manager.bytes_in_buffer = count;
    return TRUE;
}

void skip(j_decompress_ptr info, long count) {
    jpeg_source_mgr& manager = *info->src;
    for (; count > static_cast<long>(manager.bytes_in_buffer); fill(info))
        count -= static_cast<long>(manager.bytes_in_buffer);
    if (count <= 0) return;
    manager.next_input_byte += count;
    manager.bytes_in_buffer -= static_cast<size_t>(count);
}

void nothing(j_decompress_ptr) {}

// Baseline pictures are decoded row by row; of progressive ones the library holds all coefficients.
class JpegReader : public Reader {
  public:
    explicit JpegReader(Source& source) {
        info_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = fail;
        errors_.manager.emit_message = warn;
        bytes_.source = &source;
        bytes_.manager = {};
        bytes_.manager.init_source = nothing;
        bytes_.manager.fill_input_buffer = fill;
        bytes_.manager.skip_input_data = skip;
        bytes_.manager.resync_to_restart = jpeg_resync_to_restart;
        bytes_.manager.term_source = nothing;
        const char* refused = nullptr;
        const bool started = start(refused);
        if (refused) unsupported(refused);
        check(started);
        description_.set_size(info_.output_width, info_.output_height);
        description_.set_kind(info_.output_components == 1 ? Colour::kGrey : Colour::kRgb, false, 8);
        read_metadata(info_, description_);
        read_icc();
    }

  private:
    // These are left by longjmp when the library fails, and
    // return false then: nothing in them has a destructor.
    bool start(const char*& refused) {
        if (setjmp(errors_.escape)) return false;
        jpeg_create_decompress(&info_);
        info_.src = &bytes_.manager;
        jpeg_save_markers(&info_, JPEG_COM, 0xffff);
        for (int marker = JPEG_APP0 + 1; marker <= JPEG_APP0 + 15; ++marker)
            if (marker != JPEG_APP0 + 14)
                jpeg_save_markers(&info_, marker, 0xffff);  // 14: Adobe's, read by the library
        jpeg_read_header(&info_, TRUE);
        if (info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK)
            refused = "this is a CMYK picture; Residua codes grey and RGB";
        else if (info_.num_components != 1 && info_.num_components != 3)
            refused = "this JPEG has neither 1 nor 3 channels";
        if (refused) return true;
        info_.out_color_space = info_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&info_);
        return true;
    }
    bool decode(uint32_t rows, uint8_t* pixels) {
        if (setjmp(errors_.escape)) return false;
        const size_t row_bytes = size_t{info_.output_width} * static_cast<size_t>(info_.output_components);
        for (uint32_t row = 0; row < rows; ++row) {
            JSAMPROW pointer = pixels + row * row_bytes;
            jpeg_read_scanlines(&info_, &pointer, 1);
        }
        return true;
    }
    bool end() {
        if (setjmp(errors_.escape)) return false;
        jpeg_finish_decompress(&info_);
        return true;
    }
    bool find_icc(JOCTET*& icc, unsigned& size) {
        if (setjmp(errors_.escape)) return false;
        jpeg_read_icc_profile(&info_, &icc, &size);
        return true;
    }

    void read_icc() {
        JOCTET* icc = nullptr;
        unsigned size = 0;
        const bool found = find_icc(icc, size);
        const std::unique_ptr<JOCTET, void (*)(void*)> memory(icc, std::free);
        check(found);
        if (icc) description_.add("icc", {icc, icc + size});
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override { check(decode(rows, pixels)); }
    void finish() override { check(end()); }

    // A damaged JPEG is decoded with grey where data is missing: better said than coded.
    void check(bool succeeded) const {
        if (!succeeded || errors_.manager.num_warnings > 0)
            damaged(std::string("the JPEG file is damaged: ") + errors_.message);
    }

    Errors errors_;
    Bytes bytes_;
    struct Decompressor : jpeg_decompress_struct {
        Decompressor() : jpeg_decompress_struct{} {}
        ~Decompressor() { jpeg_destroy_decompress(this); }
    } info_;
};

}  // namespace

std::unique_ptr<Reader> open_jpeg(Source& source) { return std::make_unique<JpegReader>(source); }

}  // namespace image_io
