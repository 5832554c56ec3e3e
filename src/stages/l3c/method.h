// L3C: (0) z^(S) under a uniform distribution; (1 … S − 1) z^(s), coded with what D^(s+1) makes of z^(s+1)
// and of the features before it; (S) the picture, coded with what D^(1) makes of z^(1) and f^(2).
#pragma once

#include "stages/method.h"

namespace residua::codec {

class L3cMethod final : public Method {
  public:
    const char* name() const override { return "l3c"; }

    container::FileTraits traits() const override { return {.number = 2, .adaptation = true}; }
    void read_fields(ByteReader& reader, container::Header& header) const override;
    void write_fields(ByteWriter& writer, const container::Header& header) const override;
    std::string stage_name(const container::Header& header, int stage) const override;

    std::span<const models::SectionUse> sections() const override;
    std::unique_ptr<const models::Model> parse_model(const models::ModelFile& file) const override;

    DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    // Each sample is the mean of its distribution.
    DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    const EncoderMethod* encoder() const override;
};

}  // namespace residua::codec
