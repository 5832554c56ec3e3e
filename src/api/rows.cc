// The calls that take and give pictures by rows.
#include <optional>

#include "api/api.h"
#include "api/encoding.h"
#include "codec/dec_rows.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_rows.h"
#endif

namespace residua {

namespace {

[[noreturn]] void caller_failed(const char* what) {
    throw Error(ErrorCode::kIo, std::string("the function that ") + what + " has failed");
}

FunctionInput::Read reader_of(const residua_byte_source& source) {
    return [&source](uint8_t* data, size_t size) {
        const int64_t count = source.read(source.user, data, size);
        if (count < 0) caller_failed("reads the file");
        api::require(static_cast<uint64_t>(count) <= size,
                     "the function that reads the file says that it read more than it was asked for");
        return static_cast<size_t>(count);
    };
}

class SinkReceiver : public codec::RowReceiver {
  public:
    explicit SinkReceiver(const residua_row_sink* sink) : sink_(sink) {}

    void begin(int width, int height, int channels, const container::Metadata& metadata) override {
        if (!sink_->begin) return;
        residua_image image{};
        image.width = static_cast<uint32_t>(width);
        image.height = static_cast<uint32_t>(height);
        image.channels = static_cast<uint32_t>(channels);
        const auto set = [](std::span<const uint8_t> bytes, const uint8_t*& data, size_t& size) {
            data = bytes.empty() ? nullptr : bytes.data();
            size = bytes.size();
        };
        set(metadata.icc, image.icc, image.icc_size);
        set(metadata.exif, image.exif, image.exif_size);
        set(metadata.xmp, image.xmp, image.xmp_size);
        if (sink_->begin(sink_->user, &image) != 0) caller_failed("takes the picture");
    }
    void rows(int first_row, Picture picture) override {
        if (sink_->rows(sink_->user, static_cast<uint32_t>(first_row), static_cast<uint32_t>(picture.height),
                        picture.samples.data()) != 0)
            caller_failed("takes the picture");
    }

  private:
    const residua_row_sink* sink_;
};

#ifdef RESIDUA_ENCODER
void encode_rows(residua_context* context, const residua_row_source& source,
                 const residua_encode_options* options, const residua_byte_sink& sink, Session& session) {
    residua_image image{};
    uint8_t no_pixels = 0;
    image.pixels = &no_pixels;
    image.width = source.width;
    image.height = source.height;
    image.channels = source.channels;
    image.icc = source.icc;
    image.icc_size = source.icc_size;
    image.exif = source.exif;
    image.exif_size = source.exif_size;
    image.xmp = source.xmp;
    image.xmp_size = source.xmp_size;
    const PictureView picture = api::view_of(&image);
    std::optional<Picture> strip;
    const auto read = [&](int first_row, int rows) {
        if (!strip || strip->height != rows) {
            strip.reset();
            strip.emplace(session.allocator, picture.width, rows, picture.channels);
        }
        if (source.read(source.user, static_cast<uint32_t>(first_row), static_cast<uint32_t>(rows),
                        strip->samples.data()) != 0)
            caller_failed("reads the picture");
        return strip->view();
    };
    const auto write = [&](Buffer<uint8_t> bytes) {
        if (sink.write(sink.user, bytes.data(), bytes.size()) != 0) caller_failed("takes the file");
    };
    codec::encode_rows({picture.width, picture.height, picture.channels, read},
                       api::encode_request(picture, image, options), api::strip_height_of(options),
                       context->models, session, write);
}
#endif

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_encode_rows(residua_context* context, const residua_row_source* source,
                                   const residua_encode_options* options, const residua_byte_sink* sink) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(source && source->read && sink && sink->write, "no source or no sink was given");
#ifdef RESIDUA_ENCODER
        encode_rows(context, *source, options, *sink, session);
#else
        (void)options, (void)session;
        api::refuse_to_encode();
#endif
    });
}

residua_status residua_decode_rows(residua_context* context, const residua_byte_source* source,
                                   const residua_row_sink* sink) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(source && source->read && (!sink || sink->rows), "no source or no sink was given");
        FunctionInput input(reader_of(*source), source->size, session.allocator);
        SinkReceiver receiver(sink);
        codec::decode_rows(
            input,
            [&](const container::File& file, double share) {
                return codec::decode(file, context->models, session, share);
            },
            session, sink ? &receiver : nullptr);
    });
}

}  // extern "C"
