#include "codec/dec_codec.h"

#include <bit>
#include <vector>

#include "base/checksum.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

Decoded run(const DecoderStages& stages, Session& session, double share,
            const std::function<void()>& after_stage = nullptr) {
    Known known;
    for (const auto& stage : stages) {
        session.progress.begin_phase(share * stage->share());
        stage->decode(known, session);
        if (after_stage) after_stage();
    }
    return {std::move(*known.picture), std::move(known.metadata)};
}

Decoded decode_checked(const container::File& file, const StreamSource& streams,
                       const models::Registry& models, Session& session, double share,
                       const std::function<void()>& after_stage) {
    Decoded decoded = run(decoder_stages(file, streams, models), session, share, after_stage);
    if (!same_checksum(file.header.pixel_checksum, pixel_checksum(decoded.picture.view())))
        throw Error(ErrorCode::kCorrupt, "the decoded pixels fail their checksum; do not use this file");
    return decoded;
}

}  // namespace

Picture decode(const container::File& file, const models::Registry& models, Session& session, double share) {
    return decode(file, FileStreams(file), models, session, share, nullptr);
}

Picture decode(const container::File& file, const StreamSource& streams, const models::Registry& models,
               Session& session, double share, const std::function<void()>& after_stage) {
    return decode_checked(file, streams, models, session, share, after_stage).picture;
}

Decoded decode_all(const container::File& file, const models::Registry& models, Session& session,
                   double share) {
    return decode_checked(file, FileStreams(file), models, session, share, nullptr);
}

Picture preview(const container::File& file, const models::Registry& models, Session& session, double share) {
    return preview_all(file, models, session, share).picture;
}

Decoded preview_all(const container::File& file, const models::Registry& models, Session& session,
                    double share) {
    const FileStreams streams(file);
    return run(preview_stages(file, streams, models), session, share);
}

Picture expand(container::Kind kind, Picture coded, Allocator& allocator) {
    if (kind != container::Kind::kRgbStoredAsGrey) return coded;
    Picture picture(allocator, coded.width, coded.height, 3);
    uint8_t* out = picture.samples.data();
    for (uint8_t sample : coded.samples.span())
        for (int c = 0; c < picture.channels; ++c) *out++ = sample;
    return picture;
}

uint64_t pixel_checksum(const PictureView& picture) {
    Checksum checksum;
    const size_t row_bytes = picture.row_bytes();
    const bool turn = picture.sample_bytes == 2 && std::endian::native == std::endian::big;
    std::vector<uint8_t> turned(turn ? row_bytes : 0);
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        for (size_t i = 0; i < turned.size(); ++i) turned[i] = row[i ^ 1];
        checksum.update({turn ? turned.data() : row, row_bytes});
    }
    return checksum.value();
}

}  // namespace residua::codec
