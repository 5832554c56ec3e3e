#include "codec/enc_codec.h"

#include <algorithm>

#include "codec/enc_encoder.h"
#include "codec/enc_trial.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

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

// Fewer bytes than samples with noise take. Where a file has no more, and not because its pixels were once a JPEG's, its
// picture may be made by a program even if no two of its pixels are alike, as in a gradient.
uint64_t noiseless_bytes(const EncodeRequest& request) {
    const PictureView& x = request.picture;
    const int bits = request.picture_kind().bits;
    return product(x.width, x.height, x.channels, bits) / 8 / (bits > 8 ? 4 : 5);
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

// A part of a picture.
class Trial {
  public:
    Trial(const EncodeRequest& request, const TrialPart& of, Session& session)
        : part_(bands_of(request.picture, of, session.allocator)),
          to_whole_(static_cast<double>(request.picture.height) / part_.view().height),
          request_(request) {
        request_.picture = part_.view();
        request_.metadata = {};
        request_.proof = Proof::kNone;
    }

    // Of its file with a model.
    double bytes(const models::Registry& models, const models::Registry::Entry& entry, Session& session,
                 double share) const {
        return static_cast<double>(Encoder(request_, models, entry, session, share).run().size());
    }
    // Times as large is the picture.
    double to_whole() const { return to_whole_; }

  private:
    const Picture part_;
    const double to_whole_;
    EncodeRequest request_;
};

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
    const Trial trial(request, of, session);
    for (const models::Registry::Entry* entry : entries)
        left.push_back({entry, trial.bytes(models, *entry, session, share * kTrialShare)});
    share *= 1 - kTrialShare * static_cast<double>(entries.size());
    std::ranges::stable_sort(left, {}, &Finalist::least_bytes);
    const Finalist best = left.front();
    session.log(LogLevel::kDebug, "of all models, " + best.entry->file.name() + " suits a part best");
    std::erase_if(left, [&](const Finalist& other) {
        // Models of one method learn alike.
        return other.entry != best.entry &&
               (other.entry->method == best.entry->method || other.least_bytes >= kClose * best.least_bytes);
    });
    for (Finalist& one : left) one.least_bytes *= trial.to_whole() / kClose;
    return left;
}

// Bytes that the picture's file with another model may have, as a part says; 0: the whole is no more work.
double expected_bytes(const EncodeRequest& request, const models::Registry& models,
                      const models::Registry::Entry& entry, Session& session) {
    if (is_whole(request.picture, kMethodTrial)) return 0;
    const Trial trial(request, kMethodTrial, session);
    return trial.bytes(models, entry, session, 0) * trial.to_whole();
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
    bool has_origin = false;
    for (const Finalist& one : left) {
        // The whole may have shown what no part can: the origin of its pixels.
        if (!file.empty() && one.least_bytes > static_cast<double>(file.size())) continue;
        Encoder encoder(request, models, *one.entry, session, share / static_cast<double>(left.size()));
        Buffer<uint8_t> other = encoder.run();
        has_origin |= encoder.has_origin();
        if (file.empty() || other.size() < file.size()) file = std::move(other);
    }
    const bool noiseless = !has_origin && file.size() < noiseless_bytes(request);
    if ((file.size() <= most_bytes(request) && !noiseless) || !is_automatic(request)) return file;
    for (const Method* method : methods()) {
        const models::Registry::Entry* const other = models.first_of(*method);
        if (!method->encoder()->packs() || !other || std::ranges::any_of(left, [&](const Finalist& one) {
                return one.entry->method == other->method;
            }))
            continue;
        if (noiseless && expected_bytes(request, models, *other, session) > static_cast<double>(file.size()))
            continue;
        Buffer<uint8_t> packed = Encoder(request, models, *other, session, 0).run();
        if (packed.size() < file.size()) file = std::move(packed);
    }
    return file;
}

}  // namespace residua::codec
