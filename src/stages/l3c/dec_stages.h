// The decoder's side of L3C's stages.
#pragma once

#include "stages/l3c/model.h"
#include "stages/stage.h"

namespace residua::codec {

// z^(S), …, z^(1). Throws kCorrupt when the file has another number of scales than the model.
DecoderStages latent_decoder_stages(const container::File& file, const StreamSource& streams,
                                    const models::L3cModel& model);

// The last stage: the picture, given z^(1) and f^(2).
std::unique_ptr<DecoderStage> picture_decoder_stage(const container::File& file, const StreamSource& streams,
                                                    const models::L3cModel& model);

// The same without the picture's streams: each sample is the mean of its distribution.
std::unique_ptr<DecoderStage> mean_picture_stage(const container::File& file, const models::L3cModel& model);

}  // namespace residua::codec
