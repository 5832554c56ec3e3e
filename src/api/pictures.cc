#include "api/pictures.h"

#include <string>
#include <vector>

namespace residua::api {

namespace {

// What a buffer or a picture that the caller holds consists of. It needs no context to be freed.
struct Owned {
    std::shared_ptr<Allocator> memory;  // before what lies in it
    Buffer<uint8_t> bytes;              // of a buffer, or the pixels
    std::vector<Buffer<uint8_t>> contents;
    std::vector<std::string> names;
    std::vector<residua_metadata> metadata;
};

void release(void* owner) noexcept { delete static_cast<Owned*>(owner); }

[[noreturn]] void unsupported(const std::string& message) { throw Error(ErrorCode::kUnsupported, message); }

}  // namespace

PictureKind check_kind(const Description& description) {
    require(description.width > 0 && description.height > 0, "the picture has no pixels");
    require(description.bits <= 16, "a sample has 1 to 16 bits");
    require(description.colour != 0, "the picture's colour is not set; RESIDUA_COLOUR_GREY is grey");
    const uint32_t channels = residua_channels(description.colour, description.alpha);
    if (channels == 0 || description.alpha > 1)
        unsupported("the picture is of a kind that this version of Residua does not know");
    if (description.width > RESIDUA_MAX_SIDE || description.height > RESIDUA_MAX_SIDE)
        unsupported("the picture is too large: a side may have " + std::to_string(RESIDUA_MAX_SIDE) +
                    " pixels at most");
    if (uint64_t{description.width} * channels * 2 > static_cast<uint64_t>(INT32_MAX))
        unsupported("the picture is too wide: a row has more samples than this version can code");
    const int bits = description.bits == 0 ? 8 : static_cast<int>(description.bits);
    return {static_cast<Colour>(description.colour), description.alpha != 0, bits};
}

container::Metadata metadata_of(const Description& description) {
    require(description.metadata || description.metadata_count == 0, "metadata are counted, but not given");
    require(description.metadata_count <= container::kMaxMetadata, "there are more than 65535 metadata");
    container::Metadata metadata;
    for (size_t i = 0; i < description.metadata_count; ++i) {
        const residua_metadata& entry = description.metadata[i];
        require(entry.name, "metadata without a name");
        require(entry.data || entry.size == 0, "metadata without bytes");
        require(container::is_metadata_name(entry.name),
                "the name of metadata has 1 to 255 printable characters of ASCII, and no space");
        metadata.push_back({entry.name, bytes_of(entry.data, entry.size)});
    }
    return metadata;
}

std::vector<residua_metadata> list(const container::Metadata& metadata) {
    std::vector<residua_metadata> entries;
    entries.reserve(metadata.size());
    for (const container::MetadataEntry& entry : metadata)
        entries.push_back({entry.name.c_str(), entry.bytes.data(), entry.bytes.size()});
    return entries;
}

MutablePictureView view_of(const residua_image& image) {
    require(image.pixels, "the picture has no pixels");
    const PictureKind kind = check_kind(description_of(image));
    const size_t row = size_t{image.width} * static_cast<size_t>(kind.channels() * kind.sample_bytes());
    const size_t stride = image.stride ? image.stride : row;
    require(stride >= row, "the stride is smaller than a row");
    require(stride <= static_cast<size_t>(PTRDIFF_MAX) / image.height,
            "the picture's rows reach further than this machine can address");
    return {static_cast<uint8_t*>(image.pixels), static_cast<int>(image.width),
            static_cast<int>(image.height),      kind.channels(),
            static_cast<ptrdiff_t>(stride),      kind.sample_bytes()};
}

MutablePictureView plain_view_of(const residua_image& image) {
    if (!check_kind(description_of(image)).is_plain())
        unsupported("this needs a picture of 8 bits, grey or RGB, without alpha");
    return view_of(image);
}

residua_image describe(int width, int height, const PictureKind& kind) {
    residua_image image{};
    image.width = static_cast<uint32_t>(width);
    image.height = static_cast<uint32_t>(height);
    image.bits = static_cast<uint32_t>(kind.bits);
    image.colour = static_cast<uint32_t>(kind.colour);
    image.alpha = kind.alpha;
    image.stride = static_cast<size_t>(width) * static_cast<size_t>(kind.channels() * kind.sample_bytes());
    return image;
}

void hand_over(residua_context* context, Buffer<uint8_t> bytes, residua_buffer* out) {
    if (bytes.empty()) return empty(out);
    auto owned = std::make_unique<Owned>();
    owned->memory = context->memory;
    owned->bytes = std::move(bytes);
    out->data = owned->bytes.data();
    out->size = owned->bytes.size();
    out->owner = owned.release();
}

namespace {

void hand_over(residua_context* context, residua_image image, Buffer<uint8_t> pixels,
               const container::Metadata& metadata, residua_image* out) {
    auto owned = std::make_unique<Owned>();
    owned->memory = context->memory;
    owned->names.reserve(metadata.size());
    for (const container::MetadataEntry& entry : metadata) {
        owned->contents.push_back(copy(entry.bytes, context->allocator));
        owned->names.push_back(entry.name);
        owned->metadata.push_back(
            {owned->names.back().c_str(), owned->contents.back().data(), entry.bytes.size()});
    }
    owned->bytes = std::move(pixels);
    image.pixels = owned->bytes.data();
    image.metadata = owned->metadata.empty() ? nullptr : owned->metadata.data();
    image.metadata_count = owned->metadata.size();
    image.owner = owned.get();
    write(out, image);
    static_cast<void>(owned.release());  // the caller's now
}

}  // namespace

void hand_over(residua_context* context, Picture picture, const PictureKind& kind,
               const container::Metadata& metadata, residua_image* out) {
    const residua_image image = describe(picture.width, picture.height, kind);
    hand_over(context, image, std::move(picture.samples), metadata, out);
}

void hand_over(residua_context* context, residua_image description, const container::Metadata& metadata,
               residua_image* out) {
    hand_over(context, description, Buffer<uint8_t>(), metadata, out);
}

}  // namespace residua::api

extern "C" {

uint32_t residua_channels(uint32_t colour, uint32_t alpha) {
    const uint32_t channels = colour == RESIDUA_COLOUR_GREY   ? 1
                              : colour == RESIDUA_COLOUR_RGB  ? 3
                              : colour == RESIDUA_COLOUR_CMYK ? 4
                                                              : 0;
    return channels == 0 ? 0 : channels + (alpha != 0);
}

void residua_buffer_free(residua_buffer* buffer) {
    if (!buffer) return;
    residua::api::release(buffer->owner);
    *buffer = {};
}

void residua_image_free(residua_image* image) {
    if (!image) return;
    using namespace residua::api;
    if (size_fault(image, Versions<residua_image>::sizes) == SizeFault::kNotSet) return;
    release(image->owner);
    // Also where empty() refuses, since a later header's field is set: nobody may free them twice.
    image->pixels = nullptr;
    image->metadata = nullptr;
    image->metadata_count = 0;
    image->owner = nullptr;
    empty(image);
}

}  // extern "C"
