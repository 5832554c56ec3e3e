#include "stages/l3c/enc_stages.h"

#include "stages/enc_tiles.h"
#include "stages/l3c/enc_latents.h"
#include "stages/l3c/pass.h"

namespace residua::codec {

namespace {

constexpr double kLatentShare = 0.35;

// Finds all z, and writes z^(S).
class CoarsestEncoder : public EncoderStage {
  public:
    explicit CoarsestEncoder(const models::L3cModel& model) : model_(model) {}

    double share() const override { return kLatentShare; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        {
            const WorkScope network(session.clock, Work::kNetwork);
            find_latents(model_, x, known, session);
        }
        const CodedPlanes planes = scale_planes(draft.header, model_, model_.scales);
        SymbolWriter writer(planes, known.z[static_cast<size_t>(model_.scales)]->view(), draft, session);
        run_pass(planes.tiling, writer, session);
    }

  private:
    const models::L3cModel& model_;
};

// Runs D^(s) and writes z^(s − 1), or the picture.
class ScaleEncoder : public EncoderStage {
  public:
    ScaleEncoder(const models::L3cModel& model, int s) : model_(model), s_(s) {}

    double share() const override { return (1 - kLatentShare) * scale_share(model_.scales, s_); }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        if (s_ == 1) draft.header.alphabets = find_alphabets(x, SymbolBase(), session.threads);
        const CodedPlanes planes = scale_planes(draft.header, model_, s_ - 1);
        SymbolWriter writer(planes, s_ == 1 ? x : known.z[static_cast<size_t>(s_ - 1)]->view(), draft,
                            session);
        run_scale_pass(model_, s_, planes, known, writer, session);
    }

  private:
    const models::L3cModel& model_;
    const int s_;
};

}  // namespace

EncoderStages l3c_encoder_stages(const models::L3cModel& model) {
    EncoderStages stages;
    stages.push_back(std::make_unique<CoarsestEncoder>(model));
    for (int s = model.scales; s >= 1; --s) stages.push_back(std::make_unique<ScaleEncoder>(model, s));
    return stages;
}

}  // namespace residua::codec
