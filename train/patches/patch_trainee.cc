#include "patches/patch_trainee.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "patches/chosen_patches.h"
#include "patches/samples.h"
#include "patches/validation.h"

namespace residua::train {

PatchTrainee::PatchTrainee(Network& network, const OptimizerSettings& optimizer, const BatchSettings& batches,
                           std::vector<PatchReference> training, std::vector<PatchReference> held_out,
                           bool bfloat16)
    : Trainee(network, optimizer),
      network_(network),
      batches_(batches),
      training_(std::move(training)),
      held_out_(std::move(held_out)),
      lossy_(lossy_range(training_, batches)),
      bfloat16_(bfloat16) {}

void PatchTrainee::load_batches(int64_t first, int64_t stride) {
    loader_.emplace(training_, batches_, first, stride);
}

Samples PatchTrainee::samples_of(const Batch& batch) const {
    return batch_samples(batch, batches_.batch, batches_.crop, network_.device());
}

void PatchTrainee::fit_start() { network_.fit_start(samples_of(loader_->next())); }

nlohmann::json PatchTrainee::facts() const {
    return {{"training_patches", training_.size()}, {"validation_patches", held_out_.size()}};
}

void PatchTrainee::begin_step(double done) {
    if (network_.set_progress(done)) optimizer().update_rate_shares();
}

double PatchTrainee::pixels_per_step() const {
    return static_cast<double>(batches_.batch) * batches_.crop * batches_.crop;
}

void PatchTrainee::learn(int64_t n) {
    const Batch batch = loader_->next();
    // A resumed run would see other batches than an uninterrupted one.
    if (batch.number != n)
        throw std::logic_error("the loader is at batch " + std::to_string(batch.number) + ", the run at " +
                               std::to_string(n));
    const CodeLength length = network_.code_length(samples_of(batch), bfloat16_);
    (length.nats / (3 * pixels_per_step())).backward();
    for (const auto& [name, nats] : length.parts) {
        torch::Tensor& sum = sums_[name];
        sum = sum.defined() ? sum + nats : nats;
    }
    ++steps_;
}

Rates PatchTrainee::take_rates() {
    Rates rates;
    for (const auto& [name, sum] : sums_) {
        const double bpsp =
            sum.item<double>() * kBitsPerNat / (3 * pixels_per_step() * static_cast<double>(steps_));
        rates[name + "_bpsp"] = bpsp;
        if (!network_.needs_lossy_layer()) rates["bpsp"] += bpsp;
    }
    sums_.clear();
    steps_ = 0;
    return rates;
}

Rates PatchTrainee::validate() {
    Rates rates;
    if (held_out_.empty()) return rates;
    optimizer().with_averages([&] {
        rates = train::validate(network_, held_out_, batches_, bfloat16_, validation_batch(network_));
    });
    return rates;
}

}  // namespace residua::train
