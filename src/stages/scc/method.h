// Screen content: (0) the pixels, each a colour that its neighbours suggest or a new one.
#pragma once

#include "stages/method.h"

namespace residua::codec {

class SccMethod final : public Method {
  public:
    const char* name() const override { return "scc"; }

    container::FileTraits traits() const override { return {.number = 5, .any_kind = true}; }

    void read_fields(ByteReader& reader, container::Header& header) const override;
    void write_fields(ByteWriter& writer, const container::Header& header) const override;

    std::span<const models::SectionUse> sections() const override { return {}; }
    std::unique_ptr<const models::Model> parse_model(const models::ModelFile& file) const override;

    int reach_of_lost_tiles() const override { return 0; }

    DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    const EncoderMethod* encoder() const override;
};

}  // namespace residua::codec
