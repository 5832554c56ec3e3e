// Files that are damaged, cut or made up: an error, or the right pixels; never wrong pixels, never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <residua/residua.hpp>

#include "container/container.h"
#include "stages/methods.h"
#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

// With a file of the model that is the parameter, one of each codec.
class Damage : public ::testing::TestWithParam<const char*> {
  protected:
    Damage() : context_(context_of_every_codec()) {}

    void SetUp() override { encode(40, 24); }

    void encode(uint32_t width, uint32_t height) {
        picture_ = make_picture(width, height, 3);
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = GetParam();
        options.effort = 1;
        const residua::buffer file = context_.encode(picture_.image(), options);
        bytes_.assign(file.begin(), file.end());
    }

    // Decodes; true when that failed with a message. Fails the test when the pixels are wrong.
    bool refused(const std::vector<uint8_t>& bytes) {
        residua_image image = RESIDUA_INIT(residua_image);
        const residua_status status = residua_decode(context_.get(), bytes.data(), bytes.size(), &image);
        if (status != RESIDUA_OK) {
            EXPECT_NE(residua_last_error(context_.get())[0], '\0');
            EXPECT_NE(status, RESIDUA_INTERNAL);
            EXPECT_EQ(image.pixels, nullptr);
            return true;
        }
        EXPECT_TRUE(std::equal(picture_.pixels.begin(), picture_.pixels.end(),
                               static_cast<const uint8_t*>(image.pixels)));
        residua_image_free(&image);
        return false;
    }

    // All payloads of the file: the BPG stream or the plane transform, if it has one, and the tiles' streams
    // of all stages.
    std::vector<std::vector<uint8_t>> payloads() const {
        const container::File file = codec::parse_file(bytes_);
        std::vector<std::vector<uint8_t>> all;
        if (!file.payload.empty()) all.emplace_back(file.payload.begin(), file.payload.end());
        for (const auto& stage : file.streams)
            for (auto tile : stage) all.emplace_back(tile.begin(), tile.end());
        return all;
    }

    // The same file with other payloads, and checksums that fit them.
    std::vector<uint8_t> with_payloads(const std::vector<std::vector<uint8_t>>& payloads) {
        container::File file = codec::parse_file(bytes_);
        size_t next = 0;
        if (!file.payload.empty()) file.payload = payloads[next++];
        for (auto& stage : file.streams)
            for (auto& tile : stage) tile = payloads[next++];
        return written(file);
    }

    static std::vector<uint8_t> written(const container::File& file) {
        Allocator allocator;
        const Buffer<uint8_t> bytes = container::write(file, allocator);
        return {bytes.data(), bytes.data() + bytes.size()};
    }

    residua::context context_;
    TestPicture picture_;
    std::vector<uint8_t> bytes_;
};

TEST_P(Damage, TheFileIsGoodBeforeIt) { EXPECT_FALSE(refused(bytes_)); }

TEST_P(Damage, EveryFlippedByteIsRefused) {
    for (size_t i = 0; i < bytes_.size(); ++i) {
        for (const uint8_t mask : {0xff, 0x01}) {
            auto damaged = bytes_;
            damaged[i] ^= mask;
            ASSERT_TRUE(refused(damaged)) << "byte " << i;
        }
    }
}

TEST_P(Damage, EveryTruncationIsRefused) {
    for (size_t size = 0; size < bytes_.size(); ++size) {
        std::vector<uint8_t> part(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(size));
        ASSERT_TRUE(refused(part)) << size;
    }
}

TEST_P(Damage, RandomBytesAreRefused) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::vector<uint8_t> bytes(random() % 300);
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
        if (round % 2 && bytes.size() > 8) std::copy_n(bytes_.begin(), 5, bytes.begin());
        ASSERT_TRUE(refused(bytes));
    }
}

// Checksums stop accidents; an attacker makes them fit. What is behind them must hold, too.
TEST_P(Damage, PayloadsWithFittingChecksumsAreRefused) {
    std::mt19937 random(8);
    for (int round = 0; round < 600; ++round) {
        std::vector<std::vector<uint8_t>> changed = payloads();
        std::vector<uint8_t>& target = changed[random() % changed.size()];
        switch (random() % 3) {
            case 0:
                target[random() % target.size()] ^= static_cast<uint8_t>(1 + random() % 255);
                break;
            case 1:
                target.resize(random() % target.size());
                break;
            default:
                for (int i = 0; i < 8; ++i) target[random() % target.size()] = static_cast<uint8_t>(random());
        }
        refused(with_payloads(changed));
    }
}

