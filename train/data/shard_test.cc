// Photographs to shards to batches.
#include "data/shard.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "data/batch_loader.h"
#include "data/prepare.h"
#include "data/test_photos.h"

namespace residua::train {
namespace {

class Shards : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(folder_ / "photos");
        for (uint32_t i = 0; i < 3; ++i)
            write_photo(folder_ / std::string("photos/").append(std::to_string(i)).append(".png"), 150, 130,
                        i);
        settings_.effort = 1;
        settings_.patch = 64;
    }

    std::vector<std::string> prepare() const {
        return prepare_shards(folder_ / "photos", folder_ / "shards", settings_, true);
    }

    Folder folder_;
    PrepareSettings settings_;
};

uint64_t samples(const Patch& patch) { return 3 * patch.area(); }

// Mean of (x − x_l)².
double distortion(const Patch& patch, const LossyVersion& version) {
    double error = 0;
    for (uint64_t i = 0; i < samples(patch); ++i) {
        const double r = patch.image[i] - version.fine[i] / 64.0;
        error += r * r;
    }
    return error / static_cast<double>(samples(patch));
}

TEST_F(Shards, HoldPatchesWithLossyLayersOfBothDepths) {
    settings_.qualities = 2;
    settings_.bit_depths = {8, 10};
    const PatchSet set(prepare());
    std::set<uint64_t> photos;
    for (const PatchReference& reference : set.all()) {
        const Patch& patch = reference.patch();
        photos.insert(patch.photo);
        EXPECT_EQ(patch.width, 64);
        EXPECT_EQ(patch.height, 64);
        ASSERT_EQ(patch.versions.size(), 4u);
        for (const LossyVersion& version : patch.versions) {
            EXPECT_GE(version.q, settings_.q_low);
            EXPECT_LE(version.q, settings_.q_high);
            EXPECT_GT(version.lossy_bpsp, 0.1);
            EXPECT_LT(version.lossy_bpsp, 8);
            EXPECT_GT(distortion(patch, version), 0);
            EXPECT_LT(distortion(patch, version), 16);
        }
        EXPECT_EQ(patch.versions[0].bit_depth, 8);
        EXPECT_EQ(patch.versions[2].bit_depth, 10);
        EXPECT_NE(patch.versions[0].q, patch.versions[1].q);
        reference.shard->verify(reference.index);
    }
    EXPECT_EQ(photos.size(), 3u);
}

TEST_F(Shards, WithoutLossyLayerHoldTheSamePictures) {
    const PatchSet with(prepare());
    settings_.lossy_layer = false;
    const PatchSet without(prepare());
    ASSERT_EQ(with.all().size(), without.all().size());
    for (size_t i = 0; i < with.all().size(); ++i) {
        const Patch &a = with.all()[i].patch(), &b = without.all()[i].patch();
        EXPECT_TRUE(b.versions.empty());
        ASSERT_EQ(samples(a), samples(b));
        EXPECT_TRUE(std::equal(a.image, a.image + samples(a), b.image));
    }
    EXPECT_EQ(find_shards(folder_ / "shards").size(), 2u);  // side by side
}

