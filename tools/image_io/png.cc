// PNG through libspng: from top to bottom, interlaced pictures as a whole.
#include <cstring>

#include "image_io/png_chunks.h"
#include "image_io/spng_errors.h"

namespace image_io {

namespace {

constexpr size_t kMaxChunk = size_t{1} << 30;

std::span<const uint8_t> bytes_of(const char* data, size_t size) {
    return {reinterpret_cast<const uint8_t*>(data), size};
}

void read_metadata(spng_ctx* context, const std::map<std::string, int>& types, Description& image) {
    spng_iccp icc;
    if (spng_get_iccp(context, &icc) == SPNG_OK) image.add("icc", bytes_of(icc.profile, icc.profile_len));
    spng_exif exif;
    if (spng_get_exif(context, &exif) == SPNG_OK) image.add("exif", bytes_of(exif.data, exif.length));
    uint32_t count = 0;
    int other_texts = 0;
    if (spng_get_text(context, nullptr, &count) == SPNG_OK) {
        std::vector<spng_text> texts(count);
        check_spng(spng_get_text(context, texts.data(), &count));
        for (const spng_text& text : texts) {
            if (text.type == SPNG_ITXT && std::strcmp(text.keyword, kPngXmpKeyword) == 0 && !image.has("xmp"))
                image.add("xmp", bytes_of(text.text, text.length));
            else
                ++other_texts;
        }
    }
    if (other_texts > 0) image.lost.push_back("text comments");
    static const std::map<std::string, const char*> kNotKept = {
        {"gAMA", "gamma (gAMA)"},      {"cHRM", "primaries (cHRM)"},
        {"sRGB", "the sRGB mark"},     {"cICP", "colour code points (cICP)"},
        {"pHYs", "pixel density"},     {"tIME", "modification time"},
        {"bKGD", "background colour"}, {"sBIT", "significant bits"},
        {"hIST", "histogram"},         {"sPLT", "suggested palette"},
        {"oFFs", "position"}};
    static const std::map<std::string, int> kKept = {{"IHDR", 0}, {"IDAT", 0}, {"IEND", 0},
                                                     {"PLTE", 0}, {"iCCP", 0}, {"eXIf", 0},
                                                     {"tEXt", 0}, {"zTXt", 0}, {"iTXt", 0}};
    for (const auto& [type, occurrences] : types) {
        const auto known = kNotKept.find(type);
        if (known != kNotKept.end())
            image.lost.push_back(known->second);
        else if (!kKept.contains(type))
            image.lost.push_back("chunk " + type);
    }
}

class PngReader : public Reader {
  public:
    PngReader(Source& source, uint64_t max_bytes) : chunks_(source), context_(spng_ctx_new(0)) {
        if (chunks_.contains("acTL")) unsupported("this is an animated PNG; Residua codes single pictures");
        if (!context_) throw std::bad_alloc();
        check_spng(spng_set_chunk_limits(context_.get(), kMaxChunk, kMaxChunk));
        const auto read = [](spng_ctx*, void* user, void* data, size_t size) {
            const size_t count = static_cast<PngChunks*>(user)->read(static_cast<uint8_t*>(data), size);
            return static_cast<int>(count == size ? SPNG_OK : SPNG_IO_EOF);
        };
        check_spng(spng_set_png_stream(context_.get(), read, &chunks_));
        spng_ihdr header;
        check_spng(spng_get_ihdr(context_.get(), &header));
        if (header.bit_depth == 16) unsupported("the picture has 16 bits per sample; this version codes 8");
        if (header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
            header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA || chunks_.contains("tRNS"))
            unsupported("the picture has an alpha channel (transparency), which this version cannot keep");

        const bool grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
        description_.set_size(header.width, header.height);
        description_.set_kind(grey ? Colour::kGrey : Colour::kRgb, false, 8);
        if (header.color_type == SPNG_COLOR_TYPE_INDEXED)
            description_.notes.push_back("palette expanded to RGB");
        if (grey && header.bit_depth < 8)
            description_.notes.push_back(std::to_string(header.bit_depth) + "-bit grey expanded to 8 bits");
        read_metadata(context_.get(), chunks_.types(), description_);
        const int format = grey ? SPNG_FMT_G8 : SPNG_FMT_RGB8;
        if (header.interlace_method == SPNG_INTERLACE_NONE) {
            check_spng(spng_decode_image(context_.get(), nullptr, 0, format, SPNG_DECODE_PROGRESSIVE));
            return;
        }
        check_memory(description_.pixel_bytes(), max_bytes);
        whole_.resize(description_.pixel_bytes());
        check_spng(spng_decode_image(context_.get(), whole_.data(), whole_.size(), format, 0));
    }

  private:
    void read_rows(uint32_t rows, uint8_t* pixels) override {
        const size_t row_bytes = description_.row_bytes();
        if (!whole_.empty()) {
            std::memcpy(pixels, whole_.data() + next_, rows * row_bytes);
            next_ += rows * row_bytes;
            return;
        }
        for (uint32_t row = 0; row < rows; ++row) {
            const int result = spng_decode_row(context_.get(), pixels + row * row_bytes, row_bytes);
            if (result != SPNG_EOI) check_spng(result);  // with the last row
        }
    }
    void finish() override { check_spng(spng_decode_chunks(context_.get())); }

    PngChunks chunks_;
    Spng context_;
    std::vector<uint8_t> whole_;  // of an interlaced picture
    size_t next_ = 0;             // byte of it
};

}  // namespace

std::unique_ptr<Reader> open_png(Source& source, uint64_t max_bytes) {
    return std::make_unique<PngReader>(source, max_bytes);
}

}  // namespace image_io
