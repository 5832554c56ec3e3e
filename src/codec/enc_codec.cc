#include "codec/enc_codec.h"

#include <algorithm>
#include <cstring>

#include "codec/dec_codec.h"
#include "codec/enc_picture.h"
#include "codec/enc_trial.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

// Shares of an encoding's time that its proof takes.
constexpr double kFullProofShare = 0.3;
constexpr double kFastProofShare = 0.05;

class Encoder {
  public:
    Encoder(const EncodeRequest& request, const models::Registry& models,
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

    Buffer<uint8_t> run() {
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

  private:
    Buffer<uint8_t> encode_with(const EncoderOptions& options) {
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
        draft = {};
        prove(file.span(), stages, known, share_ * proof_share);
        return file;
    }

    Buffer<uint8_t> write_file(const Draft& draft) {
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

    // The file has what was proved piece by piece.
    static void expect_pieces(std::span<const uint8_t> bytes, const Draft& draft) {
        const container::File file = parse_file(bytes);
        bool same = std::ranges::equal(file.payload, draft.payload.bytes) &&
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

    static void compare(const PictureView& a, const PictureView& b, const char* what) {
        for (int y = 0; y < a.height; ++y)
            if (std::memcmp(a.row(y), b.row(y), a.row_bytes()) != 0) proof_failed(what);
    }

    const EncodeRequest& request_;
    const models::Registry& models_;
    Session& session_;
    const models::Registry::Entry& entry_;
    const Method& method_;
    const models::Model& model_;
    const Proof proof_;
    const SourcePicture source_;
    const PictureView x_;  // in the coded channels
    const uint64_t checksum_;
    double share_;                     // of the progress; from run() on, for one choice of options
    bool origin_is_doubtful_ = false;  // of the last file
};

// Nobody says how to encode.
bool is_automatic(const EncodeRequest& request) {
    const EncoderOptions options = request.options();
    return !(request.codec && *request.codec) && !(request.model && *request.model) &&
           std::ranges::none_of(methods(),
                                [&](const Method* method) { return method->encoder()->asked_by(options); });
}

// That a file may have beside samples and metadata.
constexpr uint64_t kOverhead = 64;

// Bytes that no file needs more of: all samples as they are, and what comes with them.
uint64_t most_bytes(const EncodeRequest& request) {
    const PictureView& x = request.picture;
    uint64_t bytes = product(x.width, x.height, x.channels, request.picture_kind().bits) / 8 + kOverhead;
    for (const container::MetadataEntry& entry : request.metadata)
        bytes += entry.name.size() + entry.bytes.size() + kOverhead;
    return bytes;
}

// Shares of an encoding's time that each trial of a model takes.
constexpr double kTrialShare = 0.055;

using Entries = std::vector<const models::Registry::Entry*>;

// Other models of its method that may suit the picture better than the usual one.
void add_rivals(const EncodeRequest& request, const models::Registry& models,
                const models::Registry::Entry& usual, Entries& entries) {
    const EncoderMethod& method = *method_of(usual).encoder();
    const EncoderOptions options = request.options();
    if (usual.file.name() != method.default_model(options)) return;
    for (const char* name : method.rival_models(options, request.picture)) {
        const models::ModelPreference rival = {usual.method, name};
        const models::Registry::Entry& entry = models.choose(nullptr, usual.method, {&rival, 1});
        if (entry.file.name() == name) entries.push_back(&entry);
    }
}

// The models of other methods that may suit the picture better; of one that surely does, this alone.
void add_other_methods(const EncodeRequest& request, const models::Registry& models, Entries& entries) {
    if (!is_automatic(request)) return;
    for (const Method* method : methods()) {
        const Promise promise = method->encoder()->promise(request.picture);
        if (promise == Promise::kNone) continue;
        const models::Registry::Entry* const entry = models.first_of(*method);
        if (!entry) continue;
        if (promise == Promise::kSure) entries.clear();
        entries.push_back(entry);
        if (promise == Promise::kSure) return;
    }
}

// Whose part of the picture is no larger than the smallest one times this may have the smaller file.
constexpr double kClose = 1.2;

// A model that may have the smallest file, and bytes that its file is hardly smaller than; 0: nothing is known.
struct Finalist {
    const models::Registry::Entry* entry;
    double least_bytes;
};

// Of the model that is meant for all such pictures and of those that may suit this one better, what a part of the
// picture does not rule out; first what is best there.
std::vector<Finalist> finalists(const EncodeRequest& request, const models::Registry& models,
                                Session& session, double& share) {
    const models::Registry::Entry& usual = choose_model(request, models);
    Entries entries = {&usual};
    if (!(request.model && *request.model)) {
        add_rivals(request, models, usual, entries);
        add_other_methods(request, models, entries);
    }
    std::vector<Finalist> left;
    const bool methods_differ = std::ranges::any_of(
        entries, [&](const models::Registry::Entry* entry) { return entry->method != usual.method; });
    const TrialPart of = methods_differ ? kMethodTrial : kModelTrial;
    if (entries.size() == 1 || is_whole(request.picture, of)) {
        for (const models::Registry::Entry* entry : entries) left.push_back({entry, 0});
        return left;
    }
    const Picture part = bands_of(request.picture, of, session.allocator);
    EncodeRequest trial = request;
    trial.picture = part.view();
    trial.metadata = {};
    trial.proof = Proof::kNone;
    for (const models::Registry::Entry* entry : entries) {
        const auto bytes =
            static_cast<double>(Encoder(trial, models, *entry, session, share * kTrialShare).run().size());
        left.push_back({entry, bytes});
    }
    share *= 1 - kTrialShare * static_cast<double>(entries.size());
    std::ranges::stable_sort(left, {}, &Finalist::least_bytes);
    const Finalist best = left.front();
    session.log(LogLevel::kDebug, "of all models, " + best.entry->file.name() + " suits a part best");
    std::erase_if(left, [&](const Finalist& other) {
        // Models of one method learn alike.
        return other.entry != best.entry &&
               (other.entry->method == best.entry->method || other.least_bytes >= kClose * best.least_bytes);
    });
    for (Finalist& one : left) one.least_bytes *= request.picture.height / (kClose * part.height);
    return left;
}

}  // namespace

const models::Registry::Entry& choose_model(const EncodeRequest& request, const models::Registry& models) {
    const EncoderOptions options = request.options();
    const Method* wanted = request.codec && *request.codec ? &method_named(request.codec) : nullptr;
    std::vector<models::ModelPreference> preferred;
    const auto prefer = [&](const Method& method) {
        method.encoder()->check_available();
        preferred.push_back({&method, method.encoder()->default_model(options)});
    };
    if (wanted) {
        if (wanted->traits().keeps_bytes)
            throw Error(ErrorCode::kInvalidArgument, std::string("the codec ") + wanted->name() +
                                                         " keeps files, not pixels; choose another codec");
        prefer(*wanted);
    } else {
        for (const Method* method : methods())
            if (method->encoder()->asked_by(options)) prefer(*method);
        if (preferred.empty())
            for (const Method* method : preferred_methods())
                if (method->encoder()->available()) prefer(*method);
    }
    const models::Registry::Entry& entry = models.choose(request.model, wanted, preferred);
    method_of(entry).encoder()->check_available();
    return entry;
}

Buffer<uint8_t> encode_whole(const EncodeRequest& request, const models::Registry& models, Session& session,
                             double share) {
    const std::vector<Finalist> left = finalists(request, models, session, share);
    Buffer<uint8_t> file;
    for (const Finalist& one : left) {
        // The whole may have shown what no part can: the origin of its pixels.
        if (!file.empty() && one.least_bytes > static_cast<double>(file.size())) continue;
        Buffer<uint8_t> other =
            Encoder(request, models, *one.entry, session, share / static_cast<double>(left.size())).run();
        if (file.empty() || other.size() < file.size()) file = std::move(other);
    }
    if (file.size() <= most_bytes(request) || !is_automatic(request)) return file;
    for (const Method* method : methods()) {
        const models::Registry::Entry* const other = models.first_of(*method);
        if (!method->encoder()->packs() || !other || std::ranges::any_of(left, [&](const Finalist& one) {
                return one.entry->method == other->method;
            }))
            continue;
        Buffer<uint8_t> packed = Encoder(request, models, *other, session, 0).run();
        if (packed.size() < file.size()) file = std::move(packed);
    }
    return file;
}

}  // namespace residua::codec
