// What JavaScript calls: the library's interface with numbers and addresses alone. There is one context and one call at
// a time. What a call gives back stays until the next call. lib/codec.js is the other side.
#include <cstdio>
#include <cstdlib>
#include <residua/residua.hpp>
#include <string>
#include <vector>

#define EXPORT(name) extern "C" __attribute__((export_name(#name), used))
#define IMPORT(name) extern "C" __attribute__((import_module("residua"), import_name(#name)))

// Functions of JavaScript. They never throw; those that return a number return 0 where the call shall go on.
IMPORT(begin)
void js_begin(uint32_t width, uint32_t height, uint32_t bits, uint32_t colour, uint32_t alpha);
IMPORT(metadata) void js_metadata(const char* name, const void* data, size_t size);
IMPORT(rows) int js_rows(uint32_t y, uint32_t rows, const void* pixels, size_t size);
IMPORT(fill) int js_fill(uint32_t y, uint32_t rows, void* pixels, size_t size);
IMPORT(take) int js_take(const void* data, size_t size);
IMPORT(progress) int js_progress(double fraction);

namespace {

residua_context* context = nullptr;
residua_buffer result = {};
// For the next call that encodes.
struct Entry {
    std::string name;
    std::vector<uint8_t> data;
};
std::vector<Entry> entries;
std::string text;

void begin(const residua_image& picture) {
    js_begin(picture.width, picture.height, picture.bits, picture.colour, picture.alpha);
    for (size_t i = 0; i < picture.metadata_count; ++i)
        js_metadata(picture.metadata[i].name, picture.metadata[i].data, picture.metadata[i].size);
}

residua_encode_options options_of(int effort, const char* codec) {
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.effort = effort;
    options.codec = codec && *codec ? codec : nullptr;
    return options;
}

std::string hexadecimal(uint64_t number) {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
    return digits;
}

}  // namespace

EXPORT(allocate) void* allocate(size_t size) { return std::malloc(size); }
EXPORT(release) void release(void* memory) { std::free(memory); }

// Limits in bytes and pixels; 0: none.
EXPORT(open) residua_status open_context(double memory, double pixels, double metadata, double strips) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.threads = 1;
    settings.memory_limit = static_cast<uint64_t>(memory);
    settings.progress = [](void*, double fraction) { return js_progress(fraction); };
    if (const residua_status status = residua_context_create(&settings, &context)) return status;
    residua_limits limits = RESIDUA_INIT(residua_limits);
    limits.pixels = static_cast<uint64_t>(pixels);
    limits.metadata = static_cast<uint64_t>(metadata);
    limits.strips = static_cast<uint64_t>(strips);
    return residua_set_limits(context, &limits);
}

// Strings end with a zero byte.
EXPORT(last_error) const char* last_error() { return residua_last_error(context); }
EXPORT(status_name) const char* status_name(int status) {
    return residua_status_name(static_cast<residua_status>(status));
}
EXPORT(version) const char* version() { return residua_version(); }
EXPORT(cpu) const char* cpu() { return residua_cpu(); }

// model_text() is then "HASH NAME".
EXPORT(add_model) residua_status add_model(const void* data, size_t size) {
    residua_model_info about = RESIDUA_INIT(residua_model_info);
    text.clear();
    const residua_status status = residua_model_add(context, data, size, &about);
    if (status == RESIDUA_OK) text = hexadecimal(about.hash) + ' ' + about.name;
    return status;
}
EXPORT(model_text) const char* model_text() { return text.c_str(); }

// The bytes that a call left.
EXPORT(result_data) const uint8_t* result_data() { return result.data; }
EXPORT(result_size) size_t result_size() { return result.size; }
EXPORT(free_result) void free_result() { residua_buffer_free(&result); }

// ---- What a file says ---------------------------------------------------------------------------------------------

// Lines "name value"; info_text() gives them.
EXPORT(info) residua_status info(const void* data, size_t size) {
    residua_info about = RESIDUA_INIT(residua_info);
    text.clear();
    const residua_status status = residua_inspect(context, data, size, &about);
    if (status != RESIDUA_OK) return status;
    const auto line = [](const char* name, const std::string& value) {
        text += name;
        text += ' ';
        text += value;
        text += '\n';
    };
    line("codec", about.codec);
    line("modelHash", hexadecimal(about.model_hash));
    line("pixelChecksum", hexadecimal(about.pixel_checksum));
    if (about.model_name) line("modelName", about.model_name);
    line("formatVersion", std::to_string(about.format_version));
    line("width", std::to_string(about.width));
    line("height", std::to_string(about.height));
    line("bits", std::to_string(about.bits));
    line("colour", std::to_string(about.colour));
    line("alpha", std::to_string(about.alpha));
    line("strips", std::to_string(about.strip_count));
    line("stripHeight", std::to_string(about.strip_height));
    line("fileSize", std::to_string(about.file_size));
    line("keptJpeg", std::to_string(residua_jpeg_is_kept(data, size)));
    return status;
}
EXPORT(info_text) const char* info_text() { return text.c_str(); }

