#include "models/registry.h"

#include <algorithm>

#include "base/error.h"
#include "models/builtin.h"

namespace residua::models {

namespace {

constexpr size_t kMinHashDigits = 4;

Registry::Entry read_entry(std::span<const uint8_t> bytes, Methods methods) {
    Registry::Entry entry;
    entry.file = parse_model_file(bytes);
    entry.method = find_method(methods, entry.file.codec());
    if (entry.method) check_model_file(entry.file, *entry.method);
    return entry;
}

}  // namespace

Registry::Registry(Methods methods) : methods_(methods) {
    for (size_t i = 0; i < builtin_count(); ++i)
        entries_.emplace_back(read_entry(builtin_model(i), methods_)).built_in = true;
}

const Registry::Entry& Registry::add(std::span<const uint8_t> bytes) {
    if (const Entry* known = find(parse_model_file(bytes).hash)) return *known;
    std::vector<uint8_t> copy(bytes.begin(), bytes.end());
    Entry& entry = entries_.emplace_back();
    try {
        entry = read_entry(copy, methods_);
        entry.copy = std::move(copy);
        parsed(entry, method_of(entry)).check_all();
    } catch (...) {
        entries_.pop_back();
        throw;
    }
    return entry;
}

const Registry::Entry* Registry::find(uint64_t hash) const {
    for (const Entry& entry : entries_)
        if (entry.file.hash == hash) return &entry;
    return nullptr;
}

const Registry::Entry* Registry::first_of(const Method& method) const {
    const auto found = std::ranges::find(entries_, &method, &Entry::method);
    return found == entries_.end() ? nullptr : &*found;
}

const Registry::Entry& Registry::choose(const char* name_or_hash, const Method* method,
                                        std::span<const ModelPreference> preferred) const {
    const std::string wanted = name_or_hash ? name_or_hash : "";
    if (wanted.empty()) {
        const ModelPreference any = {method};
        return first_of(preferred.empty() ? std::span(&any, 1) : preferred);
    }
    const Entry* found = nullptr;
    const Entry* of_another_method = nullptr;
    for (const Entry& entry : entries_) {
        const bool by_hash =
            wanted.size() >= kMinHashDigits && hash_text(entry.file.hash).starts_with(wanted);
        if (entry.file.name() != wanted && !by_hash) continue;
        if (method && entry.method != method) {
            of_another_method = &entry;
            continue;
        }
        if (found)
            throw Error(ErrorCode::kInvalidArgument,
                        "'" + wanted + "' is the name of several models; give the hash");
        found = &entry;
    }
    if (!found && of_another_method)
        throw Error(ErrorCode::kInvalidArgument, "the model " + of_another_method->file.name() +
                                                     " is for the codec '" + of_another_method->file.codec() +
                                                     "', not for '" + method->name() + "'");
    if (!found)
        throw Error(ErrorCode::kModelMissing, "there is no model '" + wanted + "'; there are: " + names());
    return *found;
}

const Registry::Entry& Registry::first_of(std::span<const ModelPreference> preferred) const {
    for (const ModelPreference& wanted : preferred) {
        const Entry* first = nullptr;
        for (const Entry& entry : entries_) {
            if (entry.method != wanted.method) continue;
            if (entry.file.name() == wanted.model) return entry;
            if (!first) first = &entry;
        }
        if (first) return *first;
    }
    throw Error(ErrorCode::kModelMissing, std::string("this build of Residua has no model for the codec '") +
                                              preferred[0].method->name() + "'; add a model file (.rsm)");
}

const Method& Registry::method_of(const Entry& entry) {
    if (!entry.method)
        throw Error(ErrorCode::kUnsupported, "the model " + entry.file.name() + " is for the codec '" +
                                                 entry.file.codec() + "', which this version does not have");
    return *entry.method;
}

const Model& Registry::parsed(const Entry& entry, const Method& method) const {
    if (&method_of(entry) != &method)
        throw Error(ErrorCode::kCorrupt, "the model " + entry.file.name() + " is for the codec '" +
                                             entry.file.codec() + "', where one for '" + method.name() +
                                             "' is needed");
    if (!entry.model) entry.model = method.parse_model(entry.file);
    return *entry.model;
}

std::string Registry::names() const {
    std::string text;
    for (const Entry& entry : entries_)
        text += (text.empty() ? "" : ", ") + entry.file.name() + " (" + hash_text(entry.file.hash) + ")";
    return text.empty() ? "none" : text;
}

}  // namespace residua::models
