// Two processes that train one network.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "data/batch_loader.h"
#include "data/prepare.h"
#include "data/test_photos.h"
#include "loop/checkpoint.h"
#include "loop/process_group.h"
#include "patches/make_network.h"
#include "patches/run.h"
#include "patches/samples.h"
#include "rc/rc_config.h"
#include "weights/safetensors.h"

namespace residua::train {
namespace {

constexpr int kBatch = 2, kCrop = 32, kSteps = 3;

RunSettings settings_in(const std::string& folder) {
    RunSettings run;
    run.shards = find_shards(folder + "/shards");
    run.out = folder + "/run";
    run.network = RcConfig{.features = 16, .blocks = 1, .components = 2, .shared_tail = true}.description();
    run.steps = kSteps;
    run.batch = kBatch;
    run.crop = kCrop;
    run.threads = 1;
    run.precision = Precision::kFloat32;
    run.log_every = 1;
    run.optimizer.schedule = Schedule::kPaper;
    run.optimizer.learning_rate = 1e-3;
    return run;
}

// What each of the two processes does: this test, called by the next one.
TEST(Distributed, DISABLED_Child) {
    RunSettings run = settings_in(std::getenv("RESIDUA_TEST_FOLDER"));
    if (const char* steps = std::getenv("RESIDUA_TEST_STEPS")) {
        run.steps = std::atoi(steps);
        run.resume = true;
    }
    train::run(run);
}

uint16_t port() { return static_cast<uint16_t>(20000 + getpid() % 20000); }

// This program as process `rank` of two, as torchrun, mpirun or srun would start it.
pid_t start_child(int rank, const std::vector<std::string>& variables) {
    std::vector<std::string> environment = variables;
    environment.push_back("PATH=/usr/bin:/bin");
    environment.push_back("OMP_NUM_THREADS=1");
    environment.push_back("MASTER_PORT=" + std::to_string(port()));
    std::vector<char*> pointers;
    for (auto& text : environment) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    std::string path = fs::read_symlink("/proc/self/exe").string();
    std::string filter = "--gtest_filter=Distributed.DISABLED_Child", all = "--gtest_also_run_disabled_tests";
    char* arguments[] = {path.data(), filter.data(), all.data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(posix_spawn(&child, path.c_str(), nullptr, nullptr, arguments, pointers.data()), 0) << rank;
    return child;
}

void run_two(const std::string& folder, const char* rank_name, const char* size_name,
             const std::vector<std::string>& more = {}) {
    std::vector<pid_t> children;
    for (const int rank : {0, 1}) {
        std::vector<std::string> variables = more;
        variables.push_back("RESIDUA_TEST_FOLDER=" + folder);
        variables.push_back(std::string(rank_name) + "=" + std::to_string(rank));
        variables.push_back(std::string(size_name) + "=2");
        children.push_back(start_child(rank, variables));
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
}

// What two processes should come to: each step follows the mean of their gradients.
Parameters expected_weights(const RunSettings& run) {
    const PatchSet set(run.shards);
    const auto network = make_network(run.network, torch::kCPU, run.seed);
    Optimizer optimizer(network->parameters(), run.optimizer);
    BatchSettings batches;
    batches.batch = kBatch;
    batches.crop = kCrop;
    batches.seed = run.seed;
    batches.bit_depth = run.bit_depth;
    BatchLoader loader(set.others(), batches, 0);
    const auto next = [&] { return batch_samples(loader.next(), kBatch, kCrop, torch::kCPU); };
    network->fit_start(next());
    next();  // the second process's
    optimizer.all_averages().copy_(optimizer.all_values());
    for (int step = 0; step < kSteps; ++step) {
        for (int rank = 0; rank < 2; ++rank)
            (network->code_length(next(), false).nats / (2.0 * 3 * kBatch * kCrop * kCrop)).backward();
        optimizer.step(static_cast<double>(step) / kSteps);
    }
    return network->parameters();
}

TEST(Distributed, TwoProcessesFollowTheMeanOfTheirGradients) {
    Folder folder;
    fs::create_directory(folder / "photos");
    for (uint32_t i = 0; i < 3; ++i)
        write_photo(folder / std::string("photos/").append(std::to_string(i)).append(".png"), 120, 110, i);
    PrepareSettings prepare;
    prepare.effort = 1;
    prepare_shards(folder / "photos", folder / "shards", prepare, true);

    run_two(folder.path(), "RANK", "WORLD_SIZE");
    const Checkpoint checkpoint = load_safetensors(folder / "run/checkpoint.safetensors");
    EXPECT_EQ(checkpoint.metadata.at("batches"), std::to_string(2 * (kSteps + 1)));
    for (const auto& [name, value] : expected_weights(settings_in(folder.path()))) {
        const FloatArray& found = checkpoint.tensors.at(name);
        const torch::Tensor expected = value.detach().contiguous();
        ASSERT_EQ(found.values.size(), static_cast<size_t>(expected.numel()));
        for (size_t i = 0; i < found.values.size(); ++i)
            ASSERT_NEAR(found.values[i], expected.data_ptr<float>()[i], 2e-5) << name << " " << i;
    }
    // They go on together, started by another launcher.
    run_two(folder.path(), "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", {"RESIDUA_TEST_STEPS=5"});
    EXPECT_EQ(load_safetensors(folder / "run/checkpoint.safetensors").metadata.at("steps"), "5");
    // torchrun's agent has the store already.
    c10d::TCPStoreOptions agent;
    agent.port = port();
    agent.isServer = true;
    agent.waitWorkers = false;
    const c10d::TCPStore store("127.0.0.1", agent);
    run_two(folder.path(), "RANK", "WORLD_SIZE",
            {"RESIDUA_TEST_STEPS=6", "TORCHELASTIC_USE_AGENT_STORE=True"});
    EXPECT_EQ(load_safetensors(folder / "run/checkpoint.safetensors").metadata.at("steps"), "6");
}

}  // namespace
}  // namespace residua::train
