// The calls that take and give pictures by rows.
#include <algorithm>
#include <cstring>
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

residua_byte_source checked(const residua_byte_source* given) {
    const residua_byte_source source = api::read(given);
    api::require(source.read, "no source was given");
    api::require(source.size <= static_cast<uint64_t>(PTRDIFF_MAX),
                 "the size of the source is larger than any file can be; 0 means that it is not known");
    return source;
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

// Of the rows that it gets, the region's columns.
class RegionReceiver : public SinkReceiver {
  public:
    RegionReceiver(const residua_row_sink& sink, const codec::RowRange& rows, uint32_t x, uint32_t width,
                   Allocator& allocator)
        : SinkReceiver(sink),
          rows_(rows),
          x_(static_cast<int>(x)),
          width_(static_cast<int>(width)),
          allocator_(allocator) {}

    void size(int width, int height) override {
        api::expect_inside(static_cast<uint32_t>(x_), static_cast<uint32_t>(rows_.first),
                           static_cast<uint32_t>(width_), static_cast<uint32_t>(rows_.end - rows_.first),
                           width, height);
    }
    void rows(int first_row, Picture part) override {
        const int first = std::max(first_row, rows_.first),
                  end = std::min(first_row + part.height, rows_.end);
        Picture cut(allocator_, width_, end - first, part.channels, part.sample_bytes);
        const size_t left =
            static_cast<size_t>(cut.stride()) / static_cast<size_t>(width_) * static_cast<size_t>(x_);
        for (int row = first; row < end; ++row)
            std::memcpy(cut.row(row - first), part.row(row - first_row) + left,
                        static_cast<size_t>(cut.stride()));
        SinkReceiver::rows(first - rows_.first, std::move(cut));
    }

  private:
    const codec::RowRange rows_;
    const int x_, width_;
    Allocator& allocator_;
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

void api::expect_inside(uint32_t x, uint32_t y, uint32_t width, uint32_t height, int whole_width,
                        int whole_height) {
    const auto inside = [](uint32_t from, uint32_t count, int all) {
        const auto whole = static_cast<uint32_t>(all);
        return count > 0 && from < whole && count <= whole - from;
    };
    if (!inside(x, width, whole_width) || !inside(y, height, whole_height))
        throw Error(ErrorCode::kInvalidArgument,
                    "the region of " + std::to_string(width) + " x " + std::to_string(height) +
                        " pixels at " + std::to_string(x) + ", " + std::to_string(y) +
                        " does not lie in the picture, which has " + std::to_string(whole_width) + " x " +
                        std::to_string(whole_height));
}

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
        const residua_byte_source source = checked(given_source);
        const residua_row_sink sink = api::read(given_sink);
        api::require(!given_sink || sink.rows, "no sink was given");
        FunctionInput input(reader_of(source), source.size, session.allocator);
        SinkReceiver receiver(sink);
        codec::decode_rows(input, api::decoder(context, session), session, given_sink ? &receiver : nullptr,
                           context->limits);
    });
}

residua_status residua_decode_region_rows(residua_context* context, const residua_byte_source* given_source,
                                          uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                                          const residua_row_sink* given_sink) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        const residua_byte_source source = checked(given_source);
        const residua_row_sink sink = api::read(given_sink);
        api::require(sink.rows, "no sink was given");
        api::expect_inside(x, y, width, height, RESIDUA_MAX_SIDE, RESIDUA_MAX_SIDE);
        const codec::RowRange rows{static_cast<int>(y), static_cast<int>(y + height)};
        FunctionInput input(reader_of(source), source.size, session.allocator);
        RegionReceiver receiver(sink, rows, x, width, session.allocator);
        codec::decode_rows(input, api::decoder(context, session), session, &receiver, context->limits, rows);
    });
}

}  // extern "C"
