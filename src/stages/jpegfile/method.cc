#include "stages/jpegfile/method.h"

#include "jpeg/coefficients/layout.h"
#include "stages/jpegfile/contents.h"
#include "stages/jpegfile/dec_stages.h"

#ifdef RESIDUA_ENCODER
#include "stages/jpegfile/enc_method.h"
#endif

namespace residua::codec {

void JpegFileMethod::read_fields(ByteReader& reader, container::Header& header) const {
    header.kept_size = reader.varint();
    header.kept_checksum = reader.u64();
    header.effort = static_cast<int>(reader.varint_in(0, kLastKeptEffort, "effort of its coder"));
    header.scales = kKeptStages - 1;
}

void JpegFileMethod::write_fields(ByteWriter& writer, const container::Header& header) const {
    writer.varint(header.kept_size);
    writer.u64(header.kept_checksum);
    writer.varint(static_cast<uint64_t>(header.effort));
}

std::string JpegFileMethod::stage_name(const container::Header&, int stage) const {
    return stage == kDcStage ? "DC" : "AC";
}

std::unique_ptr<const models::Model> JpegFileMethod::parse_model(const models::ModelFile&) const {
    throw Error(ErrorCode::kUnsupported, "the codec jpeg has no models");
}

DecoderStages JpegFileMethod::decoder_stages(const container::File& file, const StreamSource&,
                                             const models::Registry&) const {
    return kept_picture_stages(file);
}
DecoderStages JpegFileMethod::preview_stages(const container::File& file, const StreamSource&,
                                             const models::Registry&) const {
    return kept_preview_stages(file);
}

Buffer<uint8_t> JpegFileMethod::restore(const container::File& file, Session& session) const {
    return KeptContents(file, session.allocator).restore(session);
}

std::shared_ptr<const KeptMetadata> JpegFileMethod::kept_metadata(const container::File& file,
                                                                  Allocator& allocator) const {
    return KeptContents(file, allocator).metadata(allocator);
}

const EncoderMethod* JpegFileMethod::encoder() const {
#ifdef RESIDUA_ENCODER
    return &jpeg_file_encoder();
#else
    return nullptr;
#endif
}

}  // namespace residua::codec
