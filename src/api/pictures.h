// Between the caller's pictures and buffers and those of the library.
#pragma once

#include "api/api.h"
#include "container/container.h"
#include "image/picture.h"
#include "image/picture_kind.h"
#include "image/picture_memory.h"

namespace residua::api {

// A picture but for its pixels, as residua_image and residua_row_source describe it.
struct Description {
    uint32_t width, height, bits, colour, alpha;
    const residua_metadata* metadata;
    size_t metadata_count;
};
template <typename T>
Description description_of(const T& given) {
    return {given.width, given.height,   given.bits,          given.colour,
            given.alpha, given.metadata, given.metadata_count};
}

// Throws kInvalidArgument for what is no picture, kUnsupported for what this version cannot code.
PictureKind check_kind(const Description& description);

// Points into the description. Throws kInvalidArgument.
container::Metadata metadata_of(const Description& description);

// A checked view of the caller's picture; throws as check_kind.
MutablePictureView view_of(const residua_image& image);
// The same of 8 bits, grey or RGB; others are kUnsupported.
MutablePictureView plain_view_of(const residua_image& image);

// All of a picture but pixels, metadata and owner.
residua_image describe(int width, int height, const PictureKind& kind);

// As the caller sees them; points into the given.
std::vector<residua_metadata> list(const container::Metadata& metadata);

// Throws kInvalidArgument where there is no place for the answer, and as check_size().
template <typename T>
void require_place(const T* out) {
    require(out, "no place for the answer was given");
    check_size(out, Versions<T>::sizes, Versions<T>::name);
}

// Give bytes, or a picture with metadata, to the caller.
void hand_over(residua_context* context, Buffer<uint8_t> bytes, residua_buffer* out);
void hand_over(residua_context* context, Picture picture, const PictureKind& kind,
               const container::Metadata& metadata, residua_image* out);
// The same without pixels.
void hand_over(residua_context* context, residua_image description, const container::Metadata& metadata,
               residua_image* out);

inline void empty(residua_buffer* buffer) noexcept {
    if (buffer) *buffer = {};
}

}  // namespace residua::api
