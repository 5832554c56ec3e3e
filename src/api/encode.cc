#include <cstring>

#include "api/encoding.h"
#include "base/file_io.h"
#include "codec/dec_head.h"

#ifdef RESIDUA_ENCODER
#include "codec/enc_lossy_reconstruction.h"
#include "codec/enc_rows.h"
#include "container/enc_metadata.h"
#include "stages/methods.h"
#endif

namespace residua {

namespace {

constexpr int kDefaultEffort = 5;  // of 1 … 9

#ifdef RESIDUA_ENCODER
static_assert(codec::kFixedQ == RESIDUA_Q_FIXED);

codec::Proof proof_of(int32_t proof) {
    api::require(proof >= RESIDUA_PROOF_DEFAULT && proof <= RESIDUA_PROOF_FULL, "unknown proof");
    return proof == RESIDUA_PROOF_FAST   ? codec::Proof::kFast
           : proof == RESIDUA_PROOF_FULL ? codec::Proof::kFull
                                         : codec::Proof::kDefault;
}

codec::Tau tau_of(int32_t tau) {
    api::require(tau >= RESIDUA_TAU_DEFAULT && tau <= RESIDUA_TAU_ON, "unknown tau");
    return tau == RESIDUA_TAU_OFF  ? codec::Tau::kOff
           : tau == RESIDUA_TAU_ON ? codec::Tau::kOn
                                   : codec::Tau::kDefault;
}

codec::Adaptation adaptation_of(int32_t adaptation) {
    api::require(adaptation >= RESIDUA_ADAPTATION_DEFAULT && adaptation <= RESIDUA_ADAPTATION_ON,
                 "unknown adaptation");
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

Buffer<uint8_t> encode(residua_context* context, const residua_image* given,
                       const residua_encode_options* given_options, Session& session) {
    api::require(given, "no picture was given");
    const residua_image image = api::read(given);
    const residua_encode_options options = api::read(given_options);
    const PictureView picture = api::view_of(image);
    const container::Metadata metadata = api::metadata_of(api::description_of(image));
#ifdef RESIDUA_ENCODER
    std::vector<Buffer<uint8_t>> pieces;
    const auto rows_of = [&](int first_row, int rows) {
        PictureView part = picture;
        part.data = picture.row(first_row);
        part.height = rows;
        return part;
    };
    const PictureKind kind = api::check_kind(api::description_of(image));
    codec::encode_rows({picture.width, picture.height, kind, rows_of}, api::encode_request(metadata, options),
                       options.strip_height, context->models, session,
                       [&](Buffer<uint8_t> piece) { pieces.push_back(std::move(piece)); });
    return join(std::move(pieces), session.allocator);
#else
    (void)context, (void)picture, (void)metadata, (void)options, (void)session;
    api::refuse_to_encode();
#endif
}

}  // namespace

namespace api {

void refuse_to_encode() { throw Error(ErrorCode::kUnsupported, "this build of Residua can only decode"); }

int checked_effort(int32_t effort) {
    require(effort >= 0 && effort <= 9, "effort must be 1 to 9, or 0 for the default");
    return effort ? effort : kDefaultEffort;
}

#ifdef RESIDUA_ENCODER
void check_lossy_options(int32_t q, int32_t bit_depth) {
    require((q >= 0 && q <= codec::kLargestQ) || q == RESIDUA_Q_FIXED,
            "q must be 1 to 51, 0 for the default, or RESIDUA_Q_FIXED");
    require(bit_depth == 0 || bit_depth == 8 || bit_depth == 10,
            "bit_depth must be 8, 10, or 0 for the default");
}

codec::EncodeRequest encode_request(const container::Metadata& metadata,
                                    const residua_encode_options& options) {
    const residua_research_options research = read(options.research);
    check_lossy_options(research.q, research.bit_depth);
    return {{},
            metadata,
            options.model,
            options.codec,
            research.q,
            research.bit_depth,
            checked_effort(options.effort),
            proof_of(options.proof),
            tau_of(research.tau),
            adaptation_of(research.adaptation)};
}
#endif

}  // namespace api
}  // namespace residua

extern "C" {

residua_status residua_encode(residua_context* context, const residua_image* image,
                              const residua_encode_options* options, residua_buffer* file) {
    using namespace residua;
    api::empty(file);
    return api::session_call(context, [&](Session& session) {
        api::require(file, "no place for the file was given");
        api::hand_over(context, encode(context, image, options, session), file);
    });
}

residua_status residua_replace_metadata(residua_context* context, const void* data, size_t size,
                                        const residua_metadata* metadata, size_t count,
                                        residua_buffer* file) {
    using namespace residua;
    api::empty(file);
    return api::call(context, [&] {
        api::require(file, "no place for the file was given");
        api::Description description{};
        description.metadata = metadata;
        description.metadata_count = count;
        const container::Metadata entries = api::metadata_of(description);
        const std::span<const uint8_t> bytes = api::bytes_of(data, size);
#ifdef RESIDUA_ENCODER
        Buffer<uint8_t> changed =
            container::replace_metadata(bytes, entries, codec::file_methods(), context->allocator);
        if (!container::same_metadata(codec::read_head(changed.span(), {}).metadata, entries))
            throw Error(ErrorCode::kInternal, "the changed file does not hold the metadata");
        api::hand_over(context, std::move(changed), file);
#else
        (void)bytes;
        api::refuse_to_encode();
#endif
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

}  // extern "C"
