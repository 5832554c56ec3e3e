#include "stages/rc/enc_method.h"

#include "lossy/bpg.h"
#include "lossy/enc_hevc.h"
#include "stages/enc_tiles.h"
#include "stages/rc/enc_q_choice.h"
#include "stages/rc/enc_stages.h"

namespace residua::codec {

namespace {

constexpr TilePlan kTiles = {.height = 512};

// How far around the Q that it begins with an effort looks for the smallest file.
int search_reach(int effort) { return effort >= 9 ? 4 : effort == 8 ? 2 : effort == 7 ? 1 : 0; }

class RcEncoder final : public EncoderMethod {
  public:
    bool available() const override { return lossy::has_hevc_encoder(); }
    void check_available() const override { lossy::require_hevc_encoder(); }
    // No other method has these.
    bool asked_by(const EncoderOptions& options) const override {
        return options.q != 0 || options.bit_depth != 0 || options.tau == Tau::kOn;
    }
    // In the released set: with mixtures that adapt the one for
    // coarse lossy layers, without that the one for fine ones.
    const char* default_model(const EncoderOptions& options) const override {
        return options.adaptation != Adaptation::kOff ? "rc-coarse" : "rc-small";
    }
    bool draws_samples() const override { return true; }

    // The size is nearly convex in Q: it pays to go one way while it falls.
    OptionChoice choose_options(const EncoderOptions& asked, const models::Model& model, const PictureView& x,
                                Session& session) const override {
        const auto& rc = static_cast<const models::RcModel&>(model);
        OptionChoice choice = {asked};
        int& start = choice.first.q;
        start = choose_q(asked.q, asked.bit_depth, rc.defaults, asked.q == 0 ? rc.q_classifier() : nullptr, x,
                         session);
        const int reach = asked.q == 0 ? search_reach(asked.effort) : 0;
        for (size_t direction = 0; direction < choice.others.size(); ++direction) {
            for (int step = 1; step <= reach; ++step) {
                EncoderOptions other = choice.first;
                other.q = direction == 0 ? start + step : start - step;
                if (other.q < 1 || other.q > lossy::kMaxQ) break;
                choice.others[direction].push_back(other);
            }
        }
        return choice;
    }

    void begin(container::Header& header, const EncoderOptions& options,
               const models::Model& model) const override {
        header.adaptive = adapts(options, model);
        choose_tiles(header, kTiles);
    }

    EncoderStages stages(const EncoderOptions& options, const models::Model& model) const override {
        const auto& rc = static_cast<const models::RcModel&>(model);
        EncoderOptions complete = options;
        if (complete.q == 0) complete.q = rc.defaults.q;
        if (complete.bit_depth == 0) complete.bit_depth = rc.defaults.bit_depth;
        return rc_encoder_stages(complete, rc);
    }
};

}  // namespace

const EncoderMethod& rc_encoder() {
    static constexpr RcEncoder kEncoder;
    return kEncoder;
}

}  // namespace residua::codec
