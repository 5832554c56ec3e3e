#include "codec/enc_encoder.h"

#include <algorithm>
#include <cstring>

#include "stages/methods.h"

namespace residua::codec {

namespace {

// Shares of an encoding's time that its proof takes.
constexpr double kFullProofShare = 0.3;
constexpr double kFastProofShare = 0.05;

// The file has what was proved piece by piece.
void expect_pieces(std::span<const uint8_t> bytes, const Draft& draft) {
    const container::File file = parse_file(bytes);
    bool same =
        std::ranges::equal(file.payload, draft.payload.bytes) && file.streams.size() == draft.streams.size();
    for (size_t s = 0; same && s < draft.streams.size(); ++s)
        same = std::ranges::equal(file.streams[s], draft.streams[s],
                                  [](std::span<const uint8_t> stream, const CountedBytes& made) {
                                      return std::ranges::equal(stream, made.bytes);
                                  });
    if (!same) proof_failed("its parts");
}

void compare(const PictureView& a, const PictureView& b, const char* what) {
    for (int y = 0; y < a.height; ++y)
        if (std::memcmp(a.row(y), b.row(y), a.row_bytes()) != 0) proof_failed(what);
}

}  // namespace

Encoder::Encoder(const EncodeRequest& request, const models::Registry& models,
                 const models::Registry::Entry& entry, Session& session, double share)
    : request_(request),
      models_(models),
      session_(session),
      entry_(entry),
      method_(method_of(entry_)),
      model_(models.parsed(entry_, method_)),
      proof_(request.proof != Proof::kDefault ? request.proof
                                              : method_.encoder()->default_proof(request.effort)),
      source_(request.picture, request.picture_kind(), method_.traits().any_kind, session.allocator),
      x_(source_.view()),
      checksum_(pixel_checksum(x_)),
      share_(share) {}

Buffer<uint8_t> Encoder::run() {
    EncoderOptions asked = request_.options();
    asked.proof = proof_;
    const OptionChoice choice = method_.encoder()->choose_options(asked, model_, x_, session_);
    const size_t most = std::max(choice.others[0].size(), choice.others[1].size());
    if (most > 0) share_ /= static_cast<double>(most + 2);
    Buffer<uint8_t> best = encode_with(choice.first);
    for (const std::vector<EncoderOptions>& direction : choice.others) {
        bool better = false;
        for (const EncoderOptions& options : direction) {
            Buffer<uint8_t> other = encode_with(options);
            if (other.size() >= best.size()) break;
            best = std::move(other);
            better = true;
        }
        if (better) break;
    }
    if (origin_is_doubtful_) {
        EncoderOptions options = choice.first;
        options.origin = false;
        share_ = 0;
        Buffer<uint8_t> other = encode_with(options);
        if (other.size() < best.size()) best = std::move(other);
    }
    return best;
}

Buffer<uint8_t> Encoder::encode_with(const EncoderOptions& options) {
    const double proof_share = proof_ == Proof::kFull ? kFullProofShare : kFastProofShare;
    const EncoderStages stages = method_.encoder()->stages(options, model_);
    Draft draft = begin_draft(method_, model_, source_.kind(), source_.picture_kind(), x_, options);
    draft.header.model_hash = entry_.file.hash;
    draft.header.pixel_checksum = checksum_;
    Known known;
    for (const auto& stage : stages) {
        session_.progress.begin_phase(share_ * (1 - proof_share) * stage->share());
        stage->encode(x_, known, draft, session_);
    }
    Buffer<uint8_t> file = write_file(draft);
    session_.log(LogLevel::kDebug, draft.note + "file " + std::to_string(file.size()) + " bytes");
    if (proof_ == Proof::kFast) expect_pieces(file.span(), draft);
    origin_is_doubtful_ = draft.origin_is_doubtful;
    has_origin_ = draft.has_origin && !origin_is_doubtful_;
    draft = {};
    prove(file.span(), stages, known, share_ * proof_share);
    return file;
}

Buffer<uint8_t> Encoder::write_file(const Draft& draft) {
    container::File file;
    file.header = draft.header;
    file.metadata = request_.metadata;
    file.payload = draft.payload.bytes;
    for (const auto& tiles : draft.streams) {
        auto& streams = file.streams.emplace_back();
        for (const CountedBytes& tile : tiles) streams.push_back(tile.bytes);
    }
    return container::write(file, session_.allocator);
}

// The tiles' streams have been proved one by one as they were made (SymbolWriter).
void Encoder::prove(std::span<const uint8_t> bytes, const EncoderStages& stages, Known& known, double share) {
    if (proof_ == Proof::kNone) return;
    const WorkScope proof(session_.clock, Work::kProof);
    try {
        const container::File file = parse_file(bytes);
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

}  // namespace residua::codec
