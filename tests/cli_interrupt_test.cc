// SIGINT and SIGTERM while the tool works.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "image_io/image.h"
#include "stages/test_models.h"
#include "support/program.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

constexpr int kInterrupted = 130;

// A decoder that has the first of a file's strips and waits for the others, which never come: no progress
// tells it that it was interrupted.
class CliInterrupt : public ::testing::Test {
  protected:
    CliInterrupt() {
        const std::vector<uint8_t> model = models::make_olm_model();
        write_text(folder_ / "experts.rsm", {model.begin(), model.end()});
        const TestPicture picture = make_picture(40, 64, 3);
        const std::vector<uint8_t> png = image_io::write(
            {picture.width, picture.height, picture.channels, picture.pixels.data(), {}, {}, {}},
            image_io::output_format("a.png"));
        write_text(folder_ / "in.png", {png.begin(), png.end()});
        const Outcome outcome =
            run_program({RESIDUA_TOOL, "encode", "--model-file", folder_ / "experts.rsm", "--model",
                         "experts", "--strip-height", "16", folder_ / "in.png"});
        EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
        const std::string file = read_text(folder_ / "in.rsd");
        decoder_.emplace(std::vector<std::string>{RESIDUA_TOOL, "decode", "--model-file",
                                                  folder_ / "experts.rsm", "--threads", "1", "-", "-o",
                                                  out_ / "out.ppm"});
        decoder_->write(file.substr(0, file.size() / 2 - file.size() / 8));
        while ((out_.names().empty() || !decoder_->has_read()) && !decoder_->ended()) usleep(1000);
        EXPECT_FALSE(decoder_->ended());
    }

    TemporaryFolder folder_, out_;
    std::optional<RunningProgram> decoder_;
};

TEST_F(CliInterrupt, EndsWhereNoProgressFollows) {
    decoder_->send(SIGTERM);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, EndsAtOnceAtTheSecondSignal) {
    decoder_->send(SIGINT);
    decoder_->send(SIGTERM);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_TRUE(out_.names().empty()) << out_.names()[0];
}

TEST_F(CliInterrupt, LeavesOtherFilesAlone) {
    write_text(out_ / ("out.ppm.part" + std::to_string(getpid()) + "-0"), "of another process");
    const size_t before = out_.names().size();
    decoder_->send(SIGTERM);
    decoder_->send(SIGINT);
    EXPECT_EQ(decoder_->wait(), kInterrupted);
    EXPECT_EQ(out_.names().size(), before - 1);
}

}  // namespace
}  // namespace residua::testing
