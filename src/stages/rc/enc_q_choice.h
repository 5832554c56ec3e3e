// Which Q an encoder of RC takes: the caller's, the model's fixed one, or what the model's Q-classifier sees
// in the picture. The decoder reads it from the file.
#pragma once

#include "base/session.h"
#include "image/picture.h"
#include "models/registry.h"

namespace residua::codec {

// In the place of a Q: the default_q of the model's description, without a look at the picture.
constexpr int kFixedQ = -1;

// asked: 1…51, kFixedQ, or 0: the Q-classifier's choice where the model has one and was made for that bit
// depth (0: the model's default), otherwise default_q. x: in the coded channels. For codecs without a lossy
// layer `asked` comes back.
int choose_q(int asked, int bit_depth, const models::Registry& models, const models::Registry::Entry& model,
             const PictureView& x, Session& session);

// What the classifier says of a picture of 1 or 3 channels; it looks at parts of a large one. The same on
// every machine, with any number of threads.
int classify_q(const models::QClassifier& classifier, const PictureView& x, Session& session);

}  // namespace residua::codec
