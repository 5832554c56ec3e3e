#include "stages/rc/dec_stages.h"

#include "lossy/dec_lossy.h"
#include "stages/dec_tiles.h"
#include "stages/rc/pass.h"

namespace residua::codec {

namespace {

constexpr double kLossyShare = 0.2;

class LossyDecoder : public DecoderStage {
  public:
    explicit LossyDecoder(const container::File& file) : file_(file) {}

    double share() const override { return kLossyShare; }

    void decode(Known& known, Session& session) const override {
        const WorkScope lossy(session.clock, Work::kLossyLayer);
        const container::Header& header = file_.header;
        known.lossy.emplace(session.allocator, header.width, header.height, header.coded_channels());
        lossy::decode_bpg_fine(file_.payload, known.lossy->view(), session.allocator, session.threads.size());
    }

  private:
    const container::File& file_;
};

class LossyPreview : public DecoderStage {
  public:
    explicit LossyPreview(const container::File& file) : file_(file) {}

    double share() const override { return 1; }

    void decode(Known& known, Session& session) const override {
        const WorkScope lossy(session.clock, Work::kLossyLayer);
        const container::Header& header = file_.header;
        known.picture.emplace(session.allocator, header.width, header.height, header.coded_channels());
        lossy::decode_bpg(file_.payload, known.picture->mutable_view(), session.allocator,
                          session.threads.size());
    }

  private:
    const container::File& file_;
};

class ResidualDecoder : public DecoderStage {
  public:
    ResidualDecoder(const container::File& file, const StreamSource& streams, const models::RcModel& model)
        : file_(file), streams_(streams), model_(model) {}

    double share() const override { return 1 - kLossyShare; }

    void decode(Known& known, Session& session) const override {
        const FineView lossy = known.lossy->view();
        known.picture.emplace(session.allocator, lossy.width, lossy.height, lossy.channels);
        const CodedPlanes planes = residual_planes(file_.header, model_, lossy);
        SymbolReader reader(planes, known.picture->mutable_view(), streams_, session);
        run_residual_pass(model_, lossy, planes.tiling, reader, session);
    }

  private:
    const container::File& file_;
    const StreamSource& streams_;
    const models::RcModel& model_;
};

}  // namespace

std::unique_ptr<DecoderStage> lossy_decoder_stage(const container::File& file) {
    return std::make_unique<LossyDecoder>(file);
}

std::unique_ptr<DecoderStage> lossy_preview_stage(const container::File& file) {
    return std::make_unique<LossyPreview>(file);
}

std::unique_ptr<DecoderStage> residual_decoder_stage(const container::File& file, const StreamSource& streams,
                                                     const models::RcModel& model) {
    const size_t expected_tau =
        static_cast<size_t>(file.header.coded_channels()) * static_cast<size_t>(model.tables.components);
    if (!file.header.tau.empty() && file.header.tau.size() != expected_tau)
        throw Error(ErrorCode::kCorrupt, "the file's tau does not fit its model");
    return std::make_unique<ResidualDecoder>(file, streams, model);
}

}  // namespace residua::codec
