#include "codec/enc_codec.h"

#include <algorithm>
#include <cstring>

#include "codec/dec_codec.h"
#include "codec/enc_picture.h"
#include "models/efforts.h"
#include "stages/enc_stage.h"
#include "stages/rc/enc_q_choice.h"

namespace residua::codec {

namespace {

// Shares of an encoding's time that its proof takes.
constexpr double kFullProofShare = 0.3;
constexpr double kFastProofShare = 0.05;

using models::kMaxQ;

// How far around the Q that it begins with an effort looks for the smallest file.
int search_reach(int effort) { return effort >= 9 ? 4 : effort == 8 ? 2 : effort == 7 ? 1 : 0; }

// Options that only RC has, given to nobody in particular, ask for RC.
bool asks_for_rc(const EncodeRequest& request) {
    return request.q != 0 || request.bit_depth != 0 || request.tau == Tau::kOn;
}

// OLM's decoder takes as long as its encoder: only the highest efforts spend that on what the fast proof
// leaves out.
constexpr int kFastProofEffort = 6;

Proof proof_of(const EncodeRequest& request, const models::Registry::Entry& model) {
    if (request.proof != Proof::kDefault) return request.proof;
    const bool fast = model.file.codec() == models::kOlmCodec && request.effort <= kFastProofEffort;
    return fast ? Proof::kFast : Proof::kFull;
}

class Encoder {
  public:
    Encoder(const EncodeRequest& request, const models::Registry& models, Session& session, double share)
        : request_(request),
          models_(models),
          session_(session),
          model_(choose_model(request, models)),
          proof_(proof_of(request, model_)),
          source_(request.picture, session.allocator),
          x_(source_.view()),
          checksum_(pixel_checksum(x_)),
          share_(share) {}

    Buffer<uint8_t> run() {
        // A codec without a lossy layer has no Q to look for, and 0 as its default.
        const int start = choose_q(request_.q, request_.bit_depth, models_, model_, x_, session_);
        const int reach = request_.q == 0 && start != 0 ? search_reach(request_.effort) : 0;
        share_ /= 1 + (reach > 0 ? reach + 1 : 0);
        Buffer<uint8_t> best = encode_at(start);
        // The size is nearly convex in Q: go one way while it falls, the other way if it did not at once.
        for (const int direction : {1, -1}) {
            bool better = false;
            for (int step = 1; step <= reach; ++step) {
                const int q = start + direction * step;
                if (q < 1 || q > kMaxQ) break;
                Buffer<uint8_t> other = encode_at(q);
                if (other.size() >= best.size()) break;
                best = std::move(other);
                better = true;
            }
            if (better) break;
        }
        return best;
    }

  private:
    Buffer<uint8_t> encode_at(int q) {
        const double proof_share = proof_ == Proof::kFull ? kFullProofShare : kFastProofShare;
        const EncoderStages stages = encoder_stages(
            {q, request_.bit_depth, request_.effort, request_.tau, request_.adaptation, proof_}, models_,
            model_);
        Draft draft = begin_draft(source_.kind(), x_, request_.adaptation, models_, model_);
        draft.header.pixel_checksum = checksum_;
        Known known;
        for (const auto& stage : stages) {
            session_.progress.begin_phase(share_ * (1 - proof_share) * stage->share());
            stage->encode(x_, known, draft, session_);
        }
        Buffer<uint8_t> file = write_file(draft);
        session_.log(LogLevel::kDebug, (q == 0 ? ""
                                               : "Q " + std::to_string(q) + ": lossy layer " +
                                                     std::to_string(draft.bpg.bytes.size()) + " bytes, ") +
                                           "file " + std::to_string(file.size()) + " bytes");
        if (proof_ == Proof::kFast) expect_pieces(file.span(), draft);
        draft = {};
        prove(file.span(), stages, known, share_ * proof_share);
        return file;
    }

    Buffer<uint8_t> write_file(const Draft& draft) {
        container::File file;
        file.header = draft.header;
        file.metadata = request_.metadata;
        file.bpg = draft.bpg.bytes;
        file.planes = draft.planes.bytes;
        for (const auto& tiles : draft.streams) {
            auto& streams = file.streams.emplace_back();
            for (const CountedBytes& tile : tiles) streams.push_back(tile.bytes);
        }
        return container::write(file, session_.allocator);
    }

    // The file has what was proved piece by piece.
    static void expect_pieces(std::span<const uint8_t> bytes, const Draft& draft) {
        const container::File file = container::parse(bytes);
        bool same = std::ranges::equal(file.bpg, draft.bpg.bytes) &&
                    std::ranges::equal(file.planes, draft.planes.bytes) &&
                    file.streams.size() == draft.streams.size();
        for (size_t s = 0; same && s < draft.streams.size(); ++s)
            same = std::ranges::equal(file.streams[s], draft.streams[s],
                                      [](std::span<const uint8_t> stream, const CountedBytes& made) {
                                          return std::ranges::equal(stream, made.bytes);
                                      });
        if (!same) proof_failed("its parts");
    }

    // The tiles' streams have been proved one by one as they were made (SymbolWriter).
    void prove(std::span<const uint8_t> bytes, const EncoderStages& stages, Known& known, double share) {
        try {
            const container::File file = container::parse(bytes);
            if (proof_ == Proof::kFull) {
                known = {};
                compare(decode(file, models_, session_, share).view(), x_, "pixels");
            } else {
                session_.progress.begin_phase(share);
                for (const auto& stage : stages) stage->prove(file, known, session_);
                if (known.picture) compare(known.picture->view(), x_, "pixels");
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kTruncated) throw;
            proof_failed(error.what());
        }
    }

    static void compare(const PictureView& a, const PictureView& b, const char* what) {
        for (int y = 0; y < a.height; ++y)
            if (std::memcmp(a.row(y), b.row(y),
                            static_cast<size_t>(a.width) * static_cast<size_t>(a.channels)) != 0)
                proof_failed(what);
    }

    const EncodeRequest& request_;
    const models::Registry& models_;
    Session& session_;
    const models::Registry::Entry& model_;
    const Proof proof_;
    const SourcePicture source_;
    const PictureView x_;  // in the coded channels
    const uint64_t checksum_;
    double share_;  // of the progress; from run() on, for one value of Q
};

}  // namespace

const models::Registry::Entry& choose_model(const EncodeRequest& request, const models::Registry& models) {
    const bool asked = asks_for_rc(request);
    const bool rc = request.codec ? request.codec == std::string(models::kRcCodec) : asked;
    return models.choose(request.model, request.codec,
                         {asked ? models::kRcCodec : models::kOlmCodec,
                          rc ? models::rc_model_of(request.adaptation != Adaptation::kOff)
                             : models::olm_model_of(request.effort)});
}

Buffer<uint8_t> encode_whole(const EncodeRequest& request, const models::Registry& models, Session& session,
                             double share) {
    return Encoder(request, models, session, share).run();
}

Buffer<uint8_t> encode(const EncodeRequest& request, const models::Registry& models, Session& session) {
    Buffer<uint8_t> file = encode_whole(request, models, session, 1);
    session.progress.finish();
    return file;
}

}  // namespace residua::codec
