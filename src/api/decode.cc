#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "api/decoding.h"
#include "api/pictures.h"
#include "base/file_io.h"
#include "codec/dec_head.h"
#include "codec/dec_salvage.h"
#include "stages/methods.h"

namespace residua {

namespace {

// Puts the rows together.
class WholePicture : public codec::RowReceiver {
  public:
    explicit WholePicture(Allocator& allocator) : allocator_(allocator) {}

    void begin(const codec::PictureHead& picture) override { head_ = picture; }
    void rows(int first_row, Picture part) override {
        if (part.height == head_.height) {
            picture_ = std::move(part);
            return;
        }
        if (!picture_)
            picture_.emplace(allocator_, head_.width, head_.height, head_.kind.channels(),
                             head_.kind.sample_bytes());
        std::memcpy(picture_->row(first_row), part.samples.data(), part.samples.size());
    }

    // The metadata lie in the file's bytes, or in the head.
    void hand_over(residua_context* context, residua_image* image) {
        api::hand_over(context, std::move(*picture_), head_.kind, head_.metadata, image);
    }

  private:
    Allocator& allocator_;
    codec::PictureHead head_ = {};
    std::optional<Picture> picture_;
};

// Writes the rows where the caller wants them.
class CallersPicture : public codec::RowReceiver {
  public:
    explicit CallersPicture(const MutablePictureView& picture) : picture_(picture) {}

    void begin(const codec::PictureHead&) override {}  // checked before (expect_fit)
    void rows(int first_row, Picture part) override {
        for (int y = 0; y < part.height; ++y)
            std::memcpy(picture_.row(first_row + y), part.row(y), static_cast<size_t>(part.stride()));
    }

  private:
    const MutablePictureView picture_;
};

// A part of the rows.
class Region : public codec::RowReceiver {
  public:
    // The columns [x, x + width) of the rows [y, y + height).
    Region(Allocator& allocator, const codec::PictureHead& whole, int x, int y, int width, int height)
        : x_(x),
          y_(y),
          kind_(whole.kind),
          picture_(allocator, width, height, whole.kind.channels(), whole.kind.sample_bytes()) {}

    codec::RowRange rows() const { return {y_, y_ + picture_.height}; }

    void begin(const codec::PictureHead&) override {}
    void rows(int first_row, Picture part) override {
        const size_t row_bytes = static_cast<size_t>(picture_.stride());
        const size_t left = row_bytes / static_cast<size_t>(picture_.width) * static_cast<size_t>(x_);
        const int end = std::min(first_row + part.height, y_ + picture_.height);
        for (int row = std::max(first_row, y_); row < end; ++row)
            std::memcpy(picture_.row(row - y_), part.row(row - first_row) + left, row_bytes);
    }

    void hand_over(residua_context* context, residua_image* image) {
        api::hand_over(context, std::move(picture_), kind_, {}, image);
    }

  private:
    const int x_, y_;
    const PictureKind kind_;
    Picture picture_;
};

std::string text_of(int width, int height, const PictureKind& kind) {
    return std::to_string(width) + " x " + std::to_string(height) + " pixels, " +
           (kind.colour == Colour::kGrey  ? "grey"
            : kind.colour == Colour::kRgb ? "RGB"
                                          : "CMYK") +
           (kind.alpha ? " with alpha, " : ", ") + std::to_string(kind.bits) + " bits";
}

void expect_fit(const MutablePictureView& picture, const PictureKind& kind, const codec::PictureHead& head) {
    if (picture.width != head.width || picture.height != head.height || kind != head.kind)
        throw Error(ErrorCode::kInvalidArgument,
                    "the memory is described as " + text_of(picture.width, picture.height, kind) +
                        "; the file has " + text_of(head.width, head.height, head.kind));
}

void decode(residua_context* context, std::span<const uint8_t> bytes, const codec::DecodeWhole& decode_whole,
            Session& session, residua_image* image) {
    MemoryInput input(bytes);
    WholePicture picture(session.allocator);
    codec::decode_rows(input, decode_whole, session, &picture, context->limits);
    picture.hand_over(context, image);
}

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_decode(residua_context* context, const void* data, size_t size, residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::session_call(context, [&](Session& session) {
        api::require_place(image);
        decode(context, api::bytes_of(data, size), api::decoder(context, session), session, image);
    });
}

residua_status residua_decode_into(residua_context* context, const void* data, size_t size,
                                   const residua_image* image) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(image, "no picture to fill was given");
        const residua_image described = api::read(image);
        const MutablePictureView picture = api::view_of(described);
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        expect_fit(picture, api::check_kind(api::description_of(described)),
                   codec::read_head(bytes, context->limits));
        MemoryInput input(bytes);
        CallersPicture receiver(picture);
        codec::decode_rows(input, api::decoder(context, session), session, &receiver, context->limits);
    });
}

residua_status residua_decode_region(residua_context* context, const void* data, size_t size, uint32_t x,
                                     uint32_t y, uint32_t width, uint32_t height, residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::session_call(context, [&](Session& session) {
        api::require_place(image);
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        const codec::PictureHead head = codec::read_head(bytes, context->limits);
        api::expect_inside(x, y, width, height, head.width, head.height);
        Region region(session.allocator, head, static_cast<int>(x), static_cast<int>(y),
                      static_cast<int>(width), static_cast<int>(height));
        MemoryInput input(bytes);
        codec::decode_rows(input, api::decoder(context, session), session, &region, context->limits,
                           region.rows());
        region.hand_over(context, image);
    });
}

residua_status residua_decode_head(residua_context* context, const void* data, size_t size,
                                   residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::call(context, [&] {
        api::require_place(image);
        const codec::PictureHead head =
            codec::read_head_and_kept(api::bytes_of(data, size), context->limits, context->allocator);
        api::hand_over(context, api::describe(head.width, head.height, head.kind), head.metadata, image);
    });
}

residua_status residua_decode_file(residua_context* context, const char* path, residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::session_call(context, [&](Session& session) {
        api::require(path, "no path was given");
        api::require_place(image);
        const Buffer<uint8_t> bytes = read_file(path, session.allocator);
        decode(context, bytes.span(), api::decoder(context, session), session, image);
    });
}

residua_status residua_salvage(residua_context* context, const void* data, size_t size, residua_image* image,
                               residua_image* map) {
    using namespace residua;
    api::empty(image);
    api::empty(map);
    const residua_status status = api::session_call(context, [&](Session& session) {
        api::require_place(image);
        api::require_place(map);
        codec::Salvaged saved =
            codec::salvage(api::bytes_of(data, size), context->models, session, context->limits);
        api::hand_over(context, std::move(saved.picture), saved.kind, saved.metadata, image);
        api::hand_over(context, std::move(saved.map), {Colour::kGrey, false, 8}, {}, map);
    });
    if (status != RESIDUA_OK) residua_image_free(image);
    return status;
}

residua_status residua_verify(residua_context* context, const void* data, size_t size) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        MemoryInput input(api::bytes_of(data, size));
        codec::decode_rows(input, api::decoder(context, session), session, nullptr, context->limits);
    });
}

residua_status residua_preview(residua_context* context, const void* data, size_t size,
                               residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::session_call(context, [&](Session& session) {
        api::require_place(image);
        const auto preview = [&](const container::File& file, double share) {
            return codec::preview_all(file, context->models, session, share);
        };
        decode(context, api::bytes_of(data, size), preview, session, image);
    });
}

}  // extern "C"
