// JPEG through libjpeg-turbo: the pixels that its default decoder gives.
// clang-format off
#include <cstdio>  // before the library's headers, which need it
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <string>

#include "image_io/jpeg_metadata.h"
#include "image_io/jpeg_segments.h"
#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr int kMostScans = 1000;  // of a progressive picture; more only slow a decoder down

// The library reports errors by a call that must not return.
struct Errors {
    jpeg_error_mgr manager;
    jmp_buf escape;
    int code = 0;
    bool failed = false;  // or only warned of damage
    bool interrupted = false;
    bool odd_version = false, odd_transform = false, odd_scan = false;  // harmless
    char message[JMSG_LENGTH_MAX] = "";
};

void fail(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    errors->code = info->err->msg_code;
    errors->failed = true;
    info->err->format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}

void warn(j_common_ptr info, int level) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    if (level >= 0) return;
    switch (info->err->msg_code) {
        case JWRN_EXTRANEOUS_DATA:  // bytes between two parts of the file
            return;
        case JWRN_JFIF_MAJOR:
            errors->odd_version = true;
            return;
        case JWRN_ADOBE_XFORM:
            errors->odd_transform = true;
            return;
        case JWRN_NOT_SEQUENTIAL:  // numbers in a scan's head that mean nothing there
            errors->odd_scan = true;
            return;
        default:
            ++info->err->num_warnings;
            errors->code = info->err->msg_code;
            info->err->format_message(info, errors->message);
    }
}

bool is_unsupported(int code) {
    switch (code) {
        case JERR_SOF_UNSUPPORTED:
        case JERR_BAD_PRECISION:
        case JERR_ARITH_NOTIMPL:
        case JERR_CCIR601_NOTIMPL:
        case JERR_FRACT_SAMPLE_NOTIMPL:
        case JERR_CONVERSION_NOTIMPL:
        case JERR_BAD_J_COLORSPACE:
        case JERR_IMAGE_TOO_BIG:
        case JERR_COMPONENT_COUNT:
        case JERR_NOT_COMPILED:
        case JERR_WIDTH_OVERFLOW:
            return true;
        default:
            return false;
    }
}

// The library's way to bytes: as its own for memory, from a Source, up to the picture's end.
struct Bytes {
    jpeg_source_mgr manager;
    Source* source;
    const JpegSegments* segments;
    uint64_t position;
    JOCTET buffer[size_t{1} << 16];
};

// A height that only comes behind the first scan is put where it belongs.
void put_height(Bytes& bytes, size_t count) {
    const JpegSegments& segments = *bytes.segments;
    if (segments.height != 0 || segments.height_behind == 0) return;
    for (uint64_t i = 0; i < 2; ++i) {
        const uint64_t at = segments.height_position + i;
        if (at >= bytes.position && at < bytes.position + count)
            bytes.buffer[at - bytes.position] = static_cast<JOCTET>(segments.height_behind >> (i ? 0 : 8));
    }
}

boolean fill(j_decompress_ptr info) {
    auto& bytes = *reinterpret_cast<Bytes*>(info->src);
    const uint64_t left = bytes.segments->end - std::min(bytes.position, bytes.segments->end);
    bytes.source->seek(bytes.position);
    size_t count =
        bytes.source->read(bytes.buffer, static_cast<size_t>(std::min<uint64_t>(left, sizeof bytes.buffer)));
    put_height(bytes, count);
    bytes.position += count;
    if (count == 0) {
        // Where coded data lack, the decoder says so when it meets this.
        bytes.buffer[0] = 0xff;
        bytes.buffer[1] = JPEG_EOI;
        count = 2;
    }
    bytes.manager.next_input_byte = bytes.buffer;
    bytes.manager.bytes_in_buffer = count;
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

// Called in long work of the library.
struct Progress {
    jpeg_progress_mgr manager;
    const ReadOptions* options;
};

void on_progress(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    const auto* progress = reinterpret_cast<const Progress*>(info->progress);
    if (progress->options->interrupted && progress->options->interrupted()) {
        errors->interrupted = true;
        std::longjmp(errors->escape, 1);
    }
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) {
        std::strcpy(errors->message, "it has too many scans");
        errors->failed = true;
        std::longjmp(errors->escape, 1);
    }
}

