#include "codec/dec_codec.h"

#include "base/checksum.h"
#include "lossy/dec_lossy.h"

namespace residua::codec {

Picture decode(const container::File& file, const models::Registry& models, Session& session, double share) {
    Known known;
    for (const auto& stage : decoder_stages(file, models)) {
        session.progress.begin_phase(share * stage->share());
        stage->decode(known, session);
    }
    if (pixel_checksum(known.picture->view()) != file.header.pixel_checksum)
        throw Error(ErrorCode::kCorrupt, "the decoded pixels fail their checksum; do not use this file");
    return std::move(*known.picture);
}

Picture decode_lossy_layer(const container::File& file, Session& session) {
    const container::Header& header = file.header;
    session.progress.begin_phase(1);
    Picture x_l(session.allocator, header.width, header.height, coded_channels(header.kind));
    lossy::decode_bpg(file.bpg, x_l.mutable_view(), session.allocator, session.threads.size());
    session.progress.finish();
    return x_l;
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
