// The loop around a network of one weight, with a clock that moves when it is told to.
#include "loop/training_loop.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <vector>

#include "loop/test_log.h"
#include "weights/safetensors.h"
#include "weights/test_folder.h"

namespace residua::train {
namespace {

constexpr double kStep = 2, kValidation = 100, kSaving = 1000, kWaiting = 0.5;  // seconds
constexpr double kPixels = 10;

class OneWeight : public Layers {
  public:
    OneWeight() : Layers(torch::kCPU) { add_parameter("weight", torch::zeros({1})); }
    Description description() const override { return {{"codec", "test"}}; }
    torch::Tensor& weight() { return parameters_.at("weight"); }

  private:
    void complete_steps(StepTable&) const override {}
};

// Pulled to each batch's number.
class Pulled : public Trainee {
  public:
    Pulled(OneWeight& network, const OptimizerSettings& settings) : Trainee(network, settings) {}

    nlohmann::json facts() const override { return {{"training_numbers", 1}}; }
    void learn(int64_t n) override {
        batches.push_back(n);
        const double goal = n >= lost_from && n < lost_to ? std::nan("") : static_cast<double>(n);
        (static_cast<OneWeight&>(network()).weight() - goal).square().sum().backward();
        now += kStep;
        waited += kWaiting;
        if (static_cast<int64_t>(batches.size()) == signal_after) std::raise(SIGTERM);
    }
    Rates take_rates() override { return {{"bpsp", 1}}; }
    double pixels_per_step() const override { return kPixels; }
    double seconds_waited() const override { return waited; }
    Rates validate() override {
        now += kValidation;
        return {{"bpsp", 2}};
    }
    bool validates_at_start() const override { return true; }
    LossyRange lossy() const override {  // asked for when it is saved
        now += kSaving;
        return {};
    }
    void finish() override { finished = true; }

    std::vector<int64_t> batches;
    int64_t lost_from = 0, lost_to = 0;  // batches without a finite gradient
    int64_t signal_after = 0;
    double waited = 300;  // for what came before the loop
    bool finished = false;
    mutable double now = 5;
};

class TrainingLoop : public testing::Test {
  protected:
    TrainingLoop() {
        settings_.out = folder_ / "run";
        settings_.steps = 7;
        settings_.log_every = 2;
        settings_.checkpoint_steps = 3;
        settings_.preset = "one weight";
        settings_.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        settings_.optimizer.learning_rate = 0.1;
    }

    // One call of the program.
    Pulled& call() {
        const RunFolder folder(settings_.out, settings_.resume);
        folder.create();
        network_.emplace();
        trainee_.emplace(*network_, settings_.optimizer);
        RunState state;
        if (folder.resumes()) state = folder.load(*network_, trainee_->optimizer());
        trainee_->signal_after = signal_after_;
        trainee_->lost_from = lost_from_;
        trainee_->lost_to = lost_to_;
        ProcessGroup alone;
        run_loop(*trainee_, state, folder, settings_, alone, [this] { return trainee_->now; });
        return *trainee_;
    }

    std::vector<double> logged(const std::string& event, const std::string& key) const {
        std::vector<double> values;
        for (const auto& line : log_lines(settings_.out, event)) values.push_back(line.at(key));
        return values;
    }
    std::string saved(const std::string& key) const {
        return load_safetensors(settings_.out + "/checkpoint.safetensors").metadata.at(key);
    }

