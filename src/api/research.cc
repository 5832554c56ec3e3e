// The calls of research.h that need the encoder.
#include "api/encoding.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_lossy_reconstruction.h"
#include "codec/enc_sample.h"
#include "stages/olm/enc_training_samples.h"
#endif

namespace residua {

namespace {

PictureView picture_of(const residua_image* given) {
    api::require(given, "no picture was given");
    return api::plain_view_of(api::read(given));
}

Picture sample(residua_context* context, const residua_image* image, const residua_sample_options* given,
               Session& session) {
    const PictureView picture = picture_of(image);
    const residua_sample_options options = api::read(given);
    const int effort = api::checked_effort(options.effort);
#ifdef RESIDUA_ENCODER
    api::check_lossy_options(options.q, options.bit_depth);
    return codec::sample({picture, options.model, options.codec, options.q, options.bit_depth, effort,
                          options.kept, options.seed},
                         context->models, session);
#else
    (void)context, (void)picture, (void)effort, (void)session;
    api::refuse_to_encode();
#endif
}

// `out_of`: what is filled, as a view of the same size and channels as the picture.
template <typename OutOf>
uint64_t lossy_layer(const residua_image* image, int q, int bit_depth, int effort, const OutOf& out_of,
                     Session& session) {
    const PictureView picture = picture_of(image);
#ifdef RESIDUA_ENCODER
    return codec::lossy_reconstruction({picture, q, bit_depth, effort}, out_of(picture), session);
#else
    (void)picture, (void)q, (void)bit_depth, (void)effort, (void)out_of, (void)session;
    api::refuse_to_encode();
#endif
}

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_sample(residua_context* context, const residua_image* image,
                              const residua_sample_options* options, residua_image* drawn) {
    using namespace residua;
    api::empty(drawn);
    return api::session_call(context, [&](Session& session) {
        api::require_place(drawn);
        Picture picture = sample(context, image, options, session);
        const PictureKind kind = {picture.channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8};
        api::hand_over(context, std::move(picture), kind, {}, drawn);
    });
}

residua_status residua_lossy_layer(residua_context* context, const residua_image* image, int q, int bit_depth,
                                   int effort, uint8_t* pixels, uint64_t* bpg_size) {
    using namespace residua;
    if (bpg_size) *bpg_size = 0;
    return api::session_call(context, [&](Session& session) {
        api::require(pixels, "no place for the pixels was given");
        const auto out = [&](const PictureView& picture) {
            const ptrdiff_t stride = static_cast<ptrdiff_t>(picture.width) * picture.channels;
            return MutablePictureView{pixels, picture.width, picture.height, picture.channels, stride};
        };
        const uint64_t size = lossy_layer(image, q, bit_depth, effort, out, session);
        if (bpg_size) *bpg_size = size;
    });
}

residua_status residua_lossy_layer_fine(residua_context* context, const residua_image* image, int q,
                                        int bit_depth, int effort, uint16_t* fine, uint64_t* bpg_size) {
    using namespace residua;
    if (bpg_size) *bpg_size = 0;
    return api::session_call(context, [&](Session& session) {
        api::require(fine, "no place for the samples was given");
        const auto out = [&](const PictureView& picture) {
            return FineView{fine, picture.width, picture.height, picture.channels};
        };
        const uint64_t size = lossy_layer(image, q, bit_depth, effort, out, session);
        if (bpg_size) *bpg_size = size;
    });
}

residua_status residua_olm_samples(residua_context* context, const residua_image* image, const char* experts,
                                   void (*visit)(void* user, const residua_olm_sample* sample), void* user) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(visit, "no function was given");
        api::require(image, "no picture was given");
        const residua_image given = api::read(image);
        const PictureKind kind = api::check_kind(api::description_of(given));
        const PictureView picture = api::view_of(given);
#ifdef RESIDUA_ENCODER
        const auto give = [&](const olm::TrainingSample& s, int inputs) {
            const residua_olm_sample sample = {sizeof sample,
                                               s.inputs,
                                               static_cast<uint32_t>(inputs),
                                               static_cast<uint32_t>(s.plane),
                                               s.whole_centre,
                                               s.whole_scale,
                                               s.log_scale,
                                               s.sample};
            visit(user, &sample);
        };
        codec::visit_training_samples(picture, kind, experts ? experts : "olm", give, session);
#else
        (void)picture, (void)kind, (void)experts, (void)user, (void)session;
        api::refuse_to_encode();
#endif
    });
}

}  // extern "C"
