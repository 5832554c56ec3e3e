#include "stages/olm/enc_method.h"

#include <cstring>

#include "stages/enc_tiles.h"
#include "stages/olm/enc_stages.h"
#include "stages/olm/method.h"

namespace residua::codec {

namespace {

// The decoder takes as long as the encoder: only the highest
// efforts spend that on what the fast proof leaves out.
constexpr int kFastProofEffort = 6;

// OLM learns anew in each tile, and pays for it; but threads share tiles. A tile is as wide as the picture
// where that is possible, since sixteen rows need a width to follow each other in.
constexpr int kTilePixels = 1 << 20;  // at most about
constexpr int kTwoTiles = 1 << 20;    // from so many pixels on there are two for two threads
constexpr int kMaxWidth = 4096;

// Whether red is like green in a good part of a picture whose samples have two bytes. The heads for deep pictures are
// not made for that; on a small part of one, where nothing has been learned yet, they still seem better.
bool is_partly_grey(const PictureView& x) {
    constexpr int64_t kPart = 4;  // one in so many pixels
    if (x.channels < 3) return false;
    int64_t alike = 0;
    for (int y = 0; y < x.height; ++y)
        for (int i = 0; i < x.width; ++i) {
            const uint8_t* pixel = x.row(y) + ptrdiff_t{2} * i * x.channels;
            alike += std::memcmp(pixel, pixel + 2, 2) == 0;
        }
    return alike * kPart >= int64_t{x.width} * x.height;
}

class OlmEncoder final : public EncoderMethod {
  public:
    // The effort's own one in the released set.
    const char* default_model(const EncoderOptions& options) const override {
        if (options.effort <= 2) return "olm-light";
        if (options.effort <= 3) return "olm-fast";
        if (options.effort > 8) return "olm-best";
        return options.effort > 6 || options.bits > 8 ? "olm" : "olm-mid";
    }
    std::vector<const char*> rival_models(const EncoderOptions& options,
                                          const PictureView& x) const override {
        const bool usual = options.effort > 3 && options.effort <= 8;
        if (!usual || options.bits <= 8 || is_partly_grey(x)) return {};
        return {"olm-deep"};
    }
    Proof default_proof(int effort) const override {
        return effort <= kFastProofEffort ? Proof::kFast : Proof::kFull;
    }
    // Tiles know nothing of each other, and so little is lost when a picture is cut between them.
    bool cuts_into_strips() const override { return true; }

    void begin(container::Header& header, const EncoderOptions&, const models::Model&) const override {
        header.tile_width = tile_side(header.width, kMaxWidth);
        const int64_t pixels = int64_t{header.tile_width} * header.height;
        int64_t tiles = (pixels + kTilePixels - 1) / kTilePixels;
        if (pixels >= kTwoTiles) tiles = (tiles + 1) / 2 * 2;
        header.tile_height = tile_side(header.height, static_cast<int>((header.height + tiles - 1) / tiles));
    }

    EncoderStages stages(const EncoderOptions& options, const models::Model& model) const override {
        refuse_lossy_options(options, OlmMethod());
        if (options.adaptation == Adaptation::kOn)
            throw Error(ErrorCode::kInvalidArgument,
                        "the codec olm has no mixtures that could be told to adapt: its own always do");
        return olm_encoder_stages(static_cast<const models::OlmModel&>(model), options);
    }
};

}  // namespace

const EncoderMethod& olm_encoder() {
    static constexpr OlmEncoder kEncoder;
    return kEncoder;
}

}  // namespace residua::codec
