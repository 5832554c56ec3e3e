#include "loop/process_group.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "loop/test_several.h"

namespace residua::train {
namespace {

TEST(ProcessGroup, RefusesContradictions) {
    setenv("RANK", "2", 1);
    setenv("WORLD_SIZE", "2", 1);
    EXPECT_THROW(ProcessGroup("cpu"), std::runtime_error);
    setenv("RANK", "x", 1);
    EXPECT_THROW(ProcessGroup("cpu"), std::runtime_error);
    setenv("RANK", "0", 1);
    setenv("WORLD_SIZE", "1", 1);
    ProcessGroup alone("cpu");
    EXPECT_EQ(alone.size(), 1);
    EXPECT_EQ(alone.sum(2.5), 2.5);
    unsetenv("RANK");
    unsetenv("WORLD_SIZE");
    setenv("SLURM_PROCID", "3", 1);
    setenv("SLURM_NTASKS", "3", 1);
    EXPECT_THROW(ProcessGroup("cpu"), std::runtime_error);
    unsetenv("SLURM_PROCID");
    unsetenv("SLURM_NTASKS");
}

TEST(ProcessGroup, SeveralMayBeRefused) {
    refuse_several("do this");
    const TwoProcesses two;
    EXPECT_THROW(refuse_several("do this"), std::runtime_error);
    setenv("WORLD_SIZE", "1", 1);
    refuse_several("do this");
}

}  // namespace
}  // namespace residua::train