// All that a stream holds has a meaning: there is no place to hide something, and one file for one picture.
TEST_P(Damage, StreamsWithWordsLeftAreRefused) {
    encode(100, 60);  // enough symbols for streams of several lanes: one lane would take the words in
    const size_t first_tile = codec::parse_file(bytes_).header.method->traits().lossy_layer ? 1 : 0;
    for (size_t i = first_tile; i < payloads().size(); ++i) {
        std::vector<std::vector<uint8_t>> changed = payloads();
        changed[i].insert(changed[i].end(), {1, 2, 3, 4});
        EXPECT_TRUE(refused(with_payloads(changed))) << "payload " << i;
    }
}

// The same for the numbers of the header.
TEST_P(Damage, HeadersWithFittingChecksumsAreRefused) {
    const container::File original = codec::parse_file(bytes_);
    const std::vector<std::function<void(container::Header&)>> changes = {
        [](auto& header) { header.width += 1; },
        [](auto& header) { header.width = 65535; },
        [](auto& header) { header.height = 1; },
        [](auto& header) { header.kind = container::Kind::kGrey; },
        [](auto& header) { header.tile_width = 16; },
        [](auto& header) { header.tile_height = 16; },
        [](auto& header) {
            header.alphabets[0] = {0, 0};
        },
        [](auto& header) {
            header.alphabets[2] = {-255, 255};
        },
        [](auto& header) { header.tau.assign(15, 127); },
        [](auto& header) { header.tau.assign(7, 1); },
        [](auto& header) { header.pixel_checksum ^= 1; },
        [](auto& header) { header.model_hash ^= 1; },
    };
    for (size_t i = 0; i < changes.size(); ++i) {
        container::File file = original;
        changes[i](file.header);
        EXPECT_TRUE(refused(written(file))) << "change " << i;
    }
}

class DamageOfScales : public Damage {};

// As many stages as the header says, but not the model.
TEST_P(DamageOfScales, AnotherNumberOfScalesIsRefused) {
    const container::File original = codec::parse_file(bytes_);
    for (int scales = 1; scales <= 4; ++scales) {
        if (scales == original.header.scales) continue;
        container::File file = original;
        file.header.scales = scales;
        file.streams.resize(static_cast<size_t>(scales + 1), original.streams[0]);
        EXPECT_TRUE(refused(written(file))) << scales;
    }
}

// A file of some bytes may say that it holds 4 gigapixels.
TEST_P(Damage, AHugePictureStopsAtTheMemoryLimit) {
    container::File file = codec::parse_file(bytes_);
    file.header.width = file.header.height = container::kMaxPlainSide;
    file.header.tile_width = file.header.tile_height = container::kTileUnit * container::kMaxTileUnits;
    const std::vector<uint8_t> bytes = written(file);
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = uint64_t{100} << 20;
    residua::context context = context_of_every_codec(settings);
    residua_image image = RESIDUA_INIT(residua_image);
    EXPECT_EQ(residua_decode(context.get(), bytes.data(), bytes.size(), &image), RESIDUA_MEMORY_LIMIT);
    EXPECT_LE(context.peak_memory(), settings.memory_limit);
}

// The other codec's model, under the name of this one.
TEST_P(Damage, TheOtherCodecsModelIsRefused) {
    container::File file = codec::parse_file(bytes_);
    const std::string other = GetParam() == std::string("test") ? "scales" : "test";
    for (const residua_model_info& info : context_.models())
        if (other == info.name) file.header.model_hash = info.hash;
    EXPECT_TRUE(refused(written(file)));
}

TEST_P(Damage, AMissingModelIsNamed) {
    residua::context without_model = context_with({});
    try {
        without_model.decode(bytes_.data(), bytes_.size());
        FAIL();
    } catch (const residua::error& error) {
        EXPECT_EQ(error.status(), RESIDUA_MODEL_MISSING);
        char hash[17];
        std::snprintf(
            hash, sizeof hash, "%016llx",
            static_cast<unsigned long long>(context_.inspect(bytes_.data(), bytes_.size()).model_hash));
        EXPECT_NE(std::string(error.what()).find(hash), std::string::npos) << error.what();
    }
}

TEST_P(Damage, OtherModelsAreNotConfused) {
    residua::context context = context_with({make_test_model(2, "other")});
    EXPECT_THROW(context.decode(bytes_.data(), bytes_.size()), residua::error);
}

INSTANTIATE_TEST_SUITE_P(Models, DamageOfScales, ::testing::Values("scales"));
INSTANTIATE_TEST_SUITE_P(Models, Damage, ::testing::Values("test", "scales", "experts"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace residua::testing
