// Short runs of tiny networks on two pictures.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "data/prepare.h"
#include "l3c/l3c_config.h"
#include "loop/test_log.h"
#include "patches/run.h"
#include "rc/rc_config.h"
#include "weights/safetensors.h"
#include "weights/test_folder.h"

namespace residua::train {

inline RcConfig tiny_rc(bool shared_tail) {
    return {.features = 16, .blocks = 2, .components = 3, .shared_tail = shared_tail};
}

// A preset's kind of network, but small.
inline L3cConfig tiny_l3c(const std::string& preset) {
    L3cConfig config = l3c_preset(preset);
    config.scales = 2;
    config.features = 16;
    config.blocks = 1;
    config.components = 2;
    return config;
}

class Run : public testing::Test {
  protected:
    Run() {
        fs::create_directory(folder_ / "photos");
        for (int i = 0; i < 2; ++i) {
            std::ofstream file(folder_ / ("photos/" + std::to_string(i) + ".ppm"), std::ios::binary);
            file << "P6\n99 85\n255\n";
            // All files have the whole alphabet, so that the codec may fold no more tails than the loss does.
            file << std::string("\0\0\0\xff\xff\xff", 6);
            for (int y = 0; y < 85; ++y)
                for (int x = y ? 0 : 2; x < 99; ++x)
                    for (int c = 0; c < 3; ++c)
                        file.put(static_cast<char>(120 +
                                                   80 * std::sin(0.07 * x + i) * std::cos(0.05 * y + c) +
                                                   (x * 7 + y * 13 + c * 5) % 6));
        }
    }

    RunSettings settings(const std::string& name, const Description& network, int64_t steps) const {
        RunSettings run;
        PrepareSettings prepare;
        prepare.effort = 1;
        prepare.lossy_layer = network.at("codec") == "rc";
        run.shards = prepare_shards(folder_ / "photos", folder_ / "cache", prepare, true);
        run.out = folder_ / name;
        run.network = network;
        run.steps = steps;
        run.batch = 2;
        run.crop = 32;
        run.threads = 1;
        run.precision = Precision::kFloat32;
        run.log_every = 1;
        begin_as_ours(network.at("codec"), run);
        run.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        run.optimizer.learning_rate = network.at("codec") == "rc" ? 2e-3 : 1e-4;
        return run;
    }

    Checkpoint model(const std::string& name) const {
        return load_safetensors(folder_ / name + "/model.safetensors");
    }

    void expect_same_weights(const std::string& first, const std::string& second) const {
        const Checkpoint a = model(first), b = model(second);
        ASSERT_EQ(a.tensors.size(), b.tensors.size());
        for (const auto& [name, array] : a.tensors)
            EXPECT_EQ(array.values, b.tensors.at(name).values) << name;
    }

    std::vector<nlohmann::json> log(const std::string& name, const std::string& event) const {
        return log_lines(folder_ / name, event);
    }

    Folder folder_;
};

}  // namespace residua::train
