#include <cstring>

#include "api/api.h"
#include "api/encoding.h"
#include "base/file_io.h"
#include "lossy/bpg.h"
#include "lossy/dec_lossy.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_rows.h"
#include "codec/enc_sample.h"
#include "lossy/enc_lossy.h"
#include "stages/olm/enc_training_samples.h"
#endif

namespace residua {

namespace {

constexpr int kDefaultEffort = 5;  // of 1 … 9

// The effort to use. Throws kInvalidArgument for options outside their documented range.
int check_options(int q, int bit_depth, int effort) {
    api::require((q >= 0 && q <= lossy::kMaxQ) || q == RESIDUA_Q_FIXED,
                 "q must be 1 to 51, 0 for the default, or RESIDUA_Q_FIXED");
    api::require(bit_depth == 0 || bit_depth == 8 || bit_depth == 10,
                 "bit_depth must be 8, 10, or 0 for the default");
    api::require(effort >= 0 && effort <= 9, "effort must be 1 to 9, or 0 for the default");
    return effort ? effort : kDefaultEffort;
}

#ifdef RESIDUA_ENCODER
static_assert(codec::kFixedQ == RESIDUA_Q_FIXED);

codec::Tau tau_of(residua_tau tau) {
    return tau == RESIDUA_TAU_OFF  ? codec::Tau::kOff
           : tau == RESIDUA_TAU_ON ? codec::Tau::kOn
                                   : codec::Tau::kDefault;
}

codec::Adaptation adaptation_of(residua_adaptation adaptation) {
    return adaptation == RESIDUA_ADAPTATION_OFF  ? codec::Adaptation::kOff
           : adaptation == RESIDUA_ADAPTATION_ON ? codec::Adaptation::kOn
                                                 : codec::Adaptation::kDefault;
}

// All pieces in one.
Buffer<uint8_t> join(std::vector<Buffer<uint8_t>> pieces, Allocator& allocator) {
    if (pieces.size() == 1) return std::move(pieces[0]);
    size_t size = 0;
    for (const auto& piece : pieces) size += piece.size();
    Buffer<uint8_t> whole(allocator, size);
    uint8_t* end = whole.data();
    for (auto& piece : pieces) {
        std::memcpy(end, piece.data(), piece.size());
        end += piece.size();
        piece = {};
    }
    return whole;
}
#endif

Buffer<uint8_t> encode(residua_context* context, const residua_image* image,
                       const residua_encode_options* options, Session& session) {
    const PictureView picture = api::view_of(image);
#ifdef RESIDUA_ENCODER
    std::vector<Buffer<uint8_t>> pieces;
    const auto rows_of = [&](int first_row, int rows) {
        PictureView part = picture;
        part.data = picture.row(first_row);
        part.height = rows;
        return part;
    };
    codec::encode_rows({picture.width, picture.height, picture.channels, rows_of},
                       api::encode_request(picture, *image, options), api::strip_height_of(options),
                       context->models, session,
                       [&](Buffer<uint8_t> piece) { pieces.push_back(std::move(piece)); });
    return join(std::move(pieces), session.allocator);
#else
    (void)context, (void)picture, (void)options, (void)session;
    api::refuse_to_encode();
#endif
}

Picture sample(residua_context* context, const residua_image* image, const residua_sample_options* given,
               Session& session) {
    const PictureView picture = api::view_of(image);
    const residua_sample_options options = given ? *given : residua_sample_options{};
    const int effort = check_options(options.q, options.bit_depth, options.effort);
#ifdef RESIDUA_ENCODER
    return codec::sample({picture, options.model, options.codec, options.q, options.bit_depth, effort,
                          options.kept, options.seed},
                         context->models, session);
#else
    (void)context, (void)picture, (void)effort, (void)session;
    api::refuse_to_encode();
#endif
}

// What the trainer asks for: the lossy layer alone. `decode` gets its BPG stream and the number of threads.
void lossy_layer(const residua_image* image, int q, int bit_depth, int effort, uint64_t* bpg_size,
                 Session& session,
                 const std::function<void(std::span<const uint8_t> bpg, const PictureView& picture,
                                          int threads)>& decode) {
    const PictureView picture = api::view_of(image);
#ifdef RESIDUA_ENCODER
    const int threads = session.threads.size();
    session.progress.begin_phase(1);
    const std::vector<uint8_t> bpg =
        lossy::encode_bpg(picture, {q, bit_depth, effort, threads}, session.allocator);
    decode(bpg, picture, threads);
    session.progress.finish();
    if (bpg_size) *bpg_size = bpg.size();
#else
    (void)picture, (void)q, (void)bit_depth, (void)effort, (void)bpg_size, (void)session, (void)decode;
    api::refuse_to_encode();
#endif
}

void olm_samples(const residua_image* image, const char* experts,
                 const std::function<void(const residua_olm_sample&)>& visit, Session& session) {
    const PictureView picture = api::view_of(image);
#ifdef RESIDUA_ENCODER
    codec::visit_training_samples(
        picture, experts ? experts : "olm",
        [&](const olm::TrainingSample& s, int inputs) {
            visit({s.inputs, static_cast<uint32_t>(inputs), static_cast<uint32_t>(s.plane), s.whole_centre,
                   s.whole_scale, s.log_scale, s.sample});
        },
        session);
#else
    (void)picture, (void)experts, (void)visit, (void)session;
    api::refuse_to_encode();
#endif
}

}  // namespace

namespace api {

void refuse_to_encode() { throw Error(ErrorCode::kUnsupported, "this build of Residua can only decode"); }

#ifdef RESIDUA_ENCODER
codec::EncodeRequest encode_request(const PictureView& picture, const residua_image& image,
                                    const residua_encode_options* given) {
    const residua_encode_options options = given ? *given : residua_encode_options{};
    const int effort = check_options(options.q, options.bit_depth, options.effort);
    require(options.proof >= RESIDUA_PROOF_DEFAULT && options.proof <= RESIDUA_PROOF_FULL, "unknown proof");
    require(options.tau >= RESIDUA_TAU_DEFAULT && options.tau <= RESIDUA_TAU_ON, "unknown tau");
    require(options.adaptation >= RESIDUA_ADAPTATION_DEFAULT && options.adaptation <= RESIDUA_ADAPTATION_ON,
            "unknown adaptation");
    const container::Metadata metadata = {
        {image.icc, image.icc_size}, {image.exif, image.exif_size}, {image.xmp, image.xmp_size}};
    const codec::Proof proof = options.proof == RESIDUA_PROOF_FAST   ? codec::Proof::kFast
                               : options.proof == RESIDUA_PROOF_FULL ? codec::Proof::kFull
                                                                     : codec::Proof::kDefault;
    return {
        picture,           metadata, options.model, options.codec,       options.q,
        options.bit_depth, effort,   proof,         tau_of(options.tau), adaptation_of(options.adaptation)};
}
#endif

}  // namespace api
}  // namespace residua

