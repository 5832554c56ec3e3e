// JPEG files, byte for byte.
#include "api/encoding.h"
#include "codec/dec_kept.h"
#include "stages/methods.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_kept.h"
#endif

extern "C" {

residua_status residua_jpeg_encode(residua_context* context, const void* jpeg, size_t size,
                                   const residua_encode_options* given_options, residua_buffer* file) {
    using namespace residua;
    api::empty(file);
    return api::session_call(context, [&](Session& session) {
        api::require(file, "no place for the file was given");
        const std::span<const uint8_t> bytes = api::bytes_of(jpeg, size);
        const residua_encode_options options = api::read(given_options);
        api::require(!options.model && !options.codec && !options.research && options.strip_height == 0,
                     "a JPEG file is kept with nothing but an effort: no codec, model or strips");
        const int effort = api::checked_effort(options.effort);
#ifdef RESIDUA_ENCODER
        api::hand_over(context, codec::keep(bytes, effort, session), file);
#else
        (void)session, (void)bytes, (void)effort;
        api::refuse_to_encode();
#endif
    });
}

residua_status residua_jpeg_decode(residua_context* context, const void* data, size_t size,
                                   residua_buffer* jpeg) {
    using namespace residua;
    api::empty(jpeg);
    return api::session_call(context, [&](Session& session) {
        api::require(jpeg, "no place for the JPEG file was given");
        session.progress.begin_phase(1);
        const std::span<const uint8_t> file = api::bytes_of(data, size);
        codec::check_limits(context->limits, codec::parse_file(file));
        Buffer<uint8_t> bytes = codec::restore(file, session);
        session.progress.finish();
        api::hand_over(context, std::move(bytes), jpeg);
    });
}

int residua_jpeg_is_kept(const void* data, size_t size) {
    return data && residua::codec::keeps_a_file({static_cast<const uint8_t*>(data), size}) ? 1 : 0;
}

}  // extern "C"
