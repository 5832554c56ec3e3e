// OLM's heads, learning from random records.
#pragma once

#include "loop/training_loop.h"
#include "olm/olm_batches.h"
#include "olm/olm_run.h"

namespace residua::train {

class OlmTrainee : public Trainee {
  public:
    OlmTrainee(OlmNetwork& network, const OlmRunSettings& settings, const OlmRecordSet& records,
               const OlmRecordSet& held_out);

    nlohmann::json facts() const override;
    void begin_step(double done) override;
    void learn(int64_t n) override;
    Rates take_rates() override;
    double pixels_per_step() const override { return settings_.batch; }
    Rates validate() override;

  private:
    OlmNetwork& network_;
    const OlmRunSettings& settings_;
    const OlmRecordSet &records_, &held_out_;
    double nats_[kOlmPlanes] = {};
    int64_t steps_ = 0;  // that are in them
};

}  // namespace residua::train
