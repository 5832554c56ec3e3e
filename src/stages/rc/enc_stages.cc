#include "stages/rc/enc_stages.h"

#include <algorithm>

#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"
#include "stages/enc_method.h"
#include "stages/enc_tiles.h"
#include "stages/rc/dec_stages.h"
#include "stages/rc/enc_tau.h"
#include "stages/rc/pass.h"

namespace residua::codec {

namespace {

constexpr double kLossyShare = 0.5;

class LossyEncoder : public EncoderStage {
  public:
    explicit LossyEncoder(const EncoderOptions& options) : options_(options) {}

    double share() const override { return kLossyShare; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        const WorkScope lossy(session.clock, Work::kLossyLayer);
        const int threads = session.threads.size();
        draft.payload = {session.allocator,
                         lossy::encode_bpg(x, {options_.q, options_.bit_depth, options_.effort, threads},
                                           session.allocator)};
        draft.header.q = options_.q;
        draft.header.bit_depth = options_.bit_depth;
        draft.note = "Q " + std::to_string(options_.q) + ": lossy layer " +
                     std::to_string(draft.payload.bytes.size()) + " bytes, ";
        session.progress.update(0.9);
        known.lossy.emplace(session.allocator, x.width, x.height, x.channels);
        lossy::decode_bpg_fine(draft.payload.bytes, known.lossy->view(), session.allocator, threads);
    }

    void prove(const container::File& file, const Known& known, Session& session) const override {
        Known again;
        lossy_decoder_stage(file)->decode(again, session);
        if (!std::ranges::equal(again.lossy->samples.span(), known.lossy->samples.span()))
            proof_failed("lossy layer");
    }

  private:
    EncoderOptions options_;
};

class ResidualEncoder : public EncoderStage {
  public:
    ResidualEncoder(const EncoderOptions& options, const models::RcModel& model)
        : with_tau_(options.tau == Tau::kOn || (options.tau == Tau::kDefault && !adapts(options, model))),
          model_(model) {}

    double share() const override { return 1 - kLossyShare; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        const FineView lossy = known.lossy->view();
        draft.header.alphabets = find_alphabets(x, SymbolBase(lossy), session.threads);
        const CodedPlanes planes = residual_planes(draft.header, model_, lossy);
        std::vector<int8_t> tau;
        if (with_tau_) {
            const WorkScope search(session.clock, Work::kTau);
            tau = find_tau(x, lossy, planes, model_, session);
        }
        if (tau.empty()) {
            SymbolWriter writer(planes, x, draft, session);
            run_residual_pass(model_, lossy, planes.tiling, writer, session);
            return;
        }
        TauWriter writer(planes, std::move(tau), x, draft, session);
        run_residual_pass(model_, lossy, planes.tiling, writer, session);
        if (!writer.choose()) session.log(LogLevel::kDebug, "tau was found, but did not pay");
    }

  private:
    const bool with_tau_;
    const models::RcModel& model_;
};

}  // namespace

EncoderStages rc_encoder_stages(const EncoderOptions& options, const models::RcModel& model) {
    EncoderStages stages;
    stages.push_back(std::make_unique<LossyEncoder>(options));
    stages.push_back(std::make_unique<ResidualEncoder>(options, model));
    return stages;
}

}  // namespace residua::codec