// Kinds that the library does not know, or would call broken.
void refuse_kinds(const JpegSegments& segments) {
    const uint8_t frame = segments.frame;
    const std::string advice = "; convert it to PNG or TIFF first";
    if (frame == 0xf7) unsupported("this is a JPEG-LS picture, which Residua does not read" + advice);
    if (segments.hierarchical || (frame >= 0xc5 && frame <= 0xc7) || frame >= 0xcd)
        unsupported("this is a hierarchical JPEG, which Residua does not read" + advice);
    if (frame == 0xc3 || frame == 0xcb)
        unsupported("this is a lossless JPEG (" + std::to_string(segments.precision) +
                    " bits), which Residua does not read" + advice);
    if (frame != 0 && segments.precision != 8)
        unsupported("this is a JPEG of " + std::to_string(segments.precision) +
                    " bits per sample, which Residua does not read" + advice);
    if (frame != 0 && segments.components != 1 && segments.components != 3 && segments.components != 4)
        unsupported("this JPEG has " + count_of(segments.components, "channel") +
                    "; Residua reads those with 1, 3 or 4");
}

// Baseline pictures are decoded row by row; of progressive ones the library holds all coefficients.
class JpegReader : public Reader {
  public:
    // `pictures`: in the file, with this one.
    JpegReader(std::unique_ptr<PartSource> part, Source& source, JpegSegments segments,
               const ReadOptions& options)
        : part_(std::move(part)), segments_(std::move(segments)), options_(options) {
        refuse_kinds(segments_);
        info_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = fail;
        errors_.manager.emit_message = warn;
        bytes_.source = part_ ? part_.get() : &source;
        bytes_.segments = &segments_;
        bytes_.position = segments_.begin;
        bytes_.manager = {};
        bytes_.manager.init_source = nothing;
        bytes_.manager.fill_input_buffer = fill;
        bytes_.manager.skip_input_data = skip;
        bytes_.manager.resync_to_restart = jpeg_resync_to_restart;
        bytes_.manager.term_source = nothing;
        progress_.manager = {};
        progress_.manager.progress_monitor = on_progress;
        progress_.options = &options_;
        check(read_header());
        check_size();
        check(start());  // reads all scans but those of baseline pictures
        if (!segments_.ended && info_.progressive_mode) check_precision();
        description_.set_size(info_.output_width, info_.output_height);
        description_.set_kind(info_.output_components == 1   ? Colour::kGrey
                              : info_.output_components == 3 ? Colour::kRgb
                                                             : Colour::kCmyk,
                              false, 8);
        read_jpeg_metadata(*bytes_.source, segments_, options_, description_);
        add_notes();
    }

    Source& source() { return *bytes_.source; }
    const JpegSegments& segments() const { return segments_; }
    Description& changeable() { return description_; }

