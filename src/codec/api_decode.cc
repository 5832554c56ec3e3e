#include <string>

#include "codec/api.h"
#include "codec/dec_codec.h"
#include "codec/file_io.h"

namespace residua {

namespace {

void decode(residua_context* context, std::span<const uint8_t> bytes, codec::Session& session,
            residua_image* image) {
    const container::File file = container::parse(bytes);
    codec::Picture picture = codec::decode(file, context->models, session);
    if (image)
        api::hand_over(context, codec::expand(file.header.kind, std::move(picture), session.allocator),
                       file.metadata, image);
    session.progress.finish();
}

residua_info describe(const container::File& file, size_t size, const models::Registry& models) {
    const container::Header& header = file.header;
    residua_info info{};
    info.format_version = container::kVersion;
    info.width = static_cast<uint32_t>(header.width);
    info.height = static_cast<uint32_t>(header.height);
    info.channels = static_cast<uint32_t>(decoded_channels(header.kind));
    info.coded_channels = static_cast<uint32_t>(coded_channels(header.kind));
    info.codec = container::codec_name(header.codec);
    info.model_hash = header.model_hash;
    if (const auto* entry = models.find(header.model_hash)) info.model_name = entry->file.name().c_str();
    info.q = header.q;
    info.bit_depth = header.bit_depth;
    info.has_tau = !header.tau.empty();
    info.adapts = header.adaptive;
    info.tile_width = static_cast<uint32_t>(header.tile_width);
    info.tile_height = static_cast<uint32_t>(header.tile_height);
    info.tile_count = static_cast<uint32_t>(file.streams[0].size());
    info.file_size = size;
    info.lossy_size = file.bpg.size();
    info.latent_count = static_cast<uint32_t>(header.scales);
    uint64_t entropy_coded = 0;
    for (int stage = 0; stage < header.coded_stages(); ++stage) {
        // Stages are coarse to fine: z^(S), …, z^(1), and last the picture or its residual.
        const int scale = header.scales - stage;
        uint64_t& size_of_stage = scale == 0 ? info.residual_size : info.latent_size[scale - 1];
        for (auto tile : file.streams[static_cast<size_t>(stage)]) size_of_stage += tile.size();
        entropy_coded += size_of_stage;
    }
    info.icc_size = file.metadata.icc.size();
    info.exif_size = file.metadata.exif.size();
    info.xmp_size = file.metadata.xmp.size();
    info.metadata_size = info.icc_size + info.exif_size + info.xmp_size;
    info.tau_size = header.tau.size();
    info.overhead_size = size - info.lossy_size - entropy_coded - info.metadata_size - info.tau_size;
    info.pixel_checksum = header.pixel_checksum;
    info.bpsp =
        8.0 * static_cast<double>(size) / (static_cast<double>(info.width) * info.height * info.channels);
    return info;
}

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_decode(residua_context* context, const void* data, size_t size, residua_image* image) {
    using namespace residua;
    if (image) *image = {};
    return api::session_call(context, [&](codec::Session& session) {
        api::require(image, "no place for the picture was given");
        decode(context, api::bytes_of(data, size), session, image);
    });
}

residua_status residua_decode_file(residua_context* context, const char* path, residua_image* image) {
    using namespace residua;
    if (image) *image = {};
    return api::session_call(context, [&](codec::Session& session) {
        api::require(path && image, "no path or no place for the picture was given");
        const Buffer<uint8_t> bytes = codec::read_file(path, session.allocator);
        decode(context, bytes.span(), session, image);
    });
}

residua_status residua_verify(residua_context* context, const void* data, size_t size) {
    using namespace residua;
    return api::session_call(context, [&](codec::Session& session) {
        decode(context, api::bytes_of(data, size), session, nullptr);
    });
}

residua_status residua_preview(residua_context* context, const void* data, size_t size,
                               residua_image* image) {
    using namespace residua;
    if (image) *image = {};
    return api::session_call(context, [&](codec::Session& session) {
        api::require(image, "no place for the picture was given");
        const container::File file = container::parse(api::bytes_of(data, size));
        codec::Picture preview = codec::preview(file, context->models, session);
        api::hand_over(context, codec::expand(file.header.kind, std::move(preview), session.allocator),
                       file.metadata, image);
    });
}

residua_status residua_preview_bpg(residua_context* context, const void* data, size_t size,
                                   residua_buffer* bpg) {
    using namespace residua;
    if (bpg) *bpg = {};
    return api::call(context, [&] {
        api::require(bpg, "no place for the stream was given");
        const container::File file = container::parse(api::bytes_of(data, size));
        if (file.header.codec != container::Codec::kRc)
            throw Error(ErrorCode::kUnsupported, std::string("a file of the codec ") +
                                                     container::codec_name(file.header.codec) +
                                                     " has no BPG stream; ask for its preview as pixels");
        api::hand_over(context, api::copy(file.bpg, context->allocator), bpg);
    });
}

residua_status residua_inspect(residua_context* context, const void* data, size_t size, residua_info* info) {
    using namespace residua;
    if (info) *info = {};
    return api::call(context, [&] {
        api::require(info, "no place for the answer was given");
        *info = describe(container::parse(api::bytes_of(data, size)), size, context->models);
    });
}

}  // extern "C"
