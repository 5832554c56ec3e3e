// Files that are damaged, cut or made up: an error, or the right pixels; never wrong pixels, never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <residua/residua.hpp>

#include "container/container.h"
#include "support/test_model.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

residua_settings single_thread() {
    residua_settings settings{};
    settings.threads = 1;
    return settings;
}

class Damage : public ::testing::Test {
  protected:
    Damage() : context_(single_thread()), picture_(make_picture(40, 24, 3)) {
        const auto model = make_test_model();
        context_.add_model(model.data(), model.size());
        residua_encode_options options{};
        options.model = "test";
        options.effort = 1;
        const residua::buffer file = context_.encode(picture_.image(), options);
        bytes_.assign(file.begin(), file.end());
    }

    // Decodes; true when that failed with a message. Fails the test when the pixels are wrong.
    bool refused(const std::vector<uint8_t>& bytes) {
        residua_image image;
        const residua_status status = residua_decode(context_.get(), bytes.data(), bytes.size(), &image);
        if (status != RESIDUA_OK) {
            EXPECT_NE(residua_last_error(context_.get())[0], '\0');
            EXPECT_NE(status, RESIDUA_INTERNAL);
            EXPECT_EQ(image.pixels, nullptr);
            return true;
        }
        EXPECT_TRUE(std::equal(picture_.pixels.begin(), picture_.pixels.end(), image.pixels));
        residua_image_free(context_.get(), &image);
        return false;
    }

    // The same file with other payloads, and checksums that fit them.
    std::vector<uint8_t> with_payloads(std::vector<uint8_t>& bpg, std::vector<std::vector<uint8_t>>& tiles) {
        container::File file = container::parse(bytes_);
        file.bpg = bpg;
        for (size_t i = 0; i < tiles.size(); ++i) file.tiles[i] = tiles[i];
        Allocator allocator;
        const Buffer<uint8_t> written = container::write(file, allocator);
        return {written.data(), written.data() + written.size()};
    }

    residua::context context_;
    TestPicture picture_;
    std::vector<uint8_t> bytes_;
};

TEST_F(Damage, TheFileIsGoodBeforeIt) { EXPECT_FALSE(refused(bytes_)); }

TEST_F(Damage, EveryFlippedByteIsRefused) {
    for (size_t i = 0; i < bytes_.size(); ++i) {
        for (const uint8_t mask : {0xff, 0x01}) {
            auto damaged = bytes_;
            damaged[i] ^= mask;
            ASSERT_TRUE(refused(damaged)) << "byte " << i;
        }
    }
}

TEST_F(Damage, EveryTruncationIsRefused) {
    for (size_t size = 0; size < bytes_.size(); ++size) {
        std::vector<uint8_t> part(bytes_.begin(), bytes_.begin() + static_cast<ptrdiff_t>(size));
        ASSERT_TRUE(refused(part)) << size;
    }
}

TEST_F(Damage, RandomBytesAreRefused) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::vector<uint8_t> bytes(random() % 300);
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
        if (round % 2 && bytes.size() > 8) std::copy_n(bytes_.begin(), 5, bytes.begin());
        ASSERT_TRUE(refused(bytes));
    }
}

// Checksums stop accidents; an attacker makes them fit. What is behind them must hold, too.
TEST_F(Damage, PayloadsWithFittingChecksumsAreRefused) {
    const container::File file = container::parse(bytes_);
    std::mt19937 random(8);
    for (int round = 0; round < 600; ++round) {
        std::vector<uint8_t> bpg(file.bpg.begin(), file.bpg.end());
        std::vector<std::vector<uint8_t>> tiles;
        for (auto tile : file.tiles) tiles.emplace_back(tile.begin(), tile.end());
        std::vector<uint8_t>& target = round % 2 ? bpg : tiles[random() % tiles.size()];
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
        refused(with_payloads(bpg, tiles));
    }
}

// The same for the numbers of the header.
TEST_F(Damage, HeadersWithFittingChecksumsAreRefused) {
    const container::File original = container::parse(bytes_);
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
    Allocator allocator;
    for (size_t i = 0; i < changes.size(); ++i) {
        container::File file = original;
        changes[i](file.header);
        const Buffer<uint8_t> written = container::write(file, allocator);
        EXPECT_TRUE(refused({written.data(), written.data() + written.size()})) << "change " << i;
    }
}

TEST_F(Damage, AMissingModelIsNamed) {
    residua::context without_model(single_thread());
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

TEST_F(Damage, OtherModelsAreNotConfused) {
    residua::context context(single_thread());
    const auto model = make_test_model(2, "other");
    context.add_model(model.data(), model.size());
    EXPECT_THROW(context.decode(bytes_.data(), bytes_.size()), residua::error);
}

}  // namespace
}  // namespace residua::testing
