// A small RC model with random weights: tests that need a network, not a good one, make it themselves, so
// that they depend on no trained model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/rc/model.h"

namespace residua::testing {

// The bytes of a .rsm file. Other seeds and names give other
// models. sigma_shift: 1/32 octaves added to all its sigmas.
std::vector<uint8_t> make_test_model(uint64_t seed = 1, const std::string& name = "test",
                                     models::Conditioning conditioning = models::Conditioning::kFine,
                                     int sigma_shift = 0);

}  // namespace residua::testing
