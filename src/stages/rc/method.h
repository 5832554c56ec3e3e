// RC: (0) the lossy layer gives x_l; (1) the residual,
// coded with the network's distribution, turns x_l into x.
#pragma once

#include "stages/method.h"

namespace residua::codec {

class RcMethod final : public Method {
  public:
    const char* name() const override { return "rc"; }

    container::FileTraits traits() const override;
    void read_fields(ByteReader& reader, container::Header& header) const override;
    void write_fields(ByteWriter& writer, const container::Header& header) const override;
    bool can_decode() const override;
    std::string stage_name(const container::Header&, int) const override { return "residual"; }

    std::span<const models::SectionUse> sections() const override;
    models::LossyDefaults lossy_defaults(const models::ModelFile& file) const override;
    std::unique_ptr<const models::Model> parse_model(const models::ModelFile& file) const override;

    DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    // Needs no model.
    DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    const EncoderMethod* encoder() const override;
};

}  // namespace residua::codec
