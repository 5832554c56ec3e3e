// OLM: (0) the planes, one sample after the other, each coded
// with what experts and a head make of those before it.
#pragma once

#include "stages/method.h"

namespace residua::codec {

class OlmMethod final : public Method {
  public:
    const char* name() const override { return "olm"; }

    container::FileTraits traits() const override {
        return {.number = 3, .payload = "plane transform", .any_kind = true};
    }

    std::span<const models::SectionUse> sections() const override;
    std::unique_ptr<const models::Model> parse_model(const models::ModelFile& file) const override;

    // Chroma of fewer samples is made of its neighbours', and a block may lie in two tiles: less than this.
    int reach_of_lost_tiles() const override { return 32; }

    DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    const EncoderMethod* encoder() const override;
};

}  // namespace residua::codec
