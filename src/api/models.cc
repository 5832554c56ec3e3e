#include "api/api.h"

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
    if (!entry.method) return info;
    const residua::models::LossyDefaults defaults = entry.method->lossy_defaults(file);
    info.default_q = defaults.q;
    info.default_bit_depth = defaults.bit_depth;
    return info;
}

}  // namespace

extern "C" {

size_t residua_model_count(const residua_context* context) { return context ? context->models.count() : 0; }

residua_status residua_model_describe(residua_context* context, size_t index, residua_model_info* info) {
    using namespace residua;
    if (info) *info = {};
    return api::call(context, [&] {
        api::require(info, "no place for the description was given");
        api::require(index < context->models.count(), "there is no model with that number");
        *info = describe(context->models.at(index));
    });
}

residua_status residua_model_add(residua_context* context, const void* data, size_t size,
                                 residua_model_info* info) {
    using namespace residua;
    if (info) *info = {};
    return api::call(context, [&] {
        const Registry::Entry& entry = context->models.add(api::bytes_of(data, size));
        if (info) *info = describe(entry);
    });
}

}  // extern "C"
