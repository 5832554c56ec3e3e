// Which stages a file has, by its codec.
#include "stages/l3c/dec_l3c.h"
#include "stages/olm/dec_olm.h"
#include "stages/rc/dec_rc.h"
#include "stages/stage.h"

namespace residua::codec {

namespace {

const models::Registry::Entry& find_model(const container::File& file, const models::Registry& models) {
    const models::Registry::Entry* entry = models.find(file.header.model_hash);
    if (!entry)
        throw Error(ErrorCode::kModelMissing,
                    "model " + models::hash_text(file.header.model_hash) +
                        " is not installed; this file needs it. Get its .rsm file and add it");
    return *entry;
}

}  // namespace

DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models) {
    const models::Registry::Entry& entry = find_model(file, models);
    DecoderStages stages;
    if (file.header.codec == container::Codec::kL3c) {
        const models::L3cModel& model = models.l3c(entry);
        stages = latent_decoder_stages(file, streams, model);
        stages.push_back(picture_decoder_stage(file, streams, model));
    } else if (file.header.codec == container::Codec::kOlm) {
        stages.push_back(olm_decoder_stage(file, streams, models.olm(entry)));
    } else {
        stages.push_back(lossy_decoder_stage(file));
        stages.push_back(residual_decoder_stage(file, streams, models.rc(entry)));
    }
    return stages;
}

DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models) {
    DecoderStages stages;
    if (file.header.codec == container::Codec::kL3c) {
        const models::L3cModel& model = models.l3c(find_model(file, models));
        stages = latent_decoder_stages(file, streams, model);
        stages.push_back(mean_picture_stage(file, model));
    } else if (file.header.codec == container::Codec::kOlm) {
        throw Error(ErrorCode::kUnsupported,
                    "the codec olm has no preview: its files hold one layer only; decode the whole picture");
    } else {
        stages.push_back(lossy_preview_stage(file));
    }
    return stages;
}

}  // namespace residua::codec
