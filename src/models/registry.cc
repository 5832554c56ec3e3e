#include "models/registry.h"

#include "models/builtin.h"

namespace residua::models {

namespace {
constexpr size_t kMinHashDigits = 4;

bool is_known(const std::string& codec) {
    return codec == kRcCodec || codec == kL3cCodec || codec == kOlmCodec;
}
}  // namespace

Registry::Registry() {
    for (size_t i = 0; i < builtin_count(); ++i) {
        Entry& entry = entries_.emplace_back();
        entry.file = parse_model_file(builtin_model(i));
        entry.built_in = true;
    }
}

const Registry::Entry& Registry::add(std::span<const uint8_t> bytes) {
    if (const Entry* known = find(parse_model_file(bytes).hash)) return *known;
    Entry entry;
    entry.copy.assign(bytes.begin(), bytes.end());
    entry.file = parse_model_file(entry.copy);
    if (entry.file.codec() == kL3cCodec)
        l3c(entry);
    else if (entry.file.codec() == kOlmCodec)
        olm(entry);
    else
        rc(entry);
    q_classifier(entry);
    return entries_.emplace_back(std::move(entry));
}

const Registry::Entry* Registry::find(uint64_t hash) const {
    for (const Entry& entry : entries_)
        if (entry.file.hash == hash) return &entry;
    return nullptr;
}

const Registry::Entry& Registry::choose(const char* name_or_hash, const char* codec,
                                        const ModelPreference& preferred) const {
    const std::string wanted = name_or_hash ? name_or_hash : "";
    std::string wanted_codec = codec ? codec : "";
    if (!wanted_codec.empty() && !is_known(wanted_codec))
        throw Error(ErrorCode::kInvalidArgument, "there is no codec '" + wanted_codec + "'; there are " +
                                                     kRcCodec + ", " + kL3cCodec + " and " + kOlmCodec);
    if (wanted.empty()) {
        const Entry* found = one_of(wanted_codec.empty() ? preferred.codec : wanted_codec, preferred.model);
        // Any is better than none for those who have not asked for one.
        if (!found && wanted_codec.empty()) found = one_of(kRcCodec, preferred.model);
        if (found) return *found;
        throw Error(ErrorCode::kModelMissing, "this build of Residua has no model for the codec '" +
                                                  (wanted_codec.empty() ? preferred.codec : wanted_codec) +
                                                  "'; add a model file (.rsm)");
    }
    const Entry* found = nullptr;
    const Entry* of_another_codec = nullptr;
    for (const Entry& entry : entries_) {
        const bool by_hash =
            wanted.size() >= kMinHashDigits && hash_text(entry.file.hash).starts_with(wanted);
        if (entry.file.name() != wanted && !by_hash) continue;
        if (!wanted_codec.empty() && entry.file.codec() != wanted_codec) {
            of_another_codec = &entry;
            continue;
        }
        if (found)
            throw Error(ErrorCode::kInvalidArgument,
                        "'" + wanted + "' is the name of several models; give the hash");
        found = &entry;
    }
    if (!found && of_another_codec)
        throw Error(ErrorCode::kInvalidArgument, "the model " + of_another_codec->file.name() +
                                                     " is for the codec '" + of_another_codec->file.codec() +
                                                     "', not for '" + wanted_codec + "'");
    if (!found)
        throw Error(ErrorCode::kModelMissing, "there is no model '" + wanted + "'; there are: " + names());
    return *found;
}

const Registry::Entry* Registry::one_of(const std::string& codec, const std::string& preferred_model) const {
    const Entry* first = nullptr;
    for (const Entry& entry : entries_) {
        if (entry.file.codec() != codec) continue;
        if (entry.file.name() == preferred_model) return &entry;
        if (!first) first = &entry;
    }
    return first;
}

void Registry::expect_codec(const Entry& entry, const char* codec) {
    const ModelFile& file = entry.file;
    if (!is_known(file.codec()))
        throw Error(ErrorCode::kUnsupported, "the model " + file.name() + " is for the codec '" +
                                                 file.codec() + "', which this version does not have");
    if (file.codec() != codec)
        throw Error(ErrorCode::kCorrupt, "the model " + file.name() + " is for the codec '" + file.codec() +
                                             "', where one for '" + codec + "' is needed");
}

const RcModel& Registry::rc(const Entry& entry) const {
    expect_codec(entry, kRcCodec);
    if (!entry.rc) entry.rc = std::make_unique<const RcModel>(entry.file);
    return *entry.rc;
}

const L3cModel& Registry::l3c(const Entry& entry) const {
    expect_codec(entry, kL3cCodec);
    if (!entry.l3c) entry.l3c = std::make_unique<const L3cModel>(entry.file);
    return *entry.l3c;
}

const OlmModel& Registry::olm(const Entry& entry) const {
    expect_codec(entry, kOlmCodec);
    if (!entry.olm) entry.olm = std::make_unique<const OlmModel>(entry.file);
    return *entry.olm;
}

const QClassifier* Registry::q_classifier(const Entry& entry) const {
    if (entry.file.q_classifier.empty()) return nullptr;
    if (!entry.q_classifier) entry.q_classifier = std::make_unique<const QClassifier>(entry.file);
    return entry.q_classifier.get();
}

std::string Registry::names() const {
    std::string text;
    for (const Entry& entry : entries_)
        text += (text.empty() ? "" : ", ") + entry.file.name() + " (" + hash_text(entry.file.hash) + ")";
    return text.empty() ? "none" : text;
}

}  // namespace residua::models
