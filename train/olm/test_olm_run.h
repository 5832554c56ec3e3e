// Short runs of small heads of OLM on small pictures.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "data/test_photos.h"
#include "olm/olm_records.h"
#include "olm/olm_run.h"

namespace residua::train {

class OlmTraining : public ::testing::Test {
  protected:
    OlmTraining() {
        fs::create_directory(folder_ / "photos");
        for (int i = 0; i < 60; ++i)
            write_photo(folder_ / ("photos/" + std::to_string(i) + ".png"), 40, 36, static_cast<uint32_t>(i));
        records_.scale_low = 0.9;
        records_.share = 0.5;
        records_.workers = 2;
    }
    OlmRunSettings settings(const std::string& run, int64_t steps) const {
        OlmRunSettings settings;
        settings.records = folder_ / "records";
        settings.out = folder_ / run;
        settings.network.widths = {16, 8};
        settings.network.components = 3;
        settings.steps = steps;
        settings.batch = 512;
        settings.optimizer.learning_rate = 3e-3;
        settings.optimizer.warm_up = 5;
        settings.threads = 2;
        return settings;
    }
    Folder folder_;
    OlmRecordSettings records_;
};

}  // namespace residua::train
