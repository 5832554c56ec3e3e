#include "stages/l3c/method.h"

#include "container/boxes.h"
#include "stages/l3c/dec_stages.h"

#ifdef RESIDUA_ENCODER
#include "stages/l3c/enc_method.h"
#endif

namespace residua::codec {

namespace {

// A tile of the coarsest scale has a sample at least.
static_assert(1 << models::kMaxScales <= container::kTileUnit);

const models::L3cModel& l3c_model(const container::File& file, const models::Registry& models,
                                  const L3cMethod& method) {
    return static_cast<const models::L3cModel&>(model_of(file, models, method));
}

}  // namespace

void L3cMethod::read_fields(ByteReader& reader, container::Header& header) const {
    header.scales = reader.u8();
    if (header.scales < 1 || header.scales > models::kMaxScales)
        container::corrupt("the file has an impossible number of scales (" + std::to_string(header.scales) +
                           ")");
}

void L3cMethod::write_fields(ByteWriter& writer, const container::Header& header) const {
    writer.u8(static_cast<uint8_t>(header.scales));
}

std::string L3cMethod::stage_name(const container::Header& header, int stage) const {
    if (stage == header.scales) return "picture";
    return std::string("z").append(std::to_string(header.scales - stage));
}

std::span<const models::SectionUse> L3cMethod::sections() const {
    static constexpr models::SectionUse kSections[] = {
        {models::kLatent, true}, {models::kScale, true}, {models::kEncoder, false}};
    return kSections;
}

std::unique_ptr<const models::Model> L3cMethod::parse_model(const models::ModelFile& file) const {
    return std::make_unique<const models::L3cModel>(file);
}

DecoderStages L3cMethod::decoder_stages(const container::File& file, const StreamSource& streams,
                                        const models::Registry& models) const {
    const models::L3cModel& model = l3c_model(file, models, *this);
    DecoderStages stages = latent_decoder_stages(file, streams, model);
    stages.push_back(picture_decoder_stage(file, streams, model));
    return stages;
}

DecoderStages L3cMethod::preview_stages(const container::File& file, const StreamSource& streams,
                                        const models::Registry& models) const {
    const models::L3cModel& model = l3c_model(file, models, *this);
    DecoderStages stages = latent_decoder_stages(file, streams, model);
    stages.push_back(mean_picture_stage(file, model));
    return stages;
}

const EncoderMethod* L3cMethod::encoder() const {
#ifdef RESIDUA_ENCODER
    return &l3c_encoder();
#else
    return nullptr;
#endif
}

}  // namespace residua::codec
