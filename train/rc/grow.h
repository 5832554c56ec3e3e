// A larger RC network that computes what a smaller, trained one does (after "Net2Net", Chen, Goodfellow,
// Shlens, ICLR 2016): to go on from hours of training instead of from nothing.
#pragma once

#include "rc/rc_network.h"
#include "weights/safetensors.h"

namespace residua::train {

// `network` has its random start and gets the weights of `small`, a network of the architecture `from`:
// - the first channels of each layer are those of `small`
// and read nothing of the added ones, which keep their
//   random kernels, so that they differ from one another and are learned from at once;
// - added residual blocks, spread evenly between the others, add nothing to the first channels;
// - where only `small` has one tail for μ, log σ and π, each of the three tails begins
// as a copy of it. The result is what `small` computes, but for GDN's small pedestal
// (1e-6 of an added channel's square). Throws std::runtime_error where `network`
// is not at least as large in every respect, or where K, GDN or the input differ.
void grow_from(const Checkpoint& small, const RcConfig& from, RcNetwork& network);

}  // namespace residua::train
