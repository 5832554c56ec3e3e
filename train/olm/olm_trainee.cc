#include "olm/olm_trainee.h"

#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "network/observed_steps.h"

namespace residua::train {

namespace {

constexpr size_t kHeldOut = 1 << 17;      // records of each plane
constexpr size_t kCalibration = 1 << 16;  // likewise

// Of each plane, and of all together. nats: per sample.
Rates rates_of(const double (&nats)[kOlmPlanes]) {
    Rates rates;
    for (int plane = 0; plane < kOlmPlanes; ++plane) {
        rates["plane" + std::to_string(plane) + "_bpsp"] = nats[plane] * kBitsPerNat;
        rates["bpsp"] += nats[plane] * kBitsPerNat / kOlmPlanes;
    }
    return rates;
}

}  // namespace

OlmTrainee::OlmTrainee(OlmNetwork& network, const OlmRunSettings& settings, const OlmRecordSet& records,
                       const OlmRecordSet& held_out)
    : Trainee(network, settings.optimizer),
      network_(network),
      settings_(settings),
      records_(records),
      held_out_(held_out) {}

nlohmann::json OlmTrainee::facts() const {
    return {{"training_records", records_.files[0].count() * kOlmPlanes}};
}

void OlmTrainee::begin_step(double done) {
    if (done < settings_.quantised_from || !network_.steps().empty()) return;
    StepTable steps;
    optimizer().with_averages([&] {
        const auto all_planes = [&] {
            for (int plane = 0; plane < kOlmPlanes; ++plane) {
                const OlmRecordFile& file = records_.files[plane];
                network_.nats(plane, make_batch(file, spread(file, kCalibration)));
            }
        };
        steps = observed_steps(network_, all_planes, kCalibration);
    });
    network_.set_steps(steps);
    std::cerr << "quantisation-aware from here on\n";
}

void OlmTrainee::learn(int64_t n) {
    std::mt19937_64 random(settings_.seed * 1000003 + static_cast<uint64_t>(n));
    torch::Tensor nats;
    for (int plane = 0; plane < kOlmPlanes; ++plane) {
        const OlmRecordFile& file = records_.files[plane];
        std::vector<size_t> numbers(static_cast<size_t>(settings_.batch));
        for (size_t& number : numbers) number = random() % file.count();
        const torch::Tensor of_plane = network_.nats(plane, make_batch(file, numbers));
        nats_[plane] += of_plane.item<double>();
        nats = nats.defined() ? nats + of_plane : of_plane;
    }
    (nats / (static_cast<double>(settings_.batch) * kOlmPlanes)).backward();
    ++steps_;
}

Rates OlmTrainee::take_rates() {
    for (double& nats : nats_) nats /= static_cast<double>(settings_.batch) * static_cast<double>(steps_);
    const Rates rates = rates_of(nats_);
    for (double& nats : nats_) nats = 0;
    steps_ = 0;
    return rates;
}

Rates OlmTrainee::validate() {
    double nats[kOlmPlanes];
    optimizer().with_averages([&] {
        for (int plane = 0; plane < kOlmPlanes; ++plane) {
            const auto numbers = spread(held_out_.files[plane], kHeldOut);
            nats[plane] = network_.nats(plane, make_batch(held_out_.files[plane], numbers)).item<double>() /
                          static_cast<double>(numbers.size());
        }
    });
    return rates_of(nats);
}

}  // namespace residua::train
