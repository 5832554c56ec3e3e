// A Q-classifier, learning from random windows of labelled pictures.
#pragma once

#include "loop/training_loop.h"
#include "q/labelled_pictures.h"
#include "q/q_batches.h"
#include "q/q_network.h"
#include "q/q_training.h"

namespace residua::train {

class QTrainee : public Trainee {
  public:
    // settings.steps: the length of the run.
    QTrainee(QNetwork& network, const QTrainingSettings& settings, const QPictures& pictures,
             QBatches& batches);

    nlohmann::json facts() const override;
    void begin_step(double done) override;
    void learn(int64_t n) override;
    Rates take_rates() override;
    double pixels_per_step() const override;
    Rates validate() override;
    void finish() override;

    const QResult& last_result() const { return result_; }  // of validate()

  private:
    void calibrate();

    QNetwork& network_;
    const QTrainingSettings& settings_;
    const QPictures& pictures_;
    QBatches& batches_;
    torch::Tensor loss_, excess_;  // sums
    int64_t steps_ = 0;            // that are in them
    QResult result_;
};

}  // namespace residua::train