  private:
    // These are left by longjmp when the library fails, and
    // return false then: nothing in them has a destructor.
    bool read_header() {
        if (setjmp(errors_.escape)) return false;
        jpeg_create_decompress(&info_);
        info_.src = &bytes_.manager;
        info_.progress = &progress_.manager;
        jpeg_read_header(&info_, TRUE);
        return true;
    }
    bool start() {
        if (setjmp(errors_.escape)) return false;
        info_.out_color_space = info_.num_components == 1   ? JCS_GRAYSCALE
                                : info_.num_components == 3 ? JCS_RGB
                                                            : JCS_CMYK;
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

    // Before the library allocates.
    void check_size() {
        if (segments_.scans_lack)
            damaged("the JPEG file is damaged: the data of a colour channel are missing");
        // A Huffman code has a bit at least, and each block one.
        if (!info_.arith_code && segments_.blocks / 8 > segments_.end)
            damaged("the JPEG file is damaged: its pixels are missing, or its header claims too many");
        if (jpeg_has_multiple_scans(&info_))
            check_memory(segments_.blocks * DCTSIZE2 * sizeof(JCOEF), options_.max_bytes);
    }

    void add_notes() {
        if (errors_.odd_version) description_.notes.emplace_back("unknown revision of JFIF");
        if (errors_.odd_transform)
            description_.notes.emplace_back("unknown colour transform in Adobe's mark; taken for YCbCr");
        if (errors_.odd_scan)
            description_.notes.emplace_back("a scan's head has numbers that mean nothing there");
        if (segments_.height == 0)
            description_.notes.emplace_back("the height stands behind the pixels (DNL)");
        if (info_.num_components == 4)
            description_.notes.push_back(std::string("CMYK values as the file has them") +
                                         (info_.saw_Adobe_marker ? " (Adobe's: 255 is no ink)" : ""));
    }

    void read_rows(uint32_t rows, uint8_t* pixels) override { check(decode(rows, pixels)); }
    void finish() override { check(end()); }

    // Without an end mark it is not known whether scans lack, but by what they should have come to.
    void check_precision() const {
        for (int component = 0; component < info_.num_components; ++component)
            for (int k = 0; k < DCTSIZE2; ++k)
                if (info_.coef_bits[component][k] != 0)
                    damaged("the JPEG file is damaged: its last scans are missing");
    }

    // A damaged JPEG is decoded with grey where data is missing: better said than coded.
    void check(bool succeeded) const {
        if (succeeded && errors_.manager.num_warnings == 0) return;
        if (errors_.interrupted) throw ImageError(Failure::kInterrupted, "interrupted");
        if (errors_.code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
        if (errors_.failed && is_unsupported(errors_.code))
            unsupported(std::string("this kind of JPEG cannot be read: ") + errors_.message +
                        "; convert it to PNG first");
        damaged(std::string("the JPEG file is damaged: ") + errors_.message);
    }

    std::unique_ptr<PartSource> part_;  // of a further picture
    const JpegSegments segments_;
    const ReadOptions options_;
    Errors errors_;
    Bytes bytes_;
    Progress progress_;
    struct Decompressor : jpeg_decompress_struct {
        Decompressor() : jpeg_decompress_struct{} {}
        ~Decompressor() { jpeg_destroy_decompress(this); }
    } info_;
};

}  // namespace

std::unique_ptr<Reader> open_jpeg(Source& source, const ReadOptions& options) {
    const JpegSegments segments = read_jpeg_segments(source, options);
    const std::vector<FurtherPicture> further = further_pictures(source, segments, options);
    const size_t pictures = further.size() + 1;
    if (pictures > 1 && options.page == 0)
        unsupported(
            "this JPEG holds " + count_of(pictures, "picture") +
            " (MPO, or a gain map behind the picture), of which Residua would keep one; choose it with "
            "--page 1 to --page " +
            std::to_string(pictures));
    check_page(options, pictures);
    if (options.page > 1) {
        const FurtherPicture& chosen = further[options.page - 2];
        auto part = std::make_unique<PartSource>(source, chosen.position, chosen.size);
        JpegSegments own = read_jpeg_segments(*part, options);
        auto reader = std::make_unique<JpegReader>(std::move(part), source, std::move(own), options);
        reader->changeable().lost.push_back("the other " + count_of(pictures - 1, "picture") +
                                            " of the file");
        return reader;
    }
    auto reader = std::make_unique<JpegReader>(nullptr, source, segments, options);
    if (pictures > 1)
        reader->changeable().lost.push_back("the other " + count_of(pictures - 1, "picture") +
                                            " of the file");
    else
        keep_trailing(source, segments.end, "jpeg", options, reader->changeable());
    return reader;
}

}  // namespace image_io
