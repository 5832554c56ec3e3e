#include "patches/validation.h"

#include <gtest/gtest.h>

#include <random>

#include "l3c/l3c_network.h"
#include "rc/rc_network.h"
#include "weights/test_folder.h"

namespace residua::train {
namespace {

// Patches of three sizes, mixed, each with a lossy layer.
class Validation : public testing::Test {
  protected:
    Validation() {
        ShardWriter writer(folder_ / "a.shard");
        std::mt19937 random(1);
        for (int i = 0; i < 7; ++i) {
            const int width = i % 3 ? 40 : 28, height = i == 4 ? 24 : 36;
            std::vector<uint8_t> image(static_cast<size_t>(3 * width * height));
            std::vector<uint16_t> fine(image.size());
            for (size_t j = 0; j < image.size(); ++j) {
                image[j] = static_cast<uint8_t>(20 * i + static_cast<int>(random() % (4 + 9 * i)));
                fine[j] = static_cast<uint16_t>(64 * image[j] + random() % 64);
            }
            writer.add({static_cast<uint64_t>(i),
                        width,
                        height,
                        image.data(),
                        {{14, 10, 0.1f * static_cast<float>(i), fine.data()}}});
        }
        writer.finish();
        set_.emplace(std::vector<std::string>{folder_ / "a.shard"});
    }

    void expect_same_for_any_batch(Network& network) const {
        BatchSettings batches;
        batches.lossy_layer = network.needs_lossy_layer();
        const Rates one = validate(network, set_->all(), batches, false, 1);
        EXPECT_GT(one.at("bpsp"), 0.1);
        for (const size_t at_once : {2, 16}) {
            const Rates several = validate(network, set_->all(), batches, false, at_once);
            ASSERT_EQ(several.size(), one.size());
            for (const auto& [name, value] : one)
                EXPECT_NEAR(several.at(name), value, 1e-6 * value) << name << ", " << at_once;
        }
        if (batches.lossy_layer) {
            EXPECT_NEAR(one.at("lossy_bpsp"), 0.3, 1e-6);
        }
    }

    Folder folder_;
    std::optional<PatchSet> set_;
};

TEST_F(Validation, OfRcDoesNotDependOnBatches) {
    RcNetwork network({.features = 16, .blocks = 1, .components = 2, .shared_tail = true}, torch::kCPU, 1);
    expect_same_for_any_batch(network);
}

TEST_F(Validation, OfL3cDoesNotDependOnBatches) {
    L3cConfig config = l3c_preset("l3c");
    config.scales = 2;
    config.features = 16;
    config.blocks = 1;
    config.components = 2;
    L3cNetwork network(config, torch::kCPU, 1);
    expect_same_for_any_batch(network);
}

TEST(ValidationBatch, FitsIntoFreeMemory) {
    constexpr int64_t kPixels = 256 * 256;
    EXPECT_EQ(patches_that_fit(128, kPixels, uint64_t{1} << 40), kValidationBatch);
    EXPECT_EQ(patches_that_fit(64, kPixels, uint64_t{1} << 31), 5u);
    EXPECT_EQ(patches_that_fit(128, kPixels, uint64_t{1} << 31), 2u);
    EXPECT_EQ(patches_that_fit(128, kPixels, 1000), 1u);
}

}  // namespace
}  // namespace residua::train
