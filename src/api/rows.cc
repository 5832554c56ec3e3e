// The calls that take and give pictures by rows.
#include <optional>

#include "api/decoding.h"
#include "api/encoding.h"

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
    explicit SinkReceiver(const residua_row_sink& sink) : sink_(sink) {}

    void begin(const codec::PictureHead& picture) override {
        if (!sink_.begin) return;
        residua_image image = api::describe(picture.width, picture.height, picture.kind);
        const std::vector<residua_metadata> entries = api::list(picture.metadata);
        image.struct_size = sizeof image;
        image.metadata_count = entries.size();
        if (!entries.empty()) image.metadata = entries.data();
        if (sink_.begin(sink_.user, &image) != 0) caller_failed("takes the picture");
    }
    void rows(int first_row, Picture picture) override {
        if (sink_.rows(sink_.user, static_cast<uint32_t>(first_row), static_cast<uint32_t>(picture.height),
                       picture.samples.data()) != 0)
            caller_failed("takes the picture");
    }

  private:
    const residua_row_sink& sink_;
};

#ifdef RESIDUA_ENCODER
void encode_rows(residua_context* context, const residua_row_source& source,
                 const residua_encode_options& options, const residua_byte_sink& sink, Session& session) {
    const api::Description description = api::description_of(source);
    const PictureKind kind = api::check_kind(description);
    const int width = static_cast<int>(source.width), height = static_cast<int>(source.height);
    std::optional<Picture> strip;
    const auto read = [&](int first_row, int rows) {
        if (!strip || strip->height != rows) {
            strip.reset();
            strip.emplace(session.allocator, width, rows, kind.channels(), kind.sample_bytes());
        }
        if (source.read(source.user, static_cast<uint32_t>(first_row), static_cast<uint32_t>(rows),
                        strip->samples.data()) != 0)
            caller_failed("reads the picture");
        return strip->view();
    };
    const auto write = [&](Buffer<uint8_t> bytes) {
        if (sink.write(sink.user, bytes.data(), bytes.size()) != 0) caller_failed("takes the file");
    };
    codec::encode_rows({width, height, kind, read},
                       api::encode_request(api::metadata_of(description), options), options.strip_height,
                       context->models, session, write);
}
#endif

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_encode_rows(residua_context* context, const residua_row_source* given_source,
                                   const residua_encode_options* given_options,
                                   const residua_byte_sink* given_sink) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        const residua_row_source source = api::read(given_source);
        const residua_byte_sink sink = api::read(given_sink);
        const residua_encode_options options = api::read(given_options);
        api::require(source.read && sink.write, "no source or no sink was given");
#ifdef RESIDUA_ENCODER
        encode_rows(context, source, options, sink, session);
#else
        (void)options, (void)session;
        api::refuse_to_encode();
#endif
    });
}

residua_status residua_decode_rows(residua_context* context, const residua_byte_source* given_source,
                                   const residua_row_sink* given_sink) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        const residua_byte_source source = api::read(given_source);
        const residua_row_sink sink = api::read(given_sink);
        api::require(source.read && (!given_sink || sink.rows), "no source or no sink was given");
        api::require(source.size <= static_cast<uint64_t>(PTRDIFF_MAX),
                     "the size of the source is larger than any file can be; 0 means that it is not known");
        FunctionInput input(reader_of(source), source.size, session.allocator);
        SinkReceiver receiver(sink);
        codec::decode_rows(input, api::decoder(context, session), session, given_sink ? &receiver : nullptr,
                           context->limits);
    });
}

}  // extern "C"
