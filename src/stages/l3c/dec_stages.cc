#include "stages/l3c/dec_stages.h"

#include <string>

#include "stages/dec_tiles.h"
#include "stages/l3c/pass.h"

namespace residua::codec {

namespace {

// Reads z^(S).
class CoarsestDecoder : public DecoderStage {
  public:
    CoarsestDecoder(const container::File& file, const StreamSource& streams, const models::L3cModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 0; }

    void decode(Known& known, Session& session) const override {
        const CodedPlanes planes = scale_planes(file_.header, model_, model_.scales);
        auto& z = known.z[static_cast<size_t>(model_.scales)];
        z = make_planes(planes, session.allocator);
        SymbolReader reader(planes, z->mutable_view(), streams_, session);
        run_pass(planes.tiling, reader, session);
    }

  private:
    const container::File& file_;
    const StreamSource& streams_;
    const models::L3cModel& model_;
};

// Runs D^(s) and reads z^(s − 1), or the picture.
class ScaleDecoder : public DecoderStage {
  public:
    ScaleDecoder(const container::File& file, const StreamSource& streams, const models::L3cModel& model,
                 int s)
        : file_(file), streams_(streams), model_(model), s_(s) {}

    double share() const override { return scale_share(model_.scales, s_); }

    void decode(Known& known, Session& session) const override {
        const CodedPlanes planes = scale_planes(file_.header, model_, s_ - 1);
        auto& samples = s_ == 1 ? known.picture : known.z[static_cast<size_t>(s_ - 1)];
        samples = make_planes(planes, session.allocator);
        SymbolReader reader(planes, samples->mutable_view(), streams_, session);
        run_scale_pass(model_, s_, planes, known, reader, session);
    }

  private:
    const container::File& file_;
    const StreamSource& streams_;
    const models::L3cModel& model_;
    const int s_;
};

// Runs D^(1) and paints its means.
class MeanPicture : public DecoderStage {
  public:
    MeanPicture(const container::File& file, const models::L3cModel& model) : file_(file), model_(model) {}

    double share() const override { return scale_share(model_.scales, 1); }

    void decode(Known& known, Session& session) const override {
        const CodedPlanes planes = scale_planes(file_.header, model_, 0);
        known.picture = make_planes(planes, session.allocator);
        MeanPainter painter(planes, known.picture->mutable_view(), session.threads.size());
        run_scale_pass(model_, 1, planes, known, painter, session);
    }

  private:
    const container::File& file_;
    const models::L3cModel& model_;
};

}  // namespace

DecoderStages latent_decoder_stages(const container::File& file, const StreamSource& streams,
                                    const models::L3cModel& model) {
    if (file.header.scales != model.scales)
        throw Error(ErrorCode::kCorrupt, "the file has " + std::to_string(file.header.scales) +
                                             " scales, but its model " + std::to_string(model.scales));
    DecoderStages stages;
    stages.push_back(std::make_unique<CoarsestDecoder>(file, streams, model));
    for (int s = model.scales; s > 1; --s)
        stages.push_back(std::make_unique<ScaleDecoder>(file, streams, model, s));
    return stages;
}

std::unique_ptr<DecoderStage> picture_decoder_stage(const container::File& file, const StreamSource& streams,
                                                    const models::L3cModel& model) {
    return std::make_unique<ScaleDecoder>(file, streams, model, 1);
}

std::unique_ptr<DecoderStage> mean_picture_stage(const container::File& file, const models::L3cModel& model) {
    return std::make_unique<MeanPicture>(file, model);
}

}  // namespace residua::codec
