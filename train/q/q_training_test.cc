#include "q/q_training.h"

#include <gtest/gtest.h>

#include "loop/test_log.h"
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

// Said before the hours of labelling, and not taken for a wish to start.
TEST_F(QTraining, IsNotResumedWithoutACheckpoint) {
    QTrainingSettings none = settings("none");
    none.resume = true;
    EXPECT_THROW(train_q_classifier(none), std::runtime_error);
    EXPECT_FALSE(fs::exists(none.cache));
}

}  // namespace
}  // namespace residua::train
