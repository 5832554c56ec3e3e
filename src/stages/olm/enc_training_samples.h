// What a picture's planes teach a head: for the trainer.
#pragma once

#include <functional>

#include "base/session.h"
#include "image/picture.h"
#include "image/picture_kind.h"
#include "olm/tile_coder.h"

namespace residua::codec {

// Every sample of the picture as one tile, with the head's inputs, of which there are `inputs`; of pictures
// that are not of 8 bits, grey or RGB, only those of planes with more than 256 values. experts: a name for
// olm::named_parameters. The progress is complete in the end.
void visit_training_samples(const PictureView& picture, const PictureKind& kind, const char* experts,
                            const std::function<void(const olm::TrainingSample& sample, int inputs)>& visit,
                            Session& session);

}  // namespace residua::codec
