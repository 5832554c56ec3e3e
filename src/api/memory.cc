#include <cstring>

#include "api/api.h"
#include "base/file_io.h"

namespace residua::api {

PictureView view_of(const residua_image* image) {
    require(image && image->pixels, "no picture was given");
    if (image->channels != 1 && image->channels != 3)
        throw Error(ErrorCode::kUnsupported, "a picture must have 1 channel (grey) or 3 (RGB), not " +
                                                 std::to_string(image->channels));
    require(image->width > 0 && image->height > 0, "the picture has no pixels");
    if (image->width > RESIDUA_MAX_SIDE || image->height > RESIDUA_MAX_SIDE)
        throw Error(ErrorCode::kUnsupported, "the picture is too large: a side may have " +
                                                 std::to_string(RESIDUA_MAX_SIDE) + " pixels at most");
    const size_t row = size_t{image->width} * image->channels;
    require(image->stride == 0 || image->stride >= row, "the stride is smaller than a row");
    require(image->stride <= PTRDIFF_MAX / RESIDUA_MAX_SIDE, "the stride is too large");
    require((image->icc || !image->icc_size) && (image->exif || !image->exif_size) &&
                (image->xmp || !image->xmp_size),
            "metadata with a size but no bytes");
    return {image->pixels, static_cast<int>(image->width), static_cast<int>(image->height),
            static_cast<int>(image->channels), static_cast<ptrdiff_t>(image->stride ? image->stride : row)};
}

std::span<const uint8_t> bytes_of(const void* data, size_t size) {
    require(data || size == 0, "no bytes were given");
    return {static_cast<const uint8_t*>(data), size};
}

void hand_over(residua_context* context, Buffer<uint8_t> bytes, residua_buffer* out) {
    const size_t size = bytes.size();
    uint8_t* data = bytes.data();
    context->buffers.emplace(data, std::move(bytes));
    *out = {data, size};
}

Buffer<uint8_t> copy(std::span<const uint8_t> bytes, Allocator& allocator) {
    if (bytes.empty()) return {};
    Buffer<uint8_t> buffer(allocator, bytes.size());
    std::memcpy(buffer.data(), bytes.data(), bytes.size());
    return buffer;
}

void hand_over(residua_context* context, Picture picture, const container::Metadata& metadata,
               residua_image* image) {
    residua_image_memory memory = {std::move(picture.samples), copy(metadata.icc, context->allocator),
                                   copy(metadata.exif, context->allocator),
                                   copy(metadata.xmp, context->allocator)};
    residua_image out{};
    out.pixels = memory.pixels.data();
    out.width = static_cast<uint32_t>(picture.width);
    out.height = static_cast<uint32_t>(picture.height);
    out.channels = static_cast<uint32_t>(picture.channels);
    out.stride = static_cast<size_t>(picture.stride());
    out.icc = memory.icc.data();
    out.icc_size = memory.icc.size();
    out.exif = memory.exif.data();
    out.exif_size = memory.exif.size();
    out.xmp = memory.xmp.data();
    out.xmp_size = memory.xmp.size();
    context->images.emplace(out.pixels, std::move(memory));
    *image = out;
}

}  // namespace residua::api

extern "C" {

void residua_buffer_free(residua_context* context, residua_buffer* buffer) {
    if (!buffer) return;
    if (context) context->buffers.erase(buffer->data);
    *buffer = {};
}

void residua_image_free(residua_context* context, residua_image* image) {
    if (!image) return;
    if (context) context->images.erase(image->pixels);
    *image = {};
}

residua_status residua_file_read(residua_context* context, const char* path, residua_buffer* buffer) {
    using namespace residua;
    if (buffer) *buffer = {};
    return api::call(context, [&] {
        api::require(path && buffer, "no path or no place for the bytes was given");
        api::hand_over(context, read_file(path, context->allocator), buffer);
    });
}

residua_status residua_file_write(residua_context* context, const char* path, const void* data, size_t size,
                                  int overwrite) {
    using namespace residua;
    return api::call(context, [&] {
        api::require(path, "no path was given");
        write_file(path, api::bytes_of(data, size), overwrite != 0);
    });
}

}  // extern "C"
