#include <cstring>
#include <optional>
#include <string>

#include "api/api.h"
#include "base/file_io.h"
#include "codec/dec_rows.h"
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

codec::DecodeWhole decoder(residua_context* context, Session& session) {
    return [context, &session](const container::File& file, double share) {
        return codec::decode(file, context->models, session, share);
    };
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
    if (image) *image = {};
    return api::session_call(context, [&](Session& session) {
        api::require(image, "no place for the picture was given");
        decode(context, api::bytes_of(data, size), decoder(context, session), session, image);
    });
}

residua_status residua_decode_file(residua_context* context, const char* path, residua_image* image) {
    using namespace residua;
    if (image) *image = {};
    return api::session_call(context, [&](Session& session) {
        api::require(path && image, "no path or no place for the picture was given");
        const Buffer<uint8_t> bytes = read_file(path, session.allocator);
        decode(context, bytes.span(), decoder(context, session), session, image);
    });
}

residua_status residua_verify(residua_context* context, const void* data, size_t size) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        MemoryInput input(api::bytes_of(data, size));
        codec::decode_rows(input, decoder(context, session), session, nullptr);
    });
}

residua_status residua_preview(residua_context* context, const void* data, size_t size,
                               residua_image* image) {
    using namespace residua;
    if (image) *image = {};
    return api::session_call(context, [&](Session& session) {
        api::require(image, "no place for the picture was given");
        const auto preview = [&](const container::File& file, double share) {
            return codec::preview(file, context->models, session, share);
        };
        decode(context, api::bytes_of(data, size), preview, session, image);
    });
}

residua_status residua_preview_bpg(residua_context* context, const void* data, size_t size,
                                   residua_buffer* bpg) {
    using namespace residua;
    if (bpg) *bpg = {};
    return api::call(context, [&] {
        api::require(bpg, "no place for the stream was given");
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
        if (container::version_of(bytes) == container::FileVersion::kStrips)
            throw Error(ErrorCode::kUnsupported,
                        "a file of strips has no single BPG stream; ask for its preview as pixels");
        const container::File file = codec::parse_file(bytes);
        if (!file.header.method->traits().lossy_layer)
            throw Error(ErrorCode::kUnsupported, std::string("a file of the codec ") +
                                                     file.header.method->name() +
                                                     " has no BPG stream; ask for its preview as pixels");
        api::hand_over(context, api::copy(file.payload, context->allocator), bpg);
    });
}

}  // extern "C"
