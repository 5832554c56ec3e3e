#include "olm/olm_run.h"

#include <stdexcept>

#include "olm/olm_trainee.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

// What the heads are to be: as in the settings, for records of these inputs, or as in the file that their
// weights come from.
OlmConfig wanted_heads(const OlmRunSettings& settings, const RunFolder& folder, const OlmRecordSet& records) {
    const std::string origin = folder.origin(settings.start);
    OlmConfig config = settings.network;
    if (origin.empty()) {
        for (const OlmRecordFile& file : records.files) config.inputs.push_back(file.inputs());
        return config;
    }
    config = OlmConfig::of(read_description(origin));
    // Heads of deep pictures begin as those of photographs of 8 bits.
    if (config.experts == "olm" && settings.network.experts == "olm-deep") config.experts = "olm-deep";
    if (config.experts != settings.network.experts)
        throw std::runtime_error(origin + " is of the experts " + config.experts + ", not of " +
                                 settings.network.experts + " (--preset)");
    return config;
}

void check_records(const std::string& folder, const std::string& experts, const OlmRecordSet& records,
                   const OlmConfig& config) {
    if (config.experts != experts)
        throw std::runtime_error(folder + " has records of the experts " + experts + ", not of " +
                                 config.experts + "; choose another folder or delete it");
    for (int plane = 0; plane < kOlmPlanes; ++plane)
        if (records.files[plane].inputs() != config.inputs[static_cast<size_t>(plane)])
            throw std::runtime_error(folder + " has records of other inputs than the head; delete it");
}

}  // namespace

void check_olm_start(const OlmRunSettings& settings) {
    refuse_several("train OLM's heads together: start one");
    check_start(settings);
}

void run_olm(const OlmRunSettings& settings) {
    check_olm_start(settings);
    // (With one thread torch makes plain matrix products of pointwise convolutions, which may be slow.)
    const RunFolder folder = begin_run(settings);
    folder.create();
    const std::string experts = olm_record_experts(settings.records);
    const OlmRecordSet records(settings.records, false), held_out(settings.records, true);
    const OlmConfig config = wanted_heads(settings, folder, records);
    check_records(settings.records, experts, records, config);
    OlmNetwork network(config, torch::kCPU, settings.seed);
    OlmTrainee trainee(network, settings, records, held_out);
    RunState state;
    if (folder.resumes()) {
        state = folder.load(network, trainee.optimizer());
    } else if (!settings.start.empty()) {
        load_model(settings.start, network);
        trainee.optimizer().all_averages().copy_(trainee.optimizer().all_values());
    }
    LoopSettings loop = settings;
    loop.preset = config.experts;
    ProcessGroup alone;
    run_loop(trainee, state, folder, loop, alone);
}

}  // namespace residua::train
