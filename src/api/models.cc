#include "api/pictures.h"
#include "stages/methods.h"

namespace {

using residua::models::Registry;

residua_model_info describe(const Registry::Entry& entry) {
    const residua::models::ModelFile& file = entry.file;
    residua_model_info info{};
    info.hash = file.hash;
    info.name = file.name().c_str();
    info.codec = file.codec().c_str();
    info.description = file.description.c_str();
    info.file_size = static_cast<size_t>(file.size);
    info.built_in = entry.built_in;
    return info;
}

}  // namespace

extern "C" {

size_t residua_model_count(const residua_context* context) { return context ? context->models.count() : 0; }

residua_status residua_model_describe(residua_context* context, size_t index, residua_model_info* info) {
    using namespace residua;
    api::empty(info);
    return api::call(context, [&] {
        api::require_place(info);
        api::require(index < context->models.count(), "there is no model with that number");
        api::write(info, describe(context->models.at(index)));
    });
}

residua_status residua_model_add(residua_context* context, const void* data, size_t size,
                                 residua_model_info* info) {
    using namespace residua;
    api::empty(info);
    return api::call(context, [&] {
        if (info) api::require_place(info);
        const Registry::Entry& entry = context->models.add(api::bytes_of(data, size));
        if (info) api::write(info, describe(entry));
    });
}

residua_status residua_research_model(residua_context* context, uint64_t hash,
                                      residua_research_model_info* info) {
    using namespace residua;
    api::empty(info);
    return api::call(context, [&] {
        api::require_place(info);
        const Registry::Entry* entry = context->models.find(hash);
        if (!entry) throw Error(ErrorCode::kModelMissing, "the context has no model with that hash");
        residua_research_model_info found{};
        if (entry->method) {
            const models::LossyDefaults defaults = entry->method->lossy_defaults(entry->file);
            found.default_q = defaults.q;
            found.default_bit_depth = defaults.bit_depth;
            found.has_q_classifier = entry->file.q_classifier.empty() ? 0 : 1;
            if (codec::method_of(*entry).traits().adaptation)
                found.default_adaptation =
                    models::adapts_by_default(entry->file) ? RESIDUA_ADAPTATION_ON : RESIDUA_ADAPTATION_OFF;
        }
        api::write(info, found);
    });
}

}  // extern "C"
