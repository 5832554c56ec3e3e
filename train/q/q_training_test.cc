#include "q/q_training.h"

#include <gtest/gtest.h>

#include "loop/test_log.h"
#include "loop/test_several.h"
#include "q/labelled_pictures.h"
#include "q/q_trainee.h"
#include "q/test_q_training.h"
#include "weights/safetensors.h"

namespace residua::train {
namespace {

TEST_F(QTraining, LearnsAndResumesExactly) {
    for (const QLoss loss : {QLoss::kLabel, QLoss::kSoft}) {
        const std::string name = loss == QLoss::kLabel ? "label" : "soft";
        QTrainingSettings whole = settings(name);
        whole.loss = loss;
        whole.epochs = 12;
        whole.rounded_share = 1;
        train_q_classifier(whole);
        const auto steps = log_lines(whole.out, "train");
        ASSERT_GE(steps.size(), 2u);
        EXPECT_LT(steps.back()["loss_value"], steps.front()["loss_value"]);
        const auto held_out = log_lines(whole.out, "validation");
        EXPECT_EQ(held_out.size(), 12u);
        for (const char* key :
             {"exact_percent", "within_one_percent", "over_best_percent", "over_fixed_percent"})
            EXPECT_TRUE(held_out.back().contains(key)) << key;

        QTrainingSettings halves = whole;
        halves.out += "-halves";
        halves.epochs = 5;
        train_q_classifier(halves);
        EXPECT_THROW(train_q_classifier(halves), std::runtime_error) << "without --resume";
        halves.epochs = 12;
        halves.resume = true;
        train_q_classifier(halves);
        const Checkpoint a = load_safetensors(whole.out + "/model.safetensors");
        const Checkpoint b = load_safetensors(halves.out + "/model.safetensors");
        for (const auto& [tensor, array] : a.tensors)
            EXPECT_EQ(array.values, b.tensors.at(tensor).values) << tensor;
    }
}

// Said before the hours of labelling.
TEST_F(QTraining, RefusesSeveralProcesses) {
    const TwoProcesses two;
    EXPECT_THROW(train_q_classifier(settings("several")), std::runtime_error);
    EXPECT_FALSE(fs::exists(folder_ / "several"));
    EXPECT_FALSE(fs::exists(folder_ / "cache"));
}

// The same classes for other Q, or weights that do not fit.
TEST_F(QTraining, AnotherClassifierIsNotResumed) {
    QTrainingSettings run = settings("run");
    train_q_classifier(run);
    run.resume = true;
    run.epochs = 5;
    QTrainingSettings other = run;
    other.labels.range.first = 7;
    EXPECT_THROW(train_q_classifier(other), std::runtime_error);
    other = run;
    other.network.widths[1] = 16;
    EXPECT_THROW(train_q_classifier(other), std::runtime_error);
    train_q_classifier(run);
}

// What is exported is judged and calibrated, not the last step's weights.
TEST_F(QTraining, TheAveragesAreJudgedAndCalibrated) {
    QTrainingSettings run = settings("run");
    const QPictures pictures = labelled_pictures(run, true);
    run.network.range = run.labels.range;
    QNetwork network(run.network, torch::kCPU, 1);
    QBatches batches(pictures.training, {run.batch, run.windows, run.crop, run.seed});
    QTrainee trainee(network, run, pictures, batches);
    Optimizer& optimizer = trainee.optimizer();
    optimizer.all_averages().zero_();
    optimizer.averages().at("scores.bias")[5] = 1;
    trainee.validate();
    const std::vector<size_t> fifth(pictures.held_out.size(), 5);
    EXPECT_EQ(trainee.last_result().bpsp, judge(pictures.held_out, fifth, pictures.fixed).bpsp);
    trainee.finish();
    EXPECT_LT(network.steps().at("high.start")[0], 1e-6);  // of zeros
    EXPECT_GT(network.parameters().at("first.weight").abs().max().item<double>(), 0.01);
}

// Said before the hours of labelling, and not taken for a wish to start.
TEST_F(QTraining, IsNotResumedWithoutACheckpoint) {
    QTrainingSettings none = settings("none");
    none.resume = true;
    EXPECT_THROW(train_q_classifier(none), std::runtime_error);
    EXPECT_FALSE(fs::exists(none.cache));
}

}  // namespace
}  // namespace residua::train
