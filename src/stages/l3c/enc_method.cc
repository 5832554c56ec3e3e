#include "stages/l3c/enc_method.h"

#include "stages/enc_tiles.h"
#include "stages/l3c/enc_stages.h"
#include "stages/l3c/method.h"

namespace residua::codec {

namespace {

// Tiles end S + 1 streams each, so they are high. The mixtures have many components: from this size on a
// picture has two columns, however narrow, and threads to share them.
constexpr TilePlan kTiles = {.height = 1024, .two_columns_pixels = 512 * 512};

class L3cEncoder final : public EncoderMethod {
  public:
    bool draws_samples() const override { return true; }

    void begin(container::Header& header, const EncoderOptions& options,
               const models::Model& model) const override {
        header.scales = static_cast<const models::L3cModel&>(model).scales;
        header.adaptive = adapts(options, model);
        choose_tiles(header, kTiles);
    }

    EncoderStages stages(const EncoderOptions& options, const models::Model& model) const override {
        refuse_lossy_options(options, L3cMethod());
        return l3c_encoder_stages(static_cast<const models::L3cModel&>(model));
    }
};

}  // namespace

const EncoderMethod& l3c_encoder() {
    static constexpr L3cEncoder kEncoder;
    return kEncoder;
}

}  // namespace residua::codec
