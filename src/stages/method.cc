#include "stages/method.h"

namespace residua::codec {

const models::Model& model_of(const container::File& file, const models::Registry& models,
                              const models::Method& method) {
    const models::Registry::Entry* entry = models.find(file.header.model_hash);
    if (!entry)
        throw Error(ErrorCode::kModelMissing,
                    "model " + models::hash_text(file.header.model_hash) +
                        " is not installed; this file needs it. Get its .rsm file and add it");
    return models.parsed(*entry, method);
}

}  // namespace residua::codec
