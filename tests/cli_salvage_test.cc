// residua salvage as a command: outputs, map, messages, exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class CliSalvage : public ToolTest {
  protected:
    CliSalvage() {
        put_picture("photo.png", 1, 60, 80);
        EXPECT_EQ(shell("$encode --strip-height 16 photo.png").exit_code, 0);
    }
    Outcome salvage(const std::string& arguments) {
        return shell("$residua salvage --model-file " + models_ / "experts.rsm" + " " + arguments);
    }
};

TEST_F(CliSalvage, GivesWhatIsLeftAndSaysWhatIsNot) {
    std::string broken = text("photo.rsd");
    broken[broken.size() - 30] ^= 1;  // in the last strip, rows 64 to 79
    put("broken.rsd", broken);
    EXPECT_EQ(shell("$decode broken.rsd -o x.png").exit_code, 4);
    const Outcome outcome = salvage("broken.rsd --map map.pgm");
    EXPECT_EQ(outcome.exit_code, 8) << outcome.errors;
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("80.0 %"), HasSubstr("rows 64 to 79"), HasSubstr("map.pgm")));
    const image_io::Image whole = picture("photo.png"), saved = picture("broken.salvaged.png"),
                          map = picture("map.pgm");
    ASSERT_EQ(saved.pixels.size(), whole.pixels.size());
    EXPECT_TRUE(std::equal(saved.pixels.begin(), saved.pixels.begin() + 64 * 60 * 3, whole.pixels.begin()));
    for (size_t i = 0; i < map.pixels.size(); ++i) ASSERT_EQ(map.pixels[i], i < 64 * 60 ? 255 : 0) << i;
    EXPECT_TRUE(saved.has("icc"));
    // What is there stays.
    EXPECT_EQ(salvage("broken.rsd --map map.pgm -o y.png").exit_code, 2);
    EXPECT_EQ(salvage("broken.rsd").exit_code, 2);
    EXPECT_EQ(salvage("broken.rsd --map map.pgm --force").exit_code, 8);
    EXPECT_FALSE(exists("y.png"));
}

TEST_F(CliSalvage, OfAWholeFileNothingIsMissing) {
    const Outcome outcome = salvage("photo.rsd -o copy.png");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr("nothing is missing"));
    EXPECT_EQ(picture("copy.png").pixels, picture("photo.png").pixels);
}

TEST_F(CliSalvage, ManyFilesAndThoseWithNothingLeft) {
    put("text.rsd", "this is no picture");
    put("cut.rsd", text("photo.rsd").substr(0, text("photo.rsd").size() / 2));
    const Outcome outcome = salvage("text.rsd cut.rsd photo.rsd -d out");
    EXPECT_EQ(outcome.exit_code, 4) << outcome.errors;
    EXPECT_FALSE(exists("out/text.salvaged.png"));
    EXPECT_TRUE(exists("out/cut.salvaged.png"));
    EXPECT_EQ(picture("out/photo.salvaged.png").pixels, picture("photo.png").pixels);
    for (const char* wrong : {"cut.rsd photo.rsd --map m.png", "cut.rsd --map -", "cut.rsd --map cut.rsd"})
        EXPECT_EQ(salvage(wrong).exit_code, 1) << wrong;
}

}  // namespace
}  // namespace residua::testing
