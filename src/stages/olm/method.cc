#include "stages/olm/method.h"

#include "stages/olm/dec_stages.h"

#ifdef RESIDUA_ENCODER
#include "stages/olm/enc_method.h"
#endif

namespace residua::codec {

std::span<const models::SectionUse> OlmMethod::sections() const {
    static constexpr models::SectionUse kSections[] = {{models::kExperts, true}, {models::kHead, true}};
    return kSections;
}

std::unique_ptr<const models::Model> OlmMethod::parse_model(const models::ModelFile& file) const {
    return std::make_unique<const models::OlmModel>(file);
}

DecoderStages OlmMethod::decoder_stages(const container::File& file, const StreamSource& streams,
                                        const models::Registry& models) const {
    const auto& model = static_cast<const models::OlmModel&>(model_of(file, models, *this));
    DecoderStages stages;
    stages.push_back(olm_decoder_stage(file, streams, model));
    return stages;
}

DecoderStages OlmMethod::preview_stages(const container::File&, const StreamSource&,
                                        const models::Registry&) const {
    throw Error(ErrorCode::kUnsupported,
                "the codec olm has no preview: its files hold one layer only; decode the whole picture");
}

const EncoderMethod* OlmMethod::encoder() const {
#ifdef RESIDUA_ENCODER
    return &olm_encoder();
#else
    return nullptr;
#endif
}

}  // namespace residua::codec
