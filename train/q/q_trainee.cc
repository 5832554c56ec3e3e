#include "q/q_trainee.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "network/observed_steps.h"
#include "q/q_windows.h"

namespace residua::train {

namespace {

using torch::Tensor;

constexpr size_t kCalibrationPictures = 64;
// Of QLoss::kSoft, in bpsp: what a wrong choice among neighbours costs.
constexpr double kTemperature = 0.004;

Tensor loss_of(QLoss loss, const Tensor& scores, const QBatch& batch) {
    if (loss == QLoss::kLabel) return torch::cross_entropy_loss(scores, batch.best);
    return -(torch::softmax(batch.excess / -kTemperature, 1) * torch::log_softmax(scores, 1)).sum(1).mean();
}

Rates rates_of(const QResult& result) {
    return {{"exact_percent", 100 * result.accuracy},
            {"within_one_percent", 100 * result.within_one},
            {"bpsp", result.bpsp},
            {"over_best_percent", 100 * (result.bpsp / result.best_bpsp - 1)},
            {"over_fixed_percent", 100 * (result.bpsp / result.fixed_bpsp - 1)}};
}

}  // namespace

QTrainee::QTrainee(QNetwork& network, const QTrainingSettings& settings, const QPictures& pictures,
                   QBatches& batches)
    : Trainee(network, settings.optimizer),
      network_(network),
      settings_(settings),
      pictures_(pictures),
      batches_(batches),
      loss_(torch::zeros({})),
      excess_(torch::zeros({})) {}

nlohmann::json QTrainee::facts() const {
    return {{"training_pictures", pictures_.training.size()},
            {"held_out_pictures", pictures_.held_out.size()}};
}

double QTrainee::pixels_per_step() const {
    return static_cast<double>(settings_.batch) * settings_.windows * settings_.crop * settings_.crop;
}

void QTrainee::calibrate() {
    const std::vector<QPicture>& pictures = pictures_.training;
    const size_t count = std::min(kCalibrationPictures, pictures.size());
    const auto look = [&] {
        for (size_t i = 0; i < count; ++i) {
            const Patch& patch = pictures[i * pictures.size() / count].patch();
            std::vector<uint8_t> bytes;
            append_window(patch, grid_windows(patch, settings_.crop)[0], settings_.crop, bytes);
            network_.features(window_tensor(bytes, settings_.crop), false);
        }
    };
    StepTable steps;
    optimizer().with_averages([&] { steps = observed_steps(network_, look); });
    network_.set_steps(steps);
}

void QTrainee::begin_step(double /*done*/) {
    const auto rounded_from = static_cast<int64_t>(
        std::lround((1 - settings_.rounded_share) * static_cast<double>(settings_.steps)));
    if (optimizer().steps() >= rounded_from && network_.steps().empty()) calibrate();
}

void QTrainee::learn(int64_t n) {
    const QBatch batch = batches_.at(n);
    const Tensor means = network_.features(batch.windows, settings_.bfloat16)
                             .reshape({settings_.batch, settings_.windows, -1})
                             .mean(1);
    const Tensor scores = network_.scores(means);
    const Tensor loss = loss_of(settings_.loss, scores, batch);
    loss.backward();
    loss_ += loss.detach();
    excess_ += batch.excess.gather(1, scores.detach().argmax(1, true)).mean();
    ++steps_;
}

Rates QTrainee::take_rates() {
    const double steps = static_cast<double>(steps_);
    const Rates rates = {{"excess_bpsp", excess_.item<double>() / steps},
                         {"loss_value", loss_.item<double>() / steps}};
    loss_ = torch::zeros({});
    excess_ = torch::zeros({});
    steps_ = 0;
    return rates;
}

Rates QTrainee::validate() {
    std::vector<size_t> choices;
    optimizer().with_averages(
        [&] { choices = choose_classes(network_, pictures_.held_out, settings_.crop, settings_.bfloat16); });
    result_ = judge(pictures_.held_out, choices, pictures_.fixed);
    return rates_of(result_);
}

void QTrainee::finish() {
    if (network_.steps().empty()) calibrate();  // rounded_share 0: for the exporter
}

}  // namespace residua::train
