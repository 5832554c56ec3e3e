#include "loop/process_group.h"

#include <cstdlib>
#include <optional>
#include <stdexcept>

#ifdef RESIDUA_DISTRIBUTED
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef RESIDUA_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

namespace residua::train {

namespace {

std::optional<int> number_in_environment(const char* name) {
    const char* text = std::getenv(name);
    if (!text || !*text) return std::nullopt;
    char* end = nullptr;
    const long value = std::strtol(text, &end, 10);
    if (*end || value < 0 || value > 1 << 20)
        throw std::runtime_error(std::string("the environment's ") + name + "=" + text + " is not a number");
    return static_cast<int>(value);
}

// What one launcher calls its numbers.
struct Launcher {
    const char *rank, *size, *local;
};
constexpr Launcher kLaunchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"},
    {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"},
};

struct Place {
    int rank = 0, size = 1, local = 0;
};

Place place_in_environment() {
    for (const Launcher& launcher : kLaunchers) {
        const auto size = number_in_environment(launcher.size);
        const auto rank = number_in_environment(launcher.rank);
        if (!size || !rank) continue;
        if (*rank >= *size)
            throw std::runtime_error(std::string("the environment's ") + launcher.rank + " is not below " +
                                     launcher.size);
        return {*rank, *size, number_in_environment(launcher.local).value_or(0)};
    }
    return {};
}

}  // namespace

int started_processes() { return place_in_environment().size; }

void refuse_several(const std::string& what) {
    if (started_processes() > 1) throw std::runtime_error("several processes cannot " + what);
}

#ifdef RESIDUA_DISTRIBUTED

struct ProcessGroup::Connection {
    Connection(int rank, int size, const torch::Device& where) : device(where) {
        const char* host = std::getenv("MASTER_ADDR");
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(number_in_environment("MASTER_PORT").value_or(29500));
        // torchrun may have a store there already, for its processes to use.
        const char* agent = std::getenv("TORCHELASTIC_USE_AGENT_STORE");
        options.isServer = rank == 0 && !(agent && std::string(agent) == "True");
        options.numWorkers = static_cast<size_t>(size);
        const char* attempt =
            std::getenv("TORCHELASTIC_RESTART_COUNT");  // which must not meet the last one's
        store = c10::make_intrusive<c10d::PrefixStore>(
            std::string("residua/") + (attempt ? attempt : "0"),
            c10::make_intrusive<c10d::TCPStore>(host && *host ? host : "127.0.0.1", options));
        if (device.is_cuda()) {
#ifdef RESIDUA_NCCL
            nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size);
            return;
#else
            throw std::runtime_error(
                "this build of the trainer has no NCCL: train on one GPU, or build it with NCCL's headers");
#endif
        }
        auto gloo_options = c10d::ProcessGroupGloo::Options::create();
        gloo_options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
        gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(store, rank, size, gloo_options);
    }

    void all_reduce(torch::Tensor& sum) {
        std::vector<torch::Tensor> tensors = {sum};
#ifdef RESIDUA_NCCL
        if (nccl) {
            nccl->allreduce(tensors)->wait();
            return;
        }
#endif
        gloo->allreduce(tensors)->wait();
    }

    torch::Device device;
    c10::intrusive_ptr<c10d::Store> store;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef RESIDUA_NCCL
    c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
};

#else

struct ProcessGroup::Connection {
    Connection(int, int, const torch::Device& where) : device(where) {
        throw std::runtime_error(
            "the environment asks for several processes, but this build of the trainer cannot connect them: "
            "build it with gloo's headers (Debian: libgloo-dev), or unset WORLD_SIZE");
    }
    void all_reduce(torch::Tensor&) {}
    torch::Device device;
};

#endif

ProcessGroup::ProcessGroup() = default;

ProcessGroup::ProcessGroup(const std::string& device) : device_(device) {
    const Place place = place_in_environment();
    rank_ = place.rank;
    size_ = place.size;
    if (size_ == 1) return;
    if (device_ == "cuda") device_ = "cuda:" + std::to_string(place.local);
    connection_ = std::make_unique<Connection>(rank_, size_, torch::Device(device_));
}

ProcessGroup::~ProcessGroup() = default;

void ProcessGroup::average(torch::Tensor& values) {
    if (size_ == 1) return;
    torch::NoGradGuard no_grad;
    connection_->all_reduce(values);
    values /= size_;
}

void ProcessGroup::broadcast(torch::Tensor& values) {
    if (size_ == 1) return;
    torch::NoGradGuard no_grad;
    if (rank_ != 0) values.zero_();
    connection_->all_reduce(values);
}

double ProcessGroup::sum(double value) {
    if (size_ == 1) return value;
    torch::Tensor tensor = torch::full({1}, value, torch::kFloat64).to(connection_->device);
    connection_->all_reduce(tensor);
    return tensor.item<double>();
}

}  // namespace residua::train
