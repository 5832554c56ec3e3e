// Records as what OLM's heads take.
#pragma once

#include <string>
#include <vector>

#include "olm/olm_network.h"
#include "olm/olm_records.h"

namespace residua::train {

// The records of all planes in a folder.
struct OlmRecordSet {
    OlmRecordSet(const std::string& folder, bool held_out);

    OlmRecordFile files[kOlmPlanes];
};

OlmBatch make_batch(const OlmRecordFile& file, const std::vector<size_t>& numbers);

// Numbers of `count` records at most, from all over.
std::vector<size_t> spread(const OlmRecordFile& file, size_t count);

}  // namespace residua::train
