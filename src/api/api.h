// Inside of the C API: the context, and how exceptions become status codes.
#pragma once

#include <residua/residua.h>

#include <functional>
#include <map>
#include <string>

#include "base/memory.h"
#include "base/session.h"
#include "base/thread_pool.h"
#include "container/container.h"
#include "image/picture.h"
#include "image/picture_memory.h"
#include "models/registry.h"

// What a picture that the library returned consists of.
struct residua_image_memory {
    residua::Buffer<uint8_t> pixels, icc, exif, xmp;
};

struct residua_context {
    explicit residua_context(const residua_settings& settings);

    residua_settings settings;
    residua::Allocator allocator;
    residua::ThreadPool threads;
    residua::models::Registry models;
    std::function<void(residua::LogLevel, const std::string&)> log;
    std::string error;

    // What the caller holds, by its address.
    std::map<const uint8_t*, residua::Buffer<uint8_t>> buffers;
    std::map<const uint8_t*, residua_image_memory> images;
};

namespace residua::api {

// Runs `action`; an exception becomes a status, and its text the message `error`.
residua_status guarded(std::string& error, const std::function<void()>& action);

// The same for a call on a context, which may be null.
residua_status call(residua_context* context, const std::function<void()>& action);

// Runs `action` with a session whose progress goes to the context's callback.
residua_status session_call(residua_context* context, const std::function<void(Session&)>& action);

// Throws kInvalidArgument with that message unless `condition` holds.
void require(bool condition, const char* message);

// A checked view of the caller's picture. Throws kInvalidArgument or kUnsupported.
PictureView view_of(const residua_image* image);

std::span<const uint8_t> bytes_of(const void* data, size_t size);

// Empty for no bytes.
Buffer<uint8_t> copy(std::span<const uint8_t> bytes, Allocator& allocator);

// Gives bytes, or a picture with metadata, to the caller.
void hand_over(residua_context* context, Buffer<uint8_t> bytes, residua_buffer* out);
void hand_over(residua_context* context, Picture picture, const container::Metadata& metadata,
               residua_image* image);

}  // namespace residua::api
