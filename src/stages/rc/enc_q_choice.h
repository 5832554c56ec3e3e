// Which Q an encoder of RC takes: the caller's, the model's fixed one, or what the model's Q-classifier sees
// in the picture. The decoder reads it from the file.
#pragma once

#include "base/session.h"
#include "image/picture.h"
#include "stages/enc_stage.h"
#include "stages/rc/model.h"
#include "stages/rc/q_classifier.h"

namespace residua::codec {

// asked: 1…51, kFixedQ, or 0: the choice of the classifier where there is one (null: none) and it was made
// for that bit depth (0: the model's default), otherwise the model's default. x: in the coded channels.
int choose_q(int asked, int bit_depth, const models::LossyDefaults& defaults,
             const models::QClassifier* classifier, const PictureView& x, Session& session);

// What the classifier says of a picture of 1 or 3 channels; it looks at parts of a large one. The same on
// every machine, with any number of threads.
int classify_q(const models::QClassifier& classifier, const PictureView& x, Session& session);

}  // namespace residua::codec
