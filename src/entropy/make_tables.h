// Builds the tables that an exporter stores in a model file. Uses the mathematical library: the decoder reads
// the stored integers and never comes here.
#pragma once

#include "entropy/tables.h"

namespace residua::entropy {

enum class LambdaActivation { kNone, kTanh, kSigmoid };

// components 1…15; channels 1…8, and 3 unless the activation is kNone. RC: K = 5, tanh; L3C: K = 10, sigmoid.
// sigma covers 2^−5 … 2^8 (log_sigma −160…255); the lambda pre-activation −4…4
// for tanh, −8…8 for the sigmoid.
DistributionTables make_tables(LambdaActivation activation, int components, int channels = 3);

}  // namespace residua::entropy
