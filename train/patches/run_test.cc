// Runs from photographs to weights.
#include "patches/run.h"

#include <gtest/gtest.h>

#include <functional>

#include "patches/make_network.h"
#include "patches/patch_trainee.h"
#include "patches/recipe.h"
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

// A card can be written from the log's first line.
TEST_F(Run, TheLogHasTheRecipe) {
    RunSettings started = settings("run", tiny_l3c("l3c-paper").description(), 2);
    started.preset = "tiny";
    started.optimizer.gradient_clip = 0;
    run(started);
    const nlohmann::json entry = log("run", "start").at(0);
    for (const auto& [name, value] : recipe_of(started, "l3c")) {
        ASSERT_TRUE(entry.at("recipe").contains(name)) << name;
        const nlohmann::json& found = entry.at("recipe").at(name);
        EXPECT_EQ(found.is_string() ? found.get<std::string>() : "number",
                  found.is_string() ? value : "number");
    }
    EXPECT_EQ(entry.at("recipe").at("batch"), 2);
    EXPECT_EQ(entry.at("recipe").at("precision"), "float32");
    EXPECT_EQ(entry.at("recipe").at("encoder-rate"), 0.1);
    EXPECT_EQ(entry.at("recipe").at("processes"), 1);
    EXPECT_EQ(entry.at("departures"),
              "batch 2 (16), crop 32 (128), gradient-clip 0 (1), learning-rate 1e-04 (0.001), schedule paper "
              "(cosine)");
    EXPECT_EQ(recorded_recipe(folder_ / "run").at("batch"), "2");
}

TEST_F(Run, RefusesToGoOnDifferently) {
    const Description network = tiny_l3c("l3c-paper").description();
    run(settings("run", network, 2));
    const auto resumed = [&](int64_t steps) {
        RunSettings again = settings("run", network, steps);
        again.resume = true;
        return again;
    };
    const std::vector<std::function<void(RunSettings&)>> changes = {
        [](RunSettings& run) { run.batch = 3; },
        [](RunSettings& run) { run.crop = 16; },
        [](RunSettings& run) { run.seed = 2; },
        [](RunSettings& run) { run.precision = Precision::kBfloat16; },
        [](RunSettings& run) { run.optimizer.gradient_clip = 0; },
        [](RunSettings& run) { run.optimizer.average = 0; },
        [](RunSettings& run) { run.optimizer.learning_rate = 1; },
        [](RunSettings& run) { run.decay_epochs = 1; },
        [](RunSettings& run) { run.learning.ease = 0; },
        [](RunSettings& run) { run.learning.encoder_rate = 1; }};
    for (const auto& change : changes) {
        RunSettings other = resumed(3);
        change(other);
        EXPECT_THROW(check_run_start(other), std::runtime_error);
        EXPECT_THROW(run(other), std::runtime_error);
    }
    RunSettings changed = resumed(3);
    changed.precision = Precision::kMeasured;  // as it began, without measuring
    run(changed);
    EXPECT_EQ(log("run", "resume").back().at("recipe").at("precision"), "float32");
    EXPECT_FALSE(log("run", "resume").back().contains("convolution_seconds_float32"));
    changed = resumed(4);
    changed.optimizer.gradient_clip = 0;
    changed.change_recipe = true;
    run(changed);
    EXPECT_EQ(recorded_recipe(folder_ / "run").at("gradient-clip"), "0");
    EXPECT_THROW(check_run_start(resumed(5)), std::runtime_error);

    // One from before recipes were recorded goes on with what it is told.
    const std::string path = folder_ / "run/checkpoint.safetensors";
    Checkpoint older = load_safetensors(path);
    for (auto at = older.metadata.begin(); at != older.metadata.end();)
        at = at->first.compare(0, 7, "recipe.") == 0 ? older.metadata.erase(at) : std::next(at);
    save_safetensors(path, older);
    changed = resumed(5);
    changed.recipe = "paper";
    EXPECT_THROW(run(changed), std::runtime_error);
    changed.recipe = "ours";
    changed.precision = Precision::kMeasured;
    run(changed);
    EXPECT_EQ(recorded_recipe(folder_ / "run").at("precision"), "bfloat16");
}

TEST_F(Run, BeginsAsItIsToldTo) {
    for (const bool fit : {true, false}) {
        RunSettings started = settings(fit ? "fitted" : "random", tiny_rc(true).description(), 1);
        started.fit_start = fit;
        started.optimizer.learning_rate = 0;
        run(started);
    }
    const Checkpoint fitted = load_safetensors(folder_ / "fitted/checkpoint.safetensors");
    const Checkpoint random = load_safetensors(folder_ / "random/checkpoint.safetensors");
    EXPECT_EQ(fitted.metadata.at("batches"), "2");
    EXPECT_EQ(random.metadata.at("batches"), "1");  // none was needed to fit anything
    const auto network = make_network(tiny_rc(true).description(), torch::kCPU, RunSettings().seed);
    const auto is_fresh = [&](const Checkpoint& checkpoint, const std::string& name) {
        const torch::Tensor value = network->parameters().at(name).detach().contiguous();
        const std::vector<float> fresh(value.data_ptr<float>(), value.data_ptr<float>() + value.numel());
        return checkpoint.tensors.at(name).values == fresh;
    };
    EXPECT_TRUE(is_fresh(random, "mu.out.bias"));
    EXPECT_FALSE(is_fresh(fitted, "mu.out.bias"));

    RunSettings l3c = settings("l3c", tiny_l3c("l3c-paper").description(), 1);
    l3c.fit_start = false;
    l3c.learning.first_weights = FirstWeights::kRandom;
    l3c.optimizer.learning_rate = 0;
    run(l3c);
    const auto start = make_network(l3c.network, torch::kCPU, l3c.seed, l3c.learning);
    const torch::Tensor value = start->parameters().at("e1.to_z.weight").detach().contiguous();
    const std::vector<float> fresh(value.data_ptr<float>(), value.data_ptr<float>() + value.numel());
    EXPECT_EQ(model("l3c").tensors.at("e1.to_z.weight").values, fresh);
}

// In steps, or in epochs of as many crops as there are patches.
TEST_F(Run, TheRateFallsAsOftenAsToldTo) {
    const auto rates = [&](const std::string& name) {
        std::vector<double> found;
        for (const auto& entry : log(name, "train")) found.push_back(entry.at("learning_rate"));
        return found;
    };
    RunSettings steps = settings("steps", tiny_rc(true).description(), 5);
    steps.optimizer.learning_rate = 1e-5;
    steps.optimizer.decay_every = 2;
    run(steps);
    const double a = 1e-5, b = a * 0.75, c = b * 0.75;
    const std::vector<double> expected = {a, a, b, b, c}, found = rates("steps");
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-12) << i;

    RunSettings epochs = steps;
    epochs.out = folder_ / "epochs";
    epochs.batch = 1;
    const double patches = log("steps", "start").at(0).at("training_patches");
    epochs.decay_epochs = 3 / patches;
    run(epochs);
    EXPECT_NEAR(rates("epochs").at(2), a, 1e-12);
    EXPECT_NEAR(rates("epochs").at(3), b, 1e-12);
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
