// The folder of a run: checkpoint.safetensors (everything for a resume), model.safetensors (averaged weights,
// for export), and what RunLog leaves there.
#pragma once

#include <string>

#include "loop/checkpoint.h"

namespace residua::train {

class RunFolder {
  public:
    // No run is overwritten, and none begins where one should go on. Throws std::runtime_error where the
    // folder holds a run that is not to be resumed, or none to resume.
    RunFolder(const std::string& path, bool resume);

    // Before the first save; processes that train together leave it to the first one.
    void create() const;

    const std::string& path() const { return path_; }
    bool resumes() const { return resumes_; }
    std::string checkpoint() const { return path_ + "/checkpoint.safetensors"; }
    // Where the weights and the description of the network come from: the checkpoint of a run that resumes,
    // or `start`, which may be empty for a random start.
    std::string origin(const std::string& start) const { return resumes_ ? checkpoint() : start; }

    RunState load(Layers& network, Optimizer& optimizer) const;
    void save(Layers& network, Optimizer& optimizer, const RunState& state, const LossyRange& lossy) const;

  private:
    std::string path_;
    bool resumes_;
};

}  // namespace residua::train
