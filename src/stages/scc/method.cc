#include "stages/scc/method.h"

#include "scc/model.h"
#include "stages/scc/dec_stages.h"

#ifdef RESIDUA_ENCODER
#include "stages/scc/enc_method.h"
#endif

namespace residua::codec {

void SccMethod::read_fields(ByteReader& reader, container::Header& header) const {
    header.effort = static_cast<int>(reader.varint_in(0, scc::kEfforts - 1, "effort of its coder"));
}

void SccMethod::write_fields(ByteWriter& writer, const container::Header& header) const {
    writer.varint(static_cast<uint64_t>(header.effort));
}

std::unique_ptr<const models::Model> SccMethod::parse_model(const models::ModelFile&) const {
    return std::make_unique<const models::Model>();
}

DecoderStages SccMethod::decoder_stages(const container::File& file, const StreamSource& streams,
                                        const models::Registry& models) const {
    model_of(file, models, *this);
    DecoderStages stages;
    stages.push_back(scc_decoder_stage(file, streams));
    return stages;
}

DecoderStages SccMethod::preview_stages(const container::File&, const StreamSource&,
                                        const models::Registry&) const {
    throw Error(ErrorCode::kUnsupported,
                "the codec scc has no preview: its files hold one layer only; decode the whole picture");
}

const EncoderMethod* SccMethod::encoder() const {
#ifdef RESIDUA_ENCODER
    return &scc_encoder();
#else
    return nullptr;
#endif
}

}  // namespace residua::codec