// ---- Decoding -----------------------------------------------------------------------------------------------------

// Calls begin and metadata.
EXPORT(head) residua_status head(const void* data, size_t size) {
    residua_image picture = RESIDUA_INIT(residua_image);
    const residua_status status = residua_decode_head(context, data, size, &picture);
    if (status == RESIDUA_OK) begin(picture);
    residua_image_free(&picture);
    return status;
}

// Calls begin, metadata and rows. One strip is held at a time.
EXPORT(decode) residua_status decode(const uint8_t* data, size_t size) {
    struct Reader {
        const uint8_t* data;
        size_t left;
    } reader = {data, size};
    residua_byte_source source = RESIDUA_INIT(residua_byte_source);
    source.read = [](void* user, void* out, size_t count) -> int64_t {
        auto* from = static_cast<Reader*>(user);
        if (count > from->left) count = from->left;
        std::copy_n(from->data, count, static_cast<uint8_t*>(out));
        from->data += count;
        from->left -= count;
        return static_cast<int64_t>(count);
    };
    source.user = &reader;
    source.size = size;
    // A row's bytes, once they are known.
    size_t row_size = 0;
    residua_row_sink sink = RESIDUA_INIT(residua_row_sink);
    sink.begin = [](void* user, const residua_image* picture) {
        *static_cast<size_t*>(user) = size_t{picture->width} *
                                      residua_channels(picture->colour, picture->alpha) *
                                      (picture->bits > 8 ? 2 : 1);
        begin(*picture);
        return 0;
    };
    sink.rows = [](void* user, uint32_t y, uint32_t rows, const void* pixels) {
        return js_rows(y, rows, pixels, rows * *static_cast<size_t*>(user));
    };
    sink.user = &row_size;
    return residua_decode_rows(context, &source, &sink);
}

EXPORT(jpeg_decode) residua_status jpeg_decode(const void* data, size_t size) {
    residua_buffer_free(&result);
    return residua_jpeg_decode(context, data, size, &result);
}

// ---- Encoding -----------------------------------------------------------------------------------------------------

// For the next encode(), which forgets it.
EXPORT(add_metadata) void add_metadata(const char* name, const uint8_t* data, size_t size) {
    entries.push_back({name, std::vector<uint8_t>(data, data + size)});
}

// Calls fill for the rows, and take for the bytes of the file.
EXPORT(encode)
residua_status encode(uint32_t width, uint32_t height, uint32_t bits, uint32_t colour, uint32_t alpha,
                      int effort, const char* codec) {
    const std::vector<Entry> kept = std::move(entries);
    entries.clear();
    std::vector<residua_metadata> metadata;
    for (const Entry& entry : kept)
        metadata.push_back({entry.name.c_str(), entry.data.data(), entry.data.size()});
    residua_row_source source = RESIDUA_INIT(residua_row_source);
    source.width = width;
    source.height = height;
    source.bits = bits;
    source.colour = colour;
    source.alpha = alpha;
    source.metadata = metadata.data();
    source.metadata_count = metadata.size();
    size_t row_size = size_t{width} * residua_channels(colour, alpha) * (bits > 8 ? 2 : 1);
    source.user = &row_size;
    source.read = [](void* user, uint32_t y, uint32_t rows, void* pixels) {
        return js_fill(y, rows, pixels, rows * *static_cast<size_t*>(user));
    };
    residua_byte_sink sink = RESIDUA_INIT(residua_byte_sink);
    sink.write = [](void*, const void* data, size_t size) { return js_take(data, size); };
    const residua_encode_options options = options_of(effort, codec);
    return residua_encode_rows(context, &source, &options, &sink);
}

EXPORT(jpeg_encode) residua_status jpeg_encode(const void* data, size_t size, int effort) {
    residua_buffer_free(&result);
    const residua_encode_options options = options_of(effort, nullptr);
    return residua_jpeg_encode(context, data, size, &options, &result);
}
