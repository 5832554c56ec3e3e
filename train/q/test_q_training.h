// Short trainings of a small Q-classifier on small pictures.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/test_photos.h"
#include "q/q_training.h"
#include "tests/support/test_model.h"

namespace residua::train {

inline std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_bytes(const std::string& path, const std::vector<uint8_t>& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

class QTraining : public ::testing::Test {
  protected:
    static constexpr int kPhotos = 14;

    QTraining() {
        fs::create_directory(folder_ / "photos");
        for (int i = 0; i < kPhotos; ++i)
            write_photo(folder_ / ("photos/" + std::to_string(i) + ".png"), 70 + i, 66,
                        static_cast<uint32_t>(i));
        write_bytes(folder_ / "test.rsm", residua::testing::make_test_model());
    }

    QTrainingSettings settings(const std::string& run) const {
        QTrainingSettings settings;
        settings.data = folder_ / "photos";
        settings.cache = folder_ / "cache";
        settings.out = folder_ / run;
        settings.prepare.scale_low = settings.prepare.scale_high = 1;
        settings.prepare.window = settings.prepare.patch = 64;
        settings.labels = {folder_ / "test.rsm", {6, 7}, 1, 2};
        settings.network = {.widths = {8, 8, 8}, .blocks = 1, .range = {}};
        settings.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        settings.optimizer.learning_rate = 1e-3;
        settings.epochs = 4;
        settings.batch = 4;
        settings.crop = 32;
        settings.windows = 2;
        settings.bfloat16 = false;
        settings.threads = 1;
        return settings;
    }

    Folder folder_;
};

}  // namespace residua::train
