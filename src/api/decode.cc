#include <cstring>
#include <optional>
#include <string>

#include "api/decoding.h"
#include "api/pictures.h"
#include "base/file_io.h"
#include "codec/dec_head.h"
#include "stages/methods.h"

namespace residua {

namespace {

// Puts the rows together.
class WholePicture : public codec::RowReceiver {
  public:
    explicit WholePicture(Allocator& allocator) : allocator_(allocator) {}

    void begin(int width, int height, int channels, const container::Metadata& metadata) override {
        width_ = width, height_ = height, channels_ = channels;
        metadata_ = metadata;
    }
    void rows(int first_row, Picture part) override {
        if (part.height == height_) {
            picture_ = std::move(part);
            return;
        }
        if (!picture_) picture_.emplace(allocator_, width_, height_, channels_);
        std::memcpy(picture_->row(first_row), part.samples.data(), part.samples.size());
    }

    // The metadata lie in the file's bytes.
    void hand_over(residua_context* context, residua_image* image) {
        api::hand_over(context, std::move(*picture_), metadata_, image);
    }

  private:
    Allocator& allocator_;
    int width_ = 0, height_ = 0, channels_ = 0;
    container::Metadata metadata_;
    std::optional<Picture> picture_;
};

// Writes the rows where the caller wants them.
class CallersPicture : public codec::RowReceiver {
  public:
    explicit CallersPicture(const MutablePictureView& picture) : picture_(picture) {}

    void begin(int, int, int, const container::Metadata&) override {}  // checked before (expect_fit)
    void rows(int first_row, Picture part) override {
        for (int y = 0; y < part.height; ++y)
            std::memcpy(picture_.row(first_row + y), part.row(y), static_cast<size_t>(part.stride()));
    }

  private:
    const MutablePictureView picture_;
};

std::string text_of(int width, int height, int channels) {
    return std::to_string(width) + " x " + std::to_string(height) + " pixels, " +
           (channels == 1 ? "grey" : "RGB") + ", 8 bits";
}

void expect_fit(const MutablePictureView& picture, const codec::PictureHead& head) {
    if (picture.width != head.width || picture.height != head.height || picture.channels != head.channels)
        throw Error(ErrorCode::kInvalidArgument,
                    "the memory is described as " + text_of(picture.width, picture.height, picture.channels) +
                        "; the file has " + text_of(head.width, head.height, head.channels));
}

void decode(residua_context* context, std::span<const uint8_t> bytes, const codec::DecodeWhole& decode_whole,
            Session& session, residua_image* image) {
    MemoryInput input(bytes);
    WholePicture picture(session.allocator);
    codec::decode_rows(input, decode_whole, session, &picture);
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
        const MutablePictureView picture = api::view_of(api::read(image));
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        expect_fit(picture, codec::read_head(bytes));
        MemoryInput input(bytes);
        CallersPicture receiver(picture);
        codec::decode_rows(input, api::decoder(context, session), session, &receiver);
    });
}

residua_status residua_decode_head(residua_context* context, const void* data, size_t size,
                                   residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::call(context, [&] {
        api::require_place(image);
        const codec::PictureHead head = codec::read_head(api::bytes_of(data, size));
        api::hand_over(context, api::describe(head.width, head.height, head.channels), head.metadata, image);
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

residua_status residua_verify(residua_context* context, const void* data, size_t size) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        MemoryInput input(api::bytes_of(data, size));
        codec::decode_rows(input, api::decoder(context, session), session, nullptr);
    });
}

residua_status residua_preview(residua_context* context, const void* data, size_t size,
                               residua_image* image) {
    using namespace residua;
    api::empty(image);
    return api::session_call(context, [&](Session& session) {
        api::require_place(image);
        const auto preview = [&](const container::File& file, double share) {
            return codec::preview(file, context->models, session, share);
        };
        decode(context, api::bytes_of(data, size), preview, session, image);
    });
}

}  // extern "C"
