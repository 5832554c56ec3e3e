#include "models/registry.h"

#include "models/builtin.h"

namespace residua::models {

namespace {
constexpr size_t kMinHashDigits = 4;
constexpr const char* kRcCodec = "rc";
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
    rc(entry);
    return entries_.emplace_back(std::move(entry));
}

const Registry::Entry* Registry::find(uint64_t hash) const {
    for (const Entry& entry : entries_)
        if (entry.file.hash == hash) return &entry;
    return nullptr;
}

const Registry::Entry& Registry::choose(const char* name_or_hash) const {
    const std::string wanted = name_or_hash ? name_or_hash : "";
    if (wanted.empty()) {
        for (const Entry& entry : entries_)
            if (entry.file.codec() == kRcCodec) return entry;
        throw Error(ErrorCode::kModelMissing, "this build of Residua has no model; add a model file (.rsm)");
    }
    const Entry* found = nullptr;
    for (const Entry& entry : entries_) {
        const bool by_hash =
            wanted.size() >= kMinHashDigits && hash_text(entry.file.hash).starts_with(wanted);
        if (entry.file.name() != wanted && !by_hash) continue;
        if (found)
            throw Error(ErrorCode::kInvalidArgument,
                        "'" + wanted + "' is the name of several models; give the hash");
        found = &entry;
    }
    if (!found)
        throw Error(ErrorCode::kModelMissing, "there is no model '" + wanted + "'; there are: " + names());
    return *found;
}

const RcModel& Registry::rc(const Entry& entry) const {
    if (entry.file.codec() != kRcCodec)
        throw Error(ErrorCode::kUnsupported, "the model " + entry.file.name() + " is for the codec '" +
                                                 entry.file.codec() + "', which this version does not have");
    auto& known = entry.rc;
    if (!known) known = std::make_unique<const RcModel>(entry.file);
    return *known;
}

std::string Registry::names() const {
    std::string text;
    for (const Entry& entry : entries_)
        text += (text.empty() ? "" : ", ") + entry.file.name() + " (" + hash_text(entry.file.hash) + ")";
    return text.empty() ? "none" : text;
}

}  // namespace residua::models
