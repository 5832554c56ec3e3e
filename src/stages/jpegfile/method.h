// Files kept byte for byte, JPEGs as their coefficients: (0) the DCs, (1) the ACs of the main JPEG.
#pragma once

#include "stages/method.h"

namespace residua::codec {

class JpegFileMethod final : public Method {
  public:
    const char* name() const override { return "jpeg"; }

    container::FileTraits traits() const override {
        return {.number = 4, .payload = "list of bytes", .any_kind = true, .keeps_bytes = true};
    }
    void read_fields(ByteReader& reader, container::Header& header) const override;
    void write_fields(ByteWriter& writer, const container::Header& header) const override;
    std::string stage_name(const container::Header& header, int stage) const override;

    std::span<const models::SectionUse> sections() const override { return {}; }
    std::unique_ptr<const models::Model> parse_model(const models::ModelFile& file) const override;

    DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                                 const models::Registry& models) const override;
    Buffer<uint8_t> restore(const container::File& file, Session& session) const override;
    std::shared_ptr<const KeptMetadata> kept_metadata(const container::File& file,
                                                      Allocator& allocator) const override;
    const EncoderMethod* encoder() const override;
};

}  // namespace residua::codec