    Folder folder_;
    LoopSettings settings_;
    int64_t signal_after_ = 0, lost_from_ = 0, lost_to_ = 0;
    std::optional<OneWeight> network_;
    std::optional<Pulled> trainee_;
};

using Numbers = std::vector<double>;

TEST_F(TrainingLoop, CountsTrainingAlone) {
    EXPECT_TRUE(call().finished);
    EXPECT_EQ(logged("train", "step"), (Numbers{2, 4, 6, 7}));
    EXPECT_EQ(logged("train", "seconds"), (Numbers{4, 8, 12, 14}));
    for (const double rate : logged("train", "pixels_per_second")) EXPECT_DOUBLE_EQ(rate, kPixels / kStep);
    for (const double share : logged("train", "waiting_share")) EXPECT_DOUBLE_EQ(share, kWaiting / kStep);
    EXPECT_EQ(logged("validation", "step"), (Numbers{0, 3, 6, 7}));
    EXPECT_EQ(logged("validation", "seconds"), (Numbers{0, 6, 12, 14}));
    EXPECT_EQ(std::stod(saved("seconds")), 14);
    const auto start = log_lines(settings_.out, "start");
    ASSERT_EQ(start.size(), 1u);
    EXPECT_EQ(start[0].at("parameters"), 1);
    EXPECT_EQ(start[0].at("training_numbers"), 1);
    EXPECT_EQ(start[0].at("preset"), "one weight");
}

TEST_F(TrainingLoop, GoesOnWhereItStopped) {
    call();
    const Checkpoint whole = load_safetensors(settings_.out + "/checkpoint.safetensors");
    settings_.out = folder_ / "parts";
    settings_.stop_after = 4;
    EXPECT_FALSE(call().finished);
    settings_.stop_after = 0;
    settings_.resume = true;
    EXPECT_EQ(call().batches, (std::vector<int64_t>{4, 5, 6}));
    EXPECT_EQ(load_safetensors(settings_.out + "/checkpoint.safetensors").metadata, whole.metadata);
    for (const auto& [name, array] : load_safetensors(settings_.out + "/checkpoint.safetensors").tensors)
        EXPECT_EQ(array.values, whole.tensors.at(name).values) << name;
    EXPECT_EQ(logged("validation", "step"), (Numbers{0, 3, 4, 6, 7}));  // no second start
    EXPECT_EQ(logged("train", "seconds"), (Numbers{4, 8, 12, 14}));
    EXPECT_EQ(log_lines(settings_.out, "resume").size(), 1u);
}

TEST_F(TrainingLoop, ASignalStopsItAfterTheStepAtHand) {
    std::signal(SIGTERM, SIG_IGN);
    signal_after_ = 2;
    EXPECT_FALSE(call().finished);
    EXPECT_EQ(std::signal(SIGTERM, SIG_DFL), SIG_IGN) << "the handler of before";
    EXPECT_EQ(saved("steps"), "2");
    signal_after_ = 0;
    settings_.resume = true;
    EXPECT_TRUE(call().finished);
    EXPECT_EQ(saved("steps"), "7");
}

TEST_F(TrainingLoop, LastsAndSavesByMinutesOfTraining) {
    settings_.steps = 0;
    settings_.minutes = 17.0 / 60;  // ends with the 9th step
    settings_.checkpoint_steps = 0;
    settings_.checkpoint_every = 6.0 / 60;
    call();
    EXPECT_EQ(saved("steps"), "9");
    EXPECT_EQ(logged("validation", "step"), (Numbers{0, 3, 6, 9}));
}

TEST_F(TrainingLoop, GradientsThatAreNotFiniteTeachNothing) {
    lost_from_ = 3;
    lost_to_ = 3 + 99;
    settings_.log_every = 3;
    EXPECT_TRUE(call().finished);
    EXPECT_EQ(trainee_->batches.size(), 7u + 99u);
    EXPECT_EQ(logged("train", "step"), (Numbers{3, 6, 7}));
    EXPECT_EQ(logged("validation", "step"), (Numbers{0, 3, 6, 7}));
}

TEST_F(TrainingLoop, EndsWhereNoGradientIsFiniteAnyMore) {
    lost_from_ = 4;
    lost_to_ = 1000;
    EXPECT_THROW(call(), std::runtime_error);
    EXPECT_EQ(trainee_->batches.size(), 4u + 100u);
    EXPECT_FALSE(trainee_->finished);
    EXPECT_EQ(logged("train", "step"), (Numbers{2, 4}));
    EXPECT_EQ(saved("steps"), "3");
    lost_to_ = 0;
    settings_.resume = true;
    EXPECT_EQ(call().batches, (std::vector<int64_t>{3, 4, 5, 6}));
}

TEST_F(TrainingLoop, OverwritesNoRunAndResumesNone) {
    settings_.resume = true;
    EXPECT_THROW(call(), std::runtime_error);
    EXPECT_THROW(check_start(settings_), std::runtime_error);
    EXPECT_FALSE(fs::exists(settings_.out));
    settings_.resume = false;
    check_start(settings_);
    call();
    EXPECT_THROW(call(), std::runtime_error);
    EXPECT_THROW(check_start(settings_), std::runtime_error);
    settings_.resume = true;
    check_start(settings_);
    settings_.steps = 0;
    EXPECT_THROW(check_start(settings_), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
