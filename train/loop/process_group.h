// Processes that train one network together, each on its own batches
// ("data-parallel"): torch's own distributed package, found by the usual
// environment variables, so that torchrun, mpirun and Slurm's srun start it.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>

namespace residua::train {

// How many processes the launcher started, by the variables that ProcessGroup reads. Throws as it does.
int started_processes();

// Throws std::runtime_error where there are several, which cannot do `what`.
void refuse_several(const std::string& what);

// One process of the group. With a single process everything is a no-op.
class ProcessGroup {
  public:
    ProcessGroup();  // this process alone, whatever the environment says
    // RANK, WORLD_SIZE and LOCAL_RANK as torchrun sets them, or else those of Open MPI (OMPI_COMM_WORLD_…) or
    // Slurm (SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID); MASTER_ADDR (default 127.0.0.1) and MASTER_PORT
    // (default 29500). device: where the network will be; NCCL for CUDA, gloo for the CPU. Throws
    // std::runtime_error when the variables contradict each other, or when they ask for several processes
    // that this build of torch cannot connect.
    explicit ProcessGroup(const std::string& device);
    ~ProcessGroup();
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;

    int rank() const { return rank_; }
    int size() const { return size_; }
    // `device`, with this process's number among those of its machine where several share "cuda".
    const std::string& device() const { return device_; }

    // Replaces the numbers by their means over all processes. All give tensors of the same size, contiguous.
    void average(torch::Tensor& values);
    // Every process gets rank 0's.
    void broadcast(torch::Tensor& values);
    double broadcast(double value) { return sum(rank_ == 0 ? value : 0); }
    // The sum over all processes.
    double sum(double value);
    // The largest over all processes: whether anyone wants to stop.
    bool any(bool value) { return sum(value ? 1 : 0) > 0; }

  private:
    struct Connection;
    int rank_ = 0, size_ = 1;
    std::string device_;
    std::unique_ptr<Connection> connection_;
};

}  // namespace residua::train