extern "C" {

residua_status residua_encode(residua_context* context, const residua_image* image,
                              const residua_encode_options* options, residua_buffer* file) {
    using namespace residua;
    if (file) *file = {};
    return api::session_call(context, [&](Session& session) {
        api::require(file, "no place for the file was given");
        api::hand_over(context, encode(context, image, options, session), file);
    });
}

residua_status residua_encode_file(residua_context* context, const residua_image* image,
                                   const residua_encode_options* options, const char* path, int overwrite) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(path, "no path was given");
        check_writable(path, overwrite != 0);
        const Buffer<uint8_t> file = encode(context, image, options, session);
        write_file(path, file.span(), overwrite != 0);
    });
}

residua_status residua_sample(residua_context* context, const residua_image* image,
                              const residua_sample_options* options, residua_image* drawn) {
    using namespace residua;
    if (drawn) *drawn = {};
    return api::session_call(context, [&](Session& session) {
        api::require(drawn, "no place for the picture was given");
        api::hand_over(context, sample(context, image, options, session), {}, drawn);
    });
}

residua_status residua_lossy_layer(residua_context* context, const residua_image* image, int q, int bit_depth,
                                   int effort, uint8_t* pixels, uint64_t* bpg_size) {
    using namespace residua;
    if (bpg_size) *bpg_size = 0;
    return api::session_call(context, [&](Session& session) {
        api::require(pixels, "no place for the pixels was given");
        lossy_layer(image, q, bit_depth, effort, bpg_size, session,
                    [&](std::span<const uint8_t> bpg, const PictureView& picture, int threads) {
                        const ptrdiff_t stride = static_cast<ptrdiff_t>(picture.width) * picture.channels;
                        lossy::decode_bpg(bpg,
                                          {pixels, picture.width, picture.height, picture.channels, stride},
                                          session.allocator, threads);
                    });
    });
}

residua_status residua_lossy_layer_fine(residua_context* context, const residua_image* image, int q,
                                        int bit_depth, int effort, uint16_t* fine, uint64_t* bpg_size) {
    using namespace residua;
    if (bpg_size) *bpg_size = 0;
    return api::session_call(context, [&](Session& session) {
        api::require(fine, "no place for the samples was given");
        lossy_layer(image, q, bit_depth, effort, bpg_size, session,
                    [&](std::span<const uint8_t> bpg, const PictureView& picture, int threads) {
                        lossy::decode_bpg_fine(bpg, {fine, picture.width, picture.height, picture.channels},
                                               session.allocator, threads);
                    });
    });
}

residua_status residua_olm_samples(residua_context* context, const residua_image* image, const char* experts,
                                   void (*visit)(void* user, const residua_olm_sample* sample), void* user) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(visit, "no function was given");
        olm_samples(
            image, experts, [&](const residua_olm_sample& sample) { visit(user, &sample); }, session);
    });
}

}  // extern "C"
