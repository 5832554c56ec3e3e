#include "loop/checkpoint.h"

#include <stdexcept>

#include "weights/model_weights.h"

namespace residua::train {

namespace {

FloatArray to_array(const torch::Tensor& tensor) {
    const torch::Tensor values = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    FloatArray array;
    array.shape = values.sizes().vec();
    array.values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
    return array;
}

void copy_in(const Checkpoint& checkpoint, const std::string& name, torch::Tensor target) {
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end()) throw std::runtime_error("the checkpoint lacks " + name);
    if (found->second.shape != target.sizes().vec())
        throw std::runtime_error("the checkpoint has another shape for " + name);
    torch::NoGradGuard no_grad;
    target.copy_(torch::from_blob(const_cast<float*>(found->second.values.data()), found->second.shape));
}

constexpr const char* kFirst = "adam.first/";
constexpr const char* kSecond = "adam.second/";
constexpr const char* kAverage = "average/";
constexpr const char* kRecipe = "recipe.";  // in the metadata

}  // namespace

void save_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer, const RunState& state,
                     const LossyRange& lossy) {
    Checkpoint checkpoint;
    checkpoint.metadata = network.description();
    lossy.describe(checkpoint.metadata);
    checkpoint.metadata["steps"] = std::to_string(optimizer.steps());
    checkpoint.metadata["batches"] = std::to_string(state.batches);
    checkpoint.metadata["seconds"] = std::to_string(state.seconds);
    for (const auto& [name, value] : state.recipe) checkpoint.metadata[kRecipe + name] = value;
    for (const auto& [name, value] : network.parameters()) {
        checkpoint.tensors[name] = to_array(value);
        checkpoint.tensors[kFirst + name] = to_array(optimizer.first_moments().at(name));
        checkpoint.tensors[kSecond + name] = to_array(optimizer.second_moments().at(name));
        checkpoint.tensors[kAverage + name] = to_array(optimizer.averages().at(name));
    }
    put_steps(network.steps(), checkpoint);
    save_safetensors(path, checkpoint);
}

Description read_recipe(const Checkpoint& checkpoint) {
    Description recipe;
    const std::string prefix = kRecipe;
    for (const auto& [name, value] : checkpoint.metadata)
        if (name.compare(0, prefix.size(), prefix) == 0) recipe[name.substr(prefix.size())] = value;
    return recipe;
}

RunState load_checkpoint(const std::string& path, Layers& network, Optimizer& optimizer) {
    const Checkpoint checkpoint = load_safetensors(path);
    for (auto& [name, value] : network.parameters()) {
        copy_in(checkpoint, name, value);
        copy_in(checkpoint, kFirst + name, optimizer.first_moments().at(name));
        copy_in(checkpoint, kSecond + name, optimizer.second_moments().at(name));
        copy_in(checkpoint, kAverage + name, optimizer.averages().at(name));
    }
    network.set_steps(read_steps(checkpoint));
    RunState state;
    optimizer.set_steps(std::stoll(checkpoint.metadata.at("steps")));
    state.batches = std::stoll(checkpoint.metadata.at("batches"));
    state.seconds = std::stod(checkpoint.metadata.at("seconds"));
    state.recipe = read_recipe(checkpoint);
    return state;
}

void save_model(const std::string& path, Layers& network, Optimizer& optimizer, const LossyRange& lossy) {
    Checkpoint checkpoint;
    checkpoint.metadata = network.description();
    lossy.describe(checkpoint.metadata);
    put_steps(network.steps(), checkpoint);
    checkpoint.metadata["steps"] = std::to_string(optimizer.steps());
    for (const auto& [name, value] : optimizer.averages()) checkpoint.tensors[name] = to_array(value);
    save_safetensors(path, checkpoint);
}

void load_model(const std::string& path, Layers& network) {
    const Checkpoint checkpoint = load_safetensors(path);
    for (auto& [name, value] : network.parameters()) copy_in(checkpoint, name, value);
}

}  // namespace residua::train
