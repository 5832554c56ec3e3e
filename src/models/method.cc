#include "models/method.h"

#include <algorithm>

#include "base/error.h"

namespace residua::models {

bool adapts_by_default(const ModelFile& file) {
    const auto found = file.keys.find("default_adaptation");
    if (found == file.keys.end() || found->second == "on") return true;
    if (found->second == "off") return false;
    throw Error(ErrorCode::kCorrupt,
                "the model file has an impossible default_adaptation (" + found->second + ")");
}

const Method* find_method(Methods methods, const std::string& name) {
    const auto found =
        std::ranges::find_if(methods, [&name](const Method* method) { return name == method->name(); });
    return found == methods.end() ? nullptr : *found;
}

void check_model_file(const ModelFile& file, const Method& method) {
    const std::span<const SectionUse> uses = method.sections();
    for (const SectionTag tag : file.found) {
        const bool used = std::ranges::any_of(uses, [tag](const SectionUse& use) { return use.tag == tag; });
        if (tag != kDescription && !used)
            throw Error(ErrorCode::kCorrupt, "the model file has section " + std::to_string(tag) +
                                                 ", which no model of the codec '" + file.codec() + "' has");
    }
    for (const SectionUse& use : uses)
        if (use.required && !file.found.contains(use.tag))
            throw Error(ErrorCode::kCorrupt, "the model file lacks a section");
    method.lossy_defaults(file);
    adapts_by_default(file);
}

}  // namespace residua::models
