#include "loop/run_folder.h"

#include <filesystem>
#include <stdexcept>

namespace residua::train {

RunFolder::RunFolder(const std::string& path, bool resume)
    : path_(path), resumes_(std::filesystem::exists(checkpoint())) {
    if (resumes_ && !resume)
        throw std::runtime_error(path +
                                 " already holds a run; go on with it by --resume, or choose another folder");
    if (resume && !resumes_) throw std::runtime_error(path + " holds no checkpoint to resume from");
}

void RunFolder::create() const { std::filesystem::create_directories(path_); }

RunState RunFolder::load(Layers& network, Optimizer& optimizer) const {
    return load_checkpoint(checkpoint(), network, optimizer);
}

void RunFolder::save(Layers& network, Optimizer& optimizer, const RunState& state,
                     const LossyRange& lossy) const {
    save_checkpoint(checkpoint(), network, optimizer, state, lossy);
    save_model(path_ + "/model.safetensors", network, optimizer, lossy);
}

}  // namespace residua::train
