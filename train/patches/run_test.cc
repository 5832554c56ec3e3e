// Runs from photographs to weights.
#include "patches/run.h"

#include <gtest/gtest.h>

#include "patches/make_network.h"
#include "patches/patch_trainee.h"
#include "patches/test_run.h"
#include "weights/lossy_range.h"
#include "weights/model_weights.h"

namespace residua::train {
namespace {

TEST_F(Run, RcLearnsLogsAndResumesExactly) {
    const Description network = tiny_rc(true).description();
    run(settings("whole", network, 12));
    run(settings("parts", network, 5));
    EXPECT_THROW(run(settings("parts", network, 12)),
                 std::runtime_error);  // never overwrites a run by accident
    RunSettings resumed = settings("parts", network, 12);
    resumed.resume = true;
    run(resumed);
    expect_same_weights("whole", "parts");

    EXPECT_EQ(log("whole", "train").size(), 12u);
    EXPECT_TRUE(log("whole", "train").back().contains("residual_bpsp"));
    const auto validations = log("whole", "validation");
    ASSERT_EQ(validations.size(), 2u);
    EXPECT_LT(validations[1].at("residual_bpsp"), validations[0].at("residual_bpsp"));
    EXPECT_NEAR(
        validations[1].at("bpsp"),
        validations[1].at("residual_bpsp").get<double>() + validations[1].at("lossy_bpsp").get<double>(),
        1e-9);
    EXPECT_TRUE(fs::exists(folder_ / "whole/tensorboard"));
    EXPECT_EQ(log("whole", "train").front().at("learning_rate"),
              log("whole", "train").back().at("learning_rate"));

    // It knows what it was trained on.
    const LossyRange trained = LossyRange::of(model("whole").metadata);
    EXPECT_GE(trained.q_low, PrepareSettings().q_low);
    EXPECT_LE(trained.q_high, PrepareSettings().q_high);
    EXPECT_LE(trained.q_low, trained.q_high);
    EXPECT_EQ(trained.bit_depth, 10);

    // A quantisation-aware last part stays near, keeps its steps, and goes on with them.
    RunSettings quantised = settings("parts", network, 14);
    quantised.resume = quantised.quantised = true;
    run(quantised);
    const StepTable steps = read_steps(model("parts"));
    EXPECT_EQ(steps.at("merge").size(), 16u);
    EXPECT_TRUE(read_steps(model("whole")).empty());
    quantised.steps = 15;
    quantised.quantised = false;
    run(quantised);
    EXPECT_EQ(read_steps(model("parts")), steps);
    EXPECT_LT(log("parts", "validation").back().at("residual_bpsp"), validations[0].at("residual_bpsp"));
}

TEST_F(Run, StartsFromGivenWeights) {
    run(settings("first", tiny_rc(true).description(), 1));
    RunSettings started = settings("started", tiny_rc(false).description(), 1);  // the weights' own sizes win
    started.start = folder_ / "first/model.safetensors";
    started.optimizer.learning_rate = 0;
    run(started);
    expect_same_weights("first", "started");

    RunSettings other = settings("other", tiny_l3c("l3c").description(), 1);
    other.start = started.start;
    EXPECT_THROW(run(other), std::runtime_error);  // but not those of another codec
    other = settings("started", tiny_l3c("l3c").description(), 2);
    other.resume = true;
    EXPECT_THROW(run(other), std::runtime_error);
    other = settings("none", tiny_rc(true).description(), 12);
    other.resume = true;
    EXPECT_THROW(run(other), std::runtime_error);
}

TEST_F(Run, GrowsFromASmallerNetwork) {
    run(settings("small", tiny_rc(true).description(), 6));
    RcConfig larger = tiny_rc(false);
    larger.features = 20;
    RunSettings growing = settings("larger", larger.description(), 3);
    growing.start = folder_ / "small/model.safetensors";
    growing.grow = true;
    run(growing);
    EXPECT_EQ(read_description(folder_ / "larger/model.safetensors").at("features"), "20");
    const double reached = log("small", "validation").back().at("residual_bpsp");
    EXPECT_NEAR(log("larger", "validation").front().at("residual_bpsp"), reached, 1e-4);
    growing.steps = 4;
    growing.resume = true;
    run(growing);  // as what it has become
    EXPECT_EQ(log("larger", "train").size(), 4u);

    RunSettings other = settings("other", tiny_l3c("l3c").description(), 1);
    run(settings("l3c", tiny_l3c("l3c").description(), 1));
    other.start = folder_ / "l3c/model.safetensors";
    other.grow = true;
    EXPECT_THROW(run(other), std::runtime_error);
}

TEST_F(Run, L3cResumesExactly) {
    const Description network = tiny_l3c("l3c").description();
    run(settings("whole", network, 8));
    run(settings("parts", network, 3));
    RunSettings resumed = settings("parts", network, 8);
    resumed.resume = true;
    run(resumed);
    expect_same_weights("whole", "parts");
    // The paper's schedule for L3C goes by epochs, of which this run has many.
    EXPECT_LT(log("whole", "train").back().at("learning_rate"),
              log("whole", "train").front().at("learning_rate"));
}

// Said before the hours of making shards.
TEST_F(Run, RefusesBeforeShardsAreMade) {
    RunSettings none;
    none.out = folder_ / "none";
    none.network = tiny_rc(true).description();
    none.steps = 1;
    none.crop = 32;
    check_run_start(none);
    none.crop = 33;
    EXPECT_THROW(check_run_start(none), std::runtime_error);
    none.crop = 32;
    none.start = folder_ / "missing.safetensors";
    EXPECT_THROW(check_run_start(none), std::runtime_error);
    none.start = folder_ / "l3c.safetensors";
    Checkpoint l3c;
    l3c.metadata = tiny_l3c("l3c").description();
    save_safetensors(none.start, l3c);
    EXPECT_THROW(check_run_start(none), std::runtime_error);
    none.start.clear();
    none.steps = 0;
    EXPECT_THROW(check_run_start(none), std::runtime_error);
    EXPECT_FALSE(fs::exists(none.out));
}

// Or a resumed run would see other batches than an uninterrupted one.
TEST_F(Run, LearnsFromTheBatchThatTheLoopMeans) {
    const RunSettings run = settings("none", tiny_rc(true).description(), 1);
    const PatchSet patches(run.shards);
    const auto network = make_network(run.network, torch::kCPU, 1);
    PatchTrainee trainee(*network, run.optimizer, {.batch = 1, .crop = 32}, patches.all(), {}, false);
    trainee.load_batches(3, 2);
    trainee.learn(3);
    trainee.learn(5);
    EXPECT_THROW(trainee.learn(6), std::logic_error);
}

}  // namespace
}  // namespace residua::train
