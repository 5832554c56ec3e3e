#include "stage_table.h"

#include <gtest/gtest.h>

#include <residua/residua.hpp>
#include <set>
#include <sstream>
#include <string>

namespace residua::bench {
namespace {

constexpr uint32_t kSide = 72;

// Slopes and noise: every stage of a photograph has something to do.
std::vector<uint8_t> pixels() {
    std::vector<uint8_t> result;
    uint32_t random = 1;
    for (uint32_t y = 0; y < kSide; ++y)
        for (uint32_t x = 0; x < kSide; ++x)
            for (uint32_t c = 0; c < 3; ++c) {
                random = random * 1664525 + 1013904223;
                result.push_back(static_cast<uint8_t>(2 * x + y + 9 * c + (random >> 29)));
            }
    return result;
}

class Stages : public testing::Test {
  protected:
    Stages() : context_(settings()) {
        view_.pixels = pixels_.data();
        view_.width = view_.height = kSide;
        view_.colour = RESIDUA_COLOUR_RGB;
        view_.bits = 8;
    }
    static residua_settings settings() {
        residua_settings result = RESIDUA_INIT(residua_settings);
        result.threads = 2;
        return result;
    }
    Profile encode(const char* codec, int32_t proof) {
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.codec = codec;
        options.proof = proof;
        return profile([&] { file_ = context_.encode(view_, options); }, 0);
    }
    Profile decode() {
        return profile([&] { context_.decode(file_.data(), file_.size()); }, 0);
    }
    static std::set<std::string> names(const Profile& of) {
        std::set<std::string> result;
        for (const StageRow& row : of.rows) result.insert(stage_name(row.stage));
        return result;
    }
    static void expect_all(const Profile& of, const std::set<std::string>& at_least) {
        for (const std::string& name : at_least) EXPECT_TRUE(names(of).contains(name)) << name;
        double largest = of.rows.front().cost.seconds;
        for (const StageRow& row : of.rows) {
            EXPECT_GE(row.cost.seconds, 0);
            EXPECT_LE(row.cost.seconds, largest);
            largest = row.cost.seconds;
        }
        EXPECT_DOUBLE_EQ(of.sum(), of.seconds);
    }

    std::vector<uint8_t> pixels_ = pixels();
    residua::context context_;
    residua_image view_ = RESIDUA_INIT(residua_image);
    residua::buffer file_;
};

TEST_F(Stages, OfOlm) {
    const Profile coded = encode("olm", RESIDUA_PROOF_FAST);
    expect_all(coded,
               {"other", "origin", "planes", "experts", "head", "mixtures", "learning", "streams", "proof"});
    EXPECT_FALSE(names(coded).contains("network"));
    for (const Stage stage : {Stage::kOrigin, Stage::kExperts, Stage::kHead, Stage::kMixtures,
                              Stage::kLearning, Stage::kStreams}) {
        const StageRow* row = coded.find(stage);
        ASSERT_NE(row, nullptr);
        EXPECT_GT(row->cost.bytes_read, 0U) << stage_name(stage);
        EXPECT_GT(row->cost.bytes_written, 0U) << stage_name(stage);
    }
    // The mixtures read what the head has written.
    EXPECT_EQ(coded.find(Stage::kMixtures)->cost.bytes_read, coded.find(Stage::kHead)->cost.bytes_written);
    const Profile decoded = decode();
    expect_all(decoded, {"other", "planes", "experts", "head", "mixtures", "learning"});
    for (const char* name : {"origin", "proof", "streams"})
        EXPECT_FALSE(names(decoded).contains(name)) << name;
    EXPECT_EQ(decoded.find(Stage::kHead)->cost.bytes_written, coded.find(Stage::kHead)->cost.bytes_written);
}

TEST_F(Stages, OfNetworks) {
    const Profile coded = encode("l3c", RESIDUA_PROOF_FULL);
    expect_all(coded, {"other", "network", "mixtures", "streams", "proof"});
    for (const char* name : {"experts", "learning", "lossy layer"})
        EXPECT_FALSE(names(coded).contains(name)) << name;
    expect_all(decode(), {"other", "network", "mixtures"});
}

TEST_F(Stages, AreLinesOfATable) {
    const Profile coded = encode("olm", RESIDUA_PROOF_FULL);
    std::istringstream lines(table(coded));
    std::string line, last;
    size_t count = 0;
    std::set<std::string> known;
    for (size_t i = 0; i < kStages; ++i) known.insert(stage_name(static_cast<Stage>(i)));
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with("stage ")) << line;
    for (; std::getline(lines, line); ++count) {
        last = line;
        const std::string name = line.substr(0, line.find("  "));
        if (count == coded.rows.size()) continue;
        EXPECT_TRUE(known.contains(name.substr(0, name.find_last_not_of(' ') + 1))) << line;
    }
    EXPECT_EQ(count, coded.rows.size() + 1);
    EXPECT_TRUE(last.starts_with("all ")) << last;
    EXPECT_NE(last.find("100.0 %"), std::string::npos);
}

}  // namespace
}  // namespace residua::bench