// What is there is not made again; what is missing is,
// and comes out the same, whatever the number of workers.
TEST_F(Shards, AreResumedAndDoNotDependOnWorkers) {
    settings_.lossy_layer = false;
    settings_.variants = 2;
    settings_.shard_mib = 1;
    settings_.patch = 512;  // whole pictures
    for (uint32_t i = 3; i < 30; ++i)
        write_photo(folder_ / std::string("photos/").append(std::to_string(i)).append(".png"), 150, 130, i);
    settings_.scale_high = 1;
    const auto paths = prepare();
    ASSERT_GT(paths.size(), 1u);
    const auto bytes = [](const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string before = bytes(paths[0]);
    const auto kept = fs::last_write_time(paths[1]);
    fs::remove(paths[0]);
    settings_.workers = 1;
    EXPECT_EQ(prepare(), paths);
    EXPECT_EQ(bytes(paths[0]), before);
    EXPECT_EQ(fs::last_write_time(paths[1]), kept);
}

TEST_F(Shards, LeaveOutWhatCannotBeReadAndSayWhenNothingRemains) {
    settings_.lossy_layer = false;
    std::ofstream(folder_ / "photos/broken.png") << "no picture";
    const PatchSet set(prepare());
    EXPECT_FALSE(set.all().empty());
    fs::create_directory(folder_ / "bad");
    std::ofstream(folder_ / "bad/broken.png") << "no picture";
    EXPECT_THROW(prepare_shards(folder_ / "bad", folder_ / "shards", settings_, true), std::runtime_error);
    EXPECT_THROW(find_shards(folder_ / "nothing"), std::runtime_error);
    settings_.q_low = 20;
    settings_.q_high = 10;
    EXPECT_THROW(prepare(), std::runtime_error);
}

TEST_F(Shards, AreRefusedWhenDamaged) {
    settings_.lossy_layer = false;
    const std::string path = prepare().at(0);
    const auto flip = [&](std::streamoff at) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const char byte = static_cast<char>(file.get() ^ 0x40);
        file.seekp(at);
        file.put(byte);
    };
    const auto size = static_cast<std::streamoff>(fs::file_size(path));
    flip(2000);  // a pixel: found when it is read
    {
        const Shard shard(path);
        EXPECT_THROW(shard.verify(0), std::runtime_error);
        EXPECT_THROW(verify_shards({path}), std::runtime_error);
        const PatchSet set({path});
        BatchSettings batches;
        batches.batch = 64;
        batches.crop = 32;
        batches.lossy_layer = false;
        BatchLoader loader(set.all(), batches, 0);
        EXPECT_THROW(for (int i = 0; i < 50; ++i) loader.next(), std::runtime_error);
    }
    flip(2000);
    verify_shards({path});
    flip(size - 3);  // the index
    EXPECT_THROW(Shard{path}, std::runtime_error);
    flip(size - 3);
    flip(0);
    EXPECT_THROW(Shard{path}, std::runtime_error);
    flip(0);
    fs::resize_file(path, static_cast<uintmax_t>(size - 24));
    EXPECT_THROW(Shard{path}, std::runtime_error);
    fs::resize_file(path, 10);
    EXPECT_THROW(Shard{path}, std::runtime_error);
}

TEST_F(Shards, HoldOutWholePhotographs) {
    settings_.lossy_layer = false;
    settings_.variants = 3;
    const PatchSet set(prepare());
    std::set<uint64_t> out, in;
    for (const auto& reference : set.held_out()) out.insert(reference.patch().photo);
    for (const auto& reference : set.others()) in.insert(reference.patch().photo);
    EXPECT_GE(out.size(), 1u);
    EXPECT_GE(in.size(), 1u);
    EXPECT_EQ(out.size() + in.size(), 3u);
    EXPECT_EQ(set.held_out().size() + set.others().size(), set.all().size());
}

class Batches : public Shards {};

TEST_F(Batches, RepeatThemselvesAndCutImageAndLossyAlike) {
    settings_.patch = 96;
    const PatchSet set(prepare());
    BatchSettings batches;
    batches.batch = 4;
    batches.crop = 32;
    batches.seed = 5;
    BatchLoader first(set.all(), batches, 0);
    batches.threads = 3;
    BatchLoader later(set.all(), batches, 2);   // as after a resume
    BatchLoader odd(set.all(), batches, 1, 2);  // as the second of two processes
    const Batch zeroth = first.next(), second = first.next(), third = first.next(), fourth = first.next();
    const Batch resumed = later.next();
    EXPECT_EQ(third.image, resumed.image);
    EXPECT_EQ(third.fine, resumed.fine);
    EXPECT_EQ(third.number, 2);
    EXPECT_EQ(resumed.number, 2);
    EXPECT_EQ(later.next().image, fourth.image);
    EXPECT_EQ(odd.next().image, second.image);
    EXPECT_EQ(odd.next().image, fourth.image);
    EXPECT_NE(zeroth.image, second.image);
    double error = 0;
    for (size_t i = 0; i < third.image.size(); ++i) error += std::abs(third.image[i] - third.fine[i] / 64.0);
    EXPECT_LT(error / static_cast<double>(third.image.size()), 4);
    batches.crop = 4096;
    EXPECT_THROW(BatchLoader(set.all(), batches, 0), std::runtime_error);
}

// What does random Q cost or bring? The same shards serve both, by choice.
TEST_F(Batches, TakeTheWantedLossyLayers) {
    settings_.qualities = 3;
    settings_.bit_depths = {8, 10};
    settings_.q_low = 7;
    settings_.q_high = 12;
    const PatchSet set(prepare());
    BatchSettings batches;
    batches.q_low = 8;
    batches.q_high = 9;
    for (const PatchReference& reference : set.all()) {
        for (const LossyVersion* version : usable_versions(reference.patch(), batches)) {
            EXPECT_EQ(version->bit_depth, 10);
            EXPECT_GE(version->q, 8);
            EXPECT_LE(version->q, 9);
        }
    }
    batches.crop = 32;
    BatchLoader loader(set.all(), batches, 0);
    EXPECT_FALSE(loader.next().fine.empty());
    batches.q_low = batches.q_high = 30;
    EXPECT_THROW(BatchLoader(set.all(), batches, 0), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
