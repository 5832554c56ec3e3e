// Signals while the tool works.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <random>

#include "image_io/test_image.h"
#include "stages/test_models.h"
#include "support/program.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kInterrupted = 130;
constexpr char kStopped[] = "the work did not come to a stop", kTwice[] = "interrupted twice";

// A decoder that has the first of a file's two strips and waits for the end of the other: no progress tells
// it that it was interrupted.
class CliInterrupt : public ::testing::Test {
  protected:
    CliInterrupt() {
        const std::vector<uint8_t> model = models::make_olm_model();
        write_text(folder_ / "experts.rsm", {model.begin(), model.end()});
        // Noise, so that a strip is longer than what the decoder's input reads ahead: when all has been read
        // that there is, the decoder has asked for the second strip.
        TestPicture picture{256, 32, 3, std::vector<uint8_t>(256 * 32 * 3)};
        std::mt19937 random(1);
        for (uint8_t& sample : picture.pixels) sample = static_cast<uint8_t>(random());
        const std::vector<uint8_t> png = image_io::write(
            image_io::test_image(picture.width, picture.height, picture.channels, picture.pixels),
            image_io::output_format("a.png"));
        write_text(folder_ / "in.png", {png.begin(), png.end()});
        const Outcome outcome =
            run_program({RESIDUA_TOOL, "encode", "--model-file", folder_ / "experts.rsm", "--model",
                         "experts", "--strip-height", "16", folder_ / "in.png"});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
        const std::string file = read_text(folder_ / "in.rsd");
        EXPECT_GT(file.size(), 20'000u);
        decoder_.emplace(std::vector<std::string>{RESIDUA_TOOL, "decode", "--model-file",
                                                  folder_ / "experts.rsm", "--threads", "1", "-", "-o",
                                                  out_ / "out.ppm"});
        decoder_->write(file.substr(0, file.size() - 1));
        last_ = file.substr(file.size() - 1);
        while ((out_.names().empty() || !decoder_->has_read()) && !decoder_->ended()) usleep(1000);
        EXPECT_FALSE(decoder_->ended()) << decoder_->errors();
    }

    TemporaryFolder folder_, out_;
    std::optional<RunningProgram> decoder_;
    std::string last_;  // byte of the file
};

TEST_F(CliInterrupt, EndsInGoodOrderAtTheNextProgress) {
    decoder_->send(SIGINT);
    decoder_->write(last_);
    decoder_->end_input();  // strips are decoded once it is known that nothing stands behind the last one
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_THAT(decoder_->errors(),
                AllOf(HasSubstr("standard input: "), Not(HasSubstr(kStopped)), Not(HasSubstr(kTwice))));
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, EndsWhereNoProgressFollows) {
    decoder_->send(SIGTERM);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_THAT(decoder_->errors(), HasSubstr(kStopped));
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, EndsAtOnceAtTheSecondSignal) {
    decoder_->send(SIGINT);
    decoder_->send(SIGTERM);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_THAT(decoder_->errors(), HasSubstr(kTwice));
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, EndsInGoodOrderWhereTheTerminalGoes) {
    decoder_->send(SIGHUP);
    decoder_->write(last_);
    decoder_->end_input();
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_THAT(decoder_->errors(),
                AllOf(HasSubstr("standard input: "), Not(HasSubstr(kStopped)), Not(HasSubstr(kTwice))));
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, LeavesNothingWhereASignalEndsItAtOnce) {
    decoder_->send(SIGQUIT);
    EXPECT_EQ(decoder_->wait(), -1);
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, LeavesNothingWhereNobodyReadsItsOutput) {
    decoder_->send(SIGPIPE);
    EXPECT_EQ(decoder_->wait(), -1);
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, WhatIsUnfinishedIsTheUsersAlone) {
    struct stat status = {};
    ASSERT_EQ(stat((out_ / out_.names()[0]).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(CliInterrupt, LeavesOtherFilesAlone) {
    ASSERT_EQ(out_.names().size(), 1u);
    const std::string own = out_.names()[0], other = own.substr(0, own.size() - 1) + "1";
    ASSERT_NE(own, other);
    write_text(out_ / other, "what nobody has made but this test");
    decoder_->send(SIGTERM);
    decoder_->send(SIGINT);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_EQ(out_.names(), std::vector<std::string>{other});
}

}  // namespace
}  // namespace residua::testing
