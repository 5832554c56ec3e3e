#include "codec/dec_codec.h"

#include "base/checksum.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

Picture run(const DecoderStages& stages, Session& session, double share,
            const std::function<void()>& after_stage = nullptr) {
    Known known;
    for (const auto& stage : stages) {
        session.progress.begin_phase(share * stage->share());
        stage->decode(known, session);
        if (after_stage) after_stage();
    }
    return std::move(*known.picture);
}

}  // namespace

Picture decode(const container::File& file, const models::Registry& models, Session& session, double share) {
    return decode(file, FileStreams(file), models, session, share, nullptr);
}

Picture decode(const container::File& file, const StreamSource& streams, const models::Registry& models,
               Session& session, double share, const std::function<void()>& after_stage) {
    Picture picture = run(decoder_stages(file, streams, models), session, share, after_stage);
    if (!same_checksum(file.header.pixel_checksum, pixel_checksum(picture.view())))
        throw Error(ErrorCode::kCorrupt, "the decoded pixels fail their checksum; do not use this file");
    return picture;
}

Picture preview(const container::File& file, const models::Registry& models, Session& session, double share) {
    const FileStreams streams(file);
    return run(preview_stages(file, streams, models), session, share);
}

Picture expand(container::Kind kind, Picture coded, Allocator& allocator) {
    if (container::decoded_channels(kind) == coded.channels) return coded;
    Picture picture(allocator, coded.width, coded.height, container::decoded_channels(kind));
    uint8_t* out = picture.samples.data();
    for (uint8_t sample : coded.samples.span())
        for (int c = 0; c < picture.channels; ++c) *out++ = sample;
    return picture;
}

uint64_t pixel_checksum(const PictureView& picture) {
    Checksum checksum;
    const size_t row_bytes = static_cast<size_t>(picture.width) * static_cast<size_t>(picture.channels);
    for (int y = 0; y < picture.height; ++y) checksum.update({picture.row(y), row_bytes});
    return checksum.value();
}

}  // namespace residua::codec
