#include "olm/olm_batches.h"

#include <algorithm>
#include <cmath>

namespace residua::train {

OlmRecordSet::OlmRecordSet(const std::string& folder, bool held_out) {
    for (int plane = 0; plane < kOlmPlanes; ++plane)
        files[plane] = OlmRecordFile(olm_record_path(folder, plane, held_out));
}

OlmBatch make_batch(const OlmRecordFile& file, const std::vector<size_t>& numbers) {
    const auto N = static_cast<int64_t>(numbers.size());
    const int64_t F = file.inputs();
    OlmBatch batch = {torch::empty({N, F}), torch::empty({N}), torch::empty({N}), torch::empty({N}),
                      torch::empty({N})};
    float* inputs = batch.inputs.data_ptr<float>();
    for (int64_t i = 0; i < N; ++i) {
        const OlmRecord record = file.at(numbers[static_cast<size_t>(i)]);
        for (int64_t f = 0; f < F; ++f) *inputs++ = static_cast<float>(record.inputs[f]) - 128;
        batch.centre.data_ptr<float>()[i] = static_cast<float>(record.centre) / 64 - 128;
        batch.scale.data_ptr<float>()[i] = static_cast<float>(record.scale) / 64;
        batch.log_scale.data_ptr<float>()[i] =
            static_cast<float>(record.log_scale) / 32 * static_cast<float>(M_LN2);
        batch.symbols.data_ptr<float>()[i] = static_cast<float>(record.sample) - 128;
    }
    return batch;
}

std::vector<size_t> spread(const OlmRecordFile& file, size_t count) {
    std::vector<size_t> numbers;
    const size_t all = file.count();
    count = std::min(count, all);
    for (size_t i = 0; i < count; ++i) numbers.push_back(i * all / count);
    return numbers;
}

}  // namespace residua::train
