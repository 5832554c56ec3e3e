// PNG through libspng.
#include <spng.h>
#include <zlib.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "image_io/image.h"

namespace image_io {

namespace {

constexpr char kXmpKeyword[] = "XML:com.adobe.xmp";
constexpr size_t kMaxChunk = size_t{1} << 30;
// A photograph becomes a twentieth larger than with zlib's default, in a fifth of the time, which would
// otherwise be a third of the time of decoding it.
constexpr int kZlibLevel = 1;

struct FreeContext {
    void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

void check(int result) {
    if (result == SPNG_OK) return;
    if (result == SPNG_EMEM) throw std::bad_alloc();
    damaged(std::string("the PNG file is damaged: ") + spng_strerror(result));
}

// How often each type of chunk occurs.
std::map<std::string, int> chunk_types(std::span<const uint8_t> file) {
    std::map<std::string, int> types;
    for (size_t position = 8; position + 12 <= file.size();) {
        const uint8_t* chunk = file.data() + position;
        const uint32_t length =
            uint32_t{chunk[0]} << 24 | uint32_t{chunk[1]} << 16 | uint32_t{chunk[2]} << 8 | chunk[3];
        ++types[std::string(chunk + 4, chunk + 8)];
        if (length > file.size() - position - 12) break;
        position += size_t{length} + 12;
    }
    return types;
}

void assign(std::vector<uint8_t>& out, const char* data, size_t size) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(data);
    out.assign(bytes, bytes + size);
}

void read_metadata(spng_ctx* context, const std::map<std::string, int>& types, Image& image) {
    spng_iccp icc;
    if (spng_get_iccp(context, &icc) == SPNG_OK) assign(image.icc, icc.profile, icc.profile_len);
    spng_exif exif;
    if (spng_get_exif(context, &exif) == SPNG_OK) assign(image.exif, exif.data, exif.length);
    uint32_t count = 0;
    int other_texts = 0;
    if (spng_get_text(context, nullptr, &count) == SPNG_OK) {
        std::vector<spng_text> texts(count);
        check(spng_get_text(context, texts.data(), &count));
        for (const spng_text& text : texts) {
            if (text.type == SPNG_ITXT && std::strcmp(text.keyword, kXmpKeyword) == 0 && image.xmp.empty())
                assign(image.xmp, text.text, text.length);
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

}  // namespace

Image read_png(std::span<const uint8_t> file, uint64_t max_bytes) {
    const std::map<std::string, int> types = chunk_types(file);
    if (types.contains("acTL")) unsupported("this is an animated PNG; Residua codes single pictures");
    Context context(spng_ctx_new(0));
    if (!context) throw std::bad_alloc();
    check(spng_set_chunk_limits(context.get(), kMaxChunk, kMaxChunk));
    check(spng_set_png_buffer(context.get(), file.data(), file.size()));
    spng_ihdr header;
    check(spng_get_ihdr(context.get(), &header));
    if (header.bit_depth == 16) unsupported("the picture has 16 bits per sample; this version codes 8");
    if (header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
        header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA || types.contains("tRNS"))
        unsupported("the picture has an alpha channel (transparency), which this version cannot keep");

    const bool grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
    Image image;
    image.allocate(header.width, header.height, grey ? 1 : 3, max_bytes);
    if (header.color_type == SPNG_COLOR_TYPE_INDEXED) image.notes.push_back("palette expanded to RGB");
    if (grey && header.bit_depth < 8)
        image.notes.push_back(std::to_string(header.bit_depth) + "-bit grey expanded to 8 bits");
    check(spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(),
                            grey ? SPNG_FMT_G8 : SPNG_FMT_RGB8, 0));
    check(spng_decode_chunks(context.get()));
    read_metadata(context.get(), types, image);
    return image;
}

std::vector<uint8_t> write_png(const ImageView& image) {
    Context context(spng_ctx_new(SPNG_CTX_ENCODER));
    if (!context) throw std::bad_alloc();
    spng_ctx* png = context.get();
    std::vector<uint8_t> bytes;
    const auto append = [](spng_ctx*, void* user, void* data, size_t size) {
        auto& out = *static_cast<std::vector<uint8_t>*>(user);
        const auto* part = static_cast<const uint8_t*>(data);
        try {
            out.insert(out.end(), part, part + size);
        } catch (const std::bad_alloc&) {
            return static_cast<int>(SPNG_IO_ERROR);
        }
        return static_cast<int>(SPNG_OK);
    };
    check(spng_set_png_stream(png, append, &bytes));
    spng_ihdr header{};
    header.width = image.width;
    header.height = image.height;
    header.bit_depth = 8;
    header.color_type = image.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE;
    check(spng_set_ihdr(png, &header));
    check(spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, kZlibLevel));
    check(spng_set_option(png, SPNG_IMG_COMPRESSION_STRATEGY, Z_RLE));
    check(spng_set_option(png, SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_PAETH));
    // libspng only reads these, though its structures say char*.
    const auto text_of = [](std::span<const uint8_t> part) {
        return const_cast<char*>(reinterpret_cast<const char*>(part.data()));
    };
    if (!image.icc.empty()) {
        spng_iccp icc{};
        std::strcpy(icc.profile_name, "ICC profile");
        icc.profile_len = image.icc.size();
        icc.profile = text_of(image.icc);
        check(spng_set_iccp(png, &icc));
    }
    if (!image.exif.empty()) {
        spng_exif exif{image.exif.size(), text_of(image.exif)};
        check(spng_set_exif(png, &exif));
    }
    std::string xmp(image.xmp.begin(), image.xmp.end());  // ends in a zero byte, as libspng wants it
    char empty[] = "";
    if (!xmp.empty()) {
        spng_text text{};
        std::strcpy(text.keyword, kXmpKeyword);
        text.type = SPNG_ITXT;
        text.length = xmp.size();
        text.text = xmp.data();
        text.language_tag = text.translated_keyword = empty;
        check(spng_set_text(png, &text, 1));
    }
    check(spng_encode_image(png, image.pixels, size_t{image.width} * image.height * image.channels,
                            SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
    return bytes;
}

}  // namespace image_io
