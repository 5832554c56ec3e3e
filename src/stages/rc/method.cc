#include "stages/rc/method.h"

#include "container/boxes.h"
#include "lossy/dec_hevc.h"
#include "stages/rc/dec_stages.h"

#ifdef RESIDUA_ENCODER
#include "stages/rc/enc_method.h"
#endif

namespace residua::codec {

namespace {

// The byte of the lossy layer: Q in bits 0…5, bit depth in bits 6…7.
constexpr int kQMask = 63;
constexpr int kDepthShift = 6;
constexpr int kDepths[4] = {8, 10, 0, 0};  // 0: not defined in this version
constexpr int kMaxResidual = 255;          // of 8-bit samples

}  // namespace

container::FileTraits RcMethod::traits() const {
    return {.number = 1,
            .payload = "lossy layer",
            .lossy_layer = true,
            .symbols = {-kMaxResidual, kMaxResidual},
            .tau = true,
            .adaptation = true};
}

void RcMethod::read_fields(ByteReader& reader, container::Header& header) const {
    const uint8_t lossy = reader.u8();
    header.q = lossy & kQMask;
    header.bit_depth = kDepths[lossy >> kDepthShift];
    if (header.bit_depth == 0) container::unsupported("another bit depth");
}

void RcMethod::write_fields(ByteWriter& writer, const container::Header& header) const {
    const int depth_code = header.bit_depth == kDepths[1] ? 1 : 0;
    writer.u8(static_cast<uint8_t>(header.q | depth_code << kDepthShift));
}

std::span<const models::SectionUse> RcMethod::sections() const {
    static constexpr models::SectionUse kSections[] = {{models::kGraph, true},
                                                       {models::kDistribution, true},
                                                       {models::kConditioning, false},
                                                       {models::kQClassifier, false}};
    return kSections;
}

models::LossyDefaults RcMethod::lossy_defaults(const models::ModelFile& file) const {
    return models::lossy_defaults_of(file);
}

std::unique_ptr<const models::Model> RcMethod::parse_model(const models::ModelFile& file) const {
    return std::make_unique<const models::RcModel>(file);
}

bool RcMethod::can_decode() const { return lossy::has_hevc_decoder(); }

DecoderStages RcMethod::decoder_stages(const container::File& file, const StreamSource& streams,
                                       const models::Registry& models) const {
    lossy::require_hevc_decoder();
    const auto& model = static_cast<const models::RcModel&>(model_of(file, models, *this));
    DecoderStages stages;
    stages.push_back(lossy_decoder_stage(file));
    stages.push_back(residual_decoder_stage(file, streams, model));
    return stages;
}

DecoderStages RcMethod::preview_stages(const container::File& file, const StreamSource&,
                                       const models::Registry&) const {
    lossy::require_hevc_decoder();
    DecoderStages stages;
    stages.push_back(lossy_preview_stage(file));
    return stages;
}

const EncoderMethod* RcMethod::encoder() const {
#ifdef RESIDUA_ENCODER
    return &rc_encoder();
#else
    return nullptr;
#endif
}

}  // namespace residua::codec
